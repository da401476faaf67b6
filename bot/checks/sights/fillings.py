# SPDX-License-Identifier: GPL-2.0-or-later
"""Which fields of objects a file keeps pages in: who fills them, and with what, and who gives back what they hold.

Promises one fact for each such place, by the type of the object and the names that lead to the field; what fills a field
with something else is a fact as well, with the reason. Refuses to join anything: other files may fill the same field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.checks.c.facts import Fact
from bot.checks.c.graph import Graph, Step, Term
from bot.checks.flow.habits import Habit
from bot.checks.flow.roots import Named
from bot.checks.sights.marks import marks
from bot.checks.tree.words import Meaning, Words, matches

_TAG = re.compile(r'\b(?:struct|union)\s+(\w+)')
_TYPEDEF = re.compile(r'(?:static\s+|const\s+)*(\w+_t|[A-Z]\w+)\s*\**$')
_DEFINED = re.compile(rb'(?m)^[ \t]*(?:typedef\s+)?(?:struct|union)\s+(\w+)\s*\{')
_FIELD = re.compile(rb'(?:->|\.)\s*(\w+)')
_DEEP = 8


class Filling(Fact, frozen=True):
    """One place where a function has to do with a field that pages are kept in.

    `role`: take (filled with what was taken as one of `names`), give (given back as one of `names`), other (filled with
    something else: `why`), reference (one more is taken of what it holds), mark (pages are marked as written; no field).
    `scope`: tree, file (the object's type is this file's own) or name (its type is not known).
    """

    field: str
    scope: str
    role: str
    names: tuple[str, ...]
    function: str
    line: int
    text: str
    callee: str = ''
    why: str = ''

    @property
    def member(self) -> str:
        return self.field.rpartition('.')[2]


@dataclass
class _Taken:
    """What one function took, by the name that holds it."""

    by: dict[str, list[tuple[tuple[str, ...], Step]]] = field(default_factory=dict)


def fillings(
    named: Sequence[Named], wrappers: Mapping[str, Meaning], habits: Mapping[str, Habit], text: bytes
) -> tuple[Filling, ...]:
    """Return what the functions of a file do with the fields they keep pages in."""
    own = {name.decode('ascii', 'replace') for name in _DEFINED.findall(text)}
    fillers = {one.name: frozenset(_filled(one, wrappers)) for one in named}
    found = [made for one in named for made in _Fields(one, wrappers, habits, fillers, own).all()]
    members = {one.member for one in found if one.role in ('take', 'give')}
    kept = [one for one in found if one.role == 'mark' or one.member in members]
    return tuple(sorted(set(kept), key=lambda one: (one.line, one.field, one.role, one.names)))


def mentions(text: bytes, found: Iterable[Filling]) -> Iterator[int]:
    """Yield where a text names a field that is called like one that pages are kept in."""
    members = {one.member.encode() for one in found if one.role in ('take', 'give')}
    yield from (match.start() for match in _FIELD.finditer(text) if match[1] in members) if members else ()


class _Fields:
    """The fields that one function has to do with."""

    def __init__(
        self,
        one: Named,
        wrappers: Mapping[str, Meaning],
        habits: Mapping[str, Habit],
        fillers: Mapping[str, frozenset[int]],
        own: set[str],
    ) -> None:
        self.one, self.wrappers, self.habits, self.fillers, self.own = one, wrappers, habits, fillers, own
        self.taken = _Taken()

    def all(self) -> Iterator[Filling]:
        calls = [step for step in self.one.graph.steps if step.kind == 'call']
        for step in calls:
            yield from self._takes(step)
        for step in calls:
            yield from self._gives(step)
            yield from self._handed(step)
            if marks(self.one.words, step):
                yield Filling('', 'file', 'mark', (), self.one.name, step.line, step.text)
        for step in self.one.graph.steps:
            if step.kind == 'set' and step.target is not None and step.target.op in ('.', '[', '*'):
                yield from self._stored(step, step.target)

    def _made(
        self,
        role: str,
        term: Term,
        step: Step,
        names: tuple[str, ...] = (),
        callee: str = '',
        why: str = '',
        at: int = 0,
    ) -> Iterator[Filling]:
        known = self._field(term)
        if known is not None:
            line, text = at or step.line, step.text
            yield Filling(known[0], known[1], role, names, self.one.name, line, text, callee or step.callee, why)

    def _field(self, term: Term) -> tuple[str, str] | None:
        """Return the field a term belongs to, by the type of its object, and how far that type is known."""
        names, at = list[str](), self.one.root(term)
        if at.op != '.':
            return None
        for _ in range(_DEEP):
            if at.op == '.':
                names.append(at.text)
            elif at.op == 'n':
                tag = self._tag(at)
                if tag:
                    return '.'.join([tag, *names[::-1]]), 'file' if tag in self.own else 'tree'
                at = self.one.aliases_whole.get(at.text, Term('?'))
                continue
            if not at.parts:
                break
            at = at.parts[0]
        return '.'.join(['?', *names[:1]]), 'name'

    def _tag(self, term: Term) -> str:
        kind = self.one.graph.types.get(term.text, '')
        made = self.one.made_by.get(term.text)
        if made is not None and made.callee == 'container_of' and len(made.terms) > 1:
            kind = made.terms[1].text.replace('_', ' ', 1)
        found = _TAG.search(kind) or _TYPEDEF.match(kind)
        return found[1] if found is not None else ''

    def _takes(self, step: Step) -> Iterator[Filling]:
        meaning = self.wrappers.get(step.callee) or self.one.words.meaning(step.callee)
        if meaning.role != 'take' or (meaning.wrapped and meaning.field):
            return  # what a function leaves in an object is seen in that function
        names = tuple(sorted(one.name for one in meaning.resources))
        at = meaning.pages
        if meaning.resources[0].result == 'pointer' and at is None:
            place = step.target
        else:
            place = step.terms[at] if at is not None and at < len(step.terms) else None
        if place is None:
            return
        if meaning.vague:
            yield from self._made('other', place, step, why=f'{step.callee}() does not always take alike')
            return
        yield from self._made('take', place, step, names)
        root = self.one.root(place)
        if root.op == 'n':
            self.taken.by.setdefault(root.text, []).append((names, step))

    def _gives(self, step: Step) -> Iterator[Filling]:
        meaning = self.one.words.meaning(step.callee)
        if meaning.role == 'give' and step.terms:
            yield from self._made('give', step.terms[0], step, tuple(sorted(one.name for one in meaning.resources)))
        elif matches(step.callee, self.one.words.flow.reference) and step.terms:
            yield from self._made('reference', step.terms[0], step)
        elif (habit := self.habits.get(step.callee)) is not None:
            given = [(at, name) for at, inner, name in habit.given(step.terms) if not inner and at < len(step.terms)]
            for at in sorted({at for at, _ in given}):
                names = tuple(sorted(name for one, name in given if one == at))
                yield from self._made('give', step.terms[at], step, names)

    def _handed(self, step: Step) -> Iterator[Filling]:
        """Whoever is given the array, and is no function that only looks at it, may fill it with something else."""
        words = self.one.words
        if step.callee in self.fillers:
            places = self.fillers[step.callee]
        elif words.meaning(step.callee).role or not matches(step.callee, words.flow.fills):
            places = frozenset()
        else:
            places = frozenset(range(len(step.terms)))
        if matches(step.callee, words.flow.extract):
            places = frozenset({1})
        for at in sorted(places):
            if at < len(step.terms) and step.terms[at].op in ('.', 'n', '&', '+'):
                yield from self._made('other', step.terms[at], step, why=f'{step.callee}() may fill it')

    def _stored(self, step: Step, target: Term) -> Iterator[Filling]:
        value = step.terms[0]
        root, made = self.one.root(value), self.one.origin(value)
        if value.op == 'k' or value == Term('n', 'NULL') or self.one.root(target) == root:
            return
        if root.op == 'n' and root.text in self.taken.by:
            for names, take in self.taken.by[root.text]:
                yield from self._made('take', target, take, names, take.callee)
            return
        if made is not None and self.one.words.meaning(made.callee).role == 'allocate' and target.op == '.':
            return
        source = self._field(value)
        if source is not None and source == self._field(target):
            return
        yield from self._made('other', target, step, why=f'{self.one.name}() writes something else to it')


def _filled(one: Named, wrappers: Mapping[str, Meaning]) -> Iterator[int]:
    """Yield the parameters that are arrays a function fills, where that is not what it is known to take for."""
    params = {name: nth for nth, name in enumerate(one.graph.params)}
    known = wrappers.get(one.name)
    for step in one.graph.steps:
        place: Term | None = None
        if step.kind == 'set' and step.target is not None and step.target.op in ('[', '*') and step.terms[0].op != 'k':
            place = one.root(step.target)
        elif step.kind == 'call' and one.words.meaning(step.callee).role == 'take':
            place = one.pages(step)
        if place is None or place.op != 'n' or place.text not in params:
            continue
        if known is None or known.pages != params[place.text]:
            yield params[place.text]


def named_of(graphs: Mapping[str, Graph], words: Words) -> list[Named]:
    """Return the functions that can be looked at."""
    return [Named(name, graph, words) for name, graph in sorted(graphs.items()) if graph.steps and not graph.lost]
