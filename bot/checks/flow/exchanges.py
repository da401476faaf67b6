# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare-and-exchange on a counter in which something was checked: what was checked and what is stored.

Promises to compare the two as linear forms, so that a value computed twice is the same. Refuses loops in which nothing
was computed from the old value and checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.checks.c.facts import Fact
from bot.checks.c.graph import Graph, Step, Term
from bot.checks.flow.linear import Form, assigned_once, form, shown

_EXCHANGE = re.compile(r'(?:raw_|arch_)*(?:atomic(?:64|_long)?_)?(?:try_)?cmpxchg\w*')
_CHECKED = re.compile(r'check_(add|sub|mul)_overflow')
_SIGNS = {'add': '+', 'sub': '-', 'mul': '*'}


class Exchange(Fact, frozen=True):
    """An exchange that stores another value than the one checked before it."""

    function: str
    counter: str
    line: int
    text: str
    stored: str
    checked: str
    check_line: int
    check_text: str


@dataclass(frozen=True, slots=True)
class _Check:
    """A value that was computed and looked at: its name, its form, and where."""

    name: str
    form: Form
    line: int
    text: str


def exchanges(name: str, graph: Graph) -> Iterator[Exchange]:
    """Yield the exchanges of a function that store what was not checked."""
    for step in graph.steps:
        field = _counter(step)
        if field:
            yield from _exchange(name, graph, step, field)


def _counter(step: Step) -> str:
    """Return the field that a step exchanges, '' for any other step."""
    if step.kind != 'call' or len(step.terms) < 3 or not _EXCHANGE.fullmatch(step.callee):
        return ''
    place = step.terms[0].parts[0] if step.terms[0].op == '&' else step.terms[0]
    return place.text if place.op == '.' else ''


def _exchange(name: str, graph: Graph, step: Step, field: str) -> Iterator[Exchange]:
    old = step.terms[1].parts[0] if step.terms[1].op == '&' else step.terms[1]
    names = {name: form(term, {}) for name, term in assigned_once(graph).items()}
    stored = _resolved(step.terms[2], names, old)
    checks = [one for one in _checks(graph) if any(old.text in key for key in one.form)]
    if old.op != 'n' or not checks or step.terms[2].text in {one.name for one in checks}:
        return
    if any(one.form == stored for one in checks):
        return
    check = checks[-1]
    yield Exchange(name, field, step.line, step.text, shown(stored), shown(check.form), check.line, check.text)


def _resolved(term: Term, names: dict[str, Form], old: Term) -> Form:
    return form(term, {name: one for name, one in names.items() if name != old.text and (name,) not in one})


def _checks(graph: Graph) -> Iterator[_Check]:
    """Yield values that are computed and then looked at: by an overflow check, or by a test."""
    tested = {
        one.text for step in graph.steps if step.kind == 'test' for one in step.terms[0].inside() if one.op == 'n'
    }
    for step in graph.steps:
        found = _CHECKED.fullmatch(step.callee) if step.kind == 'call' else None
        if found is not None and len(step.terms) == 3 and step.terms[2].op == '&':
            value = form(Term(_SIGNS[found[1]], parts=step.terms[:2]), {})
            yield _Check(step.terms[2].parts[0].text, value, step.line, step.text)
        target = step.target
        if step.kind == 'set' and target is not None and target.op == 'n' and target.text in tested:
            value = form(step.terms[0], {})
            if len(value) > 1:
                yield _Check(target.text, value, step.line, f'{target.text} = {shown(value)}')
