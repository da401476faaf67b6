# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails and conversations, as the lore room found them; nothing here judges or interprets them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """A name as displayed and an address as compared (lower case); either may be empty."""

    name: str
    email: str

    @property
    def label(self) -> str:
        return self.name or self.email or 'somebody without a name'


@dataclass(frozen=True, slots=True)
class RawMail:
    """The bytes of one copy of a mail, when the archive took it in (None: unknown) and where it was read."""

    raw: bytes
    archived: datetime | None
    origin: str


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a mail: 1-based, inclusive lines of the decoded first text/plain part."""

    message_id: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Message:
    """One mail, whatever number of lists carried a copy of it.

    `message_id`, `parent` and `references` are without angle brackets; times are aware and in UTC.
    `body` is the decoded first text/plain part with LF line ends: line n is `lines[n - 1]`.
    `parent` is the nearest ancestor named by In-Reply-To or References, at hand or not; None at a root.
    `unusable` is empty, or the sentence why no text could be read from this mail.
    """

    message_id: str
    subject: str
    author: Person
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    date_claimed: datetime | None
    date_archived: datetime | None
    in_reply_to: str | None
    references: tuple[str, ...]
    parent: str | None
    body: str
    raw: bytes
    lists: tuple[str, ...] = ()
    automatic: bool = False
    flowed: bool = False
    notes: tuple[str, ...] = ()
    unusable: str = ''

    @property
    def lines(self) -> list[str]:
        return self.body.split('\n')

    @property
    def date(self) -> datetime | None:
        """Return the claimed time, capped by the archive's: senders' clocks run ahead, archives' do not."""
        if self.date_claimed and self.date_archived:
            return min(self.date_claimed, self.date_archived)
        return self.date_archived or self.date_claimed


@dataclass(frozen=True, slots=True)
class Ghost:
    """A mail known only because others answer or quote it."""

    message_id: str | None
    author: Person | None
    date: datetime | None
    seen_in: str


@dataclass(frozen=True, slots=True)
class Thread:
    """All mails at hand that hang together by their references, by date, then id; ghosts are what they lack."""

    root: str
    messages: tuple[Message, ...]
    ghosts: tuple[Ghost, ...] = ()
    unusable: str = ''

    def get(self, message_id: str) -> Message | None:
        return next((m for m in self.messages if m.message_id == message_id), None)
