# SPDX-License-Identifier: GPL-2.0-or-later
"""What calls mean for ownership, as the area files say and as the tree's prototypes place arguments.

Promises one meaning for a name. Refuses to guess: an unknown function may keep whatever it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from bot.checks.kernel import Kernel
from bot.checks.rules import FlowWords, Resource

Role = Literal[
    'take', 'give', 'free', 'allocate', 'borrow', 'address', 'offer', 'lock', 'unlock', 'dirty', 'own', 'settle', ''
]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a call does: `pages` and `count` are positions of arguments, None where there is none."""

    role: Role
    resources: tuple[Resource, ...] = ()
    pages: int | None = None
    count: int | None = None
    lock: str = ''


class Words:
    """The vocabulary of one area at one commit."""

    def __init__(self, kernel: Kernel, flow: FlowWords) -> None:
        self.kernel, self.flow = kernel, flow
        self._meanings: dict[str, Meaning] = {}

    def meaning(self, callee: str) -> Meaning:
        if callee not in self._meanings:
            self._meanings[callee] = Meaning('settle') if callee.startswith('settle:') else self._found(callee)
        return self._meanings[callee]

    def _found(self, callee: str) -> Meaning:
        taken = [one for one in self.flow.resources if matches(callee, self._opened(one.take))]
        if taken:
            resource = self._as_declared(callee, taken[0])
            pages = resource.object if resource.object is not None else self._position(callee, 'pages')
            count = resource.amount if resource.amount is not None else self._position(callee, 'count')
            return Meaning('take', (resource,), pages, count)
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

    def positions(self) -> list[tuple[str, int | None, int | None, str]]:
        """Return where the tree's functions that take or give back have their pages and counts, and what they return."""
        patterns = [name for one in self.flow.resources for name in self._opened((*one.take, *one.give))]
        names = sorted(self.kernel.group(tuple(one for one in patterns if not one.startswith('!'))))
        return [(name, *self._convention(name)) for name in names]

    def _convention(self, name: str) -> tuple[int | None, int | None, str]:
        meaning = self.meaning(name)
        result = meaning.resources[0].result if meaning.resources else ''
        return self._position(name, 'pages'), self._position(name, 'count'), f'{result} {self._declared(name)}'

    def _declared(self, name: str) -> str:
        """Return all else a function's prototypes say: roles are found in it, and types."""
        return ', '.join(f'{one.type} {one.name}' for params in self.kernel.prototypes(name) for one in params)


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Tell whether a name is one of some names or globs; a pattern after `!` takes away."""
    if any(fnmatchcase(name, one[1:]) for one in patterns if one.startswith('!')):
        return False
    return any(fnmatchcase(name, one) for one in patterns)
