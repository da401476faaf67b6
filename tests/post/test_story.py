# SPDX-License-Identifier: GPL-2.0-or-later
"""One conversation from v1 to v3 with three people, two lists, another bot and a clock that stands where it is put."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot import engine, orders, replies, report, stages
from bot.desk import Desk
from bot.errors import UserError
from bot.model import Command
from bot.post import letters
from tests.desk import Clock
from tests.lore import keys
from tests.lore.public_inbox import mboxrd
from tests.post import office
from tests.post.sink import Sink
from tests.test_signatures import name_server

HERE = Path(__file__).parent / 'stories'
Golden = Callable[[Path, str], None]
FROB, MM = 'frob@lists.example', 'mm@lists.example'
HOSTS = ('author.example', 'reader.example', 'keeper.example', 'intel.com')


class Story:
    """Mails appear in the archive when the clock reaches them; what lorebot does about them is written down.

    What it sent comes back to it by the lists. A mail of lent.txt with the line `Signed: HOST` leaves with a DKIM signature
    of that host.
    """

    def __init__(self, directory: Path, sink: Sink, dns: str) -> None:
        self.directory, self.sink, self.clock, self.dns = directory, sink, Clock(), dns
        self.log: list[str] = []
        self.rules = {FROB: office.table(FROB, opt_in='false')}
        self.out = ''
        self.copied: tuple[str, ...] = ()

    def at(self, moment: str, what: str) -> None:
        self.clock.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        self.log.append(f'\n{moment} {what}')

    def mails(self) -> Iterator[bytes]:
        for part in (HERE / 'lent.txt').read_text().removeprefix('== ').split('\n== '):
            when, _, rest = part.partition(' ')
            author, _, text = rest.partition('\n')
            date = datetime.fromisoformat(when).replace(tzinfo=UTC)
            head, _, body = text.partition('\n\n')
            head, _, signer = head.partition('\nSigned: ')
            mail = f'From: {author}\nDate: {format_datetime(date)}\n{head}\n\n{body}\n'.encode()
            if date <= self.clock.now:
                yield from self.by_lists(keys.with_dkim(mail, signer, signer, date) if signer else mail)
        for sent in self.sink.taken:
            if any(one in sent.to for one in (FROB, MM)):
                yield from self.by_lists(sent.raw.replace(b'\r\n', b'\n'))

    def by_lists(self, mail: bytes) -> Iterator[bytes]:
        """Yield the copies of a mail that the lists send: some mails came by a second list, too."""
        copies = any(name.encode() in mail.partition(b'\n\n')[0] for name in self.copied)
        for one in (FROB, MM) if copies else (FROB,):
            yield f'List-Id: <{one.replace("@", ".")}>\n'.encode() + mail

    def desk(self) -> AbstractContextManager[Desk]:
        return office.desk(
            self.directory,
            self.clock,
            self.sink,
            ''.join(self.rules.values()) + self.out,
            archive__link='https://lore.example/r/',
            attestation__dns=self.dns,
        )

    def run(self, kind: str = '', *, approve: bool = False) -> None:
        """Write the mails of a kind, if any, have them approved, and send what may go out."""
        box = self.directory / 'talk.mbox'
        box.write_bytes(mboxrd(list(self.mails())))
        with self.desk() as desk:
            if kind:
                self._queue(desk, box, kind)
            for letter in [x for x in desk.letters() if letters.state(x) == 'waiting'] if approve else ():
                office.approve(desk, letter)
                self.log.append('  oskar approves')
            self.log += [f'  {said}' for said in office.send(desk)] or ['  nothing is in the outbox']

    def commands(self) -> tuple[Command, ...]:
        box = self.directory / 'talk.mbox'
        box.write_bytes(mboxrd(list(self.mails())))
        with self.desk() as desk:
            return orders.ledger(office.look(desk, str(box), 'questions')).commands

    def look(self, name: str) -> None:
        """Write down what `lorebot questions NAME` says of the conversation."""
        box = self.directory / 'talk.mbox'
        box.write_bytes(mboxrd(list(self.mails())))
        with self.desk() as desk:
            ledger = orders.ledger(office.look(desk, str(box), 'questions'))
        told = report.tell_log(ledger) if name == 'log' else report.tell_status(ledger.questions)
        notes = [n for n in ledger.coverage.notes if 'command' in n or ': refused, ' in n or n.startswith('muted')]
        self.log += [f'  {line}'.rstrip() for line in (*told.splitlines(), *notes)]

    def _queue(self, desk: Desk, box: Path, kind: str) -> None:
        review = office.look(desk, str(box), 'questions')
        version = review.series.newest.version
        if kind in replies.ANSWERS:
            try:
                made = replies.answers(review, kind, at=desk.now())
            except UserError as none:
                self.log.append(f'  {none.what}')
                return
        else:
            made = [replies.write(review, kind, at=desk.now())]  # type: ignore[arg-type]
        for written in made:
            whom = f' to {written.draft.answers.author.email}' if kind in replies.ANSWERS else ''
            self.log.append(f'  {kind} on v{version}{whom}: {replies.enqueue(written, desk, "oskar")}')


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    monkeypatch.setattr(engine, 'run_job', lambda spec, minutes, progress: stages.perform(spec, progress))
    with Sink() as sink, name_server({f's1._domainkey.{one}': keys.record(one) for one in HOSTS}) as (dns, _):
        yield Story(tmp_path, sink, dns)
    shutil.rmtree(tmp_path / 'store', ignore_errors=True)


def test_from_v1_to_v3(story: Story, golden: Golden) -> None:
    open_ = office.table(FROB, approval='false', per_hour='4')
    story.at('2025-04-01T12:30', 'v1 is there, and Rita asked; the list never heard of lorebot')
    story.run('review')
    story.at('2025-04-01T13:30', 'the list opts in; a robot writes about v1, too')
    story.rules[FROB] = open_
    story.run()
    story.at('2025-04-02T09:30', 'the embargo is over; v1 came by another list, too, which did not opt in')
    story.copied = ('v1-', 'rita-2@')
    story.run()
    story.at('2025-04-02T10:00', 'the other list opts in, and asks for approval; Max asked something meanwhile')
    story.rules[MM] = office.table(MM, per_hour='4')
    story.run('review')
    story.at('2025-04-02T10:05', 'a person approves')
    story.run(approve=True)
    story.at('2025-04-02T11:00', 'the same once more')
    story.run('review')
    story.at('2025-04-02T12:00', 'Max answers the mail with a command; so does the robot, signed by its host')
    story.run('transcript', approve=True)
    story.run('status')
    story.look('log')
    story.at('2025-04-08T11:00', 'v2 is there; Rita commands and asks, by both lists; somebody else writes in her name')
    story.rules[MM] = office.table(MM, approval='false', per_hour='4')
    story.run('transcript')
    story.run('status')
    story.look('status')
    story.at('2025-04-08T12:00', 'v2 leaves points open')
    story.run('points')
    story.at('2025-04-09T09:30', 'v3 came before the embargo of v2 was over')
    story.run('points')
    story.at('2025-04-10T09:00', 'the embargo of v3 is over')
    story.run()
    story.at('2025-04-10T11:00', 'Ann wants no more mail on the series, and commands so')
    story.run('transcript')
    story.run('review')
    story.at('2025-04-10T12:00', 'she changes her mind and asks, then opts out of all mail')
    story.run('review')
    story.out = '[people]\nopted_out = ["ann+lists@author.example"]\n'
    story.run('transcript')
    story.look('log')
    sent = [mail.raw.decode().replace('\r\n', '\n') for mail in story.sink.taken]
    golden(HERE / 'lent.log', '\n'.join(story.log).lstrip('\n') + '\n')
    golden(HERE / 'lent.sent.txt', '\n=====\n'.join(sent))


def test_the_conversation_is_the_same_from_the_start(story: Story) -> None:
    """Whoever begins to watch on the last day finds the same log as who was there all the time, and sends nothing twice."""
    story.clock.now = datetime(2025, 4, 10, 12, tzinfo=UTC)
    story.rules = {FROB: office.table(FROB, approval='false', per_day='99', per_hour='99')}
    first = story.commands()
    story.run('transcript')
    count = len(story.sink.taken)
    assert count and story.commands() == first
    story.run('transcript')
    assert len(story.sink.taken) == count
