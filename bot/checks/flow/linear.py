# SPDX-License-Identifier: GPL-2.0-or-later
"""C expressions as linear forms: sums of products with whole coefficients, `refs*BIAS - refs` and the like.

Promises that two forms are equal when the expressions are equal as polynomials over the same names. Refuses division,
shifts and bit operations: such a part is one opaque name of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.checks.c.graph import Graph, Term
from bot.checks.flow.values import constant

Product = tuple[str, ...]
Form = dict[Product, int]
"""Coefficients by the sorted names that are multiplied; `()` is the number."""

_MAX_PRODUCTS = 64
_MAX_DEPTH = 30


def form(term: Term, names: Mapping[str, Form], depth: int = 0) -> Form:
    """Return the form of a term where some names stand for forms."""
    if depth > _MAX_DEPTH:
        return {('?',): 1}
    if term.op == 'n':
        return dict(names.get(term.text, {(term.text,): 1}))
    if term.op == 'k':
        return _constant(term.text)
    if term.op == '-' and len(term.parts) == 1:
        return scaled(form(term.parts[0], names, depth + 1), -1)
    if term.op in ('+', '-', '*') and len(term.parts) == 2:
        one, other = (form(part, names, depth + 1) for part in term.parts)
        return product(one, other) if term.op == '*' else added(one, other if term.op == '+' else scaled(other, -1))
    return {(opaque(term),): 1}


def _constant(text: str) -> Form:
    value = constant(text)[1]
    if isinstance(value, int):
        return {(): value} if value else {}
    return {(text,): 1}


def added(one: Form, other: Form) -> Form:
    total = dict(one)
    for key, value in other.items():
        total[key] = total.get(key, 0) + value
    return {key: value for key, value in total.items() if value}


def scaled(one: Form, by: int) -> Form:
    return {key: value * by for key, value in one.items()} if by else {}


def product(one: Form, other: Form) -> Form:
    found: Form = {}
    if len(one) * len(other) > _MAX_PRODUCTS:
        return {('?',): 1}
    for key, value in one.items():
        for with_, times in other.items():
            both = tuple(sorted((*key, *with_)))
            found[both] = found.get(both, 0) + value * times
    return {key: value for key, value in found.items() if value}


def opaque(term: Term) -> str:
    """Return text for a part that is no sum or product."""
    inner = ', '.join(shown(form(part, {})) if part.op in '+-*' else opaque(part) for part in term.parts)
    if term.op == '.':
        return f'{inner}->{term.text}'
    return term.text if not term.parts else f'{term.text or term.op}({inner})'


def shown(one: Form) -> str:
    """Return a form as C would write it, the number last."""
    if not one:
        return '0'
    pieces = []
    for key, value in sorted(one.items(), key=lambda item: (item[0] == (), item[0])):
        text = ' * '.join(key) if key else str(abs(value))
        text = f'{abs(value)} * {text}' if key and abs(value) != 1 else text
        pieces.append(f'{"-" if value < 0 else "+"} {text}')
    return ' '.join(pieces).removeprefix('+ ')


def assigned_once(graph: Graph) -> dict[str, Term]:
    """Return the terms of names that get one value in the whole function."""
    seen: dict[str, Term | None] = {}
    for step in graph.steps:
        if step.target is not None and step.target.op == 'n':
            name = step.target.text
            seen[name] = step.terms[0] if step.kind == 'set' and name not in seen else None
    return {name: term for name, term in seen.items() if term is not None}
