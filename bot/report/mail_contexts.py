# SPDX-License-Identifier: GPL-2.0-or-later
"""What the templates of mails may use; the rules for contexts are those of contexts.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from bot.report.check_contexts import FindingItem
from bot.report.places import MailPlace, Quote
from bot.report.points_contexts import PointsSection


@dataclass(frozen=True, slots=True)
class Signature:
    """Who sends it and how to be rid of it; the end of every mail."""

    bot: Annotated[str, 'name of the bot']
    contact: Annotated[str, 'whom to write to about it; empty when nobody is named']
    run: Annotated[str, 'id of the run that made the mail; empty for a draft that is not kept']
    tool: Annotated[str, 'program and version']
    command: Annotated[tuple[str, ...], 'the command that makes the report again, an option a part']
    tree: Annotated[bool, 'whether that command needs a clone']


@dataclass(frozen=True, slots=True)
class Remark:
    """Lines of the patch and what is to be said below them."""

    head: Annotated[Quote, 'the lines that name file and hunk; empty below a remark on the same hunk']
    cut: Annotated[bool, 'whether lines of the hunk before the quoted ones are left out']
    quote: Annotated[Quote, 'the lines concerned, with at most five before them']
    findings: Annotated[tuple[FindingItem, ...], 'what is found there']


@dataclass(frozen=True, slots=True)
class InlineMail:
    """Remarks on one patch, in answer to it."""

    patch: Annotated[str, '"2/5"']
    intro: Annotated[str, 'the line that says when the patch was written and by whom']
    remarks: Annotated[tuple[Remark, ...], 'in the order of the patch']
    unquoted: Annotated[tuple[FindingItem, ...], 'the worst of the findings whose lines cannot be told for sure']
    more: Annotated[int, 'how many of those are not told']
    others: Annotated[str, 'patches that have findings too, and get no mail of their own; empty without any']
    base: Annotated[str, 'commit the lines of code are of, with the patch applied']
    signature: Annotated[Signature, 'who sends it']


@dataclass(frozen=True, slots=True)
class Fact:
    name: Annotated[str, 'tree, base, config, compiler, sandbox, machine']
    value: Annotated[str, 'what it is']


@dataclass(frozen=True, slots=True)
class Complaint:
    """One line of a compiler or a console."""

    new: Annotated[bool, 'whether the patch before, or the base, did not have it']
    text: Annotated[str, 'the line']


@dataclass(frozen=True, slots=True)
class Failure:
    """One patch that does not build, or does not boot, on one target or machine."""

    patch: Annotated[str, '"2/5"']
    subject: Annotated[str, 'subject of the patch without prefix']
    place: Annotated[MailPlace | None, 'the patch']
    stage: Annotated[str, 'build or boot']
    target: Annotated[str, 'build target or machine']
    reason: Annotated[str, 'the reason given']
    complaints: Annotated[tuple[Complaint, ...], 'what was printed']
    more: Annotated[int, 'how many lines are not shown']
    gone: Annotated[str, 'the later patch with which it is gone; empty when it stays']
    reproducer: Annotated[str, 'the command that does it again']


@dataclass(frozen=True, slots=True)
class LabMail:
    """A build or a boot that failed."""

    facts: Annotated[tuple[Fact, ...], 'tree, base, configuration, compiler and what else it was tried with']
    failures: Annotated[tuple[Failure, ...], 'by patch, the first first']
    more: Annotated[int, 'how many further failures are not told']
    credit: Annotated[tuple[str, ...], 'the lines a separate fix is asked to carry']
    signature: Annotated[Signature, 'who sends it']


@dataclass(frozen=True, slots=True)
class PointsMail:
    """Review points that a new posting leaves open."""

    points: Annotated[PointsSection, 'what became of the points']
    coverage: Annotated[str, '"41 mails read, 1 more known only by quotation"']
    signature: Annotated[Signature, 'who sends it']


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one command, or what it asked for."""

    said: Annotated[str, 'the command as it was written']
    outcome: Annotated[str, 'done, refused, unverified or answered']
    lines: Annotated[tuple[str, ...], 'what it did, why not, or the answer']


@dataclass(frozen=True, slots=True)
class AnswersMail:
    """What became of the commands of a mail (transcript), or what it asked about (status)."""

    subject: Annotated[str, 'subject of the newest posting']
    place: Annotated[MailPlace, 'the newest posting']
    answers: Annotated[tuple[Answer, ...], 'in the order of the mail']
    signature: Annotated[Signature, 'who sends it']
