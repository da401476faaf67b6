# SPDX-License-Identifier: GPL-2.0-or-later
"""The walks of files, made once per blob and kept in the cache: they are the costly part of a check.

Promises that a walk made with other words, other prototypes or by other code is not taken for this one's. Refuses to
know what the events mean.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec

from bot.checks.cfg import graph_of
from bot.checks.charges import charged
from bot.checks.cparse import Unit, Unreadable
from bot.checks.exchanges import Exchange, exchanges
from bot.checks.facts import MAKERS, Fact
from bot.checks.file import File
from bot.checks.graph import Graph
from bot.checks.habits import habits_of
from bot.checks.kernel import Kernel
from bot.checks.paths import Event, Walked, faulty, walk_paths, wrapper_of
from bot.checks.seen import shapes_of
from bot.checks.shapes import Shape
from bot.checks.sources import Snapshot
from bot.checks.words import Words

_KIND = 'c-walk'
_WALKERS = (
    'amounts', 'arms', 'cfg', 'charges', 'counted', 'drops', 'exchanges', 'graph', 'habits', 'linear', 'live', 'ownership', 'pagecounts', 'paths', 'seen',
    'shapes', 'state', 'terms', 'values', 'walks', 'words', 'writes', 'zeroes',
)  # fmt: skip
_HELPERS_DOWN = 3


class Walk(Fact, frozen=True):
    """What was found in one file: by function, and the exchanges; `graphs` and `damaged` count functions."""

    functions: dict[str, Walked] = {}
    exchanges: tuple[Exchange, ...] = ()
    shapes: tuple[Shape, ...] = ()
    graphs: int = 0
    damaged: int = 0


_DECODER = msgspec.msgpack.Decoder(Walk)
_ENCODER = msgspec.msgpack.Encoder(order='deterministic')


@cache
def _made_by() -> bytes:
    here = Path(__file__).resolve().parent
    return hashlib.sha256(b''.join((here / f'{name}.py').read_bytes() for name in (*MAKERS, *_WALKERS))).digest()


class Walks:
    """What was walked at one commit, by area and blob."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._versions: dict[int, str] = {}
        self._words: dict[int, Words] = {}
        self._known: dict[tuple[str, str], Walk] = {}

    def of(self, kernel: Kernel, path: str, file: File) -> Walk:
        """Return what was found in the followed functions of a file."""
        version, blob = self._version(kernel), self.snapshot.blob(path) or ''
        if (version, blob) not in self._known:
            self._known[version, blob] = self._read(version, blob) or self._made(kernel, version, path, blob, file)
        return self._known[version, blob]

    def _read(self, version: str, blob: str) -> Walk | None:
        data = self.snapshot.sources.cache.get(_KIND, version, blob)
        try:
            return _DECODER.decode(data) if data is not None else None
        except (msgspec.DecodeError, msgspec.ValidationError):
            return None

    def _made(self, kernel: Kernel, version: str, path: str, blob: str, file: File) -> Walk:
        flow, words = kernel.area.flow, self._words[id(kernel)]
        text = self.snapshot.sources.text(self.snapshot.commit, path)
        if text is None or flow is None:
            return Walk()
        graphs = graphs_of(text, file, flow.words)
        wrong: dict[str, tuple[Event, ...]] = {}
        if flow.accounts:
            graphs = charged(graphs, flow.accounts, flow.settle, lambda graph: _hands_on(graph, words))
            wrong = faulty(graphs, flow.accounts)
        habits = habits_of(graphs, words)
        called = {call.callee for name in graphs for call in file.functions[name].calls} & graphs.keys()
        found = {name: wrapper_of(graphs[name], words, habits) for name in sorted(called)}
        wrappers = {name: made for name, made in found.items() if made is not None}
        walked = {name: walk_paths(graph, words, habits, wrappers) for name, graph in graphs.items()}
        walked |= {name: _with(walked[name], more) for name, more in wrong.items()}
        walk = Walk(
            {name: one for name, one in walked.items() if one.events or one.gave_up},
            tuple(one for name, graph in graphs.items() for one in exchanges(name, graph)),
            shapes_of(graphs, words, file.functions, text),
            len(graphs),
            sum(graph.damaged for graph in graphs.values()),
        )
        self.snapshot.sources.cache.put(_KIND, version, blob, _ENCODER.encode(walk))
        return walk

    def _version(self, kernel: Kernel) -> str:
        if id(kernel) not in self._versions:
            flow = kernel.area.flow
            assert flow is not None
            words = self._words[id(kernel)] = Words(kernel, flow)
            said = hashlib.sha256(_made_by() + msgspec.json.encode(kernel.area))
            said.update(repr(words.positions()).encode())
            self._versions[id(kernel)] = said.hexdigest()[:16]
        return self._versions[id(kernel)]


def _with(walked: Walked, more: tuple[Event, ...]) -> Walked:
    return msgspec.structs.replace(walked, events=(*walked.events, *more))


def _hands_on(graph: Graph, words: Words) -> tuple[str, int | None] | None:
    """Return how a function that charges says so to its caller, and where its count stands."""
    found = wrapper_of(graph, words, {})
    return ('charge-zero', found.count) if found is not None and found.resources[0].result == 'zero' else None


def graphs_of(text: bytes, file: File, words: Sequence[str]) -> dict[str, Graph]:
    """Return the graphs of functions that mention one of some words, of those that call them here, and of their helpers."""
    mentions = re.compile('|'.join(map(re.escape, sorted(words))).encode())
    if mentions.search(text) is None:
        return {}
    try:
        unit = Unit(text)
    except Unreadable:
        return {}
    wanted = {one.name for one in unit.bodies if mentions.search(unit.plain, one.start, one.end)}
    calls = {name: {call.callee for call in one.calls} for name, one in file.functions.items()}
    wanted |= {name for name, called in calls.items() if called & wanted}
    for _ in range(_HELPERS_DOWN):
        wanted |= {name for one in sorted(wanted) for name in calls.get(one, ()) if name in calls}
    found: dict[str, Graph] = {}
    for body in unit.bodies:
        function = file.functions.get(body.name)
        if body.name in wanted and function is not None and unit.line(body.start) == function.line:
            found[body.name] = graph_of(unit, body, function.params)
    return found
