# SPDX-License-Identifier: GPL-2.0-or-later
"""What the static checks found, with the lines that prove it and what could not be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.model.outcome import Verdict

Severity = Literal['error', 'warning', 'info']
Certainty = Literal['high', 'medium', 'low']
FindingClass = Literal['introduced', 'fixed', 'moved', 'pre-existing', 'fixed-later']


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One line of source; what is meant stands in columns `first` to `last` (1-based, inclusive), both 0 if unknown."""

    line: int
    text: str
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    file: str
    line: int
    note: str
    excerpt: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` is the table's id with its area ("GUP-F03"); `patch` is a position in the series, None for a lone tree.

    `fingerprint` is a hash of rule, path, function and normalised statement: it survives shifted lines.
    `excerpt` has the lines of source, one of them with the columns of the very expression where that is known.
    `allowed` is why it is not held against anybody: the reason a comment gives, or that a baseline has it.
    """

    rule: str
    name: str
    severity: Severity
    confidence: Certainty
    file: str
    line: int
    end_line: int
    function: str
    message: str
    patch: int | None
    class_: FindingClass
    fingerprint: str
    evidence: tuple[Evidence, ...] = ()
    excerpt: tuple[Excerpt, ...] = ()
    allowed: str = ''

    @property
    def mark(self) -> Excerpt | None:
        """Return the line that has the expression."""
        return next((one for one in self.excerpt if one.first), None)


@dataclass(frozen=True, slots=True)
class FlagSite:
    """A place that has to do with a changed flag: what it does there and which patch put it there.

    `role` is one of: defines, passes, tests, sets, releases-unaware, must-learn.
    """

    file: str
    line: int
    function: str
    role: str
    text: str
    patch: int | None
    note: str = ''


@dataclass(frozen=True, slots=True)
class FlagChange:
    """A FOLL_* flag that the series adds or changes, and everything that passes, tests or ought to know it."""

    flag: str
    change: Literal['added', 'changed', 'removed']
    before: int | None
    after: int | None
    patch: int | None
    sites: tuple[FlagSite, ...]


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One owner of bits of a counter: bits `low`..`high` (inclusive) belong to `owner`, which stands at file:line."""

    owner: str
    macro: str
    value: int
    low: int
    high: int
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class BudgetFiller:
    """A constant that some code adds to a counter at once."""

    amount: int
    file: str
    line: int
    function: str
    text: str


@dataclass(frozen=True, slots=True)
class BudgetState:
    """The bits of one counter at one commit. Limits are counts of pins or plain references, None if nothing bounds them.

    `fillers` are the largest constants that the tree adds to it, the largest first.
    """

    rows: tuple[BudgetRow, ...]
    pin_bits: int | None
    max_pins: int | None
    max_plain: int | None
    fillers: tuple[BudgetFiller, ...] = ()


@dataclass(frozen=True, slots=True)
class BitBudget:
    """A counter before the series and after it; `patch` is the first patch that changes the account."""

    counter: str
    before: BudgetState
    after: BudgetState
    patch: int | None
    consequence: str


@dataclass(frozen=True, slots=True)
class CheckCoverage:
    """What the checks saw: files read, and what was left out or damaged, each with its reason."""

    files: int
    functions: int
    damaged_functions: int
    not_read: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckResult:
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    flags: tuple[FlagChange, ...] = ()
    budgets: tuple[BitBudget, ...] = ()
    coverage: CheckCoverage = CheckCoverage(0, 0, 0)
    allowed: tuple[Finding, ...] = ()
    """What comments in the source and a baseline keep out of `findings`, each with the reason."""
