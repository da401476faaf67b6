# SPDX-License-Identifier: GPL-2.0-or-later
"""What the templates of the review points may use; the rules for contexts are those of contexts.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from bot.report.places import MailPlace


@dataclass(frozen=True, slots=True)
class PointItem:
    """One point of a reviewer on an earlier posting."""

    id: Annotated[str, '"Q3.1"']
    asker: Annotated[str, 'who made it']
    revision: Annotated[str, '"v1": what it was made on']
    said: Annotated[str, 'what the newest posting did about it, a short sentence']
    evidence: Annotated[str, 'what was seen there; empty when nothing was']
    text: Annotated[str, 'the point, blanks collapsed']
    brief: Annotated[str, 'the same, cut']
    place: Annotated[MailPlace, 'where it was made']
    answer: Annotated[MailPlace | None, 'the last answer at hand']
    answered_by: Annotated[str, 'who gave it; empty without one']
    anchor: Annotated[str, 'name of the place in a page']


@dataclass(frozen=True, slots=True)
class PointGroup:
    name: Annotated[str, 'left, unrecorded, unstated, unseen or settled']
    title: Annotated[str, 'its heading']
    points: Annotated[tuple[PointItem, ...], 'all of them, pressing ones first']
    shown: Annotated[int, 'how many of them a short report tells one by one']
    more: Annotated[str, 'ids of the others; empty when there are none']
    count: Annotated[int, 'how many there are']
    ids: Annotated[str, 'ids of all of them']


@dataclass(frozen=True, slots=True)
class PointsSection:
    """What became of the points on earlier postings in the newest one."""

    version: Annotated[str, '"v2": the newest posting']
    before: Annotated[str, '"v1", "v1 to v3": the earlier ones']
    total: Annotated[int, 'how many points there are; what only may be one is not counted']
    shown_count: Annotated[int, 'how many are settled, answered, or show in the newest posting']
    left_count: Annotated[int, 'how many are not visible in the newest posting']
    unseen_count: Annotated[int, 'how many are open and could not be compared with it']
    groups: Annotated[tuple[PointGroup, ...], 'what is not settled, most pressing first']
    settled: Annotated[str, '"verified 9, claimed 3, by the asker 4"; empty when none is']
    possible: Annotated[int, 'what only may be a point; not counted']
    coverage: Annotated[str, '"41 mails read, 1 more known only by quotation"']


@dataclass(frozen=True, slots=True)
class PointsPage:
    """The report when a new revision arrives: for whoever asked for it, not for a list."""

    subject: Annotated[str, 'subject of the newest posting']
    place: Annotated[MailPlace, 'the newest posting']
    as_of: Annotated[str, 'time it is told for']
    points: Annotated[PointsSection, 'what became of the points']
    notes: Annotated[tuple[str, ...], 'what could not be told']


@dataclass(frozen=True, slots=True)
class RerollPage:
    """What an unsent revision would leave open, for its author."""

    subject: Annotated[str, 'subject of the unsent patches']
    points: Annotated[PointsSection, 'what would become of the points']
    changelog: Annotated[tuple[str, ...], 'lines for the changelog, each about one point']
    notes: Annotated[tuple[str, ...], 'what was taken for granted, and what could not be told']
