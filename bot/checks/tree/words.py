# SPDX-License-Identifier: GPL-2.0-or-later
"""What calls mean for ownership, as the area files say and as the tree's prototypes place arguments.

Promises one meaning for a name. Refuses to guess: an unknown function may keep whatever it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

import msgspec

from bot.checks.rulebook.areas import FlowWords, Resource
from bot.checks.tree.kernel import Kernel

Role = Literal[
    'take', 'give', 'free', 'allocate', 'borrow', 'address', 'offer', 'lock', 'unlock', 'dirty', 'own', 'settle', ''
]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a call does: `pages` and `count` are positions of arguments, None where there is none.

    `wrapped`: the call is of a function that takes for its caller; `field`: where in an object it leaves the pages;
    `vague`: not on every success, so it is followed and nothing is said of it.
    """

    role: Role
    resources: tuple[Resource, ...] = ()
    pages: int | None = None
    count: int | None = None
    lock: str = ''
    field: str = ''
    wrapped: bool = False
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """What a call does to contents: positions of the address and of the page it writes to; whether it maps for a device
    or unmaps, and whether its result is an address of what is in its first argument."""

    to: int | None = None
    page: int | None = None
    maps: bool = False
    unmaps: bool = False
    view: bool = False


class Words:
    """The vocabulary of one area at one commit."""

    def __init__(self, kernel: Kernel, flow: FlowWords, own: frozenset[str] = frozenset()) -> None:
        self.kernel, self.flow, self.own = kernel, flow, own
        self._meanings: dict[str, Meaning] = {}
        self._contents: dict[str, Reach] = {}

    def within(self, names: Iterable[str]) -> Words:
        """Return the vocabulary in a file that defines some functions: what only sounds like the tree's own is what it does."""
        return Words(self.kernel, self.flow, frozenset(name for name in names if not self.kernel.prototypes(name)))

    def meaning(self, callee: str) -> Meaning:
        if callee not in self._meanings:
            if callee.startswith('settle:'):
                self._meanings[callee] = Meaning('settle')
            else:
                foreign = callee not in self.own or self._listed(callee)
                self._meanings[callee] = self._found(callee) if foreign else Meaning('')
        return self._meanings[callee]

    def contents(self, callee: str) -> Reach:
        if callee not in self._contents:
            flow = self.flow
            self._contents[callee] = Reach(
                position(callee, flow.writes),
                position(callee, flow.writes_page),
                matches(callee, flow.device),
                matches(callee, flow.unmap),
                matches(callee, flow.view),
            )
        return self._contents[callee]

    def convention(self, callee: str) -> str:
        """Return by which convention the result of a call must be looked at, '' when none is known."""
        return next((name for name, calls in self.flow.results.items() if matches(callee, calls)), '')

    def callback(self, callee: str) -> int | None:
        """Return which argument of a call is a function that may not sleep."""
        return position(callee, self.flow.callbacks)

    def _found(self, callee: str) -> Meaning:
        taken = [one for one in self.flow.resources if matches(callee, self._opened(one.take))]
        if taken:
            resource = self._as_declared(callee, taken[0])
            pages = resource.object if resource.object is not None else self._position(callee, 'pages')
            count = resource.amount if resource.amount is not None else self._position(callee, 'count')
            return Meaning('take', (resource,), resource.pages if pages is None else pages, count)
        given = tuple(one for one in self.flow.resources if matches(callee, self._opened(one.give)))
        if given:
            count = given[0].amount if given[0].amount is not None else self._position(callee, 'count')
            return Meaning('give', given, 0, count)
        lock = self._lock(callee)
        if lock is not None:
            return lock
        for role in ('free', 'allocate', 'dirty', 'address', 'offer', 'borrow'):
            if matches(callee, getattr(self.flow, role)):
                return Meaning(role)
        return Meaning('')

    def _listed(self, callee: str) -> bool:
        """Tell whether a name stands in the vocabulary itself, not only under a glob."""
        flow = self.flow
        known = [*flow.borrow, *flow.address, *flow.offer, *flow.dirty, *flow.allocate, *flow.free]
        known += [name for one in flow.resources for name in (*one.take, *one.give)]
        return callee in known

    def _lock(self, callee: str) -> Meaning | None:
        for name, lock in self.flow.locks.items():
            if matches(callee, (*lock.take, *lock.asserted)):
                return Meaning('lock', lock=name)
            if matches(callee, lock.give):
                return Meaning('unlock', lock=name)
        return None

    def _as_declared(self, callee: str, resource: Resource) -> Resource:
        """Return the resource by the tree's convention: what is said to return a pointer may return an int there."""
        if resource.result != 'pointer':
            return resource
        made = [file.functions[callee] for file in self.kernel.home.values() if callee in file.functions]
        returns = [one.returns for one in made if one.returns]
        if not returns or any('*' in one for one in returns):
            return resource
        return msgspec.structs.replace(resource, result='zero', object=0)

    def _opened(self, names: Sequence[str]) -> tuple[str, ...]:
        groups: Mapping[str, tuple[str, ...]] = self.kernel.area.groups
        return tuple(one for name in names for one in (groups.get(name[1:], ()) if name.startswith('@') else (name,)))

    def _position(self, callee: str, role: str) -> int | None:
        return self.kernel.position(callee, role)

    def positions(self) -> list[tuple[str, int | None, int | None, int | None, str]]:
        """Return where the tree's functions that take or give back have pages, counts and flags, and what they return."""
        patterns = [name for one in self.flow.resources for name in self._opened((*one.take, *one.give))]
        names = sorted(self.kernel.group(tuple(one for one in patterns if not one.startswith('!'))))
        return [(name, *self._convention(name)) for name in names]

    def _convention(self, name: str) -> tuple[int | None, int | None, int | None, str]:
        meaning = self.meaning(name)
        result = meaning.resources[0].result if meaning.resources else ''
        where = (self._position(name, 'pages'), self._position(name, 'count'), self._position(name, 'flags'))
        return *where, f'{result} {self._declared(name)}'

    def _declared(self, name: str) -> str:
        """Return all else a function's prototypes say: roles are found in it, and types."""
        return ', '.join(f'{one.type} {one.name}' for params in self.kernel.prototypes(name) for one in params)


def position(name: str, patterns: Sequence[str]) -> int | None:
    """Return which argument one of some globs means by its `/`, None where none fits the name."""
    return _position_in(name, tuple(patterns))


@lru_cache(maxsize=1 << 17)
def _position_in(name: str, patterns: tuple[str, ...]) -> int | None:
    """Return the position after the `/` of the first of some globs a name matches, 0 where there is none."""
    for one in patterns:
        glob, _, at = one.partition('/')
        if fnmatchcase(name, glob):
            return int(at or 0)
    return None


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Tell whether a name is one of some names or globs; a pattern after `!` takes away."""
    return _matches(name, tuple(patterns))


@lru_cache(maxsize=1 << 17)
def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    if any(fnmatchcase(name, one[1:]) for one in patterns if one.startswith('!')):
        return False
    return any(fnmatchcase(name, one) for one in patterns)
