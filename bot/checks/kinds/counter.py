# SPDX-License-Identifier: GPL-2.0-or-later
"""Reference counts touched, compared, biased or short of bits.

Promises to know a bias by its use (see `budget.py`) and a counter by the area file. Refuses to follow a count from one
function into another.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.checks.c.facts import Compare
from bot.checks.c.file import File
from bot.checks.counters.budget import account, biases, bits_of, filling, spaced
from bot.checks.kinds import Match, looks_at, told
from bot.checks.rulebook.rules import AccessRule, BiasRule, BudgetRule, CompareRule, CompareWhere
from bot.checks.tree.kernel import Kernel
from bot.model import BudgetState, Evidence

_MAX_SHOWN = 8


def accesses(rule: AccessRule, kernel: Kernel, path: str, file: File) -> Iterator[Match]:
    """Yield where a counter field is touched by name."""
    if not looks_at(rule.paths, path):
        return
    for function in file.counting:
        for access in function.accesses:
            if any(access.field in one.fields and (not one.how or access.how in one.how) for one in rule.where):
                message = told(rule, field=access.field, how=access.how, text=access.text)
                yield Match(rule, path, access.line, access.line, function.name, access.text, message)


def compares(rule: CompareRule, kernel: Kernel, path: str, file: File) -> Iterator[Match]:
    """Yield comparisons and overflow checks whose type hides that the counter ran over."""
    if not looks_at(rule.paths, path):
        return
    for function in file.counting:
        for where in rule.where:
            for compare in function.compares if where.comparison else ():
                if compare.counter in where.counters and _is_signed(compare, where, kernel, path):
                    message = told(
                        rule, counter=compare.counter or 'what is read', text=compare.text, other=compare.other
                    )
                    yield Match(rule, path, compare.line, compare.line, function.name, compare.text, message)
            for guard in function.guards if where.overflow else ():
                if guard.counter in where.counters and guard.unsigned:
                    message = told(rule, counter=guard.counter, text=guard.text)
                    yield Match(rule, path, guard.line, guard.line, function.name, guard.text, message)


def _is_signed(compare: Compare, where: CompareWhere, kernel: Kernel, path: str) -> bool:
    """A comparison is signed when neither side is unsigned: then a count that ran over is less than any bias."""
    if compare.unsigned or compare.operator not in ('>=', '>', '<', '<='):
        return False
    other = kernel.fold(compare.other, path)
    if not compare.counter:
        return other.value is None or (other.signed and other.value > 1)
    owned = {bias.macro for counter in where.counters for bias in biases(kernel, counter)}
    return other.value is not None and other.signed and other.value > 1 and bool(owned & set(compare.names))


def bias_uses(rule: BiasRule, kernel: Kernel, path: str, file: File) -> Iterator[Match]:
    """Yield where a bias is added, subtracted or multiplied by hand."""
    if not looks_at(rule.paths, path):
        return
    for where in rule.where:
        for bias in biases(kernel, where.counter):
            for function in file.counting:
                for change in function.changes:
                    if bias.macro in change.names and change.counter == where.counter:
                        message = told(
                            rule, macro=bias.macro, counter=where.counter, function=change.callee, text=change.text
                        )
                        evidence = (Evidence(bias.path, bias.line, f'{bias.macro} is defined here'),)
                        yield Match(rule, path, change.line, change.line, function.name, change.text, message, evidence)


def budgets(rule: BudgetRule, kernel: Kernel) -> Iterator[Match]:
    """Yield the constants that leave fewer bits for pins than the rule wants, at their definition."""
    for where in rule.where:
        state = account(kernel, where.counter)
        if where.filled:
            yield from _overfilled(rule, kernel, where.counter, state)
            continue
        if state is None or state.pin_bits is None or state.pin_bits >= where.pin_bits_below:
            continue
        row = next((row for row in state.rows if row.owner == 'flag'), None) or next(
            row for row in state.rows if row.owner == 'pins'
        )
        counting = next((one for one in state.rows if one.owner == 'pins'), row)
        message = told(
            rule,
            macro=row.macro or row.owner,
            counter=where.counter,
            bits=bits_of(row),
            pin_bits=state.pin_bits,
            max_pins=spaced(state.max_pins),
            bias=counting.macro,
        )
        evidence = tuple(
            Evidence(one.file, one.line, f'{one.macro or one.owner}: {bits_of(one)}') for one in state.rows
        )
        if looks_at(rule.paths, row.file):
            yield Match(rule, row.file, row.line, row.line, '', f'{row.macro} {row.low}', message, evidence)


def _overfilled(rule: BudgetRule, kernel: Kernel, counter: str, state: BudgetState | None) -> Iterator[Match]:
    """Yield the flag bits that a constant added somewhere reaches: then the flag is set though nobody set it."""
    rows = state.rows if state is not None else ()
    low = next((row.low for row in rows if row.owner == 'pins'), 0)
    for row in rows:
        reaching = [one for one in filling(kernel, counter) if one.amount >> row.low] if row.owner == 'flag' else []
        if not reaching or not looks_at(rule.paths, row.file):
            continue
        first = reaching[0]
        message = told(
            rule,
            macro=row.macro,
            counter=counter,
            bits=bits_of(row),
            amount=spaced(first.amount),
            filler=f'{first.file}:{first.line}',
            phantom=spaced(first.amount >> low),
        )
        evidence = tuple(
            Evidence(
                one.file,
                one.line,
                f'{one.function}(): `{one.text}` adds up to {spaced(one.amount)}, {spaced(one.amount >> low)} pins to look at',
            )
            for one in reaching[:_MAX_SHOWN]
        )
        yield Match(rule, row.file, row.line, row.line, '', f'{row.macro} {row.low} filled', message, evidence)
