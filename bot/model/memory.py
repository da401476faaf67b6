# SPDX-License-Identifier: GPL-2.0-or-later
"""Remembers what was found out about single mails and pairs of them, so that one new mail costs one mail's work.

Promises that a result is the same with and without it: only functions of nothing but their arguments may be `recalled`
or `kept`. Within a process they are told apart by identity, so whoever asks again must bring the same objects; from one
process to the next by a digest of their contents and of the program. Losing either costs time, never truth.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from contextvars import ContextVar, Token
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import msgspec

from bot.model.ports import FactCache

P = ParamSpec('P')
T = TypeVar('T')

# Told apart by value: equal ones are often not one object.
_PLAIN = frozenset((str, int, bool, bytes, datetime, type(None)))
_LEAST = 4096


class Memory:
    """What is known, for as long as the owner keeps it; `with memory:` makes it the one that is asked.

    What was not asked for since more came in than was asked for again is dropped: it grows with what is in use.
    """

    def __init__(self, facts: FactCache | None = None, version: str = '') -> None:
        self.facts, self.version = facts, version
        self.new: dict[str, dict[Hashable, tuple[tuple[Any, ...], Any]]] = {}
        self.old: dict[str, dict[Hashable, tuple[tuple[Any, ...], Any]]] = {}
        self._given: dict[tuple[str, str], Any] = {}
        self._tokens: list[Token[Memory | None]] = []
        self._collects: list[bool] = []
        self._made = self._reused = 0

    def __enter__(self) -> Memory:
        if not self._tokens and self._made > self._reused + _LEAST:
            self.old, self.new, self._given = self.new, {}, {}
            self._made = self._reused = 0
        self._tokens.append(_CURRENT.set(self))
        # All that is made here is kept and nothing of it runs in circles: looking for such garbage took a quarter
        # of the time (docs/measurements.md).
        self._collects.append(gc.isenabled())
        gc.disable()
        return self

    def __exit__(self, *exc: object) -> None:
        _CURRENT.reset(self._tokens.pop())
        if self._collects.pop():
            gc.enable()

    def of(self, kind: str, make: Callable[..., T], things: tuple[Any, ...]) -> T:
        """Return what `make(*things)` gave before for the same things, else ask it."""
        key = tuple([t if t.__class__ in _PLAIN else id(t) for t in things])
        known = self.new.get(kind, _NONE).get(key)
        return known[1] if known is not None else self.ask(kind, key, make, things)

    def ask(self, kind: str, key: Hashable, make: Callable[..., T], things: tuple[Any, ...]) -> T:
        """Take what is not among the newest things from the older ones, else make it."""
        known = self.old.get(kind, _NONE).pop(key, None)
        self._reused += known is not None
        self._made += known is None
        if known is None:
            known = (things, make(*things))  # the things are held on to: an id must not be given to another
        self.new.setdefault(kind, {})[key] = known
        return known[1]

    def same(self, kind: str, name: str, thing: T) -> T:
        """Return the thing that was given under this name before when it is equal, so that its identity stays."""
        before = self._given.get((kind, name))
        if before == thing:
            return before
        self._given[kind, name] = thing
        return thing

    def noted(self, kind: str, text: str) -> str | None:
        """Return the short fact about a text, None when there is none."""
        found: str | None = self._given.get((kind, text))
        if found is None and self.facts is not None:
            fact = self.facts.get(kind, self.version, digest(text))
            if fact is not None:
                found = self._given[kind, text] = fact.decode()
        return found

    def note(self, kind: str, text: str, fact: str) -> None:
        self._given[kind, text] = fact
        if self.facts is not None:
            self.facts.put(kind, self.version, digest(text), fact.encode())


_NONE: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}


_CURRENT: ContextVar[Memory | None] = ContextVar('memory', default=None)


def current() -> Memory:
    """Return the memory in use, else a fresh one: asked for once by whoever has a loop over mails."""
    return _CURRENT.get() or Memory()


def recalled(function: Callable[P, T]) -> Callable[P, T]:
    """Let a function of its positional arguments alone be asked once for the same ones while a memory is in use.

    What it returns is shared and must not be changed.
    """
    kind = f'{function.__module__}.{function.__qualname__}'

    current, plain = _CURRENT.get, _PLAIN

    @wraps(function)
    def asked(*things: P.args, **more: P.kwargs) -> T:
        memory = current()
        if memory is None or more:
            return function(*things, **more)
        if len(things) == 1:  # most are asked of one thing, and often
            one = things[0]
            key: Hashable = one if one.__class__ in plain else id(one)
        else:
            key = tuple([t if t.__class__ in plain else id(t) for t in things])
        known = memory.new.get(kind, _NONE).get(key)
        return known[1] if known is not None else memory.ask(kind, key, function, things)

    return asked


def kept(kind: str, shape: Any, about: object, make: Callable[[], T]) -> T:
    """Return the fact of this kind about something, from the fact cache of the memory in use when that has it.

    `shape` is the type that msgspec reads the fact back as; `about` is all that the fact depends on, '' when it has no
    name. Worth it where finding out takes much longer than reading the fact.
    """
    memory = _CURRENT.get()
    if memory is None or memory.facts is None or not about:
        return make()
    name = digest(about)
    found = memory.facts.get(kind, memory.version, name)
    if found is not None:
        with suppress(msgspec.MsgspecError):  # a fact that cannot be read is found out again
            return msgspec.json.decode(found, type=shape)  # type: ignore[no-any-return]
    made = make()
    memory.facts.put(kind, memory.version, name, msgspec.json.encode(made))
    return made


def kept_all(kind: str, abouts: Sequence[str], make: Callable[[list[str]], Sequence[str]]) -> list[str]:
    """Return a short fact about each of some texts; `make` is asked once for all that are not known."""
    memory = current()
    known: dict[str, str] = {}
    for text in abouts:
        fact = memory.noted(kind, text)
        if fact is not None:
            known[text] = fact
    unknown = [t for t in dict.fromkeys(abouts) if t not in known]
    for text, fact in zip(unknown, make(unknown) if unknown else (), strict=True):
        known[text] = fact
        memory.note(kind, text, fact)
    return [known[text] for text in abouts]


def name_of(*about: object) -> str:
    """Return a digest by which facts about this are kept, '' when the memory in use keeps none."""
    memory = _CURRENT.get()
    return digest(about) if memory is not None and memory.facts is not None else ''


def digest(about: object) -> str:
    """Return a hash of the contents of anything that msgspec can write."""
    return hashlib.sha256(msgspec.json.encode(about, order='deterministic')).hexdigest()
