# SPDX-License-Identifier: GPL-2.0-or-later
"""A counter of the post: letters are put into an outbox, approved and drained; a carrier does what it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.model import Letter
from bot.post import letters, outbox
from bot.post.policy import Policy
from bot.store import Outbox
from tests.post.example import POST, drafted, policy
from tests.post.torture import NOW

OPEN = policy(embargo_hours=0, per_hour=99, per_day=99)


def put(box: Outbox, kind: str = 'review', **other: object) -> Letter:
    made = drafted(kind, rules=OPEN, **other)  # type: ignore[arg-type]
    letters.queue(box, letters.letter_of(made), NOW, 'me', ('run', b'{}'))
    return letters.find(box, made.id)


class Carrier:
    """Takes mails, or does with them what it is told."""

    def __init__(self, *said: str) -> None:
        self.said, self.taken = list(said), list[bytes]()

    def __call__(self, raw: bytes, sender: str, to: Sequence[str], ending: Callable[[], None]) -> outbox.Delivery:
        what = self.said.pop(0) if self.said else 'sent'
        if what != 'delayed':
            ending()
        if what == 'sent':
            self.taken.append(raw)
        return outbox.Delivery(what, f'it was {what}')  # type: ignore[arg-type]


def office(
    box: Outbox, carry: outbox.Carrier, archived: outbox.Sighting = 'absent', rules: Policy = OPEN, hours: float = 0
) -> outbox.Post:
    now = NOW + timedelta(hours=hours)
    return outbox.Post(
        box, rules, POST.address, lambda: now, carry, lambda d: outbox.Standing(d.number), lambda _: archived
    )


def drain(box: Outbox, carry: outbox.Carrier, archived: outbox.Sighting = 'absent', hours: float = 0) -> list[str]:
    return [done.what for done in outbox.drain(office(box, carry, archived, hours=hours))]


def approve(box: Outbox, name: str) -> None:
    letters.tell(box, letters.find(box, name), 'approved', NOW, 'me')
