# SPDX-License-Identifier: GPL-2.0-or-later
"""The checks as a whole: findings, new ones first, those the base has already folded into counts; flags; bit budgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.model import CheckResult, Finding
from bot.report.check_contexts import ChecksSection, OlderLine
from bot.report.contexts import UnreadLine
from bot.report.order import budgets_in_order, findings_in_order, flags_in_order
from bot.report.sections.budget import budget_item
from bot.report.sections.flags import flag_item
from bot.report.sections.found import finding_items
from bot.report.sections.frame import Ground
from bot.report.words import counted, grouped

_OTHER = ('fixed-later', 'moved', 'fixed')
_NAMED = 3


def checks_section(ground: Ground, check: CheckResult, fold: bool = True, apart: bool = False) -> ChecksSection:
    """Return the section; `fold` false shows in full what the base has already, `apart` joins no like findings."""
    found = findings_in_order(check.findings)
    older = [f for f in found if f.class_ == 'pre-existing'] if fold else []
    other = sorted((f for f in found if f.class_ in _OTHER), key=lambda f: _OTHER.index(f.class_))
    new = [f for f in found if f not in older and f not in other]
    known = {(f.file, f.line): f.rule for f in reversed(new)}
    return ChecksSection(
        outcome=str(check.verdict.outcome),
        reason=check.verdict.reason,
        new=finding_items(ground, new, apart),
        other=finding_items(ground, other),
        older=_older(older),
        older_count=len(older),
        tip=ground.places.code('', 0, None).commit,
        flags=tuple(flag_item(ground, f, known) for f in flags_in_order(check.flags)),
        budgets=tuple(budget_item(ground, b) for b in budgets_in_order(check.budgets)),
        files=check.coverage.files,
        functions=check.coverage.functions,
        damaged=check.coverage.damaged_functions,
    )


def _older(findings: list[Finding]) -> tuple[OlderLine, ...]:
    counted = Counter((f.rule, f.name) for f in findings)
    return tuple(OlderLine(rule, name, number) for (rule, name), number in sorted(counted.items()))


def unread_lines(not_read: Sequence[str]) -> tuple[UnreadLine, ...]:
    """Group "path: reason" by its reason."""
    paths = grouped(sorted(set(not_read)), lambda said: said.partition(': ')[2])
    lines = [(reason, [said.partition(': ')[0] for said in those]) for reason, those in sorted(paths.items())]
    return tuple(UnreadLine(len(those), reason, tuple(those[:_NAMED]), len(those[_NAMED:])) for reason, those in lines)


def severities(findings: Sequence[Finding], fold: bool) -> str:
    """Return "3 errors, 1 warning" of what is there after the last commit; `fold` leaves out what the base has already."""
    counting = ('introduced',) if fold else ('introduced', 'pre-existing', 'moved')
    now = Counter(f.severity for f in findings if f.class_ in counting)
    said = [counted(now[one], one) for one in ('error', 'warning') if now[one]]
    return ', '.join([*said, *([f'{now["info"]} for information'] if now['info'] else [])]) or (
        'nothing new' if fold else 'nothing found'
    )
