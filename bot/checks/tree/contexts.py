# SPDX-License-Identifier: GPL-2.0-or-later
"""Who calls a function, and whether a lock is held there.

Promises to go up through the callers of a name wherever in the tree they stand, and to say "without" only of a caller that
surely has no lock: one that gave it back, or one that the kernel enters without it. Refuses to accuse where it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from bot.checks.c.cfg import graph_of
from bot.checks.c.cparse import Unit, Unreadable
from bot.checks.c.facts import Function
from bot.checks.c.file import File
from bot.checks.c.graph import END, Graph, Step
from bot.checks.rulebook.areas import Lock
from bot.checks.tree.kernel import Kernel
from bot.checks.tree.sources import Snapshot
from bot.checks.tree.words import matches
from bot.model import Evidence

Context = Literal['entry', 'held', 'free']
"""How a lock stands before a step: as it was when the function began, taken since, or given back since."""

_Asked = tuple[Kernel, str, str, str]
_MAX_UP = 4
_MAX_FILES = 12
_COMMENT = re.compile(r'/\*|\*/|//|^\s*\*\s')


class _Wanting(Exception):
    """The callers of a function were not searched for yet."""


class Callers:
    """Callers at one commit; graphs are made for those that are asked about.

    `lone`: there is no tree, only some files; then a function without a caller in sight is taken at its own word.
    """

    def __init__(self, snapshot: Snapshot, lone: bool = False) -> None:
        self.snapshot, self.lone = snapshot, lone
        self._units: dict[str, Unit | None] = {}
        self._graphs: dict[tuple[str, str], Graph] = {}
        self._wanted: set[str] | None = None
        self._searched: set[str] = set()

    def without(self, kernel: Kernel, path: str, function: str, lock: str) -> tuple[Evidence, ...] | None:
        """Return the calls by which a function is reached without a lock, None when nothing shows that it is."""
        flow = kernel.area.flow
        if flow is None or lock not in flow.locks:
            return None
        return self._without(flow.locks[lock], path, function, 0, frozenset())

    def foresee(self, asked: Iterable[_Asked]) -> None:
        """Say for which areas, files, functions and locks `without` will be asked: what stops all answers is searched for at once."""
        self._wanted = set()
        open_ = list(dict.fromkeys(asked))
        while open_:
            open_ = [one for one in open_ if self._lacks(*one)]
            self.snapshot.foresee([name] for name in sorted(self._wanted))
            self._searched |= self._wanted
            self._wanted.clear()
        self._wanted = None

    def _lacks(self, kernel: Kernel, path: str, function: str, lock: str) -> bool:
        """Tell whether an answer has to wait for a search; what is to be searched for is noted."""
        try:
            self.without(kernel, path, function, lock)
        except _Wanting:
            return True
        return False

    def _without(
        self, lock: Lock, path: str, name: str, depth: int, seen: frozenset[str]
    ) -> tuple[Evidence, ...] | None:
        file = self.snapshot.file(path)
        function = file.functions.get(name) if file is not None else None
        if file is None or function is None or depth > _MAX_UP or name in seen or self._may_be_held(lock, function):
            return None
        if depth == 0 and any(matches(call.callee, lock.take) for call in function.calls):
            return None
        found: list[tuple[Evidence, ...]] = []
        for at, caller, step, context in self._sites(lock, path, name, function):
            if 'held' in context:
                return None
            note = Evidence(at, step.line, f'{caller}() calls `{step.text}`')
            if context == {'free'}:
                found.append((note, Evidence(at, step.line, 'the lock was given back before')))
            elif (above := self._without(lock, at, caller, depth + 1, seen | {name})) is not None:
                found.append((note, *above))
            else:
                return None
        if found:
            return found[0]
        return self._entered(lock, path, file, function)

    def _may_be_held(self, lock: Lock, function: Function) -> bool:
        """Tell whether a function's parameters or calls say that it is for callers who hold the lock."""
        if any(kind in param.type for param in function.params for kind in lock.held_with):
            return True
        if any(param.name == lock.told for param in function.params):
            return True
        return any(matches(call.callee, lock.asserted) for call in function.calls)

    def _entered(self, lock: Lock, path: str, file: File, function: Function) -> tuple[Evidence, ...] | None:
        """A function without callers is reached by a pointer: what it is given tells by whom."""
        kinds = sorted({kind for param in function.params for kind in lock.free_with if _is(param.type, kind)})
        if self.lone and not kinds:
            return self._unsaid(lock, path, function)
        if not kinds or (function.static and not self.lone and function.name not in self._pointed(path)):
            return None
        return (Evidence(path, function.line, f'{function.name}() is entered without it: it is given a {kinds[0]}'),)

    def _unsaid(self, lock: Lock, path: str, function: Function) -> tuple[Evidence, ...] | None:
        """A function of a lone file leaves a lock to callers nobody can see: then its name or its comments say so."""
        lines = self.snapshot.sources.lines(self.snapshot.commit, path)
        above = function.line - 1
        while above > 0 and lines[above - 1].lstrip()[:2] in ('/*', '*', '* ', '*/', '//'):
            above -= 1
        said = [line for line in lines[above : function.end_line] if _COMMENT.search(line)]
        if lock.told in function.name or any(word in text for word in lock.named for text in said):
            return None
        note = f'no caller of {function.name}() is in sight, and neither its name nor a comment leaves the lock to one'
        return (Evidence(path, function.line, note),)

    def _pointed(self, path: str) -> set[str]:
        """Return the functions of a file whose address is taken anywhere in it."""
        unit = self._unit(path)
        found = set()
        for body in unit.bodies if unit is not None else ():
            word = body.name.encode()
            at = unit.plain.find(word) if unit is not None else -1
            while unit is not None and at >= 0:
                after, before = unit.plain[at + len(word) : at + len(word) + 40].lstrip(), unit.plain[at - 1 : at]
                whole = not (before.isalnum() or before == b'_') and not after[:1].isalnum() and after[:1] != b'_'
                if whole and after[:1] in (b',', b'}', b';', b')'):
                    found.add(body.name)
                    break
                at = unit.plain.find(word, at + 1)
        return found

    def _sites(
        self, lock: Lock, path: str, name: str, function: Function
    ) -> Iterator[tuple[str, str, Step, set[Context]]]:
        """Yield the calls that reach a function: file, caller, the step, and how the lock can stand there."""
        if self._wanted is not None and not function.static and name not in self._searched:
            self._wanted.add(name)
            raise _Wanting
        elsewhere = () if function.static else self.snapshot.paths([name])[:_MAX_FILES]
        for at in dict.fromkeys([path, *(one for one in elsewhere if one.endswith('.c'))]):
            file = self.snapshot.file(at)
            if file is None or (at != path and name in file.functions):
                continue
            for caller, _ in file.calls.get(name, ()):
                graph = self._graph(at, caller)
                contexts = contexts_of(graph, lock, file)
                for nth, step in enumerate(graph.steps):
                    if step.kind == 'call' and step.callee == name and caller.name != name:
                        yield at, caller.name, step, contexts[nth]

    def _unit(self, path: str) -> Unit | None:
        if path not in self._units:
            text = self.snapshot.sources.text(self.snapshot.commit, path)
            try:
                self._units[path] = Unit(text) if text is not None else None
            except Unreadable:
                self._units[path] = None
        return self._units[path]

    def _graph(self, path: str, function: Function) -> Graph:
        key = path, function.name
        if key not in self._graphs:
            unit = self._unit(path)
            bodies = [one for one in unit.bodies if one.name == function.name] if unit is not None else []
            graph = graph_of(unit, bodies[0], function.params) if unit is not None and bodies else Graph(lost='absent')
            self._graphs[key] = graph
        return self._graphs[key]


def _is(kind: str, wanted: str) -> bool:
    """Tell whether a type is that type or a pointer to it, whole words only."""
    return kind.replace('*', '').replace('const', '').strip() == wanted


def contexts_of(graph: Graph, lock: Lock, file: File) -> list[set[Context]]:
    """Return how the lock can stand before each step, whatever way led there."""
    before: list[set[Context]] = [set() for _ in graph.steps]
    if not graph.steps:
        return before
    before[0].add('entry')
    waiting = [0]
    while waiting:
        nth = waiting.pop()
        step = graph.steps[nth]
        change = _change(step, lock, file)
        after: set[Context] = {change} if change is not None else before[nth]
        for one in step.next:
            if one != END and not after <= before[one]:
                before[one] |= after
                waiting.append(one)
    return before


def _change(step: Step, lock: Lock, file: File) -> Context | None:
    """Return how the lock stands after a step that changes it: by itself, or by a helper of the file that only does that."""
    if step.kind != 'call':
        return None
    own = file.functions.get(step.callee)
    calls: Sequence[str] = [call.callee for call in own.calls] if own is not None else [step.callee]
    taken = any(matches(one, (*lock.take, *lock.asserted)) for one in calls)
    given = any(matches(one, lock.give) for one in calls)
    return 'held' if taken and not given else 'free' if given and not taken else None
