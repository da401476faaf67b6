# SPDX-License-Identifier: GPL-2.0-or-later
"""Kills the drain at every step and counts mails: python -m tests.post.torture [RUNS]

A child drains three letters into a server on loopback and kills itself (SIGKILL) at a step, or is killed at some moment.
Then the outbox is drained again, with an archive that shows what was taken or with none, until nothing moves. A letter
is lost when nobody took it and nobody is told; it is doubled when the server took it twice.
"""

from __future__ import annotations

import os
import random
import signal
import smtplib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.model import Draft, Letter, LetterEvent, Letters
from bot.post import letters, outbox
from bot.post.smtp import Server
from bot.store import Outbox
from tests.post.example import POST, drafted, policy
from tests.post.sink import Sink

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
RULES = policy(approval=False, embargo_hours=0, per_hour=99, per_day=99, inline_per_patch=True)
STEPS = (
    'before the claim is recorded',
    'after the claim is recorded',
    'in the midst of DATA',
    'after DATA, before its end is recorded',
    'after the end is recorded, before the dot',
    'after the dot, before the answer',
    'after 250, before it is recorded',
    'after it is recorded',
    'at some moment',
)


@dataclass
class Count:
    """What became of all letters of all runs; `left` are steps at which a letter was left for a person, by number."""

    runs: int = 0
    sent: int = 0
    held: int = 0
    lost: int = 0
    doubled: int = 0
    left: Counter[str] = field(default_factory=Counter)


class _Dying(Outbox):
    """An outbox whose process dies around one kind of event."""

    before, after = '', ''

    def put_letter_event(self, letter: str, event: LetterEvent, after: int) -> bool:
        if event.what == self.before:
            _die()
        done = super().put_letter_event(letter, event, after)
        if event.what == self.after:
            _die()
        return done


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fill(path: Path) -> None:
    """Put three letters into a new outbox."""
    with Outbox(path) as box:
        for n in (1, 2, 3):
            made = drafted('inline', f'Mail {n}.\n' + 'x' * 70 + '\n' * 40, RULES, target__message_id=f'p{n}@x.example')
            letters.queue(box, letters.letter_of(made), NOW, 'test', ('key', b'{}'))


def drain(box: Letters, port: int, archive: Sequence[str] | None) -> list[outbox.Handled]:
    def archived(letter: Letter) -> outbox.Sighting:
        return 'unasked' if archive is None else 'there' if letter.id in archive else 'absent'

    def look(draft: Draft) -> outbox.Standing:
        return outbox.Standing(draft.number)

    carry = Server('127.0.0.1', port, 'none', timeout=20, last_word=20)
    return list(outbox.drain(outbox.Post(box, RULES, POST.address, lambda: NOW, carry, look, archived)))


def _drain_and_die(path: Path, port: int, step: str) -> None:
    """Be the process that dies; letters before the second go out as they should."""
    _Dying.before = {STEPS[0]: 'claimed', STEPS[3]: 'ending', STEPS[6]: 'sent'}.get(step, '')
    _Dying.after = {STEPS[1]: 'claimed', STEPS[7]: 'sent'}.get(step, '')
    send = smtplib.SMTP.send

    def dying_send(self: smtplib.SMTP, data: Any) -> None:
        if step == STEPS[2] and len(data) > 100 and b'Subject:' in data and self.sock is not None:
            self.sock.sendall(data[: len(data) // 2])
            _die()
        if data == b'.\r\n' and step == STEPS[4]:
            _die()
        send(self, data)
        if data == b'.\r\n' and step == STEPS[5]:
            _die()

    smtplib.SMTP.send = dying_send  # type: ignore[method-assign, assignment]
    with _Dying(path) as box:
        drain(box, port, None)


def one(directory: Path, sink: Sink, step: str, chance: random.Random, count: Count) -> None:
    """Do one run and add to the count."""
    path = directory / f'{count.runs}.sqlite3'
    fill(path)
    sink.taken.clear()
    child = os.fork()
    if child == 0:
        try:
            _drain_and_die(path, sink.port, step)
        finally:
            os._exit(0)
    if step == STEPS[-1]:
        time.sleep(chance.uniform(0, 0.4))
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with Outbox(path) as box:
        for _ in range(2):
            drain(box, sink.port, [_id(m.raw) for m in sink.taken] if chance.random() < 0.5 else None)
        _tally(box, sink, step, count)


def _tally(box: Outbox, sink: Sink, step: str, count: Count) -> None:
    count.runs += 1
    taken = Counter(_id(mail.raw) for mail in sink.taken)
    for letter in box.letters():
        state, times = letters.state(letter), taken[letter.id]
        count.doubled += times > 1
        count.sent += state == 'sent'
        if state == 'unknown':
            count.held += 1
            count.left[step] += 1
        elif state != 'sent' or times == 0:
            count.lost += 1


def _id(raw: bytes) -> str:
    return raw.partition(b'\r\nMessage-ID: <')[2].partition(b'>')[0].decode()


def run(runs: int, seed: int = 1) -> Count:
    """Return what became of the letters of so many runs, the steps in turn."""
    count, chance = Count(), random.Random(seed)
    # A kill of a process loses nothing of a file system in memory, and there nobody waits for a disk.
    memory = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as directory, Sink() as sink:
        for n in range(runs):
            one(Path(directory), sink, STEPS[n % len(STEPS)], chance, count)
    return count


def main() -> None:
    found = run(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
    print(f'{found.runs} runs: {found.sent} sent, {found.held} held, {found.lost} lost, {found.doubled} sent twice')
    for step in STEPS:
        print(f'  {found.left[step]:4} held, killed {step}')


if __name__ == '__main__':
    main()
