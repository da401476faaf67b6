# SPDX-License-Identifier: GPL-2.0-or-later
"""What templates may use of the checks: findings, flags and bit budgets; the rest of it is in contexts.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from bot.report.places import CodePlace, MailPlace, Quote


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    where: Annotated[CodePlace, 'the line']
    note: Annotated[str, 'what is to be seen there']


@dataclass(frozen=True, slots=True)
class FindingItem:
    """One finding, or several that differ in their line alone."""

    rule: Annotated[str, 'id of the rule, "GUP-F03"']
    name: Annotated[str, 'readable name of the rule']
    severity: Annotated[str, 'error, warning or info']
    confidence: Annotated[str, 'high, medium or low']
    class_: Annotated[str, 'introduced, fixed, moved, pre-existing or fixed-later']
    patch: Annotated[str, '"2/5"; empty outside a series']
    place: Annotated[MailPlace | None, 'the patch']
    where: Annotated[CodePlace, 'the line']
    function: Annotated[str, 'the function it stands in']
    message: Annotated[str, 'what is wrong']
    evidence: Annotated[tuple[EvidenceLine, ...], 'the lines that prove it']
    quote: Annotated[Quote | None, 'the lines of the patch, when they can be told for sure']
    code: Annotated[Quote | None, 'lines of source with a caret and the numbered steps of a path, in 100 columns']
    column: Annotated[int, 'first column of the very expression in its line, 0 where it is not known']
    anchor: Annotated[str, 'name of the place in a page']


@dataclass(frozen=True, slots=True)
class OlderLine:
    rule: Annotated[str, 'id of the rule']
    name: Annotated[str, 'readable name of the rule']
    count: Annotated[int, 'how many of its findings the base has already']


@dataclass(frozen=True, slots=True)
class SiteItem:
    """A place that has to do with a flag, or several in one function that do the same."""

    where: Annotated[CodePlace, 'the line']
    function: Annotated[str, 'the function it stands in']
    code: Annotated[tuple[str, ...], 'the lines themselves']
    patch: Annotated[str, 'the patch that put it there; empty when the base has it']
    note: Annotated[str, 'what to know about this place']
    finding: Annotated[str, 'the rule whose finding says so already; empty where none does']


@dataclass(frozen=True, slots=True)
class RoleGroup:
    role: Annotated[str, 'releases-unaware, must-learn, sets, passes, tests or defines']
    meaning: Annotated[str, 'the role in words']
    sites: Annotated[tuple[SiteItem, ...], 'by file and line']


@dataclass(frozen=True, slots=True)
class FlagItem:
    flag: Annotated[str, 'name of the flag']
    change: Annotated[str, 'added, changed or removed']
    value: Annotated[str, '"bit 13 (0x2000)", with the former value when it changes']
    patch: Annotated[str, 'the patch that does it']
    roles: Annotated[tuple[RoleGroup, ...], 'places by what they do, what needs a look first']
    anchor: Annotated[str, 'name of the place in a page']


@dataclass(frozen=True, slots=True)
class BudgetLine:
    owner: Annotated[str, 'who owns the bits']
    macro: Annotated[str, 'the constant that says so']
    before: Annotated[str, 'bits before the series; empty when it had none']
    after: Annotated[str, 'bits after the series; empty when it has none']
    where: Annotated[CodePlace, 'the definition, after the series where it still stands']


@dataclass(frozen=True, slots=True)
class LimitLine:
    name: Annotated[str, 'what is limited']
    before: Annotated[str, 'the limit before the series']
    after: Annotated[str, 'the limit after it']


@dataclass(frozen=True, slots=True)
class BudgetItem:
    """The bits of one counter before and after the series."""

    counter: Annotated[str, 'the counter, "_refcount"']
    patch: Annotated[str, 'the first patch that changes the account']
    rows: Annotated[tuple[BudgetLine, ...], 'by bits, lowest first']
    limits: Annotated[tuple[LimitLine, ...], 'what the bits allow']
    consequence: Annotated[str, 'what the change means']
    anchor: Annotated[str, 'name of the place in a page']


@dataclass(frozen=True, slots=True)
class ChecksSection:
    outcome: Annotated[str, 'passed, failed, skipped or crashed']
    reason: Annotated[str, 'the reason given by the stage']
    new: Annotated[tuple[FindingItem, ...], 'what the series brings, worst first']
    other: Annotated[tuple[FindingItem, ...], 'fixed later in the series, moved, or fixed by it']
    older: Annotated[tuple[OlderLine, ...], 'what the base has already, by rule']
    older_count: Annotated[int, 'how many those are']
    tip: Annotated[str, 'commit after the last patch, cut to 12 digits: where places of flags and bits are']
    flags: Annotated[tuple[FlagItem, ...], 'flags that the series adds, changes or removes']
    budgets: Annotated[tuple[BudgetItem, ...], 'counters whose bits the series shares out anew']
    files: Annotated[int, 'files read']
    functions: Annotated[int, 'functions read']
    damaged: Annotated[int, 'functions that could only be read in part']
