# SPDX-License-Identifier: GPL-2.0-or-later
"""What a call of a function means for the pages its caller has: plain data, so that callers in other files can use it.

Promises that a summary says what every success of the function does; where successes differ it says nothing and why
(`top`). Refuses to hold anything a reviewer of it could not check at the line it names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from bot.checks.c.facts import Expr, Fact
from bot.checks.flow.habits import Habit
from bot.checks.rulebook.areas import Resource
from bot.checks.tree.words import Meaning

_ENCODER = msgspec.msgpack.Encoder(order='deterministic')


class Taken(Fact, frozen=True):
    """What a success leaves with the caller.

    `into` is where the pages are: argument (an array the caller gave), object (a field of what the caller gave) or
    result (what is returned, or a field of it). `result` is how success is told, as in `Resource`; `fails` are the
    signs of results that say failure. `sites` are the calls (name, line) it is taken by, `flags` theirs, in terms of the
    parameters.
    """

    resource: str
    result: str
    into: str
    argument: int = -1
    field: str = ''
    count: int = -1
    fails: tuple[str, ...] = ()
    flags: Expr | None = None
    sites: tuple[tuple[str, int], ...] = ()


class Summary(Fact, frozen=True):
    """One function: what it takes for its caller, what it gives back, frees or keeps of what it is given.

    `gives` are (argument, field, resource); `said` is the file of a maintainer that says so instead of the code.
    """

    name: str
    line: int = 0
    static: bool = False
    taken: Taken | None = None
    gives: tuple[tuple[int, str, str], ...] = ()
    frees: tuple[int, ...] = ()
    keeps: tuple[int, ...] = ()
    top: str = ''
    said: str = ''
    params: tuple[str, ...] = ()

    @property
    def matters(self) -> bool:
        """Tell whether it says anything about pages."""
        return self.taken is not None or bool(self.gives)

    def meaning(self) -> Meaning | None:
        """Return what a call takes, None when it takes nothing; `vague` when no caller can rely on it."""
        one = self.taken
        if one is None or (self.top and one.into != 'object'):
            return None
        place = one.argument if one.into == 'object' else None
        result = one.result if not self.top else 'count'
        resource = Resource(name=one.resource, result=result, object=place)  # type: ignore[arg-type]
        pages = one.argument if one.into == 'argument' else place
        count = one.count if one.count >= 0 else None
        return Meaning('take', (resource,), pages, count, field=one.field, wrapped=True, vague=bool(self.top))

    def habit(self) -> Habit:
        return Habit(frozenset(self.gives), frozenset(self.frees), frozenset(self.keeps))


def digest(known: Mapping[str, Summary], names: Iterable[str]) -> str:
    """Return a short hash of what is known of some functions, '' when that is nothing."""
    said = [(name, known[name].taken, known[name].gives, known[name].frees, known[name].keeps, known[name].top)
            for name in sorted(names)]  # fmt: skip
    return hashlib.sha256(_ENCODER.encode(said)).hexdigest()[:16] if said else ''
