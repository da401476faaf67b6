# SPDX-License-Identifier: GPL-2.0-or-later
"""Shapes in the steps of a function: an order, a sum, a choice that is wrong whatever the values are.

Promises one match for each place. Refuses to find any itself; see `shapes.py` and the modules it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.checks.c.file import File
from bot.checks.kinds import Match, looks_at, told
from bot.checks.kinds.call import flags_are
from bot.checks.rulebook.rules import ShapeRule, ShapeWhere
from bot.checks.sights.shapes import Shape
from bot.checks.tree.kernel import Kernel
from bot.checks.tree.words import matches
from bot.model import Evidence

_REASONS = {
    'count-wraps': 'the sum can wrap before it is rounded',
    'count-cut': 'it has 64 bits and the variable does not',
    'count-cut-by-call': 'it has 64 bits and the parameter does not',
    'offset-left-out': 'the address need not begin a page, and its offset is left out',
    'reserved-skipped': 'the zero page is reserved, and this tree counts its pins, so it is left pinned',
    'maybe-chooses': 'decides whether the page is unpinned or put',
    'maybe-asserted': 'is taken for "no pin"',
    'checked-late': 'the range is checked after its pages were taken',
}
_COUNTED = 'this tree counts pins of the zero page, so it is left pinned'
_NOT_COUNTED = 'this tree counts no pins of the zero page, so asking for it does nothing'


def find(rule: ShapeRule, kernel: Kernel, path: str, file: File, found: Sequence[Shape]) -> Iterator[Match]:
    """Yield the shapes of a file for which one of the rule's alternatives holds."""
    seen = set()
    for one in found if looks_at(rule.paths, path) else ():
        if (one.what, one.line) in seen or not any(_holds(where, one, kernel, path, file) for where in rule.where):
            continue
        seen.add((one.what, one.line))
        given, _, kind = one.given.partition('|')
        message = told(
            rule,
            function=one.function,
            call=one.call,
            given=given or one.text,
            type=kind,
            reason=_reason(one.what, kernel),
            text=one.text.rstrip(';'),
        )
        evidence = tuple(Evidence(path, line, words) for line, words in one.notes)
        yield Match(rule, path, one.line, one.line, one.function, f'{one.text} {given}', message, evidence)


def _reason(what: str, kernel: Kernel) -> str:
    if what in ('zero-skipped', 'zero-only'):
        return _COUNTED if kernel.zero_pins else _NOT_COUNTED
    return _REASONS.get(what, '')


def _holds(where: ShapeWhere, one: Shape, kernel: Kernel, path: str, file: File) -> bool:
    return (
        where.shape == one.what
        and (not where.handlers or one.given in where.handlers)
        and (not where.calls or matches(one.call, where.calls))
        and (where.zero_pins is None or where.zero_pins == kernel.zero_pins)
        and (where.flags is None or _flags(where, one, kernel, path, file))
    )


def _flags(where: ShapeWhere, one: Shape, kernel: Kernel, path: str, file: File) -> bool:
    """Tell whether the call the shape is about passes such flags; its line is that of the first note."""
    assert where.flags is not None
    function, lines = file.functions[one.function], {line for line, _ in one.notes[:1]}
    calls = [call for call in function.calls if call.callee == one.call and call.line in lines]
    return any(flags_are(where.flags, kernel, path, function, call) for call in calls)
