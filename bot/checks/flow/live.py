# SPDX-License-Identifier: GPL-2.0-or-later
"""Which names a function can still read after each of its steps.

Promises never to leave out a name that is read. Refuses memory: fields are live when any step reads them.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.checks.c.graph import END, Graph, Step, Term

_COPIES_DEEP = 3


def live_names(graph: Graph, deciding: bool = False) -> list[frozenset[str]]:
    """Return for each step the names that it or a later one may read; with `deciding` those a later test depends on."""
    before: list[frozenset[str]] = [frozenset()] * len(graph.steps)
    above = predecessors(graph)
    reads = [frozenset(_reads(one)) for one in graph.steps]
    waiting = list(range(len(graph.steps)))
    queued = set(waiting)
    while waiting:
        nth = waiting.pop()
        queued.discard(nth)
        step = graph.steps[nth]
        after = frozenset().union(*(before[one] for one in step.next if one != END))
        kept = after
        if step.target is not None and step.target.op == 'n':
            after -= {step.target.text}
        target = step.target.text if step.target is not None and step.target.op == 'n' else ''
        needed = (
            not deciding or step.kind in ('test', 'return') or (step.kind == 'set' and (not target or target in kept))
        )
        names = after | reads[nth] if needed else after
        if names != before[nth]:
            before[nth] = names
            fresh = [one for one in above[nth] if one not in queued]
            waiting += fresh
            queued.update(fresh)
    return before


def returned_names(graph: Graph) -> frozenset[str]:
    """Return the names that the result of a function may be read from."""
    found = {name for step in graph.steps if step.kind == 'return' for name in _reads(step)}
    copies = [(one.target.text, one.terms[0]) for one in graph.steps if one.kind == 'set' and one.target is not None]
    for _ in range(_COPIES_DEEP):
        found |= {term.text for target, term in copies if target in found and term.op == 'n'}
    return frozenset(found)


def predecessors(graph: Graph) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in graph.steps]
    for nth, step in enumerate(graph.steps):
        for one in step.next:
            if one != END:
                found[one].append(nth)
    return found


def reaching(graph: Graph, wanted: set[int]) -> frozenset[int]:
    """Return the steps from which one of the wanted can be reached, those themselves included."""
    above, found, waiting = predecessors(graph), set(wanted), list(wanted)
    while waiting:
        fresh = [one for one in above[waiting.pop()] if one not in found]
        found.update(fresh)
        waiting += fresh
    return frozenset(found)


def fields_read(graph: Graph) -> frozenset[str]:
    """Return the fields that any step reads."""
    terms = [term for step in graph.steps for term in step.terms]
    terms += [part for step in graph.steps if step.target is not None for part in step.target.parts]
    return frozenset(
        one.text if one.op == '.' else '*' for term in terms for one in term.inside() if one.op in ('.', '*')
    )


def _reads(step: Step) -> Iterator[str]:
    terms: list[Term] = list(step.terms)
    if step.target is not None and step.target.op != 'n':
        terms.append(step.target)
    for term in terms:
        yield from (one.text for one in term.inside() if one.op == 'n')
