# SPDX-License-Identifier: GPL-2.0-or-later
"""One conversation from v1 to v3 with three people, two lists, another bot and a clock that stands where it is put."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot import engine, replies, report, stages
from bot.desk import Desk
from bot.model import Told
from bot.post import letters
from tests.desk import Clock
from tests.lore.public_inbox import mboxrd
from tests.post import office
from tests.post.sink import Sink

HERE = Path(__file__).parent / 'stories'
Golden = Callable[[Path, str], None]
FROB, MM = 'frob@lists.example', 'mm@lists.example'


class Story:
    """Mails appear in the archive when the clock reaches them; what lorebot does about them is written down."""

    def __init__(self, directory: Path, sink: Sink) -> None:
        self.directory, self.sink, self.clock = directory, sink, Clock()
        self.log: list[str] = []
        self.rules = {FROB: office.table(FROB, opt_in='false')}
        self.out = ''
        self.copied = ''

    def at(self, moment: str, what: str) -> None:
        self.clock.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        self.log.append(f'\n{moment} {what}')

    def mails(self) -> Iterator[bytes]:
        for part in (HERE / 'lent.txt').read_text().removeprefix('== ').split('\n== '):
            when, _, rest = part.partition(' ')
            author, _, text = rest.partition('\n')
            date = datetime.fromisoformat(when).replace(tzinfo=UTC)
            head, _, body = text.partition('\n\n')
            lists = (FROB, self.copied) if self.copied and 'v1-' in head else (FROB,)
            for one in lists if date <= self.clock.now else ():
                listed = f'List-Id: <{one.replace("@", ".")}>'
                yield f'From: {author}\nDate: {format_datetime(date)}\n{listed}\n{head}\n\n{body}\n'.encode()

    def run(self, kind: str = '', *, approve: bool = False) -> None:
        """Write the mail of a kind, if any, have it approved, and send what may go out."""
        box = self.directory / 'talk.mbox'
        box.write_bytes(mboxrd(list(self.mails())))
        policy = ''.join(self.rules.values()) + self.out
        with office.desk(
            self.directory, self.clock, self.sink, policy, archive__link='https://lore.example/r/'
        ) as desk:
            if kind:
                self._queue(desk, box, kind)
            for letter in [x for x in desk.letters() if letters.state(x) == 'waiting'] if approve else ():
                office.approve(desk, letter)
                self.log.append('  oskar approves')
            self.log += [f'  {said}' for said in office.send(desk)] or ['  nothing is in the outbox']

    def turn_down(self, kind: str) -> None:
        with office.desk(self.directory, self.clock, self.sink, ''.join(self.rules.values())) as desk:
            for letter in desk.letters():
                if letters.draft_of(letter).kind == kind:
                    office.tell(desk, letter, 'rejected')
                    self.log.append('  oskar turns it down')

    def _queue(self, desk: Desk, box: Path, kind: str) -> None:
        review = office.look(desk, str(box), 'questions')
        if kind == 'status':
            robot = next(m for t in review.assembly.threads for m in t.messages if m.author.email == 'lkp@intel.com')
            told = (Told('#lorebot status', 'answered', ('nothing',)),)
            written = replies.answer(review, review.report, report.Matter('status', told=told), robot, desk.now())
        else:
            written = replies.write(review, kind, at=desk.now())  # type: ignore[arg-type]
        done = replies.enqueue(written, desk, 'oskar')
        version = review.series.newest.version
        self.log.append(f'  {kind} on v{version}: {done}')


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.setattr(engine, 'run_job', lambda spec, minutes, progress: stages.perform(spec, progress))
    with Sink() as sink:
        yield Story(tmp_path, sink)
    shutil.rmtree(tmp_path / 'store', ignore_errors=True)


def test_from_v1_to_v3(story: Story, golden: Golden) -> None:
    story.at('2025-04-01T12:30', 'v1 is there, and Rita asked; the list never heard of lorebot')
    story.run('review')
    story.at('2025-04-01T13:30', 'the list opts in')
    story.rules[FROB] = office.table(FROB, approval='false')
    story.run()
    story.at('2025-04-01T14:00', 'a mail to answer is that of a robot')
    story.run('status')
    story.turn_down('status')
    story.at(
        '2025-04-02T09:30', 'the embargo is over; by now the mails came by another list, too, which did not opt in'
    )
    story.copied = MM
    story.run()
    story.at('2025-04-02T10:00', 'the other list opts in, and asks for approval; Max asked something meanwhile')
    story.rules[MM] = office.table(MM)
    story.run('review')
    story.at('2025-04-02T10:05', 'a person approves')
    story.run(approve=True)
    story.at('2025-04-02T11:00', 'the same once more')
    story.run('review')
    story.at('2025-04-08T12:00', 'v2 leaves points open')
    story.rules[FROB] = office.table(FROB, approval='false')
    story.run('points')
    story.at('2025-04-09T09:30', 'v3 came before the embargo of v2 was over')
    story.run('points')
    story.at('2025-04-10T09:00', 'the embargo of v3 is over')
    story.run()
    story.at('2025-04-10T10:00', 'Ann opts out')
    story.out = '[people]\nopted_out = ["ann@author.example"]\n'
    story.run('review')
    sent = [mail.raw.decode().replace('\r\n', '\n') for mail in story.sink.taken]
    golden(HERE / 'lent.log', '\n'.join(story.log).lstrip('\n') + '\n')
    golden(HERE / 'lent.sent.txt', '\n=====\n'.join(sent))
