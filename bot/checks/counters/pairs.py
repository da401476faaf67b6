# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares functions that take counts with those that give them back: what one adds the other must take away.

Promises pairs by the symmetry of their names and the area's words for taking and giving, in one file, and both sums as
they were found. Refuses a pair when one of its sums cannot be told or speaks of anything but amounts and constants.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from bot.checks.c.cfg import graph_of
from bot.checks.c.cparse import Unit, Unreadable
from bot.checks.c.facts import Fact, Function
from bot.checks.c.graph import Graph
from bot.checks.counters.nets import Nets, Outcome, Vocabulary
from bot.checks.flow.linear import Form, added, scaled, shown
from bot.checks.flow.replacing import is_told
from bot.checks.tree.kernel import Kernel

_KIND, _GRAPHS = 'c-balance', 'c-balance-steps'
_UP = 5
_NUMBER = re.compile(r'(?:unsigned |signed )?(?:int|long|short)\b[^*]*|unsigned|[us](?:32|64)|size_t')


class Unbalanced(Fact, frozen=True):
    """A pair that leaves something in a counter: `taken` and `given` are what each adds, `when` under which conditions."""

    path: str
    taker: str
    line: int
    giver: str
    giver_line: int
    counter: str
    taken: str
    given: str
    when: str


class Pairs:
    """The pairs of an area's files at one commit; `flags` is the area whose flags decide what is counted."""

    def __init__(self, kernel: Kernel, flags: Kernel, made_by: bytes) -> None:
        self.kernel, self.flags, self.snapshot = kernel, flags, kernel.snapshot
        self.version = hashlib.sha256(made_by + msgspec.json.encode([kernel.area, flags.area])).hexdigest()[:16]
        self._where: dict[str, tuple[str, Function]] = {}
        self._graphs: dict[str, dict[str, Graph]] = {}
        self._asking: frozenset[str] = frozenset()

    def unbalanced(self) -> tuple[Unbalanced, ...]:
        """Return the pairs that do not cancel out, kept for the state of all files they can depend on."""
        blobs = sorted((path, self.snapshot.blob(path)) for path in self.kernel.home)
        state = hashlib.sha1(repr(blobs).encode(), usedforsecurity=False).hexdigest()
        cache = self.snapshot.sources.cache
        data = cache.get(_KIND, self.version, state)
        try:
            if data is not None:
                return msgspec.msgpack.decode(data, type=tuple[Unbalanced, ...])
        except (msgspec.DecodeError, msgspec.ValidationError):
            pass
        found = tuple(sorted(set(self._found()), key=repr))
        cache.put(_KIND, self.version, state, msgspec.msgpack.encode(found))
        return found

    def _found(self) -> Iterator[Unbalanced]:
        self._where = self._reaching()
        area = self.kernel.area
        prefix = self.flags.area.flags.prefix if self.flags.area.flags is not None else 'FOLL_'
        counters = {name: one.change for name, one in area.counters.items()}
        nets = Nets(Vocabulary(counters, area.kinds, area.apart, prefix), self._graph)
        pairs = list(self._pairs())
        self._asking = frozenset(flag for taker, _ in pairs for flag in self._asks(nets, taker))
        for taker, giver in pairs:
            yield from self._compared(nets, taker, giver)

    def _asks(self, nets: Nets, taker: str) -> Iterator[str]:
        """Yield the flags that ask for something: each alone makes the function add what depends on its amount."""
        graph = self._graph(taker)
        amounts = {name for name in graph.params if _is_amount(graph, name)} if graph is not None else set()
        for one in nets.of(taker) or ():
            flags = self._flags(one)
            if len(flags) == 1 and any(amounts & set(key) for _, form in one.deltas for key, _ in form):
                yield flags[0]

    def _flags(self, one: Outcome) -> list[str]:
        return [name for name, holds in one.conditions if holds and name not in self.kernel.area.kinds]

    def _reaching(self) -> dict[str, tuple[str, Function]]:
        """Return the functions that change a counter, themselves or by those they call, with their files."""
        found = dict[str, tuple[str, Function]]()
        callers = dict[str, list[tuple[str, Function]]]()
        for path, file in self.kernel.home.items():
            for function in file.functions.values():
                if function.macro:
                    continue
                if function.changes:
                    found.setdefault(function.name, (path, function))
                for name in {call.callee for call in function.calls}:
                    callers.setdefault(name, []).append((path, function))
        fresh = list(found)
        for _ in range(_UP):
            above = [(path, one) for name in fresh for path, one in callers.get(name, ()) if one.name not in found]
            found.update({one.name: (path, one) for path, one in reversed(above)})
            fresh = sorted({one.name for _, one in above})
        return found

    def _graph(self, name: str) -> Graph | None:
        place = self._where.get(name)
        return self._lowered(place[0]).get(name) if place is not None else None

    def _lowered(self, path: str) -> dict[str, Graph]:
        """Return the steps of the functions of a file that have to do with counters."""
        if path not in self._graphs:
            wanted = sorted(name for name, (at, _) in self._where.items() if at == path)
            said = hashlib.sha256(repr(wanted).encode()).hexdigest()[:8]
            cache, blob = self.snapshot.sources.cache, self.snapshot.blob(path) or ''
            data = cache.get(_GRAPHS, self.version + said, blob)
            try:
                made = msgspec.msgpack.decode(data, type=dict[str, Graph]) if data is not None else None
            except (msgspec.DecodeError, msgspec.ValidationError):
                made = None
            if made is None:
                made = self._read(path, wanted)
                cache.put(_GRAPHS, self.version + said, blob, msgspec.msgpack.encode(made))
            self._graphs[path] = made
        return self._graphs[path]

    def _read(self, path: str, wanted: Sequence[str]) -> dict[str, Graph]:
        text = self.snapshot.sources.text(self.snapshot.commit, path)
        file = self.snapshot.file(path)
        try:
            unit = Unit(text) if text is not None and file is not None else None
        except Unreadable:
            unit = None
        if unit is None or file is None:
            return {}
        names = set(wanted)
        return {
            body.name: graph_of(unit, body, function.params)
            for body in unit.bodies
            if body.name in names
            and (function := file.functions.get(body.name)) is not None
            and unit.line(body.start) == function.line
        }

    def _pairs(self) -> Iterator[tuple[str, str]]:
        """Yield takers and givers whose names differ in the word for it alone."""
        named: dict[tuple[str, str, frozenset[str]], list[str]] = {}
        for name, (path, _) in sorted(self._where.items()):
            for word, rest in self._split(name):
                named.setdefault((path, word, rest), []).append(name)
        for take, give in self.kernel.area.pairs:
            for (path, word, rest), takers in sorted(named.items(), key=repr):
                givers = named.get((path, give, rest), ()) if word == take else ()
                yield from ((one, other) for one in takers for other in givers)

    def _split(self, name: str) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield each word for taking or giving in a name, with the words that say of what."""
        area = self.kernel.area
        words = [area.alike.get(word, word) for word in name.split('_') if word and word not in area.loose]
        for word in {word for pair in area.pairs for word in pair} & set(words):
            yield word, frozenset(words) - {word}

    def _compared(self, nets: Nets, taker: str, giver: str) -> Iterator[Unbalanced]:
        mine, other = self._graph(taker), self._graph(giver)
        takes, gives = nets.of(taker), nets.of(giver)
        if mine is None or other is None or not takes or not gives or _flagged(mine) != _flagged(other):
            return
        names = _amounts(mine, other)
        if names is None:
            return
        for one in takes:
            facing = [each for each in gives if self._together(one, each)]
            if not one.deltas and _flagged(mine):  # nothing was asked for, so nothing is given back
                facing = [each for each in facing if self._flags(each)]
            elif self._flags(one) and self._asking and not self._asking & set(self._flags(one)):
                continue
            if not _succeeds(mine, one) or not facing or not (one.deltas or any(each.deltas for each in facing)):
                continue
            left = [self._left(one, each, names, mine) for each in facing]
            if all(lost for lost in left) and None not in left:
                yield from self._told(taker, giver, one, facing[0], left[0] or {}, names)

    def _left(self, one: Outcome, other: Outcome, names: Mapping[str, Form], graph: Graph) -> dict[str, Form] | None:
        """Return what a pair leaves in the counters, None when that cannot be told."""
        counters = {name for name, _ in (*one.deltas, *other.deltas)}
        sums = {name: added(one.of(name), _renamed(other.of(name), names)) for name in sorted(counters)}
        if not all(is_told(part, graph.params) for part in sums.values()):
            return None
        return {name: part for name, part in sums.items() if part}

    def _told(
        self, taker: str, giver: str, one: Outcome, other: Outcome, left: Mapping[str, Form], names: Mapping[str, Form]
    ) -> Iterator[Unbalanced]:
        path, function = self._where[taker]
        kinds = {name for name, holds in one.conditions if holds and name in self.kernel.area.kinds}
        where = sorted({name for name, holds in other.conditions if holds} | kinds)
        small = sorted({name for name, holds in one.conditions if not holds and name in self.kernel.area.kinds})
        when = ', '.join([*where, *(f'!{name}' for name in small)]) or 'every page'
        for counter in left:
            taken, given = shown(one.of(counter)), shown(scaled(_renamed(other.of(counter), names), -1))
            place = self._where[giver][1].line
            yield Unbalanced(path, taker, one.line or function.line, giver, place, counter, taken, given, when)

    def _together(self, one: Outcome, other: Outcome) -> bool:
        """Tell whether both outcomes can be of the same flags and the same kind of folio."""
        known = dict(one.conditions)
        if any(known.setdefault(name, holds) is not holds for name, holds in other.conditions):
            return False
        for gate in (gate for gates in self.flags.gates.values() for gate in gates):
            first, second = gate.clause.first.strip('() '), gate.clause.second.strip('() ')
            if gate.clause.kind == 'excludes' and known.get(first) and known.get(second):
                return False
            if gate.clause.kind == 'requires' and known.get(first) and known.get(second) is False:
                return False
        return True


def _flagged(graph: Graph) -> bool:
    return any('flags' in name for name in graph.params)


def _amounts(mine: Graph, other: Graph) -> dict[str, Form] | None:
    """Return what the giver's amount is called by the taker, one where that has none; None when they do not fit."""
    own, theirs = ([name for name in graph.params if _is_amount(graph, name)] for graph in (mine, other))
    if len(theirs) == 1 and len(own) <= 1:
        return {theirs[0]: {(own[0],): 1} if own else {(): 1}}
    return {} if own == theirs else None


def _is_amount(graph: Graph, name: str) -> bool:
    return 'flags' not in name and _NUMBER.fullmatch(graph.types.get(name, '').strip()) is not None


def _renamed(one: Form, names: Mapping[str, Form]) -> Form:
    total: Form = {}
    for key, times in one.items():
        rest = tuple(name for name in key if name not in names)
        for name in key:
            if name in names:
                rest = tuple(sorted((*rest, *next(iter(names[name])))))
        total = added(total, {rest: times})
    return total


def _succeeds(graph: Graph, one: Outcome) -> bool:
    if '*' in graph.returns or 'bool' in graph.returns:
        return one.result == '1'
    return one.result in ('', '0')
