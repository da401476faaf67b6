# SPDX-License-Identifier: GPL-2.0-or-later
"""Results of calls: whether anybody looks at them, and whether they are read by the convention of their function.

Promises to follow a result through names and fields until it is overwritten. Refuses results that are handed on: whoever
gets them may look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bot.checks.c.graph import END, Graph, Step, Term
from bot.checks.flow.events import Event
from bot.checks.flow.roots import Named

_MAX_PLACES = 4000


def result_events(one: Named, graphs: Mapping[str, Graph], tested: Mapping[str, frozenset[str]]) -> Iterator[Event]:
    """Yield the calls whose results are unchecked or misjudged; `tested` are fields, by the function that tests them."""
    elsewhere = frozenset(field for name, fields in tested.items() if name != one.name for field in fields)
    for nth, step in enumerate(one.graph.steps):
        convention = _convention(one, step, graphs) if step.kind == 'call' else ''
        if not convention:
            continue
        tests, handed, fields = _looks(one.graph, nth)
        later = elsewhere | _tested_after(one.graph, nth)
        kept = fields & later - {term.text for term, _ in tests if term.op == '.'}
        if 'used' in handed or kept or ('returned' in handed and not tests):
            continue
        if convention in ('ERR_PTR', 'NULL'):
            if tests and all(_wrong_pointer(convention, how) for _, how in tests):
                yield one.event('misjudged', step, fact=convention)
        elif not tests:
            yield one.event('unchecked', step, fact=convention)
        elif all(_wrong(convention, how) for _, how in tests):
            yield one.event('misjudged', step, fact=convention)


def _tested_after(graph: Graph, call: int) -> frozenset[str]:
    """Return the fields that a test reads which can follow a call; what was asked before says nothing of its result."""
    seen, waiting = set[int](), [call]
    while waiting:
        fresh = [one for one in graph.steps[waiting.pop()].next if one != END and one not in seen]
        seen.update(fresh)
        waiting += fresh
    return fields_tested(graph.steps[nth] for nth in seen)


def fields_tested(steps: Iterable[Step]) -> frozenset[str]:
    """Return the fields that the tests among some steps read."""
    terms = [term for step in steps if step.kind == 'test' for term in step.terms]
    return frozenset(part.text for term in terms for part in term.inside() if part.op == '.')


def _convention(one: Named, step: Step, graphs: Mapping[str, Graph]) -> str:
    named = one.words.convention(step.callee)
    if named:
        return named
    made = graphs.get(step.callee)
    return _pointers(made) if made is not None and '*' in made.returns and _takes(one, made) else ''


def _takes(one: Named, graph: Graph) -> bool:
    return any(step.kind == 'call' and one.words.meaning(step.callee).role == 'take' for step in graph.steps)


def _pointers(graph: Graph) -> str:
    """Return how a function that returns a pointer says that it failed, '' when it does so in two ways or in none."""
    given = {step.target.text: step.terms[0] for step in graph.steps if step.kind == 'set' and step.target is not None}
    returned = [
        given.get(step.terms[0].text, step.terms[0]) for step in graph.steps if step.kind == 'return' and step.terms
    ]
    errors = any(term.op == 'f' and term.text in ('ERR_PTR', 'ERR_CAST') for term in returned)
    nothing = any(term == Term('k', '0') for term in returned)
    return '' if errors == nothing else 'ERR_PTR' if errors else 'NULL'


def _looks(graph: Graph, call: int) -> tuple[list[tuple[Term, str]], set[str], frozenset[str]]:
    """Return how a result is tested, whether it is returned or used otherwise, and the fields it is kept in."""
    target = graph.steps[call].target
    assert target is not None
    tests, handed, fields = list[tuple[Term, str]](), set[str](), set[str]()
    waiting = [(nth, frozenset({target})) for nth in graph.steps[call].next if nth != END]
    seen = set(waiting)
    while waiting and len(seen) < _MAX_PLACES:
        nth, names = waiting.pop()
        step = graph.steps[nth]
        mentioned = [term for term in step.terms if any(part in names for part in term.inside())]
        if step.kind == 'test' and mentioned:
            tests.append((mentioned[0], _how(step.terms[0], names)))
        elif step.kind == 'return' and mentioned:
            handed |= {'returned'} if any(not _is_error(term) for term in mentioned) else set()
        elif step.kind == 'call' and mentioned:
            handed |= {'used'} if step.callee == 'PTR_ERR_OR_ZERO' or 'mapping_error' in step.callee else set()
        after = names
        if step.target is not None and nth != call:
            carried = step.kind == 'set' and any(term in names for term in step.terms)
            counted = any(part in names for term in step.terms for part in _outside_index(term))
            mixed = step.kind == 'set' and counted and not carried and step.target not in names
            after = names | {step.target} if carried else names - {step.target}
            handed |= {'used'} if mixed and not all(map(_is_error, step.terms)) else set()
            fields.update([step.target.text] if carried and step.target.op == '.' else [])
        for following in step.next:
            if following != END and after and (following, after) not in seen:
                seen.add((following, after))
                waiting.append((following, after))
    return tests, handed, frozenset(fields)


def _outside_index(term: Term) -> Iterator[Term]:
    """Yield the parts of a term but those that only say which element of an array is meant."""
    yield term
    for nth, part in enumerate(term.parts):
        if term.op != '[' or nth == 0:
            yield from _outside_index(part)


def _is_error(term: Term) -> bool:
    return term.op == 'f' and term.text.startswith('PTR_ERR')


def _how(term: Term, names: frozenset[Term]) -> str:
    """Return a test as operator and what is compared with, `IS_ERR` and the like, or `truth`."""
    if term.op == 'f':
        return term.text
    if term.op == '!':
        return _how(term.parts[0], names)
    if len(term.parts) == 2:
        other = term.parts[1] if term.parts[0] in names else term.parts[0]
        return f'{term.op}{other.text if other.op == "k" else "x"}'
    return 'truth'


def _wrong(convention: str, how: str) -> bool:
    if convention == 'zero-fails':
        return how in ('<0', '>=0') or how.startswith('IS_ERR')
    if convention == 'errno':
        return how in ('<=0', '>0')
    return how in ('truth', '==0', '!=0', '<0')


def _wrong_pointer(convention: str, how: str) -> bool:
    if convention == 'ERR_PTR':
        return how in ('truth', '==0', '!=0')
    return how in ('IS_ERR', 'PTR_ERR')
