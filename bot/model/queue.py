# SPDX-License-Identifier: GPL-2.0-or-later
"""Which series needs somebody, why, and in which order; made by triage, shown by the report room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.mail import Span
from bot.model.outcome import Verdict
from bot.model.series import Series


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that holds for a series: what it says, since when, and the questions and lines that show it.

    `who` are the people it is about, as displayed; `step` is the next thing to do: questions, points, review, or nothing.
    """

    rule: str
    what: str
    since: datetime | None = None
    who: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    places: tuple[Span, ...] = ()
    step: str = ''


@dataclass(frozen=True, slots=True)
class HeldResult:
    """The verdict of a stage on the newest posting, as the store holds it, and when it was made."""

    stage: str
    verdict: Verdict
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One series with every reason that holds, in the order of the rules; the first one gave it its place.

    `number` is its place in the whole list, from 1. `source` is what a command can be told to read it from. `cold` says that it has been silent for longer than
    `pace`, a sentence, allows.
    """

    number: int
    series: Series
    source: str
    reasons: tuple[Reason, ...]
    last_mail: datetime | None
    cold: bool
    pace: str
    mails: int
    results: tuple[HeldResult, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        return self.reasons[0].rule


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon the people of a list answer: 95 of 100 of the `answers` measured came within `within` days.

    `days` is what counts as too long. `list_id` is '' for all lists together; `measured` is false where there were too
    few answers and the setting was taken.
    """

    list_id: str
    days: float
    answers: int
    within: float
    measured: bool = True


@dataclass(frozen=True, slots=True)
class PlacingRule:
    """A rule of the order: its name, the heading of its part of the list, and what it asks, in one sentence."""

    name: str
    title: str
    says: str
    over: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """All series in order. `addresses` and `names` are those of the person it is for; none: it is nobody's own."""

    entries: tuple[Entry, ...]
    as_of: datetime | None
    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    rules: tuple[PlacingRule, ...] = ()
    paces: tuple[Pace, ...] = ()
    sources: int = 0
    mails: int = 0
    notes: tuple[str, ...] = ()
