# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps the mails that are only quoted: id from References, speaker and date from the attribution line.

Refuses an id where References is too short or names a mail that is at hand and does not hold the text.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.lore.quote_claims import Claim
from bot.model import Ghost, Message

_EPOCH = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Ghosts:
    known: dict[tuple[str, ...], Ghost] = field(default_factory=dict)

    def claimed(self, message: Message, depth: int, claim: Claim | None, at_hand: Container[str]) -> Ghost | None:
        """Return the ghost that wrote text quoted `depth` deep in `message`, None when nothing speaks for one."""
        mid = reference(message, depth)
        if mid is not None and mid in at_hand:
            mid = None
        if mid is None and claim is None:
            return None
        key = (mid,) if mid else ('', message.message_id, claim.person.name if claim else '')
        old = self.known.get(key)
        new = Ghost(mid, claim.person if claim else None, claim.date if claim else None, message.message_id)
        if old is None or (old.author is None and new.author is not None):
            self.known[key] = old = new
        return old

    def all(self) -> tuple[Ghost, ...]:
        """Return every ghost, by date, then id."""
        return tuple(
            sorted(self.known.values(), key=lambda g: (g.date or _EPOCH, g.message_id or '', g.seen_in, str(g.author)))
        )


def reference(message: Message, depth: int) -> str | None:
    """Return the id of the mail that text `depth` deep comes from, by counting References from its end.

    Right for 98.6 % of quoted lines (notes/questions.md, M4); most misses are References cut short.
    """
    refs = [r for r in message.references if r != message.message_id]
    if message.parent and (not refs or refs[-1] != message.parent):
        refs = [r for r in refs if r != message.parent] + [message.parent]
    return refs[-depth] if 0 < depth <= len(refs) else None
