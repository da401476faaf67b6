# SPDX-License-Identifier: GPL-2.0-or-later
"""A function as steps with edges: the control flow that ownership of pages is followed along.

Promises plain data: no step knows what a call means. Refuses to be a C
front end: casts are dropped, what cannot be expressed is an opaque term.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

END = -1
"""The successor of a step after which the function is over."""


class Term(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An expression without side effects: calls and assignments in it are steps before, their results names `%n`.

    `op` is n (name), k (constant), `.` (field, both signs of access), `[` (element), `*` and `&` (pointers), f (a macro
    or function that only computes), ? (opaque), or an operator of C.
    """

    op: str
    text: str = ''
    parts: tuple[Term, ...] = ()

    def inside(self) -> Iterator[Term]:
        """Yield the term and all terms in it."""
        waiting = [self]
        while waiting:
            at = waiting.pop()
            yield at
            waiting.extend(at.parts)


class Step(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One thing that happens: set, call, test, return, goto or join (nothing); a test goes on to (true, false).

    `loop` is, for the test of a loop, the first step of its body and the one after the last, else (0, 0).
    `warns`: the ways on from a test of which the source says, by WARN_ON(), that they cannot be taken.
    """

    kind: str
    line: int
    next: tuple[int, ...]
    target: Term | None = None
    callee: str = ''
    terms: tuple[Term, ...] = ()
    text: str = ''
    loop: tuple[int, int] = (0, 0)
    warns: tuple[int, ...] = ()


class Graph(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The steps of a function, the first of which is its entry; `types` are those of parameters and locals.

    `lost` says why there are none.
    """

    steps: tuple[Step, ...] = ()
    params: tuple[str, ...] = ()
    types: dict[str, str] = {}
    returns: str = ''
    damaged: bool = False
    lost: str = ''
