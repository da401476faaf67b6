# SPDX-License-Identifier: GPL-2.0-or-later
"""What the functions of one file do with the pages and memory their callers hand them.

Promises to go through helpers of the same file, bottom up. Refuses paths: what a function does on some path it is taken
to do, so that a caller that relies on it is not accused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.checks.c.graph import END, Graph, Step, Term
from bot.checks.tree.words import Words

_ROUNDS = 4
Place = tuple[int, str]
"""A parameter and a field of it, '' for the parameter itself."""


@dataclass(frozen=True, slots=True)
class Habit:
    """`gives` are places whose pages are given back, with the resource's name; `frees` and `keeps` are parameters.

    The field `?` is something that was reached from the parameter by calls or list macros, `?.name` a field of that.
    `asked` are gives that happen only where a parameter is a constant: the give, the parameter and the constant.
    `tells` are those of `keeps` of which a page's number alone is written down.
    `counts` are gives with the place that says how many: as an argument, or as the bound of the loop around.
    """

    gives: frozenset[tuple[int, str, str]] = frozenset()
    frees: frozenset[int] = frozenset()
    keeps: frozenset[int] = frozenset()
    counts: frozenset[tuple[int, str, str, int, str]] = frozenset()
    asked: frozenset[tuple[int, str, str, int, Term]] = frozenset()
    tells: frozenset[int] = frozenset()

    def given(self, terms: Sequence[Term]) -> list[tuple[int, str, str]]:
        """Return what a call with some arguments gives back: nothing that is given back for other constants alone."""
        otherwise = {
            (at, field, name)
            for at, field, name, asks, wanted in self.asked
            if asks < len(terms) and _is_constant(terms[asks]) and terms[asks] != wanted
        }
        return sorted(self.gives - otherwise)


def habits_of(
    graphs: Mapping[str, Graph], words: Words, outside: Mapping[str, Habit] | None = None
) -> dict[str, Habit]:
    """Return the habits of all functions with a graph, and those known of functions elsewhere."""
    aliases = {name: _aliases(graph, words) for name, graph in graphs.items()}
    known = {**(outside or {}), **{name: Habit() for name in graphs}}
    for _ in range(_ROUNDS):
        fresh = {name: _habit(graph, aliases[name], words, known) for name, graph in graphs.items()}
        if all(known[name] == one for name, one in fresh.items()):
            break
        known |= fresh
    return known


def _aliases(graph: Graph, words: Words) -> dict[str, Place]:
    """Return which names stand for a parameter, or a field of one, at some time; a page's number stands for the page."""
    found: dict[str, Place] = {name: (nth, '') for nth, name in enumerate(graph.params) if name}
    for _ in range(3):
        for step in graph.steps:
            target = step.target
            if target is None or target.op != 'n' or target.text in found or not step.terms:
                continue
            if step.kind == 'set' or (step.kind == 'call' and words.meaning(step.callee).role == 'address'):
                place = _place(step.terms[0], found)
            else:
                place = None
            place = place or _reached(step, found, graph, words)
            if place is not None:
                found[target.text] = place
    return found


def _reached(step: Step, found: Mapping[str, Place], graph: Graph, words: Words) -> Place | None:
    """Return the object in which a list macro, or a function that is given it, found something."""
    if step.kind == 'call':
        inner = step.terms[:1] if words.meaning(step.callee).role in ('', 'borrow') else ()
    else:
        inner = step.terms[0].parts if step.terms[0].op == 'each' else ()
    places = [place for place in (_place(term, found) for term in inner) if place is not None]
    pointers = (place[0] for place in places if '*' in graph.types.get(graph.params[place[0]], ''))
    return next(((nth, '?') for nth in pointers), None)


def _place(term: Term, aliases: Mapping[str, Place]) -> Place | None:
    fields = []
    while term.op != 'n':
        if term.op == '.':
            fields.append(term.text)
        elif not (term.op in ('[', '*', '&', '+', '-') or (term.op == 'f' and term.text in _THROUGH)):
            return None
        if not term.parts:
            return None
        term = term.parts[0]
    known = aliases.get(term.text)
    if known is None:
        return None
    if len(fields) + bool(known[1]) > 1:
        return known[0], f'?.{fields[0]}'
    return known[0], known[1] or (fields[0] if fields else '')


_THROUGH = frozenset({'page_folio', 'compound_head', 'folio_page', 'nth_page'})


def _habit(graph: Graph, aliases: Mapping[str, Place], words: Words, known: Mapping[str, Habit]) -> Habit:
    gives, frees, keeps, whole = set[tuple[int, str, str]](), set[int](), set[int](), set[int]()
    numbers = _numbers(graph, words)
    for step in graph.steps:
        told = step.kind == 'set' and not numbers.isdisjoint(
            one.text for one in step.terms[0].inside() if one.op == 'n'
        )
        for place, what in _effects(step, aliases, words, known):
            if what == 'free':
                frees.update([place[0]] if not place[1] else [])
            elif what == 'keep' and not place[1]:
                keeps.add(place[0])
                whole.update([place[0]] if not told else [])
            elif what != 'keep':
                gives.add((*place, what))
    asked = frozenset(_asked(graph, aliases, words))
    counts = frozenset(_counts(graph, aliases, words))
    return Habit(frozenset(gives), frozenset(frees), frozenset(keeps), counts, asked, frozenset(keeps - whole))


def _asked(graph: Graph, aliases: Mapping[str, Place], words: Words) -> Iterator[tuple[int, str, str, int, Term]]:
    """Yield what is given back nowhere but where a test said that a parameter is a constant."""
    gives: dict[tuple[int, str, str], set[int]] = {}
    for nth, step in enumerate(graph.steps):
        for place, what in _effects(step, aliases, words, {}) if step.kind == 'call' else ():
            if words.meaning(step.callee).role == 'give':
                gives.setdefault((*place, what), set()).add(nth)
    for nth, test in enumerate(graph.steps) if gives else ():
        equal = test.terms[0] if test.kind == 'test' else Term('?')
        if equal.op != '==' or equal.parts[0].text not in graph.params or not _is_constant(equal.parts[1]):
            continue
        otherwise = _reached_without(graph, (nth, test.next[0]))
        for given, steps in gives.items():
            if not steps & otherwise:
                yield *given, graph.params.index(equal.parts[0].text), equal.parts[1]


def _is_constant(term: Term) -> bool:
    return term.op == 'k' or (term.op == 'n' and term.text.isupper())


def _reached_without(graph: Graph, edge: tuple[int, int]) -> set[int]:
    """Return the steps that some path reaches without going over an edge."""
    found, waiting = set[int](), [0] if graph.steps else []
    while waiting:
        nth = waiting.pop()
        if nth == END or nth in found:
            continue
        found.add(nth)
        waiting += [one for one in graph.steps[nth].next if (nth, one) != edge]
    return found


def _numbers(graph: Graph, words: Words) -> set[str]:
    """Return the names that hold nothing but the number of a page."""
    made = {
        one.target.text
        for one in graph.steps
        if one.kind == 'call' and one.target is not None and words.meaning(one.callee).role == 'address'
    }
    for _ in range(3):
        made |= {
            one.target.text
            for one in graph.steps
            if one.kind == 'set' and one.target is not None and one.target.op == 'n'
            and any(part.op == 'n' and part.text in made for part in one.terms[0].inside())
        }  # fmt: skip
    return made


def _counts(graph: Graph, aliases: Mapping[str, Place], words: Words) -> Iterator[tuple[int, str, str, int, str]]:
    for nth, step in enumerate(graph.steps):
        meaning = words.meaning(step.callee) if step.kind == 'call' else None
        place = (
            _place(step.terms[0], aliases) if meaning is not None and meaning.role == 'give' and step.terms else None
        )
        if meaning is None or place is None:
            continue
        bounds = [step.terms[meaning.count]] if meaning.count is not None and meaning.count < len(step.terms) else []
        for bound in bounds or _bounds(graph, nth):
            many = _place(bound, aliases)
            if many is not None:
                yield from ((*place, one.name, *many) for one in meaning.resources)


def _bounds(graph: Graph, nth: int) -> Iterator[Term]:
    """Yield what the loop around a step goes up to, when nothing in it is looked at first."""
    for test in graph.steps:
        first, last = test.loop
        plain = not any(one.kind == 'test' for one in graph.steps[first:last])
        if first <= nth < last and test.terms[0].op in ('<', '!=') and plain:
            yield test.terms[0].parts[1]


def _effects(
    step: Step, aliases: Mapping[str, Place], words: Words, known: Mapping[str, Habit]
) -> Iterator[tuple[Place, str]]:
    if step.kind == 'set' and step.target is not None and step.target.op in ('.', '[', '*'):
        place = _place(step.terms[0], aliases) if step.terms[0].op != '.' else None
        if place is not None and place[1][:1] != '?':
            yield place, 'keep'
    if step.kind != 'call':
        return
    meaning, places = words.meaning(step.callee), [_place(term, aliases) for term in step.terms]
    if meaning.role == 'give' and places and places[0] is not None:
        yield from ((places[0], one.name) for one in meaning.resources)
    elif meaning.role == 'free' and places and places[-1] is not None:
        yield places[-1], 'free'
    elif meaning.role == '':
        yield from _passed_on(step, places, known.get(step.callee))


def _passed_on(step: Step, places: list[Place | None], habit: Habit | None) -> Iterator[tuple[Place, str]]:
    for nth, place in enumerate(places):
        if place is None:
            continue
        if habit is None:
            # Who is given the address of a node in an object has the object.
            yield (place[0], '') if step.terms[nth].op == '&' and place[1][:1] != '?' else place, 'keep'
            continue
        yield from ((place, 'free') for _ in [0] if nth in habit.frees)
        yield from ((place, 'keep') for _ in [0] if nth in habit.keeps)
        for at, field, name in habit.given(step.terms):
            if at == nth:
                both = f'?.{field.rpartition(".")[2]}' if field not in ('', '?') else '?'
                yield (place[0], both if field and place[1] else field or place[1]), name
