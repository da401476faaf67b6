# SPDX-License-Identifier: GPL-2.0-or-later
"""The account of a counter's bits: who owned which before the series, who does after it, and what that leaves."""

from __future__ import annotations

from bot.model import BitBudget, BudgetRow, BudgetState
from bot.report.check_contexts import BudgetItem, BudgetLine, LimitLine
from bot.report.sections.frame import Ground
from bot.report.words import anchor, thousands

_MAX_FILLERS = 3


def budget_item(ground: Ground, budget: BitBudget) -> BudgetItem:
    return BudgetItem(
        counter=budget.counter,
        patch=ground.label(budget.patch),
        rows=tuple(_rows(ground, budget)),
        limits=tuple(limits(budget.before, budget.after)),
        consequence=budget.consequence,
        anchor=anchor('budget', budget.counter),
    )


def limits(before: BudgetState, after: BudgetState) -> list[LimitLine]:
    """Return the limits that at least one side has; "no bound" is said where the other has none."""
    pairs = [
        ('bits for pins', before.pin_bits, after.pin_bits),
        ('pins at most', before.max_pins, after.max_pins),
        ('plain references at most', before.max_plain, after.max_plain),
    ]
    known = [LimitLine(name, _limit(b), _limit(a)) for name, b, a in pairs if (b, a) != (None, None)]
    return known + _fillers(before, after)


def _fillers(before: BudgetState, after: BudgetState) -> list[LimitLine]:
    """Return the largest constants that the tree adds at once: they use up the bits without any pin."""
    sides = [{(one.file, one.function): one for one in reversed(state.fillers)} for state in (before, after)]
    keys = sorted({**sides[0], **sides[1]}, key=lambda key: (-(sides[1].get(key) or sides[0][key]).amount, key))
    found = []
    for key in keys[:_MAX_FILLERS]:
        one = sides[1].get(key) or sides[0][key]
        counts = [thousands(side[key].amount) if key in side else '' for side in sides]
        found.append(LimitLine(f'added at once by {one.function}(), {one.file}:{one.line}', *counts))
    return found


def _limit(value: int | None) -> str:
    return 'no bound' if value is None else thousands(value)


def _rows(ground: Ground, budget: BitBudget) -> list[BudgetLine]:
    """Pair the rows of both sides by owner and constant."""
    before = {(r.owner, r.macro): r for r in budget.before.rows}
    after = {(r.owner, r.macro): r for r in budget.after.rows}
    keys = sorted({**before, **after}, key=lambda key: _place(after.get(key) or before[key], key))
    return [_line(ground, before.get(key), after.get(key)) for key in keys]


def _place(row: BudgetRow, key: tuple[str, str]) -> tuple[int, int, tuple[str, str]]:
    return row.low, row.high, key


def _line(ground: Ground, before: BudgetRow | None, after: BudgetRow | None) -> BudgetLine:
    row = after or before
    assert row is not None
    at = None if after else 0
    return BudgetLine(row.owner, row.macro, _bits(before), _bits(after), ground.places.code(row.file, row.line, at))


def _bits(row: BudgetRow | None) -> str:
    if row is None:
        return ''
    return str(row.low) if row.low == row.high else f'{row.low}-{row.high}'
