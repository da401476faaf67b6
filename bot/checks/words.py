# SPDX-License-Identifier: GPL-2.0-or-later
"""What calls mean for ownership, as the area files say and as the tree's prototypes place arguments.

Promises one meaning for a name. Refuses to guess: an unknown function may keep whatever it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from bot.checks.kernel import Kernel
from bot.checks.rules import FlowWords, Resource

Role = Literal['take', 'give', 'free', 'allocate', 'borrow', 'address', 'lock', 'unlock', 'dirty', 'own', '']


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
            self._meanings[callee] = self._found(callee)
        return self._meanings[callee]

    def _found(self, callee: str) -> Meaning:
        taken = [one for one in self.flow.resources if matches(callee, self._opened(one.take))]
        if taken:
            pages = taken[0].object if taken[0].object is not None else self._position(callee, 'pages')
            return Meaning('take', (taken[0],), pages, self._position(callee, 'count'))
        given = tuple(one for one in self.flow.resources if matches(callee, self._opened(one.give)))
        if given:
            return Meaning('give', given, 0, self._position(callee, 'count'))
        for name, lock in self.flow.locks.items():
            if matches(callee, lock.take):
                return Meaning('lock', lock=name)
            if matches(callee, lock.give):
                return Meaning('unlock', lock=name)
        for role in ('free', 'allocate', 'dirty', 'address', 'borrow'):
            if matches(callee, getattr(self.flow, role)):
                return Meaning(role)
        return Meaning('')

    def _opened(self, names: Sequence[str]) -> tuple[str, ...]:
        groups: Mapping[str, tuple[str, ...]] = self.kernel.area.groups
        return tuple(one for name in names for one in (groups.get(name[1:], ()) if name.startswith('@') else (name,)))

    def _position(self, callee: str, role: str) -> int | None:
        return self.kernel.position(callee, role)

    def positions(self) -> list[tuple[str, int | None, int | None]]:
        """Return where the tree's functions that take or give back have their pages and counts."""
        patterns = [name for one in self.flow.resources for name in self._opened((*one.take, *one.give))]
        names = sorted(self.kernel.group(tuple(one for one in patterns if not one.startswith('!'))))
        return [(name, self._position(name, 'pages'), self._position(name, 'count')) for name in names]


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Tell whether a name is one of some names or globs; a pattern after `!` takes away."""
    if any(fnmatchcase(name, one[1:]) for one in patterns if one.startswith('!')):
        return False
    return any(fnmatchcase(name, one) for one in patterns)
