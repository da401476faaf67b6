# SPDX-License-Identifier: GPL-2.0-or-later
"""What was seen on the paths of one function: plain data, kept by blob."""

from __future__ import annotations

from bot.checks.c.facts import Expr, Fact


class Event(Fact, frozen=True):
    """What happened to what was taken at `take_line`, where it is to be mended (`line`, `text`), and the path there.

    `here` is the step at which it happens, `path` has (line, words) between; `given` and `lock` as in `Happening`.
    `flags` are those that a function which took for this one was told to take with, where it is known.
    `partial`: only a part of what was asked for is held; `taker` is the function it was taken in, `taken_in` its file, '' for this one. `weak`: it is
    not sure that what was taken is meant.
    """

    what: str
    resource: str
    home: str
    partial: bool
    take: str
    take_line: int
    take_text: str
    line: int
    text: str
    here: str
    here_line: int
    given: str = ''
    lock: str = ''
    path: tuple[tuple[int, str], ...] = ()
    fact: str = ''
    taker: str = ''
    flags: Expr | None = None
    taken_in: str = ''
    weak: bool = False


class Walked(Fact, frozen=True):
    """The events of a function; `gave_up` says why there are none although there might be.

    `stays`: the functions it calls whose pages are still held somewhere after a success. `never`: the lines that take what
    every way out loses.
    """

    events: tuple[Event, ...] = ()
    gave_up: str = ''
    damaged: bool = False
    stays: tuple[str, ...] = ()
    never: tuple[int, ...] = ()
