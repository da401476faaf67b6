# SPDX-License-Identifier: GPL-2.0-or-later
"""What templates may use of the questions; the rest of it is in contexts.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from bot.report.places import MailPlace


@dataclass(frozen=True, slots=True)
class ReplyItem:
    author: Annotated[str, 'who replied']
    place: Annotated[MailPlace, 'the reply']
    directness: Annotated[str, 'direct, near or weak']


@dataclass(frozen=True, slots=True)
class QuestionItem:
    id: Annotated[str, '"Q3.1", stable within the series']
    qhash: Annotated[str, 'stable everywhere']
    kind: Annotated[str, 'question, request or objection']
    class_: Annotated[str, 'design, implementation, process or nit']
    state: Annotated[str, 'open or contested']
    qualifier: Annotated[str, 'what the state rests on']
    tier: Annotated[str, 'sure or likely']
    asker: Annotated[str, 'name of the asker']
    asked: Annotated[str, 'day it was asked']
    age: Annotated[str, '"23 days" up to the newest mail at hand; empty when unknown']
    revision: Annotated[str, '"v1": what it was asked about']
    text: Annotated[str, 'the question, blanks collapsed']
    waiting_on: Annotated[str, 'who is to say something']
    flags: Annotated[tuple[str, ...], 'marks such as re-asked, nak, promised, stale']
    place: Annotated[MailPlace, 'where it was asked, or where it is quoted']
    quoted: Annotated[bool, "true when the asker's own mail is not at hand"]
    verdict: Annotated[str, 'what the latest revision did about it; empty before there is one']
    reply: Annotated[ReplyItem | None, 'the last reply at hand']
    links: Annotated[tuple[str, ...], 'places the discussion points to']
    anchor: Annotated[str, 'name of the place in a page']
    commands: Annotated[tuple[str, ...], 'what commands made of it, a sentence each']
    consent: Annotated[str, '"Jane Doe acked v7 since": a tag its asker gave afterwards; empty when there is none']


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    title: Annotated[str, '"on design", "requests"']
    questions: Annotated[
        tuple[QuestionItem, ...], 'those of the newest posting first, those whose asker gave a tag since last'
    ]


@dataclass(frozen=True, slots=True)
class SettledItem:
    """A question that waits for nobody, in short."""

    id: Annotated[str, '"Q3.1"']
    asker: Annotated[str, 'name of the asker']
    text: Annotated[str, 'the question, blanks collapsed']
    brief: Annotated[str, 'the same, cut']
    place: Annotated[MailPlace, 'where it was asked, or where it is quoted']
    by: Annotated[str, 'who answered last, or whose posting settled it; empty when nobody did']
    answer: Annotated[MailPlace | None, 'the answer, or the lines of the posting that settled it']
    verdict: Annotated[str, 'what the latest revision did about it; empty before there is one']
    anchor: Annotated[str, 'name of the place in a page']


@dataclass(frozen=True, slots=True)
class StateLine:
    state: Annotated[str, '"answered, unconfirmed", "resolved"']
    count: Annotated[int, 'how many']
    ids: Annotated[str, 'their ids']
    items: Annotated[tuple[SettledItem, ...], 'all of them, in the order asked']
    shown: Annotated[int, 'how many of them a short report names']
    rest: Annotated[str, 'ids of the others']


@dataclass(frozen=True, slots=True)
class LegendLine:
    """A word of this section that is not said in full."""

    word: Annotated[str, 'a state, qualifier, verdict or flag']
    meaning: Annotated[str, 'what it says']


@dataclass(frozen=True, slots=True)
class QuestionsSection:
    outcome: Annotated[str, 'passed, failed, skipped or crashed']
    reason: Annotated[str, 'the reason given by the stage']
    total: Annotated[int, 'all that were found, possible ones not counted']
    open_count: Annotated[int, 'how many of them are open or contested']
    groups: Annotated[tuple[QuestionGroup, ...], 'open and contested ones: design first, requests last']
    settled: Annotated[tuple[StateLine, ...], 'all others, by state']
    possible: Annotated[str, 'ids of what may be a question; never counted']
    commands: Annotated[tuple[str, ...], 'what commands settled, a sentence each']
    coverage: Annotated[str, '"41 mails read, 1 more known only by quotation"']
    legend: Annotated[tuple[LegendLine, ...], 'words that occur above, with their meaning']
