# SPDX-License-Identifier: GPL-2.0-or-later
"""Values of flags at a call: what is surely set, what may be set, and what nobody can know here.

Promises soundness: a bit outside `may` and not unknown is never set, a bit in `must` always is; every unknown bit has
its reason. Refuses to look beyond the function: a parameter stays a parameter (callers are the seam `bind` is for).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

from bot.checks.c.cexpr import Folded
from bot.checks.c.facts import Call, Expr, Function

ALL = 0xFFFF_FFFF
"""GUP and fault flags are `unsigned int` in every kernel that is known."""

_MAX_CASES = 64
_NAME = re.compile(r'\b[A-Za-z_]\w*')
_PLAIN = re.compile(r'[A-Za-z_]\w*\Z')

Fold = Callable[[str], Folded]


@dataclass(frozen=True, slots=True)
class Case:
    """One path's value: bits surely set, bits that either way are possible, bits about which nothing is known."""

    ones: int
    maybe: int = 0
    wild: int = 0


@dataclass(frozen=True, slots=True)
class Flags:
    """All paths' values; `names` are the constants that stand in it, `unknown` the leaves that hide bits."""

    cases: tuple[Case, ...]
    names: frozenset[str]
    unknown: tuple[Expr, ...]

    @property
    def must(self) -> int:
        return reduce(lambda a, b: a & b, (case.ones for case in self.cases), ALL)

    @property
    def may(self) -> int:
        return reduce(lambda a, b: a | b, (case.ones | case.maybe for case in self.cases), 0)

    @property
    def exact(self) -> bool:
        return not any(case.wild for case in self.cases)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Say why bits are unknown, one phrase for each source."""
        return tuple(sorted({_REASON.get(leaf.kind, '{}').format(leaf.text) for leaf in self.unknown}))


_REASON = {
    'parameter': 'parameter {}: the callers decide',
    'field': 'field {}: set elsewhere',
    'call': 'result of {}()',
    'variable': 'variable {} is not followed',
    'constant': '{}',
}


def evaluate(expr: Expr, fold: Fold) -> Flags:
    """Evaluate a symbolic value with the constants of a commit."""
    unknown: dict[Expr, None] = {}
    cases = _cases(expr, fold, unknown)
    names = frozenset(name for leaf in leaves(expr) if leaf.kind == 'const' for name in _NAME.findall(leaf.text))
    hides = tuple(unknown) if any(case.wild for case in cases) else ()
    return Flags(tuple(dict.fromkeys(cases)), names, hides)


def leaves(expr: Expr) -> Iterator[Expr]:
    """Yield the parts that are no operator, left to right."""
    waiting = [expr]
    while waiting:
        at = waiting.pop()
        if at.parts:
            waiting.extend(reversed(at.parts))
        else:
            yield at


def bind(expr: Expr, given: Mapping[int, Expr]) -> Expr:
    """Return the value with parameters replaced by what a caller gives for them, by position."""
    if expr.kind == 'parameter' and expr.index in given:
        return given[expr.index]
    if not expr.parts:
        return expr
    return Expr(expr.kind, expr.text, tuple(bind(part, given) for part in expr.parts), expr.index)


def argument(function: Function, call: Call, position: int) -> Expr:
    """Return the symbolic value of an argument; what no statement changes is read off its text."""
    if position in call.values:
        return call.values[position]
    text = call.args[position] if position < len(call.args) else ''
    for nth, param in enumerate(function.params):
        if param.name == text:
            if param.type == 'bool':
                return Expr('truth', text)
            return Expr('parameter', text, index=nth)
    if '->' in text or '.' in text:
        return Expr('field', text)
    if _PLAIN.match(text) and text != text.upper():
        return Expr('variable', text)
    return Expr('const', text) if text else Expr('complex', 'there is no such argument')


def _cases(expr: Expr, fold: Fold, unknown: dict[Expr, None]) -> list[Case]:
    if not expr.parts:
        return _leaf_cases(expr, fold, unknown)
    parts = [_cases(part, fold, unknown) for part in expr.parts]
    if expr.kind == 'join':
        return _few([case for part in parts for case in part])
    if expr.kind == '~':
        return [_inverted(case) for case in parts[0]]
    operate = _OPERATE[expr.kind]
    return reduce(lambda left, right: _few([operate(a, b) for a in left for b in right]), parts)


def _leaf_cases(expr: Expr, fold: Fold, unknown: dict[Expr, None]) -> list[Case]:
    if expr.kind == 'truth':
        return [Case(0), Case(1)]
    if expr.kind == 'const':
        folded = fold(expr.text)
        if folded.value is not None:
            return [Case(folded.value & ALL)]
        expr = Expr('constant', f'{expr.text}: {folded.reason}')
    unknown[expr] = None
    return [Case(0, 0, ALL)]


def _few(cases: list[Case]) -> list[Case]:
    """Keep paths apart while they are few; else one case that covers them all."""
    cases = list(dict.fromkeys(cases))
    if len(cases) <= _MAX_CASES:
        return cases
    ones = reduce(lambda a, b: a & b, (case.ones for case in cases))
    maybe = reduce(lambda a, b: a | b, (case.ones | case.maybe for case in cases)) & ~ones
    wild = reduce(lambda a, b: a | b, (case.wild for case in cases)) & ~ones & ~maybe
    return [Case(ones, maybe, wild)]


def _or(a: Case, b: Case) -> Case:
    ones = a.ones | b.ones
    maybe = (a.maybe | b.maybe) & ~ones
    return Case(ones, maybe, (a.wild | b.wild) & ~ones & ~maybe)


def _and(a: Case, b: Case) -> Case:
    ones = a.ones & b.ones
    possible = (a.ones | a.maybe | a.wild) & (b.ones | b.maybe | b.wild) & ~ones
    wild = possible & (a.wild | b.wild)
    return Case(ones, possible & ~wild, wild)


def _xor(a: Case, b: Case) -> Case:
    unsure = a.maybe | b.maybe | a.wild | b.wild
    wild = a.wild | b.wild
    return Case((a.ones ^ b.ones) & ~unsure, unsure & ~wild, wild)


def _inverted(case: Case) -> Case:
    return Case(ALL & ~(case.ones | case.maybe | case.wild), case.maybe, case.wild)


_OPERATE: dict[str, Callable[[Case, Case], Case]] = {'|': _or, '&': _and, '^': _xor}
