# SPDX-License-Identifier: GPL-2.0-or-later
"""What all sections share: the report, how places are linked, and how patches and people are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.model import Patch, Person, Question, Report, Revision, Verdict, skipped
from bot.report.places import MailPlace, Places
from bot.report.prominence import prominence


class Ground(Protocol):
    """What findings stand on: a series, or nothing but a tree."""

    @property
    def places(self) -> Places: ...

    def label(self, position: int | None) -> str: ...

    def patch(self, position: int | None) -> Patch | None: ...

    def patch_place(self, position: int | None) -> MailPlace | None: ...


@dataclass(frozen=True, slots=True)
class Bare:
    """A tree or a range of commits: no mail to point to."""

    places: Places

    def label(self, position: int | None) -> str:
        return str(position) if position else ''

    def patch(self, position: int | None) -> Patch | None:
        return None

    def patch_place(self, position: int | None) -> MailPlace | None:
        return None


@dataclass(frozen=True, slots=True)
class Frame:
    """`reader` are the names and addresses by which a ledger may call who reads it, none when nobody in particular does."""

    report: Report
    places: Places
    reader: tuple[str, ...] = ()

    @property
    def newest(self) -> Revision:
        return self.report.series.newest

    @property
    def as_of(self) -> datetime | None:
        return datetime.fromisoformat(self.report.as_of) if self.report.as_of else None

    def prominence(self, question: Question) -> tuple[bool, bool, bool, int]:
        """Return the key that sorts open points, what a reader is to see first smallest."""
        return prominence(question, self.report, self.reader)

    def verdict(self, stage: str) -> Verdict:
        return dict(self.report.verdicts).get(stage, skipped('not asked for'))

    def label(self, position: int | None) -> str:
        """Return "2/5", "cover" for 0, nothing for None."""
        if position is None:
            return ''
        return f'{position}/{self.newest.expected}' if position else 'cover'

    def patch(self, position: int | None) -> Patch | None:
        return next((p for p in self.newest.patches if p.position == position), None)

    def patch_place(self, position: int | None) -> MailPlace | None:
        patch = self.patch(position)
        return self.places.mail(patch.message_id) if patch else None


def frame(report: Report, link: str, reader: Sequence[str] = ()) -> Frame:
    """Return the frame; commits are those the series was applied as. `reader` are addresses of who reads it."""
    applied = report.apply
    commits: list[tuple[int | None, str]] = []
    if applied:
        commits = [(p.position, p.commit) for p in applied.patches]
        commits += [(0, applied.base or ''), (None, applied.tip or '')]
    own = {address.lower() for address in reader}
    named = [p for p, _ in report.mail.people if p.email.lower() in own]
    called = tuple(sorted({p.name for p in named if p.name} | {p.email for p in named}))
    return Frame(report, Places(link, tuple(commits)), called)


def version(revision: Revision) -> str:
    return f'RFC v{revision.version}' if revision.rfc else f'v{revision.version}'


def full(person: Person) -> str:
    """Return name and address, as a mail header would have them."""
    if person.name and person.email:
        return f'{person.name} <{person.email}>'
    return person.label


def short(commit: str | None) -> str:
    return (commit or '')[:12]
