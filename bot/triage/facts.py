# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rules look at: one series as it stood on a day, and who looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Event, HeldResult, Ledger, Message, Outcome, Pace, Question, Revision, Series, Span, Taken
from bot.questions import EFFECTS
from bot.triage.me import Me

LIVE = ('open', 'contested')
LEFT = ('promised-not-visible', 'unaddressed')
# Nine or ten weeks from one release to the next (docs.kernel.org/process/2.Process.html).
_CYCLE = timedelta(days=70)


@dataclass(frozen=True, slots=True)
class Facts:
    """`mails` are those of the series' threads by date; `taken` is what replies say was applied of it.

    `follower` is a later series that carries its patches. `results` are of the newest posting.
    """

    series: Series
    ledger: Ledger
    mails: Sequence[Message]
    results: Sequence[HeldResult]
    me: Me
    now: datetime
    pace: Pace
    maintained: bool
    taken: Taken | None = None
    follower: Series | None = None

    @property
    def newest(self) -> Revision:
        return self.series.newest

    @property
    def last_mail(self) -> datetime | None:
        return max((m.date for m in self.mails if m.date), default=None)

    @property
    def cold(self) -> bool:
        """Tell whether the series has been silent for longer than the list needs to answer."""
        return self.last_mail is not None and self.now - self.last_mail > timedelta(days=self.pace.days)

    @property
    def dormant(self) -> bool:
        """Tell whether a whole release cycle has gone by in silence: then it waits for a new posting, not for a word."""
        return self.cold and self.last_mail is not None and self.now - self.last_mail > _CYCLE

    @property
    def authored(self) -> bool:
        """Tell whether the person looking sent the newest posting."""
        return not self.me.anybody and self.me.is_(self.newest.author)

    @property
    def concerned(self) -> bool:
        """Tell whether the series was sent to the person looking, touches what he maintains, or had a word from him."""
        if self.me.anybody or self.maintained:
            return True
        mine = {self.newest.message_id, *(p.message_id for p in self.newest.patches)}
        sent = (p for m in self.mails if m.message_id in mine for p in (*m.to, *m.cc))
        return any(self.me.is_(p) for p in sent) or any(self.me.is_(m.author) for m in self.mails)

    @property
    def asked(self) -> list[Question]:
        """Return what counts as asked: what may only be a question waits on nobody."""
        return [q for q in self.ledger.questions if q.tier != 'possible']

    @property
    def unsettled(self) -> list[Question]:
        return [q for q in self.asked if q.state in LIVE]

    @property
    def outcomes(self) -> dict[str, Outcome]:
        return {r.stage: r.verdict.outcome for r in self.results}

    @property
    def reviewers(self) -> list[Message]:
        """Return the mails of people who did not send the series."""
        authors = {r.author.email for r in self.series.revisions} | {self.series.author.email}
        names = {r.author.name for r in self.series.revisions} - {''}
        return [m for m in self.mails if not (m.automatic or m.author.email in authors or m.author.name in names)]


def waits_on(question: Question) -> str:
    """Return who is to say something: whom the ledger names, else whom a contested item was put to."""
    if question.waiting_on or question.state != 'contested':
        return question.waiting_on
    return question.to[0] if question.to else ''


def verdict_on(question: Question, revision: Revision) -> str:
    """Return what the newest posting did about an item, '' when it was asked on that posting."""
    return next((v.verdict for v in reversed(question.verdicts) if v.revision == revision.version), '')


def asked_at(question: Question) -> Span:
    return Span(question.seen_in, *question.lines)


def last_event(question: Question) -> datetime | None:
    """Return when somebody last said something about an item: signs in a posting, a new title or class are no saying."""
    return max((e.at for e in question.events if e.at and _says(e)), default=question.date)


def _says(event: Event) -> bool:
    if event.kind.startswith('command:'):
        return bool(EFFECTS[event.rule].state)
    return event.kind != 'sign'
