# SPDX-License-Identifier: GPL-2.0-or-later
"""The nouns, in the order data flows: mail, series, tree, finding, lab, question, report.

Frozen, slotted dataclasses with no I/O and no third-party import; each is constructed by exactly one room.
"""

from bot.model.finding import (
    BitBudget,
    BudgetRow,
    BudgetState,
    Certainty,
    CheckCoverage,
    CheckResult,
    Evidence,
    Finding,
    FindingClass,
    FlagChange,
    FlagSite,
    Severity,
)
from bot.model.lab import NO_IMAGE, BootResult, BuildResult, ConsoleEvent, Diagnostic, FirstBad, TestResult
from bot.model.mail import Ghost, Message, Person, RawMail, Span, Thread
from bot.model.outcome import Outcome, Verdict, crashed, failed, passed, skipped
from bot.model.ports import Checkout, FactCache, FilesAt, GitOutput, GitRunner, Progress
from bot.model.question import (
    Answer,
    Event,
    Kind,
    Ledger,
    Question,
    QuestionClass,
    QuestionCoverage,
    RevisionVerdict,
    State,
    Tier,
)
from bot.model.quotes import Attribution, QuoteGraph, Segment
from bot.model.report import Draft, MailFacts, Report
from bot.model.series import BaseHint, Confidence, Link, Patch, Preimage, Revision, Series, Trailer
from bot.model.tree import AppliedPatch, AppliedTree, BaseAttempt, Conflict, FileChange

__all__ = [
    'NO_IMAGE',
    'Answer',
    'AppliedPatch',
    'AppliedTree',
    'Attribution',
    'BaseAttempt',
    'BaseHint',
    'BitBudget',
    'BootResult',
    'BudgetRow',
    'BudgetState',
    'BuildResult',
    'Certainty',
    'CheckCoverage',
    'CheckResult',
    'Checkout',
    'Confidence',
    'Conflict',
    'ConsoleEvent',
    'Diagnostic',
    'Draft',
    'Event',
    'Evidence',
    'FactCache',
    'FileChange',
    'FilesAt',
    'Finding',
    'FindingClass',
    'FirstBad',
    'FlagChange',
    'FlagSite',
    'Ghost',
    'GitOutput',
    'GitRunner',
    'Kind',
    'Ledger',
    'Link',
    'MailFacts',
    'Message',
    'Outcome',
    'Patch',
    'Person',
    'Preimage',
    'Progress',
    'Question',
    'QuestionClass',
    'QuestionCoverage',
    'QuoteGraph',
    'RawMail',
    'Report',
    'Revision',
    'RevisionVerdict',
    'Segment',
    'Series',
    'Severity',
    'Span',
    'State',
    'TestResult',
    'Thread',
    'Tier',
    'Trailer',
    'Verdict',
    'crashed',
    'failed',
    'passed',
    'skipped',
]
