# SPDX-License-Identifier: GPL-2.0-or-later
"""That patches went into somebody's tree, as the mails tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.mail import Span


@dataclass(frozen=True, slots=True)
class Taken:
    """Patches of a posting that were applied or queued: where it is said, in which words, by whom and when.

    `positions` are those of the posting's patches that are in at the end; `commits` pairs them with the ids a mail lists.
    """

    span: Span
    said: str
    who: str
    date: datetime | None
    positions: tuple[int, ...]
    expected: int
    commits: tuple[tuple[int, str], ...] = ()

    @property
    def whole(self) -> bool:
        """Tell whether every patch was taken."""
        return len(self.positions) >= self.expected
