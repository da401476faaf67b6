# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions, requests and objections of a conversation, with the events that made their state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.command import Command
from bot.model.mail import Ghost, Person
from bot.model.outcome import Verdict

Kind = Literal['question', 'request', 'objection']
QuestionClass = Literal['design', 'implementation', 'process', 'nit']
Tier = Literal['sure', 'likely', 'possible']
State = Literal['open', 'answered', 'contested', 'resolved', 'deferred', 'withdrawn']


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a question: what, in which lines of which mail, by which rule, when.

    `actor` is who did it, as displayed; `note` says what the rule saw: a weight, a phrase, a revision.
    `command` is the id of the command that made it, '' for what was read from mails.
    """

    kind: str
    message_id: str
    lines: tuple[int, int]
    rule: str
    at: datetime | None
    actor: str = ''
    note: str = ''
    command: str = ''


@dataclass(frozen=True, slots=True)
class Answer:
    """`directness` is direct (right below the quoted question), near (a few quoted lines below) or weak."""

    message_id: str
    author: Person
    lines: tuple[int, int]
    directness: Literal['direct', 'near', 'weak']


@dataclass(frozen=True, slots=True)
class RevisionVerdict:
    """What a later revision did about the question, and the sentence of evidence for it."""

    revision: int
    verdict: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Question:
    """One answerable item; field meanings are DESIGN's JSON contract (docs/contracts.md).

    `message_id` is the asker's mail (a ghost's id, or None, when only a quotation is at hand; then `seen_in` names
    the mail whose `lines` are given and `quote_depth` says how deep it shows the text). `title`, `duplicate_of`
    (an id) and `by` (the command that set the state) are there by commands only.
    """

    id: str
    qhash: str
    asker: Person
    message_id: str | None
    seen_in: str
    date: datetime | None
    quote_depth: int
    lines: tuple[int, int]
    text: str
    to: tuple[str, ...]
    kind: Kind
    class_: QuestionClass
    tier: Tier
    state: State
    qualifier: str
    waiting_on: str
    flags: tuple[str, ...]
    revision_asked: int | None
    posting_asked: int | None
    revision_settled: int | None
    posting_settled: int | None
    verdicts: tuple[RevisionVerdict, ...]
    answers: tuple[Answer, ...]
    events: tuple[Event, ...]
    links: tuple[str, ...] = ()
    title: str = ''
    duplicate_of: str = ''
    by: str = ''


@dataclass(frozen=True, slots=True)
class QuestionCoverage:
    """How many mails were read, which are known only by quotation, and what could not be told."""

    messages: int
    ghosts: tuple[Ghost, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """All questions of a series, in the order they were asked, and the log of commands about them, oldest first.

    `undone` are the ids of commands that were taken back; `muted` is the id of the command by which nothing is mailed.
    """

    verdict: Verdict
    questions: tuple[Question, ...] = ()
    coverage: QuestionCoverage = QuestionCoverage(0)
    commands: tuple[Command, ...] = ()
    undone: tuple[str, ...] = ()
    muted: str = ''
