# SPDX-License-Identifier: GPL-2.0-or-later
"""Follows the functions of one file along their paths, callees first, and sums each up for its callers.

Promises that what is known of functions elsewhere is used like what is known of the file's own. Refuses cycles: of
functions that call each other the first is followed without the others.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from bot.checks.c.cfg import graph_of
from bot.checks.c.cparse import Unit, Unreadable, unit_of
from bot.checks.c.facts import Expr, Fact, Function
from bot.checks.c.file import File
from bot.checks.c.graph import Graph
from bot.checks.c.symbolic import join
from bot.checks.flow.charges import charged
from bot.checks.flow.events import Walked
from bot.checks.flow.exchanges import Exchange, exchanges
from bot.checks.flow.habits import Habit, habits_of
from bot.checks.flow.paths import charge_left, faulty, walk_paths
from bot.checks.flow.summaries import Summary, Taken
from bot.checks.sights.fillings import Filling, fillings, mentions, named_of
from bot.checks.sights.seen import shapes_of
from bot.checks.sights.shapes import Shape
from bot.checks.sights.sightings import sightings
from bot.checks.tree.flags import argument, bind
from bot.checks.tree.words import Meaning, Words

_HELPERS_DOWN = 3


class Walk(Fact, frozen=True):
    """What was found in one file: by function, and the exchanges; `graphs` and `damaged` count functions."""

    functions: dict[str, Walked] = {}
    exchanges: tuple[Exchange, ...] = ()
    shapes: tuple[Shape, ...] = ()
    graphs: int = 0
    damaged: int = 0
    summaries: tuple[Summary, ...] = ()
    fillings: tuple[Filling, ...] = ()


def follow(text: bytes, file: File, words: Words, outside: Mapping[str, Summary]) -> Walk:
    """Return what the functions of a file do; `outside` is what is known of those it calls elsewhere."""
    lowered = Lowered(text, file, (*words.flow.words, *outside))
    graphs = lowered.graphs()
    words = words.within(graphs)
    accounts = words.flow.accounts
    if accounts:
        graphs = charged(graphs, accounts, words.flow.settle, lambda graph: charge_left(graph, words))
    habits = habits_of(graphs, words, {name: one.habit() for name, one in outside.items()})
    summaries = dict(outside)
    wrappers = {name: made for name, one in outside.items() if (made := one.meaning()) is not None}
    walked: dict[str, Walked] = {}
    for name in _callees_first(graphs, file):
        walked[name], taken, top = walk_paths(graphs[name], words, habits, wrappers)
        if taken is not None:
            flags = _flags(file.functions[name], taken, words, summaries)
            taken = msgspec.structs.replace(taken, flags=flags)
        walked[name] = _with_flags(walked[name], file.functions[name], summaries)
        summaries[name] = one = _summary(file.functions[name], graphs[name], taken, top, habits[name])
        meaning = one.meaning()
        if meaning is not None:
            wrappers[name] = meaning
    for more in (faulty(graphs, accounts), sightings(graphs, words, text, file)):
        for name, events in more.items():
            walked[name] = msgspec.structs.replace(walked[name], events=(*walked[name].events, *events))
    return Walk(
        {name: walked[name] for name in graphs if walked[name].events or walked[name].gave_up or walked[name].stays},
        tuple(one for name, graph in graphs.items() for one in exchanges(name, graph)),
        shapes_of(graphs, words, file.functions, text),
        len(graphs),
        sum(graph.damaged for graph in graphs.values()),
        tuple(summaries[name] for name in graphs if summaries[name].matters or summaries[name].top),
        _fillings(lowered, graphs, words, wrappers, habits) if words.kernel.area.flags is not None else (),
    )


def _fillings(
    lowered: Lowered,
    graphs: Mapping[str, Graph],
    words: Words,
    wrappers: Mapping[str, Meaning],
    habits: Mapping[str, Habit],
) -> tuple[Filling, ...]:
    """Return which fields hold pages; functions that only name one of them are looked at as well."""
    found = fillings(named_of(graphs, words), wrappers, habits, lowered.text)
    others = lowered.graphs_at(mentions(lowered.text, found))
    if others.keys() <= graphs.keys():
        return found
    return fillings(named_of({**others, **graphs}, words), wrappers, habits, lowered.text)


def _callees_first(graphs: Mapping[str, Graph], file: File) -> list[str]:
    order: dict[str, None] = {}
    for first in graphs:
        waiting = [(first, iter(file.functions[first].calls))]
        open_ = {first}
        while waiting:
            name, calls = waiting[-1]
            below = next((one.callee for one in calls if one.callee in graphs and one.callee not in open_), None)
            if below is not None and below not in order:
                open_.add(below)
                waiting.append((below, iter(file.functions[below].calls)))
            elif below is None:
                order.setdefault(name)
                waiting.pop()
    return list(order)


def _summary(function: Function, graph: Graph, taken: Taken | None, top: str, habit: Habit) -> Summary:
    return Summary(
        function.name,
        function.line,
        function.static,
        taken,
        tuple(sorted(habit.gives)),
        tuple(sorted(habit.frees)),
        tuple(sorted(habit.keeps)),
        top,
        params=graph.params,
    )


def _flags(function: Function, taken: Taken, words: Words, known: Mapping[str, Summary]) -> Expr | None:
    """Return the flags that pages are taken with, in terms of the function's own parameters."""
    found = []
    for callee, line in taken.sites:
        call = next((one for one in function.calls if one.callee == callee and one.line == line), None)
        position = words.kernel.position(callee, 'flags')
        if call is not None and position is not None:
            found.append(argument(function, call, position))
        elif call is not None and (below := known.get(callee)) is not None and below.taken is not None:
            given = {nth: argument(function, call, nth) for nth in range(len(call.args))}
            found += [bind(below.taken.flags, given)] if below.taken.flags is not None else []
    return join(found) if found and len(found) == len(taken.sites) else None


def _with_flags(walked: Walked, function: Function, known: Mapping[str, Summary]) -> Walked:
    """Return events with the flags of what was taken through other functions, in terms of this one."""
    if not any(event.what == 'outlives' and event.take in known for event in walked.events):
        return walked
    events = []
    for event in walked.events:
        taken = known[event.take].taken if event.what == 'outlives' and event.take in known else None
        call = next((one for one in function.calls if (one.callee, one.line) == (event.take, event.take_line)), None)
        if taken is not None and taken.flags is not None and call is not None:
            given = {nth: argument(function, call, nth) for nth in range(len(call.args))}
            event = msgspec.structs.replace(event, flags=bind(taken.flags, given))
        events.append(event)
    return msgspec.structs.replace(walked, events=tuple(events))


class Lowered:
    """The functions of one text as graphs, made when they are asked for."""

    def __init__(self, text: bytes, file: File, words: Sequence[str]) -> None:
        self.text, self.file = text, file
        self.mentions = re.compile('|'.join(map(re.escape, sorted(words))).encode())

    @cached_property
    def unit(self) -> Unit | None:
        try:
            return unit_of(self.text)
        except Unreadable:
            return None

    def graphs(self) -> dict[str, Graph]:
        """Return those that mention one of some words, those that call them here, and their helpers."""
        unit = self.unit if self.mentions.search(self.text) is not None else None
        if unit is None:
            return {}
        wanted = {one.name for one in unit.bodies if self.mentions.search(unit.plain, one.start, one.end)}
        calls = {name: {call.callee for call in one.calls} for name, one in self.file.functions.items()}
        wanted |= {name for name, called in calls.items() if called & wanted}
        for _ in range(_HELPERS_DOWN):
            wanted |= {name for one in sorted(wanted) for name in calls.get(one, ()) if name in calls}
        return dict(self._made(wanted))

    def graphs_at(self, places: Iterable[int]) -> dict[str, Graph]:
        """Return those that some offsets of the text lie in."""
        unit, offsets = self.unit, sorted(places)
        if unit is None or not offsets:
            return {}
        spans = ((one.name, bisect_left(offsets, one.start), bisect_left(offsets, one.end)) for one in unit.bodies)
        return dict(self._made({name for name, first, last in spans if first < last}))

    def _made(self, wanted: set[str]) -> Iterator[tuple[str, Graph]]:
        assert self.unit is not None
        for body in self.unit.bodies:
            function = self.file.functions.get(body.name)
            if body.name in wanted and function is not None and self.unit.line(body.start) == function.line:
                yield body.name, graph_of(self.unit, body, function.params)
