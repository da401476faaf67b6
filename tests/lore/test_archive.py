# SPDX-License-Identifier: GPL-2.0-or-later
"""The HTTP path against a real public-inbox, and against servers that fail in every way servers do."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from bot import __version__
from bot.config import Archive as Settings
from bot.errors import ArchiveDown, UnknownSource
from bot.lore import assemble, locate, parse, read
from bot.model import GitRunner, Progress, RawMail
from tests.lore.letters import letter, posting, reply
from tests.lore.public_inbox import PublicInbox, mboxrd

Fetch = Callable[..., tuple[RawMail, ...]]


@pytest.fixture
def fetch(settings: Settings, git: GitRunner, quiet: Progress) -> Fetch:
    def ask(url: str, message_id: str, since: datetime | None = None, **changes: object) -> tuple[RawMail, ...]:
        changed = msgspec.structs.replace(settings, **changes)
        return read(locate(message_id, url), changed, git, quiet, since=since)

    return ask


def ids(raws: tuple[RawMail, ...]) -> list[str]:
    return [m.message_id for m in parse(raws, ())]


ODD = 'Ym0+Erz5/DEnB?78vu=%40#x'
TOLD = 'About.\n\n---\nbase-commit: 0123456789abcdef0123456789abcdef01234567\nchange-id: 20240301-work-abc\n'
HISTORY = 'Changes since v1:\n- none\n\nv1: https://lore.kernel.org/r/tv1-0@test/\nSee also https://lore.kernel.org/r/tv-x@test/\n'
PINS = ['pin pages', 'unpin pages']


def arriving(minutes: float) -> list[str]:
    at = datetime(2024, 3, 1, 9, tzinfo=UTC) + timedelta(minutes=minutes)
    return [f'Received: from a by b; {at:%a, %d %b %Y %H:%M:%S} +0000']


MAILS = [
    *posting('th', ['one', 'two'], cover='A thread of four'),
    reply('th-1', 'From now on:\n>From then\n', name='th-r', subject='Re: one'),
    letter('something else', name='th-other'),
    letter('[PATCH] quoting', name=ODD),
    reply(ODD, 'yes\n', name='qu-r', subject='Re: quoting'),
    *(letter('twice', f'text\n{f}', name='tw', headers=[f'List-Id: <{f}.example.org>']) for f in ('mm', 'kvm')),
    *posting('cv1', ['eins', 'zwei'], cover='Named at first', cover_text=TOLD),
    *posting('cv2', ['uno', 'due'], prefix='PATCH v2', cover='Renamed', minutes=1e4, cover_text=TOLD),
    reply('cv2-0', 'Hi\n', name='cv2-r', minutes=2e4, subject='Re: Renamed'),
    letter('Re: other', f'> {TOLD}\n> change-id: 20240301-work-abc\n', name='cv-q'),
    *posting('tv1', ['pin the pages', 'unpin the pages'], cover='Count the pins'),
    *posting('tv2', PINS, prefix='PATCH v2', cover='Counting pins', minutes=1e4, cover_text=HISTORY),
    *posting('tv3', PINS, prefix='PATCH v3', cover='Counting pins', minutes=2e4),
    *posting('tv-s', ['drop it'], prefix='PATCH v2', cover='Counting pins', minutes=3e4, sender='Bob <b@example.com>'),
    letter('unrelated', name='tv-x'),
    letter('[PATCH] newer', 'x\n', name='nw-0', headers=arriving(0)),
    letter('Re: [PATCH] newer', 'early\n', name='nw-1', answers='nw-0', minutes=10, headers=arriving(10)),
    letter('Re: newer', 'late\n', name='nw-2', answers='nw-1', references=['nw-0'], minutes=90, headers=arriving(90)),
    letter('other thread', 'late\n', name='nw-3', minutes=95, headers=arriving(95)),
]


@pytest.fixture(scope='module')
def shared(inbox: PublicInbox) -> str:
    """Return the URL of one list for all tests: each addition to a server costs half a second and more."""
    inbox.add('shared', MAILS)
    return inbox.url('shared')


def test_a_thread(shared: str, fetch: Fetch) -> None:
    raws = fetch(shared, 'th-2@test')
    assert ids(raws) == ['th-0@test', 'th-1@test', 'th-2@test', 'th-r@test']
    assert {r.origin for r in raws} == {shared}
    assert parse(raws, ())[-1].body == 'From now on:\n>From then\n'


def test_ids_that_need_quoting(shared: str, fetch: Fetch) -> None:
    assert ids(fetch(shared, f'{ODD}@test')) == [f'{ODD}@test', 'qu-r@test']
    assert ids(fetch('http://unused', f'{shared}/Ym0%2BErz5%2FDEnB%3F78vu=%2540%23x@test/T/#u'))


def test_a_mail_that_is_not_there(shared: str, fetch: Fetch) -> None:
    with pytest.raises(UnknownSource, match='the archive has no mail <no-such@test>') as caught:
        fetch(shared, 'no-such@test')
    assert caught.value.where == shared
    assert '--archive' in caught.value.todo
    with pytest.raises(UnknownSource, match='no mail'):
        fetch(shared, 'no-such@test', since=datetime(2024, 1, 1, tzinfo=UTC))


def test_a_base_without_the_list(shared: str, fetch: Fetch) -> None:
    """liblore asks the server where the mail is when the base URL names no list."""
    assert ids(fetch(shared.removesuffix('/shared'), 'tv-x@test')) == ['tv-x@test']


def test_copies_from_two_lists(shared: str, fetch: Fetch) -> None:
    raws = fetch(shared, 'tw@test')
    assert len(raws) == 2
    (message,) = parse(raws, ['kvm.example.org'])
    assert message.lists == ('kvm.example.org', 'mm.example.org')
    assert message.body.endswith('kvm\n')


@pytest.mark.parametrize('asked', ['cv1-0@test', 'cv2-1@test', 'cv2-r@test'])
def test_the_next_version_is_found_by_change_id(asked: str, shared: str, fetch: Fetch, git: GitRunner) -> None:
    series = assemble(parse(fetch(shared, asked), ()), asked, git).series
    assert [[r.message_id for r in s.revisions] for s in series] == [['cv1-0@test', 'cv2-0@test']]
    assert series[0].revisions[1].link is not None
    assert series[0].revisions[1].link.confidence == 'sure'


def test_what_was_added_is_told(shared: str, fetch: Fetch, git: GitRunner, settings: Settings) -> None:
    calls: list[str] = []
    raws = read(locate('cv1-0@test', shared), settings, git, lambda what, done, total: calls.append(what))
    assert {r.origin for r in raws} == {shared, f'{shared} (found by change-id 20240301-work-abc)'}
    assert calls.count('look for other postings') == 1  # replies that quote a change-id are not fetched
    assert len(fetch(shared, 'cv1-0@test', find_revisions=False)) == 3


def test_other_versions_by_title_and_by_link(shared: str, fetch: Fetch, git: GitRunner) -> None:
    raws = fetch(shared, 'tv2-0@test')
    assert sorted(ids(raws)) == [f'tv{version}-{n}@test' for version in (1, 2, 3) for n in (0, 1, 2)]
    how = {r.origin.removeprefix(shared) for r in raws}
    assert how == {'', ' (posting <tv2-0@test> links to it)', ' (found by title and author)'}
    (series,) = assemble(parse(raws, ()), 'tv2-0@test', git).series
    assert [r.version for r in series.revisions] == [1, 2, 3]


def test_only_what_is_newer(shared: str, fetch: Fetch) -> None:
    since = datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert ids(fetch(shared, 'nw-0@test', since=since)) == ['nw-2@test']
    assert ids(fetch(shared, 'nw-1@test', since=since)) == ['nw-2@test']
    assert ids(fetch(shared, 'nw-0@test', since=since + timedelta(hours=5))) == []
    assert len(fetch(shared, 'nw-0@test', since=since - timedelta(days=1))) == 3


@pytest.mark.long
def test_real_threads(inbox: PublicInbox, fetch: Fetch, git: GitRunner, corpus: Path) -> None:
    """Asked for one mail of a real conversation, the archive gives all postings of its series and nothing else."""
    names = ('exclusive-gup', 'leds-pca955x-blink', 'hp-proone-wakeup')
    inbox.add('real', [p.read_bytes() for n in names for p in sorted((corpus / 'threads' / n).glob('*.eml'))])
    asked = '20240618-exclusive-gup-v1-0-30472a19c5d1@quicinc.com'
    messages = parse(fetch(inbox.url('real'), asked), ())
    assert (len(messages), len({m.author.email for m in messages})) == (69, 13)
    (series,) = assemble(messages, asked, git).series
    (revision,) = series.revisions
    assert (revision.version, revision.rfc, len(revision.patches), revision.complete) == (1, True, 5, True)
    assert revision.base_hints[0].value.startswith('6ba59ff42279')
    asked = '20220411162033.39613-4-eajames@linux.ibm.com'
    messages = parse(fetch(inbox.url('real'), asked), ())
    assert len(messages) == 54
    assert [r.version for r in assemble(messages, asked, git).series[0].revisions] == [1, 2, 3, 4, 5, 6, 7, 7, 8]


@contextmanager
def server(answer: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """Run a server that hands every connection and what was asked on it to `answer`."""
    listening = socket.create_server(('127.0.0.1', 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    answer(connection, connection.recv(65536))
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f'http://127.0.0.1:{listening.getsockname()[1]}/list'
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(timeout=20)


def http(body: bytes, status: str = '200 OK', length: int | None = None, *headers: str) -> bytes:
    lines = [
        f'HTTP/1.1 {status}',
        f'Content-Length: {len(body) if length is None else length}',
        'Connection: close',
        *headers,
    ]
    return '\r\n'.join([*lines, '', '']).encode() + body


THREAD = gzip.compress(mboxrd([letter('[PATCH] x', 'text\n' * 500, name='a')]), mtime=0)


@pytest.mark.parametrize(
    ('answer', 'says', 'retry'),
    [
        (http(THREAD[:-20]), 'the gzip answer is cut off', True),
        (http(THREAD[:40] + b'\xff' * 40), 'the gzip answer is (damaged|cut off)', True),
        (http(THREAD[:-20], length=len(THREAD)), 'the answer broke off', True),
        (http(b'<html>prove that you are no robot</html>'), 'the answer is not a mailbox', False),
        (http(b'', '500 Oops'), 'answers with error 500', True),
        (http(b'', '403 No'), 'answers with error 403', False),
        (http(b'', '429 Slow down'), 'asks us to wait', True),
        (http(b'', '302 Found', None, 'Location: http://metadata.example.com/x'), 'another host', False),
        (http(b'', '302 Found', None, 'Location: file:///etc/passwd'), 'another host', False),
        (http(gzip.compress(b'\0' * (3 << 20))), 'larger than archive.max_answer_mib = 2 allows', False),
        (http(b'x' * (3 << 20)), 'larger than', False),
        (b'garbage\r\n\r\n', 'cannot be reached', True),
        (b'', 'cannot be reached', True),
    ],
)
def test_bad_answers(answer: bytes, says: str, retry: bool, fetch: Fetch) -> None:
    with server(lambda connection, _: connection.sendall(answer)) as url:
        with pytest.raises(ArchiveDown, match=says) as caught:
            fetch(url, 'a@test', max_answer_mib=2)
        assert caught.value.where == url
        assert caught.value.todo
        assert caught.value.retry is retry


def test_a_server_that_hangs(fetch: Fetch) -> None:
    done = threading.Event()

    def wait(connection: socket.socket, _: bytes) -> None:
        done.wait(30)

    with server(wait) as url:
        with pytest.raises(ArchiveDown, match='no answer within 0.2 s'):
            fetch(url, 'a@test', read_timeout=0.2)
        done.set()


def test_a_server_that_hangs_in_the_middle(fetch: Fetch) -> None:
    done = threading.Event()

    def half(connection: socket.socket, _: bytes) -> None:
        connection.sendall(http(THREAD[:30], length=len(THREAD)))
        done.wait(30)

    with server(half) as url:
        with pytest.raises(ArchiveDown, match='no answer within 0.2 s'):
            fetch(url, 'a@test', read_timeout=0.2)
        done.set()


def test_a_server_that_trickles(fetch: Fetch) -> None:
    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(http(b'', length=1 << 20))
        while True:
            connection.sendall(b'\x1f')
            time.sleep(0.02)

    with server(drip) as url, pytest.raises(ArchiveDown, match='no answer within 0.1 s'):
        fetch(url, 'a@test', read_timeout=0.1)


def test_a_server_that_is_not_there(fetch: Fetch) -> None:
    free = socket.create_server(('127.0.0.1', 0))
    url = f'http://127.0.0.1:{free.getsockname()[1]}/list'
    free.close()
    with pytest.raises(ArchiveDown, match='the archive cannot be reached') as caught:
        fetch(url, 'a@test')
    assert caught.value.retry


def test_who_asks_and_with_what(
    fetch: Fetch, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No credentials of the user's leave with a request, and git is never asked for settings."""
    home = tmp_path_factory.mktemp('netrc')
    (home / '.netrc').write_text('machine 127.0.0.1 login me password secret\n')
    (home / '.netrc').chmod(0o600)
    (home / '.gitconfig').write_text('[liblore "http://127.0.0.1"]\n useragentplus = me\n')
    monkeypatch.setenv('HOME', str(home))
    monkeypatch.setenv('GIT_CONFIG_GLOBAL', str(home / '.gitconfig'))
    monkeypatch.setenv('PATH', '')
    asked: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        connection.sendall(http(THREAD))

    with server(answer) as url:
        assert ids(fetch(url, 'a@test', find_revisions=False)) == ['a@test']
    (request,) = asked
    assert f'User-Agent: lorebot/{__version__}\r\n'.encode() in request
    assert b'Authorization' not in request
    assert request.startswith(b'GET /list/a%40test/t.mbox.gz HTTP/1.1\r\n')


def test_a_mirror_cannot_send_us_elsewhere(fetch: Fetch) -> None:
    """liblore would ask the archive that a partial mirror names, and read git's settings on the way there."""
    named = ('X-Archive-Coverage: partial', 'X-Archive-Upstream: https://lore.kernel.org/all')
    absent = http(b'', '404 Not Found', None, *named)
    with server(lambda connection, _: connection.sendall(absent)) as url, pytest.raises(UnknownSource, match='no mail'):
        fetch(url, 'a@test')


def test_searches_are_bounded(fetch: Fetch) -> None:
    """A cover that links to hundreds of mails makes no hundreds of requests."""
    links = ''.join(f'v{n}: https://lore.kernel.org/r/m{n}@test\n' for n in range(1, 300))
    thread = gzip.compress(mboxrd(posting('a', ['one'], prefix='PATCH v500', cover_text=links)))
    asked: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        connection.sendall(http(thread) if b'a-0%40test' in request else http(b'', '404 Not Found'))

    with server(answer) as url:
        assert len(fetch(url, 'a-0@test')) == 2
    assert len(asked) < 80
