# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions of some files of one commit, and who calls whom in them.

Promises to resolve a name as C does: the file's own function first, then one that other files can call. Refuses
function pointers: no function that takes pages is called through one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from bot.checks.c.facts import Call, Function
from bot.checks.c.file import File
from bot.checks.tree.kernel import Kernel

Place = tuple[str, str]
"""A function: the file it stands in and its name."""


class Scene:
    def __init__(self, kernel: Kernel, files: Mapping[str, File]) -> None:
        self.kernel, self.files = kernel, files
        self._below: dict[tuple[Place, ...], set[Place]] = {}

    @cached_property
    def _shared(self) -> dict[str, Place]:
        """Functions other files can call; a `.c` file's definition wins over a header's."""
        found: dict[str, Place] = {}
        for path in sorted(self.files, key=lambda path: (path.endswith('.c'), path)):
            header = path.endswith('.h')
            for name, one in self.files[path].functions.items():
                if not one.macro and (header or not one.static):
                    found[name] = (path, name)
        return found

    def resolve(self, path: str, name: str) -> Place | None:
        return (path, name) if name in self.files[path].functions else self._shared.get(name)

    def function(self, place: Place) -> Function:
        return self.files[place[0]].functions[place[1]]

    def functions(self) -> Iterator[tuple[str, Function]]:
        for path, file in self.files.items():
            for function in file.facts.functions:
                yield path, function

    def callers(self, place: Place) -> Iterator[tuple[str, Function, Call]]:
        """Yield the calls that reach a function, by file."""
        for path, file in self.files.items():
            calls = file.calls.get(place[1])
            if calls and self.resolve(path, place[1]) == place:
                yield from ((path, function, call) for function, call in calls)

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(name for file in self.files.values() for name in file.functions)

    def releasing(self) -> list[Place]:
        """Return the definitions of the functions that give pages back."""
        group = self.kernel.group(('@unpin',))
        return sorted(
            (path, name)
            for path in self.kernel.home
            if path in self.files
            for name in group & set(self.files[path].functions)
        )

    def below(self, places: list[Place]) -> set[Place]:
        """Return the functions that some functions call, directly or through others of the same file."""
        key = tuple(places)
        if key not in self._below:
            seen, waiting = set(places), list(places)
            while waiting:
                path, name = waiting.pop()
                own = self.files[path].functions
                fresh = {(path, call.callee) for call in own[name].calls if call.callee in own} - seen
                seen |= fresh
                waiting += sorted(fresh)
            self._below[key] = seen
        return self._below[key]
