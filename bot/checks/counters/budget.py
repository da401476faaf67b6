# SPDX-License-Identifier: GPL-2.0-or-later
"""The account of a counter's bits: which constants count in it in units of their own, and what that leaves.

Promises that a bias is known by its use (it is added to the counter and the counter is compared with it), not by its
name, and that every number is folded from the source of one commit. Refuses to count what is no power of two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.checks.c.facts import Compare, Function
from bot.checks.counters.fillers import fillers
from bot.checks.tree.kernel import Kernel
from bot.model import BitBudget, BudgetFiller, BudgetRow, BudgetState

_THRESHOLDS = frozenset({'<', '>', '<=', '>=', '&'})
_MAX_FILLERS = 5
_WIDTHS = {'atomic_t': 32, 'atomic_long_t': 64, 'atomic64_t': 64, 'refcount_t': 32}


@dataclass(frozen=True, slots=True)
class Bias:
    """A constant that owns bits of a counter; `counts` when multiples of it are added, else it is a single flag bit.

    `tests` are the comparisons with it, as (path, function, comparison).
    """

    macro: str
    value: int
    path: str
    line: int
    counts: bool
    tests: tuple[tuple[str, str, Compare], ...]

    @property
    def bit(self) -> int:
        return self.value.bit_length() - 1


@lru_cache(maxsize=256)
def biases(kernel: Kernel, counter: str) -> tuple[Bias, ...]:
    """Return the biases of a counter, lowest first."""
    added, scaled = set[str](), set[str]()
    tests: dict[str, list[tuple[str, str, Compare]]] = {}
    for path, function in _functions(kernel):
        for change in function.changes:
            if change.counter == counter:
                added.update(change.names)
                scaled.update(change.scaled)
        for compare in function.compares:
            if compare.counter == counter and compare.operator in _THRESHOLDS:
                for name in compare.names:
                    tests.setdefault(name, []).append((path, function.name, compare))
    found = [bias for name in sorted(added & set(tests)) if (bias := _bias(kernel, name, name in scaled, tests[name]))]
    return tuple(sorted(found, key=lambda bias: (bias.value, bias.macro)))


def _functions(kernel: Kernel) -> Iterator[tuple[str, Function]]:
    for path, file in kernel.home.items():
        yield from ((path, function) for function in file.counting)


def _bias(kernel: Kernel, name: str, counts: bool, tests: list[tuple[str, str, Compare]]) -> Bias | None:
    value = kernel.constants.value(name, tests[0][0]).value
    if value is None or value < 2 or value & (value - 1):
        return None
    place = next(kernel.constants.definitions(name, tests[0][0]), None)
    if place is None:
        return None
    tests = sorted(tests, key=lambda test: (not test[0].endswith('.h'), test[0], test[2].line))
    return Bias(name, value, place[0], place[1].line, counts, tuple(tests))


def account(kernel: Kernel, counter: str) -> BudgetState | None:
    """Return who owns which bits of a counter; None when the tree does not declare it.

    With B the counting bias's bit and T the lowest flag bit above it (else the sign bit): pin_bits = T - B,
    max_pins = (2^T - 2) >> B, max_plain = 2^B - 1. A counter without a counting bias counts its unit from bit 0.
    """
    place = next(
        (
            (path, member)
            for path, file in kernel.home.items()
            for member in file.facts.members
            if member.name == counter
        ),
        None,
    )
    if place is None:
        return None
    path, member = place
    sign = _WIDTHS.get(member.type.split()[-1], 32) - 1
    owners = [bias for bias in biases(kernel, counter) if bias.bit < sign]
    counting = next((bias for bias in owners if bias.counts), None)
    flags = [bias for bias in owners if not bias.counts and (counting is None or bias.bit > counting.bit)]
    top = min([sign, *(bias.bit for bias in flags)])
    low = counting.bit if counting is not None else 0
    unit = kernel.area.units.get(counter, 'references')
    rows = [BudgetRow(unit, '', 1, 0, (low if counting else top) - 1, path, member.line)]
    if counting is not None:
        rows.append(BudgetRow('pins', counting.macro, counting.value, low, top - 1, counting.path, counting.line))
    rows += [BudgetRow('flag', bias.macro, bias.value, bias.bit, bias.bit, bias.path, bias.line) for bias in flags]
    rows.append(BudgetRow('overflow alarm', 'sign bit', 1 << sign, sign, sign, path, member.line))
    if counting is None:
        return (
            BudgetState(tuple(rows), top, (1 << top) - 1, None)
            if unit == 'pins'
            else BudgetState(tuple(rows), None, None, (1 << top) - 1)
        )
    return BudgetState(tuple(rows), top - low, ((1 << top) - 2) >> low, (1 << low) - 1)


def compared(before: Kernel, after: Kernel, counter: str, patch: int | None) -> BitBudget | None:
    """Return the two accounts of a counter with one sentence of consequence; None when both are the same."""
    old, new = account(before, counter), account(after, counter)
    if old is None or new is None or _bits(old) == _bits(new):
        return None
    consequence = _consequence(old, new, after, counter, patch)
    return BitBudget(counter, _filled(old, before, counter), _filled(new, after, counter), patch, consequence)


def _filled(state: BudgetState, kernel: Kernel, counter: str) -> BudgetState:
    return replace(state, fillers=filling(kernel, counter)[:_MAX_FILLERS])


def filling(kernel: Kernel, counter: str) -> tuple[BudgetFiller, ...]:
    """Return the constants that the tree adds to a counter at once, the largest first; biases are counted, not filled in."""
    return fillers(kernel, counter, tuple(bias.macro for bias in biases(kernel, counter)))


def changes(before: Kernel, after: Kernel, counter: str) -> bool:
    """Tell whether the account differs in more than the lines its macros stand on."""
    old, new = account(before, counter), account(after, counter)
    return old is not None and new is not None and _bits(old) != _bits(new)


def _bits(state: BudgetState) -> list[tuple[str, str, int, int, int]]:
    return [(row.owner, row.macro, row.value, row.low, row.high) for row in state.rows]


def spaced(number: int | None) -> str:
    """Write a number with its thousands apart."""
    return 'any number of' if number is None else f'{number:,}'.replace(',', ' ')


def bits_of(row: BudgetRow) -> str:
    return f'bit {row.low}' if row.low == row.high else f'bits {row.low} to {row.high}'


def _consequence(old: BudgetState, new: BudgetState, kernel: Kernel, counter: str, patch: int | None) -> str:
    known = {row.macro for row in old.rows}
    taken = [row for row in new.rows if row.owner == 'flag' and row.macro not in known]
    given = [row for row in old.rows if row.owner == 'flag' and row.macro not in {row.macro for row in new.rows}]
    who = f'Patch {patch}' if patch is not None else 'The series'
    parts = [f'gives bit {row.low} of {counter} to {row.macro}' for row in taken]
    parts += [f'takes bit {row.low} of {counter} back from {row.macro}' for row in given]
    parts += _moved_bias(old, new, counter)
    does = ' and '.join(parts) or f'changes who owns the bits of {counter}'
    sentence = f'{who} {does}: {_limits(old, new)}'
    return (
        f'{sentence}; {_next_pin(new, taken[0], kernel, counter)}'
        if taken and new.max_pins is not None
        else f'{sentence}.'
    )


def _moved_bias(old: BudgetState, new: BudgetState, counter: str) -> list[str]:
    pairs = [(row, other) for row in old.rows for other in new.rows if row.owner == other.owner == 'pins' and row.macro]
    return [
        f'moves the pins of {counter} from bit {one.low} to bit {two.low}' for one, two in pairs if one.low != two.low
    ]


def _limits(old: BudgetState, new: BudgetState) -> str:
    if (old.pin_bits is None) != (new.pin_bits is None):
        return 'no bits for pins are found any more' if new.pin_bits is None else 'bits for pins are found now'
    parts = []
    if old.pin_bits != new.pin_bits:
        parts.append(f'the pin count has {new.pin_bits} bits instead of {old.pin_bits}')
    if old.max_pins != new.max_pins:
        parts.append(f'at most {spaced(new.max_pins)} pins instead of {spaced(old.max_pins)}')
    if old.max_plain != new.max_plain:
        parts.append(f'{spaced(new.max_plain)} plain references below a pin instead of {spaced(old.max_plain)}')
    return ', '.join(parts) or 'the limits stay as they were'


def _next_pin(new: BudgetState, row: BudgetRow, kernel: Kernel, counter: str) -> str:
    """Say what the first pin too many does: it sets the flag bit, and who tests it cannot tell the difference."""
    bias = next(bias for bias in biases(kernel, counter) if bias.macro == row.macro)
    path, function, compare = bias.tests[0]
    return (
        f'one pin more carries into bit {row.low}, and {function}() ({path}:{compare.line}), '
        f'which asks `{compare.text}`, then says yes though nobody took {row.macro}.'
    )
