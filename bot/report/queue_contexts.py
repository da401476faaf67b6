# SPDX-License-Identifier: GPL-2.0-or-later
"""What the templates of the queue may use; the rules for contexts are those of contexts.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from bot.report.places import MailPlace


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason that holds for a series."""

    rule: Annotated[str, 'name of the rule']
    what: Annotated[str, 'what it says, a short sentence']
    brief: Annotated[str, 'the same, cut to fit a column']
    age: Annotated[str, '"3d", counted to the day of the list; empty when unknown']
    since: Annotated[str, 'day it counts from']
    questions: Annotated[str, 'ids of the questions that show it']
    places: Annotated[tuple[MailPlace, ...], 'lines of mails that show it']


@dataclass(frozen=True, slots=True)
class ResultLine:
    """What a stage said about the newest posting, when it was last run."""

    stage: Annotated[str, 'apply, check, build or boot']
    outcome: Annotated[str, 'passed, failed or crashed']
    reason: Annotated[str, 'the reason given']
    made: Annotated[str, 'day it was run']


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """One series, with the reason that gave it its place."""

    number: Annotated[int, 'place in the list, from 1']
    version: Annotated[str, '"v2", "RFC v1"']
    subject: Annotated[str, 'subject of the newest posting']
    short: Annotated[str, 'version and subject, cut to fit a column']
    author: Annotated[str, 'who sent it']
    place: Annotated[MailPlace, 'the cover of the newest posting, or its first patch']
    posted: Annotated[str, 'day of the newest posting']
    reason: Annotated[ReasonLine, 'what gave it its place']
    others: Annotated[tuple[ReasonLine, ...], 'what else holds for it, in the order of the rules']
    cold: Annotated[bool, 'whether it has been silent for longer than its list takes']
    pace: Annotated[str, 'how long its list takes to answer, and how that was measured']
    silent: Annotated[str, '"12d": since its last mail']
    results: Annotated[tuple[ResultLine, ...], 'what is known of apply, check, build and boot']
    earlier: Annotated[tuple[MailPlace, ...], 'its earlier postings, newest first']
    mails: Annotated[int, 'mails of its threads at hand']
    notes: Annotated[tuple[str, ...], 'what could not be told']
    next: Annotated[str, 'the command to go on with; empty when there is nothing to do']


@dataclass(frozen=True, slots=True)
class QueuePart:
    rule: Annotated[str, 'name of the rule']
    title: Annotated[str, 'its heading']
    says: Annotated[str, 'what the rule asks, one sentence']
    series: Annotated[tuple[SeriesLine, ...], 'in order']
    hidden: Annotated[int, 'how many more there are that this list does not name']


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The queue."""

    whose: Annotated[str, 'whom it is for; empty when it is nobody in particular']
    as_of: Annotated[str, 'time it is told for; ages are counted to it']
    total: Annotated[int, 'how many series there are']
    pressing: Annotated[int, 'how many of them the person can do something about']
    parts: Annotated[tuple[QueuePart, ...], 'rules that gave somebody a place, in order']
    next: Annotated[str, 'the command for the first of them; empty when there is nothing to do']
    paces: Annotated[tuple[str, ...], 'how long lists take to answer, and how that was measured']
    sources: Annotated[int, 'how many sources the store remembers']
    mails: Annotated[int, 'how many mails they hold']
    notes: Annotated[tuple[str, ...], 'what could not be told']
    why: Annotated[bool, 'whether every reason is asked for']
