# SPDX-License-Identifier: GPL-2.0-or-later
"""Reviews by message-id from a real public-inbox server: what comes over the wire, and what does not a second time."""

from __future__ import annotations

import mailbox
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import pipeline, report
from bot.errors import ArchiveDown
from bot.fakes import Demo
from bot.model import Report
from bot.request import Request
from tests.desk import Clock, desk
from tests.lore.public_inbox import PROGRAMS, PublicInbox

FOUNDING = '20240618-exclusive-gup-v1-0-30472a19c5d1@quicinc.com'


@pytest.fixture
def server(tmp_path: Path, need: Callable[..., None]) -> Iterator[PublicInbox]:
    need(*PROGRAMS)
    with PublicInbox(tmp_path / 'inbox') as running:
        yield running


@pytest.fixture
def served(server: PublicInbox, demo: Demo) -> str:
    server.add('mm', [mail.as_bytes() for mail in mailbox.mbox(demo.mbox, create=False)])
    return server.url('mm')


def look(directory: Path, url: str, message_id: str, clock: Clock, **changes: bool) -> tuple[Report, dict[str, int]]:
    with desk(directory, clock, archive__url=url) as at:
        request = Request(message_id, stages=('questions',), refresh=changes.get('refresh', False))
        return pipeline.review(request, at).report, dict(at.tally)


def test_any_mail_of_a_series_leads_to_all_its_postings(served: str, demo: Demo, tmp_path: Path) -> None:
    found, _ = look(tmp_path, served, '20260302-pinbuf-steady-v1-2-5c1d7e904a2b@example.org', Clock())
    assert [r.version for r in found.series.revisions] == [1, 2]
    assert found.mail.archive == served


def test_a_second_review_needs_no_archive_at_all(served: str, server: PublicInbox, demo: Demo, tmp_path: Path) -> None:
    clock = Clock()
    first, did = look(tmp_path, served, demo.message_id, clock)
    assert did['source read'] == did['assemble done'] == 1
    server.__exit__(None, None, None)
    second, did = look(tmp_path, served, demo.message_id, clock)
    assert did == {'source held': 1, 'assemble held': 1, 'questions held': 1}
    link = 'https://lore.kernel.org/r/'
    assert report.render(second, 'json', link=link) == report.render(first, 'json', link=link)


def test_the_archive_is_asked_again_when_time_has_passed_or_the_user_says_so(
    served: str, demo: Demo, tmp_path: Path
) -> None:
    clock = Clock()
    look(tmp_path, served, demo.message_id, clock)
    assert look(tmp_path, served, demo.message_id, clock, refresh=True)[1]['source read'] == 1
    clock.advance(hours=1)
    assert look(tmp_path, served, demo.message_id, clock)[1]['source read'] == 1


def test_a_new_reply_is_seen_and_only_then_is_work_done_again(
    served: str, server: PublicInbox, demo: Demo, tmp_path: Path
) -> None:
    clock = Clock()
    before, _ = look(tmp_path, served, demo.message_id, clock)
    clock.advance(hours=1)
    assert 'assemble done' not in look(tmp_path, served, demo.message_id, clock)[1]
    server.add('mm', [reply(demo.message_id)])
    clock.advance(hours=1)
    after, did = look(tmp_path, served, demo.message_id, clock)
    assert did['assemble done'] == 1
    assert after.mail.messages == before.mail.messages + 1


def test_an_archive_that_is_down_leaves_what_was_fetched(
    served: str, server: PublicInbox, demo: Demo, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    before, _ = look(tmp_path, served, demo.message_id, clock)
    server.__exit__(None, None, None)
    clock.advance(days=1)
    after, _ = look(tmp_path, served, demo.message_id, clock)
    assert after.mail.messages == before.mail.messages
    assert 'going on with what was fetched' in caplog.text
    with pytest.raises(ArchiveDown):
        look(tmp_path / 'elsewhere', served, demo.message_id, clock)


def test_the_founding_thread(server: PublicInbox, corpus: Path, tmp_path: Path) -> None:
    mails = sorted((corpus / 'threads' / 'exclusive-gup').glob('*.eml'))
    server.add('kselftest', [path.read_bytes() for path in mails])
    found, _ = look(tmp_path, server.url('kselftest'), FOUNDING, Clock())
    newest = found.series.newest
    assert (found.mail.messages, len(found.mail.people)) == (69, 13)
    assert (newest.rfc, newest.version, len(newest.patches), newest.complete) == (True, 1, 5, True)
    assert [h.value for h in newest.base_hints if h.kind == 'base-commit'] == [
        '6ba59ff4227927d3a8530fc2973b80e94b54d58f'
    ]


def reply(parent: str) -> bytes:
    return (
        b'From: Oskar Lindqvar <oskar.lindqvar@example.org>\nTo: linux-mm <linux-mm@lists.example.org>\n'
        b'Subject: Re: [PATCH v2 0/3] mm, misc: pins that stay, and a driver that needs them\n'
        b'Date: Wed, 18 Mar 2026 08:00:00 +0000\nMessage-ID: <late-1@example.org>\n'
        b'In-Reply-To: <' + parent.encode() + b'>\n\nWhen will the driver be posted on its own?\n'
    )
