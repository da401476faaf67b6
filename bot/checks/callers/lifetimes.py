# SPDX-License-Identifier: GPL-2.0-or-later
"""Who ends the life of pins that a function leaves in an object: its callers, a device that is done, or a user.

Promises to climb to the callers as far as the tree's table of wrappers knows them, and to name the functions that give
the pages back. Refuses to decide between two: where a device ends some of them, nobody else is said to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from posixpath import dirname
from typing import Literal

from bot.checks.callers.walks import Walks
from bot.checks.flow.summaries import Summary, Taken
from bot.checks.tree.kernel import Kernel

Place = tuple[str, str]
_MAX_CLIMBED = 400
_NOISE = re.compile(rb'/\*.*?(?:\*/|\Z)|//[^\n]*|"(?:\\.|[^"\\\n])*"?', re.DOTALL)
_WORD = rb'(?<![\w.>])%s\b(?!\s*\()'
_ASSIGNED = re.compile(rb'(?:\.|->)\s*(\w+)\s*=\s*&?\s*$')
_PASSED = re.compile(rb'\b(\w+)\s*\((?:[^();]|\([^()]*\))*,?\s*&?\s*$')


@dataclass(frozen=True, slots=True)
class Ending:
    """`by` is call, device, user or unknown; `places` are the functions that give back, `roots` how those are reached."""

    by: str
    places: tuple[tuple[str, str, int], ...] = ()
    roots: tuple[str, ...] = ()


class Lifetimes:
    """The lives of what is taken, at one commit, for one area."""

    def __init__(self, kernel: Kernel, walks: Walks) -> None:
        self.kernel, self.walks = kernel, walks
        self.table = walks.wrappers(kernel).table
        self._hooks: dict[Place, tuple[str, ...]] = {}
        self._texts: dict[str, bytes] = {}

    def ending(self, path: str, name: str) -> Ending:
        """Return who ends what a function leaves in an object."""
        taken = self._taken((path, name))
        if self._waits(path, name):
            return Ending('device')
        if not self._outlives_callers((path, name)):
            return Ending('call')
        givers = sorted(self._givers(path, taken.field)) if taken is not None else []
        roots = sorted({hook for place in givers for hook in self._roots(place)})
        found = tuple((place[0], place[1], self._line(place)) for place in givers)
        if any(_like(hook, self._words('device')) for hook in roots):
            return Ending('device', found, tuple(roots))
        user = [hook for hook in roots if _like(hook, self._words('user'))]
        return Ending('user' if user else 'unknown', found, tuple(user or roots))

    def _waits(self, path: str, name: str) -> bool:
        """Tell whether a function waits for a device, or is told when user space takes the memory away."""
        file = self.walks.snapshot.file(path)
        calls = file.functions[name].calls if file is not None and name in file.functions else ()
        return any(
            one.callee.startswith(('wait_', 'mmu_')) and _like(one.callee, self._words('device')) for one in calls
        )

    def _words(self, kind: Literal['user', 'device']) -> tuple[str, ...]:
        flow = self.kernel.area.flow
        return flow.ends.get(kind, ()) if flow is not None else ()

    def _summaries(self, path: str) -> tuple[Summary, ...]:
        file = self.walks.snapshot.file(path)
        return self.walks.of(self.kernel, path, file).summaries if file is not None else ()

    def _line(self, place: Place) -> int:
        file = self.walks.snapshot.file(place[0])
        return file.functions[place[1]].line if file is not None and place[1] in file.functions else 0

    def _outlives_callers(self, place: Place) -> bool:
        """Tell whether some chain of callers ends with the pages still held."""
        seen, waiting = {place}, [place]
        while waiting and len(seen) < _MAX_CLIMBED:
            at = waiting.pop()
            callers = set(self._callers(at))
            if not callers or self._hooked(at):
                return True
            for caller in sorted(callers - seen):
                if not self._stays(caller, at[1]):
                    continue
                if self._taken(caller) is None:
                    return True  # what it was given is in a list or an object that others hold
                seen.add(caller)
                waiting.append(caller)
        return bool(waiting)

    def _stays(self, caller: Place, callee: str) -> bool:
        """Tell whether a caller succeeds with the pages still held; of one that was not followed nothing is said."""
        file = self.walks.snapshot.file(caller[0])
        if file is None:
            return False
        walked = self.walks.of(self.kernel, caller[0], file).functions.get(caller[1])
        return walked is not None and callee in walked.stays and not walked.gave_up

    def _taken(self, place: Place) -> Taken | None:
        return next((one.taken for one in self._summaries(place[0]) if one.name == place[1]), None)

    def _callers(self, place: Place) -> Iterator[Place]:
        path, name = place
        file = self.walks.snapshot.file(path)
        if file is None:
            return
        yield from ((path, caller.name) for caller, _ in file.calls.get(name, ()) if caller.name != name)
        function = file.functions.get(name)
        if function is not None and function.static:
            return
        for other, entry in self.table.entries.items():
            if other != path and name in entry.calls:
                found = self.walks.snapshot.file(other)
                yield from ((other, one.name) for one, _ in (found.calls.get(name, ()) if found is not None else ()))

    def _givers(self, path: str, field: str) -> set[Place]:
        """Return the functions beside a file that give back what such a field holds."""
        last = field.rpartition('.')[2]
        beside = [other for other in self.table.entries if dirname(other) == dirname(path)]
        found = {
            ((other, one.name), given.rpartition('.')[2])
            for other in beside
            for one in self._summaries(other)
            for _, given, _ in one.gives
            if one.taken is None and not self._takes((other, one.name))
        }
        named = {place for place, given in found if given == last}
        return named or {place for place, given in found if given == '?' or last in ('*', 'its pages', '?')}

    def _takes(self, place: Place) -> bool:
        """Tell whether a function takes pages itself: what it gives back is its own."""
        file = self.walks.snapshot.file(place[0])
        walked = self.walks.of(self.kernel, place[0], file).functions.get(place[1]) if file is not None else None
        return walked is not None and any(one.what in ('locked', 'unlocked') for one in walked.events)

    def _roots(self, place: Place) -> Iterator[str]:
        """Yield how a function is reached from outside: the fields it stands in, the functions it is given to."""
        seen, waiting = {place}, [place]
        while waiting and len(seen) < _MAX_CLIMBED:
            at = waiting.pop()
            yield from self._hooked(at)
            for caller in set(self._callers(at)) - seen:
                seen.add(caller)
                waiting.append(caller)

    def _hooked(self, place: Place) -> tuple[str, ...]:
        """Return where the address of a function is taken in its file."""
        if place not in self._hooks:
            text = self._text(place[0])
            pattern = re.compile(_WORD % re.escape(place[1].encode()))
            found = {_hook(text, at.start()) for at in pattern.finditer(text)}
            self._hooks[place] = tuple(sorted(found - {''}))
        return self._hooks[place]

    def _text(self, path: str) -> bytes:
        if path not in self._texts:
            text = self.walks.snapshot.sources.text(self.walks.snapshot.commit, path) or b''
            self._texts[path] = _NOISE.sub(b' ', text)
        return self._texts[path]


def _hook(text: bytes, at: int) -> str:
    before = text[max(0, at - 200) : at]
    found = _ASSIGNED.search(before) or _PASSED.search(before)
    return found[1].decode('ascii', 'replace') if found is not None else ''


def _like(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, one) for one in patterns)
