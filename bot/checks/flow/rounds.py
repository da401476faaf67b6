# SPDX-License-Identifier: GPL-2.0-or-later
"""Loops that take one range of user memory after the other into one array.

Promises to speak only of a loop whose place in the array goes on by what was got and whose ranges go on without it:
after a short result the pages of the next range stand where those of this one are missing. Refuses nested loops.
"""

from __future__ import annotations

from bot.checks.c.graph import Graph, Term


def goes_on_without(graph: Graph, take: int, pages: int | None, start: int | None) -> bool:
    """Tell whether a loop goes on to its next range whatever the result was; `pages` and `start` are positions."""
    call = graph.steps[take]
    spans = [one.loop for one in graph.steps if one.loop[0] <= take < one.loop[1]]
    if pages is None or start is None or max(pages, start) >= len(call.terms) or len(set(spans)) != 1:
        return False
    first, last = spans[0]
    result = results(graph, take)
    body = [one for one in graph.steps[first:last] if one.kind == 'set' and one.target is not None]
    summed = {_text(one.target) for one in body if one.terms[0].op == '+' and _has(one.terms[0], result)}
    follows = _closure(graph, call.terms[start])
    ranges = {_text(one.target) for one in body} - summed
    return bool(_names(call.terms[pages]) & summed) and not follows & summed and bool(follows & ranges)


def results(graph: Graph, take: int) -> set[Term]:
    """Return the names that the result of a call is kept in."""
    target = graph.steps[take].target
    copies = [one for one in graph.steps if one.kind == 'set' and one.terms[0] == target]
    return {one for one in (target, *(copy.target for copy in copies)) if one is not None and one.op == 'n'}


def only_against_zero(graph: Graph, take: int, others: bool) -> bool:
    """Tell whether a result is compared with zero at most; with `others`, whatever else is done with it."""
    names = results(graph, take)
    for nth, step in enumerate(graph.steps):
        if nth == take or not any(_has(term, names) for term in step.terms) or step.kind == 'return':
            continue
        if step.kind != 'test':
            if others or (step.kind == 'set' and step.target in names):
                continue
            return False
        compared = [part for term in step.terms for part in term.inside() if len(part.parts) > 1]
        if any(_has(part, names) and Term('k', '0') not in part.parts for part in compared):
            return False
    return True


def _closure(graph: Graph, term: Term) -> set[str]:
    """Return the names a term stands on, those included that its names were given."""
    found, waiting = set[str](), list(_names(term))
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += [
            one
            for step in graph.steps
            if step.kind == 'set' and step.target is not None and _text(step.target) == name
            for one in _names(step.terms[0])
        ]
    return found


def _names(term: Term) -> set[str]:
    return {_text(part) for part in term.inside()} - {''}


def _has(term: Term, names: set[Term]) -> bool:
    return any(part in names for part in term.inside())


def _text(term: Term | None) -> str:
    """Return what a place is called, a field by a point and its name; '' when it is neither a variable nor a field."""
    if term is None or term.op not in ('n', '.'):
        return ''
    return term.text if term.op == 'n' else f'.{term.text}'
