# SPDX-License-Identifier: GPL-2.0-or-later
"""What the functions of one file do, taken together, with the pages they keep in one place.

A place is a local name within a function, or a field of a type within the file. Promises to speak of a place only when
all that the file takes into it, and all that it gives back from it, is known. Refuses fields of objects whose type it cannot see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.checks.c.graph import END, Step, Term
from bot.checks.flow.events import Event
from bot.checks.flow.roots import Named
from bot.checks.tree.words import matches, position

Use = tuple[Named, int, Step]


@dataclass
class _Place:
    takes: list[Use] = field(default_factory=list)
    gives: list[Use] = field(default_factory=list)
    marked: bool = False
    borrowed: list[Use] = field(default_factory=list)


def holding_events(named: Sequence[Named]) -> Iterator[tuple[str, Event]]:
    """Yield the name of a function and what it does."""
    marked = any(_marks(one, step) for one in named for _, step in one.calls('dirty', 'give'))
    for place in _places(named).values():
        yield from _mixed(place)
        if not marked and place.takes:
            yield from _never_marked(place)
    for one in named:
        yield from ((one.name, event) for event in _extracted(one))
        yield from ((one.name, event) for event in _granular(one))
        yield from ((one.name, event) for event in _slab(one))


def _places(named: Sequence[Named]) -> dict[str, _Place]:
    found: dict[str, _Place] = {}
    for one in named:
        kept = {
            _of(one, step.terms[0]): one.kind(step.target)
            for step in one.graph.steps
            if step.kind == 'set' and step.target is not None and step.target.op == '.' and step.terms[0].op == 'n'
        }
        for nth, step in one.calls('take', 'give'):
            root = one.pages(step)
            if root is None:
                continue
            kind = one.kind(root) or kept.get(root.text, '') if root.op in ('n', '.') else ''
            if kind:
                place = found.setdefault(kind, _Place())
                (place.takes if one.words.meaning(step.callee).role == 'take' else place.gives).append((one, nth, step))
    return found


def _of(one: Named, term: Term) -> str:
    return one.root(term).text if one.root(term).op == 'n' else ''


def _names(use: Use) -> frozenset[str]:
    one, _, step = use
    return frozenset(resource.name for resource in one.words.meaning(step.callee).resources)


def _mixed(place: _Place) -> Iterator[tuple[str, Event]]:
    """A place is given pins and references, and what gives back knows only one of them."""
    taken = {name for use in place.takes for name in _names(use)}
    given = {name for use in place.gives for name in _names(use)}
    if not given or not {'pin', 'get'} <= taken or {'pin', 'get'} <= given:
        return
    for use in place.takes:
        if not _names(use) & given:
            one, _, step = use
            (name,) = sorted(_names(use))[:1]
            back = place.gives[0]
            note = f'{back[0].name}() gives back by `{back[2].text}`'
            yield (
                one.name,
                one.event('mixed', step, resource=name, given=','.join(sorted(given)), path=((back[2].line, note),)),
            )


def _never_marked(place: _Place) -> Iterator[tuple[str, Event]]:
    """Pages are taken into a field, given back from it, and nowhere in the file is any page marked as written."""
    taker, _, take = place.takes[0]
    seen = set()
    for one, _, step in place.gives:
        if one.name == taker.name or one.name in seen or len(place.takes) > 1:
            continue
        seen.add(one.name)
        event = one.event('clean', step, take, resource='pin', fact='never', taker=taker.name)
        yield one.name, event


def _marks(one: Named, step: Step) -> bool:
    dirty = one.words.meaning(step.callee).role == 'dirty' or '_dirty' in step.callee
    return dirty and not (step.terms and step.terms[-1] == Term('k', '0'))


def _extracted(one: Named) -> Iterator[Event]:
    """Pages come out of an iterator, where only some have a pin."""
    words = one.words.flow
    takes = [
        step
        for step in one.graph.steps
        if step.kind == 'call' and matches(step.callee, words.extract) and len(step.terms) > 1
    ]
    if not takes:
        return
    places = {one.root(step.terms[1]): step for step in takes}
    asked = one.asks(words.asks)
    for _, step in one.calls('give'):
        take = places.get(one.pages(step) or Term('?'))
        if take is None:
            continue
        if 'pin' not in _names((one, 0, step)):
            yield one.event('mismatch', step, take, resource='extract', given='get')
        elif not asked:
            yield one.event('unasked', step, take, resource='extract')
    yield from _listed(one, places)
    for step in one.graph.steps:
        if step.kind == 'call' and matches(step.callee, words.reference) and step.terms:
            take = places.get(one.root(step.terms[0]))
            if take is not None and (not asked or _for_kernel_memory(one, step)):
                yield one.event('referenced', step, take, resource='extract', fact='extract')


def _listed(one: Named, places: Mapping[Term, Step]) -> Iterator[Event]:
    """Yield references dropped of pages that the function wrote down in a list of another form.

    A pin dropped there is right: who has such a list need not ask anew.
    """
    words = one.words.flow
    moved = [
        places[root]
        for step in one.graph.steps
        if step.kind == 'call'
        and (at := position(step.callee, words.puts)) is not None
        and at < len(step.terms)
        and (root := one.root(step.terms[at])) in places
    ]
    for _, step in one.calls('give') if moved else ():
        look = one.origin(step.terms[0]) if step.terms else None
        if look is not None and matches(look.callee, words.looks) and 'pin' not in _names((one, 0, step)):
            yield one.event('mismatch', step, moved[0], resource='extract', given='get')


def _for_kernel_memory(one: Named, reference: Step) -> bool:
    """Tell whether a reference is taken only where a test said that the iterator is one of kernel memory."""
    for nth, step in enumerate(one.graph.steps):
        made = one.origin(step.terms[0]) if step.kind == 'test' and step.terms[0].op == 'n' else None
        if made is None or made.callee not in one.words.flow.kernel_memory:
            continue
        other = {one.graph.steps[at].line for at in _reached(one, step.next[1], nth)}
        mine = {one.graph.steps[at].line for at in _reached(one, step.next[0], nth)}
        if reference.line in mine - other:
            return True
    return False


def _reached(one: Named, first: int, stop: int) -> set[int]:
    found, waiting = set[int](), [first]
    while waiting:
        nth = waiting.pop()
        if nth not in found and nth not in (END, stop):
            found.add(nth)
            waiting += one.graph.steps[nth].next
    return found


def _slab(one: Named) -> Iterator[Event]:
    """A reference is taken on the page behind memory of the slab allocator."""
    for step in one.graph.steps:
        if step.kind != 'call' or not matches(step.callee, one.words.flow.reference) or not step.terms:
            continue
        page = one.origin(step.terms[0])
        memory = (
            one.origin(page.terms[0])
            if page is not None and page.terms and page.callee in ('virt_to_page', 'virt_to_folio', 'virt_to_head_page')
            else None
        )
        if memory is not None and matches(memory.callee, one.words.flow.slab):
            yield one.event('referenced', step, memory, resource='slab', fact='slab')


def _granular(one: Named) -> Iterator[Event]:
    """Pages that were taken one by one are given back by the folio, or the reverse."""
    takes = {one.pages(step): step for _, step in one.calls('take') if 'pin' in _names((one, 0, step))}
    for nth, step in one.calls('give'):
        if not matches(step.callee, one.words.flow.by_folio):
            continue
        take, loop = takes.get(one.pages(step)), one.in_loop(nth)
        count = step.terms[1] if len(step.terms) > 1 else Term('k', '1')
        if loop is not None and count == Term('k', '1') and _by_folio(one, loop):
            yield one.event('granular', step, take, resource='pin', fact='one-for-folio')
        elif (
            take is not None
            and loop is None
            and count == Term('k', '1')
            and one.count(take) not in (None, Term('k', '1'))
        ):
            yield one.event('granular', step, take, resource='pin', fact='one-for-many')
        elif take is not None and one.count(take) == Term('k', '1') and _sized(one, count):
            yield one.event('granular', step, take, resource='pin', fact='many-for-one')


def _by_folio(one: Named, loop: tuple[int, int]) -> bool:
    """Tell whether a loop goes on by the pages of a folio."""
    added = [
        step.terms[0].parts[1]
        for step in one.graph.steps[loop[0] : loop[1]]
        if step.kind == 'set' and step.terms[0].op == '+' and step.target == step.terms[0].parts[0]
    ]
    return any(_sized(one, term) for term in added)


def _sized(one: Named, term: Term) -> bool:
    made = one.origin(term)
    return made is not None and made.callee in ('folio_nr_pages', 'compound_nr', 'folio_large_nr_pages')
