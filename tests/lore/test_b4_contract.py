# SPDX-License-Identifier: GPL-2.0-or-later
"""What bot/lore takes for granted of b4 and liblore, one test a call: their upgrades are read here first.

b4's Python is internal and promises nothing. Where a test shows a defect, the adapter works around it, and the test
tells when the way around can go.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import b4
import liblore
import pytest
import requests
import urllib3

from bot.lore import b4_adapter
from bot.lore.b4_adapter import Sheet
from bot.model import GitRunner, Person
from tests.lore.letters import diff, patch_text

ADA = Person('Ada Author', 'ada@example.org')
DATE = 'Fri, 01 Mar 2024 09:00:00 +0100'


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    b4_adapter.read_subject('[PATCH] x')  # gives b4 its configuration
    yield


def mail(subject: str, text: str, name: str, answers: str = '', sender: str = 'Ada <ada@example.org>') -> EmailMessage:
    message = EmailMessage()
    message['From'], message['Date'], message['Subject'] = sender, DATE, subject
    message['Message-Id'] = f'<{name}@x>'
    if answers:
        message['In-Reply-To'] = f'<{answers}@x>'
    message.set_payload(text, charset='utf-8')
    return message


def box(*mails: EmailMessage) -> Any:
    made = b4.LoreMailbox()
    for one in mails:
        made.add_message(one)
    return made


def sheet(at: int, text: str, total: int = 2, title: str = 'x') -> Sheet:
    return Sheet(f'm{at}@x', ADA, DATE, title, at, total, text, '')


def test_versions() -> None:
    assert b4.__VERSION__.startswith('0.16.')
    assert liblore.__version__.startswith('0.10.')


def test_urllib3_reads_what_has_arrived() -> None:
    """Why a trickling server is noticed: `read` would wait for a whole chunk."""
    assert callable(urllib3.HTTPResponse.read1)


def test_b4_is_imported_only_when_it_is_needed() -> None:
    """It costs 0.4 s, liblore 0.3 s; `lorebot --help` must not pay for them."""
    check = 'import bot.lore, sys; assert not {"b4", "liblore", "requests"} & sys.modules.keys()'
    assert subprocess.run([sys.executable, '-c', check], check=False).returncode == 0


def test_b4_module_settings() -> None:
    assert b4.can_network is False
    assert b4.MAIN_CONFIG['attestation-policy'] == 'off'
    assert b4.MAIN_CONFIG.keys() >= b4.DEFAULT_CONFIG.keys()
    assert b4.get_main_config() is b4.MAIN_CONFIG
    assert b4.get_user_config() is b4.USER_CONFIG


def test_b4_lore_subject() -> None:
    said = b4.LoreSubject('[RFC PATCH RESEND v2 net-next 3/7] mm: x')
    assert said.subject == 'mm: x'
    assert (said.rfc, said.resend, said.patch, said.reply) == (True, True, True, False)
    assert (said.revision, said.counter, said.expected) == (2, 3, 7)
    assert (said.revision_inferred, said.counters_inferred) == (False, False)
    assert said.get_extra_prefixes(exclude=['patch']) == ['RFC', 'RESEND', 'net-next']
    plain = b4.LoreSubject('[PATCH] x')
    assert (plain.revision_inferred, plain.counters_inferred) == (True, True)
    assert b4.LoreSubject('Re: [PATCH] x').reply


def test_b4_lore_subject_takes_commas_for_nothing() -> None:
    assert b4.LoreSubject('[PATCH,v2,1/3] x').revision_inferred
    assert b4_adapter.read_subject('[PATCH,v2,1/3] x').version == 2


def test_b4_find_trailers() -> None:
    found, others = b4.LoreMessage.find_trailers('Acked-by: Ada A. <ada@x.org> # mm', followup=True)
    assert [(t.name, t.value, t.addr, t.type) for t in found] == [
        ('Acked-by', 'Ada A. <ada@x.org>', ('Ada A.', 'ada@x.org'), 'person')
    ]
    assert others == ['']
    for line in ('> Acked-by: a <a@x.org>', 'Acked-by: nobody', 'Phone: a@x.org', 'Seen: https://x.org/a@b.c'):
        assert b4.LoreMessage.find_trailers(line, followup=True)[0] == []
    two = b4.LoreMessage.find_trailers('Acked-by: Ada\n<ada@x.org>', followup=True)[0]
    assert [t.addr for t in two] == [('Ada', 'ada@x.org')]


def test_b4_email_eq() -> None:
    trailer = b4.LoreTrailer(name='Acked-by', value='x <ada+b4@linux.example.org>')
    assert trailer.email_eq('ada@linux.example.org')
    assert b4.LoreTrailer(name='Acked-by', value='x <ada@linux.example.org>').email_eq('ada@example.org')
    assert not trailer.email_eq('eve@linux.example.org')


def test_b4_mailbox_and_series() -> None:
    patches = [mail(f'[PATCH v3 {n}/3] p{n}', patch_text('m', diff(f'{n}.c')), f'p{n}', 'p0') for n in (3, 1)]
    series = box(mail('[PATCH v3 0/3] c', 'About.\n', 'p0'), *patches).get_series(3, codereview_trailers=False)
    assert [m and m.msgid for m in series.patches] == ['p0@x', 'p1@x', None, 'p3@x']
    assert (series.expected, series.complete) == (3, False)


def test_b4_get_series_spoils_the_mailbox() -> None:
    """Why the adapter makes a mailbox for every call."""
    mails = [mail(f'[PATCH {n}/1] p', patch_text('m', diff()) if n else 'About.\n', f'p{n}') for n in (0, 1)]
    made = box(*mails)
    assert len(made.get_series(1, codereview_trailers=False).patches) == 2
    assert len(made.get_series(1, codereview_trailers=False).patches) == 3


def test_b4_add_message_refuses_what_has_no_id() -> None:
    nameless = mail('[PATCH] x', 'm\n', 'a')
    del nameless['Message-Id']
    with pytest.raises(ValueError, match='Message-ID'):
        b4.LoreMailbox().add_message(nameless)


def test_b4_get_am_ready() -> None:
    text = 'From: Bob <bob@x.org>\n\nWhy.\n\nSigned-off-by: Bob <bob@x.org>\n---\nnotes\n\n' + diff()
    series = box(mail('[PATCH 1/2] x', text, 'p1'), mail('[PATCH 2/2] y', text, 'p2')).get_series(
        1, codereview_trailers=False
    )
    first, second = series.get_am_ready(noaddtrailers=True, allowbadchars=True)
    assert (first['From'], first['Date'], first['Message-Id']) == ('Bob <bob@x.org>', DATE, '<p1@x>')
    assert (first['Subject'], second['Subject']) == ('[PATCH 1/2] x', '[PATCH 2/2] y')
    assert first.get_payload(decode=True).decode() == text.partition('\n\n')[2]
    series = box(mail('[PATCH 1/2] x', text, 'p1'), mail('[PATCH 2/2] y', text, 'p2')).get_series(
        1, codereview_trailers=False
    )
    (chosen,) = series.get_am_ready(noaddtrailers=True, allowbadchars=True, cherrypick=[2])
    assert chosen['Message-Id'] == '<p2@x>'


def test_b4_get_am_ready_exits_on_odd_characters() -> None:
    series = box(mail('[PATCH] x', patch_text('\u200bm', diff()), 'p1')).get_series(1, codereview_trailers=False)
    with pytest.raises(SystemExit):
        series.get_am_ready(noaddtrailers=True)


def test_b4_starts_git_only_through_git_run_command(git: GitRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, ...]] = []

    def counted(*args: str, **how: Any) -> Any:
        calls.append(args[:2])
        return git(*args, **how)

    monkeypatch.setattr(b4, '_run_command', lambda *args, **how: pytest.fail('b4 started a process of its own'))
    texts = [patch_text('m', diff(f'{n}.c')) for n in (1, 2)]
    prepared = b4_adapter.prepare([sheet(1, texts[0]), sheet(2, texts[1])], 1, counted)
    assert sorted(prepared.ready) == ['m1@x', 'm2@x']
    assert calls == [('mailinfo', '--encoding=UTF-8')] * 2
    assert b4.git_run_command.__module__ == 'b4'  # put back


def test_the_adapter_survives_what_b4_does_not(git: GitRunner) -> None:
    """A patch that makes get_am_ready fail does not take the others with it."""

    def half(*args: str, **how: Any) -> Any:
        answer = git(*args, **how)
        return type(answer)(0, b'', '') if b'the bad one' in how.get('stdin', b'') else answer

    texts = [patch_text('the bad one' if n == 1 else 'm', diff(f'{n}.c')) for n in (1, 2)]
    prepared = b4_adapter.prepare([sheet(1, texts[0]), sheet(2, texts[1])], 1, half)
    assert (prepared.order, prepared.complete, sorted(prepared.ready)) == ({1: 'm1@x', 2: 'm2@x'}, True, ['m2@x'])
    assert b4_adapter.prepare([], 1, git).order == {}
    assert b4_adapter.prepare([sheet(0, 'About.\n')], 1, git).order == {}


def test_git_patch_ids_are_the_same_in_one_process(git: GitRunner) -> None:
    diffs = [diff('a.c'), '', diff('b.c', new='+\n+++ b/c'), diff('a.c')]
    started: list[int] = []

    def counted(*args: str, **how: Any) -> Any:
        started.append(1)
        return git(*args, **how)

    alone = [git('patch-id', '--stable', stdin=d.encode()).stdout.decode().partition(' ')[0] for d in diffs]
    assert b4_adapter.patch_ids(diffs, counted) == tuple(alone)
    assert (len(started), alone[1], alone[0] == alone[3]) == (1, '', True)
    assert b4.LoreMessage.get_patch_id(patch_text('m', diffs[0])) == alone[0]


class Server(requests.Session):
    """Answers without a network and keeps what was asked."""

    def __init__(self, answers: dict[str, tuple[int, bytes]]) -> None:
        super().__init__()
        self.answers, self.asked = answers, list[str]()

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **how: Any) -> requests.Response:
        text = f'{method!s} {url!s}'
        self.asked.append(f'{text} {how.get("data")}' if how.get('data') is not None else text)
        if text not in self.answers:
            raise requests.ConnectTimeout('nobody there')
        answer = requests.Response()
        answer.status_code, answer._content = self.answers[text]
        answer.url = str(url)
        return answer


def node(answers: dict[str, tuple[int, bytes]]) -> tuple[Any, Server]:
    server = Server(answers)
    made = liblore.LoreNode('http://x/list', request_timeout=(1.0, 2.0), follow_upstream=False)
    made.set_user_agent('lorebot', '1')
    made.set_requests_session(server)
    return made, server


def test_liblore_get_mbox_by_msgid() -> None:
    made, server = node({'GET http://x/list/a%2Fb%40c/t.mbox.gz': (200, gzip.compress(b'mbox'))})
    assert made.get_mbox_by_msgid('a/b@c', nocache=True) == b'mbox'
    assert len(server.asked) == 1
    made.close()


def test_liblore_404_is_told_from_no_answer() -> None:
    made, _ = node({'GET http://x/list/a%40c/t.mbox.gz': (404, b''), 'HEAD http://x/a%40c/': (404, b'')})
    with pytest.raises(liblore.RemoteError) as absent:
        made.get_mbox_by_msgid('a@c', nocache=True)
    assert absent.value.status_code == 404
    made, _ = node({})
    with pytest.raises(liblore.RemoteError) as silent:
        made.get_mbox_by_msgid('a@c', nocache=True)
    assert silent.value.status_code is None
    assert isinstance(silent.value.__cause__, requests.ConnectTimeout)


def test_liblore_passes_other_exceptions_of_the_session() -> None:
    """Why AnswerRefused is no requests exception."""
    made, server = node({})
    server.request = lambda *args, **how: (_ for _ in ()).throw(ZeroDivisionError)  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        made.get_mbox_by_msgid('a@c', nocache=True)
    with pytest.raises(liblore.RemoteError) as wrapped:
        made.get_message_by_msgid('a@c', nocache=True)
    assert isinstance(wrapped.value.__cause__, ZeroDivisionError)


def test_liblore_unpacks_without_a_limit() -> None:
    """Why the session unpacks first; the day this fails, the session can shrink."""
    made, _ = node({'GET http://x/list/a%40c/t.mbox.gz': (200, gzip.compress(bytes(64 << 20)))})
    assert len(made.get_mbox_by_msgid('a@c', nocache=True)) == 64 << 20


def test_liblore_get_message_by_msgid() -> None:
    made, _ = node({'GET http://x/list/a%40c/raw': (200, b'raw')})
    assert made.get_message_by_msgid('a@c', nocache=True) == b'raw'
    made, _ = node({'GET http://x/list/a%40c/raw': (404, b'')})
    with pytest.raises(liblore.RemoteError) as absent:
        made.get_message_by_msgid('a@c', nocache=True)
    assert absent.value.status_code == 404


def test_liblore_get_mbox_by_query() -> None:
    made, server = node({'POST http://x/list/?x=m&q=nq%3A%22a+b%22': (200, gzip.compress(b'mbox'))})
    assert made.get_mbox_by_query('nq:"a b"', full_threads=False, nocache=True) == b'mbox'
    assert server.asked == ['POST http://x/list/?x=m&q=nq%3A%22a+b%22 x=m']


def test_liblore_request_and_url() -> None:
    made, server = node({'POST http://x/list/a/?x=m': (200, b'')})
    assert made.url == 'http://x/list'
    assert made.request('POST', 'http://x/list/a/?x=m', data='').status_code == 200
    assert server.asked == ['POST http://x/list/a/?x=m ']
