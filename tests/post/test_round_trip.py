# SPDX-License-Identifier: GPL-2.0-or-later
"""One real round trip: a review is drafted, approved, sent by SMTP, archived by public-inbox, and fetched by b4."""

from __future__ import annotations

import mailbox
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from bot import engine, lore, stages
from bot.fakes import Demo
from bot.model import RawMail
from tests.desk import Clock
from tests.lore.public_inbox import PROGRAMS, PublicInbox
from tests.post import office
from tests.post.sink import Sink

LISTS = ('linux-mm@lists.example.org', 'linux-kernel@lists.example.org')
RULES = ''.join(office.table(one) for one in LISTS)


@pytest.fixture
def server(tmp_path: Path, need: Callable[..., None]) -> Iterator[PublicInbox]:
    need(*PROGRAMS)
    with PublicInbox(tmp_path / 'inbox') as running:
        yield running


def b4(directory: Path, server: PublicInbox, *words: str) -> str:
    """Run b4 with a home of its own; return what it prints."""
    home = directory / 'b4-home'
    home.mkdir(exist_ok=True)
    env = {'HOME': str(home), 'PATH': os.environ['PATH'], 'GIT_CONFIG_NOSYSTEM': '1', 'LC_ALL': 'C.UTF-8'}
    command = [str(Path(sys.executable).parent / 'b4'), '-c', f'b4.midmask={server.url("mm")}/%s', *words]
    done = subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def prepared(directory: Path, server: PublicInbox, message_id: str, name: str) -> bytes:
    """Return the mbox that `b4 am` makes of a thread."""
    b4(directory, server, 'am', '--no-cache', '-o', str(directory / name), message_id)
    [mbox] = (directory / name).glob('*.mbx')
    return mbox.read_bytes()


def test_a_mail_goes_out_and_comes_back(
    server: PublicInbox, demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, 'run_job', lambda spec, minutes, progress: stages.perform(spec, progress))
    server.add('mm', [mail.as_bytes() for mail in mailbox.mbox(demo.mbox, create=False)])
    before = prepared(tmp_path, server, demo.message_id, 'before')
    with Sink() as sink, office.desk(tmp_path, Clock(), sink, RULES, archive__url=server.url('mm')) as at:
        review = office.look(at, demo.message_id, tree=demo.tree)
        letters = [office.enqueue(at, review, kind) for kind in ('review', 'inline')]
        held = office.send(at)
        assert all('approval' in said for said in held) and len(held) == 2 and not sink.taken
        for letter in letters:
            office.approve(at, letter)
        assert office.send(at) == ['sent: 250 2.0.0 taken'] * 2
        assert office.send(at) == [], 'what went out is not looked at again'
        assert [mail.raw.replace(b'\r\n', b'\n') for mail in sink.taken] == [letter.raw for letter in letters]
        assert sorted(sink.taken[0].to) == sorted(['ines.marlow@example.org', *LISTS])
        server.add('mm', [b'List-Id: <linux-mm.lists.example.org>\n' + letter.raw for letter in letters])
    assert prepared(tmp_path, server, demo.message_id, 'after') == before, 'b4 am takes nothing from our mails'
    fetched = fetch(tmp_path, server, demo.message_id)
    for letter, answered in zip(letters, (demo.message_id, demo.message_id.replace('-v2-0-', '-v2-1-')), strict=True):
        mail = BytesParser(policy=policy.default).parsebytes(fetched[letter.id])
        assert mail['In-Reply-To'] == f'<{answered}>'
        assert mail['References'].split()[-1] == f'<{answered}>'
        assert mail['Subject'].startswith('Re: [PATCH v2 ')
        assert mail.get_content().rstrip('\n') == letter.raw.partition(b'\n\n')[2].decode().rstrip('\n')
        assert mail['Auto-Submitted'] == 'auto-generated' and mail['X-Patchwork-Hint'] == 'ignore'
    check_that_it_is_threaded(fetched, letters[0].id, demo.message_id)


def fetch(directory: Path, server: PublicInbox, message_id: str) -> dict[str, bytes]:
    """Return the thread as `b4 mbox` fetches it, by message-id."""
    (directory / 'thread').mkdir()
    b4(directory, server, 'mbox', '--no-cache', '-o', str(directory / 'thread'), message_id)
    [path] = (directory / 'thread').iterdir()
    return {str(m['Message-ID']).strip('<>'): m.as_bytes() for m in mailbox.mbox(path, create=False)}


def check_that_it_is_threaded(fetched: dict[str, bytes], own: str, cover: str) -> None:
    """Our own reader sees the mail as one of a program, in answer to the cover, and no question in it."""
    messages = {m.message_id: m for m in lore.parse([RawMail(raw, None, '') for raw in fetched.values()], ())}
    assert messages[own].parent == cover and messages[own].automatic
