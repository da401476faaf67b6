# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads a kernel console and says what went wrong in it: panics, oopses, warnings, stalls, hyp panics, each titled.

Promises: one pass, bounded memory and time whatever the bytes are; the same log gives the same events. Refuses to
judge: whether an event is new, or matters, is for the caller. Lines after `LIMIT` bytes are counted as a flood, not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.lab import shapes
from bot.lab.blocks import Block
from bot.model import ConsoleEvent

LIMIT = 4 << 20
_WIDEST = 1000
_MOST_EVENTS = 200

_STAMP = re.compile(r'\[ {0,8}\d{1,8}\.\d{6}\](?:\[ {0,8}[TC]\d{1,8}\])? ?')
_LEVEL = re.compile(r'<\d{1,3}>')
_CALLER = re.compile(r'\[ {0,8}[TC]\d{1,8}\] ')
_COLOUR = re.compile(r'\x1b\[[0-9;]{0,16}[A-Za-z]')
_OFF = ('reboot: Power down', 'reboot: System halted')
_PANICKED = ('Kernel panic - not syncing', 'Rebooting in ', '---[ end Kernel panic', 'reboot: Restarting system')


@dataclass(frozen=True, slots=True)
class Console:
    """What a console says. `ended`: `off` (powered off), `panic`, or `cut` (it just stops). `lines` counts all read."""

    events: tuple[ConsoleEvent, ...]
    ended: str
    lines: int
    flooded: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One message: its number in the log (1-based), whether the kernel stamped it, and the words."""

    number: int
    stamped: bool
    text: str


def read_console(log: bytes, table: shapes.Table | None = None) -> Console:
    """Return the events of a console in order, equal titles folded into the first."""
    reader = _Reader(table or shapes.shipped_table())
    lines = list(messages(log[:LIMIT]))
    for line in lines:
        reader.take(line)
    flooded = len(log) > LIMIT
    return Console(fold(reader.close()), _ending(lines), lines[-1].number if lines else 0, flooded)


def messages(log: bytes) -> Iterator[Line]:
    """Split a log into messages; one that starts in the middle of another's line is cut off from it.

    The echo of the kernel's command line is left out: it holds words like panic and oops.
    """
    for number, raw in enumerate(log.split(b'\n'), 1):
        text = _COLOUR.sub('', raw[:_WIDEST].decode('utf-8', 'replace')).rstrip('\r')
        starts = [m.start() for m in _STAMP.finditer(text)]
        bounds = sorted({0, *starts})
        for begin, end in zip(bounds, [*bounds[1:], len(text)], strict=True):
            line = _message(number, text[begin:end])
            if not line.text.startswith('Kernel command line:'):
                yield line


def _message(number: int, text: str) -> Line:
    level = _LEVEL.match(text)
    text = text[level.end() :] if level else text
    stamp = _STAMP.match(text) or _CALLER.match(text)
    return Line(number, stamp is not None, text[stamp.end() :] if stamp else text)


def _ending(lines: Iterable[Line]) -> str:
    """Return how the last boot of the log ended."""
    ended = 'cut'
    for line in lines:
        if line.text.startswith(_OFF):
            ended = 'off'
        elif line.text.startswith(_PANICKED):
            ended = 'panic'
        elif line.text.startswith('Linux version '):
            ended = 'cut'
    return ended


def fold(events: Iterable[ConsoleEvent]) -> tuple[ConsoleEvent, ...]:
    """Keep the first event of each title, with how often it came."""
    kept: dict[str, ConsoleEvent] = {}
    for event in events:
        seen = kept.get(event.title)
        kept[event.title] = (
            event if seen is None else replace(seen, count=seen.count + event.count, fatal=seen.fatal or event.fatal)
        )
    return tuple(kept.values())


def new_events(events: Iterable[ConsoleEvent], before: Iterable[ConsoleEvent]) -> tuple[ConsoleEvent, ...]:
    """Return those whose title the base did not have."""
    known = {event.title for event in before}
    return tuple(event for event in events if event.title not in known)


class _Reader:
    """Opens a block at a line that begins an event and closes it at its end mark, at the next event, or when full."""

    def __init__(self, table: shapes.Table) -> None:
        self._shapes = [(shapes.head(row.line), shapes.template(row.line), row) for row in table.shape]
        self._heads = tuple(sorted({head for head, _, _ in self._shapes if head}))
        self._headless = [entry for entry in self._shapes if not entry[0]]
        self._quiet = [shapes.template(row.line) for row in table.quiet]
        self._plumbing = shapes.plumbing(table)
        self._block: Block | None = None
        self._events: list[ConsoleEvent] = []

    def take(self, line: Line) -> None:
        found = self._find(line.text)
        if found is None:
            if self._block is not None and not self._block.add(line.number, line.text):
                self._finish()
            return
        shape, match = found
        if shape.follows and self._continues(line, shape.kind != 'oom'):
            return
        self._finish()
        if len(self._events) < _MOST_EVENTS:
            self._block = Block(shape, match, line.number, line.text, self._plumbing)

    def close(self) -> list[ConsoleEvent]:
        self._finish()
        return self._events

    def _continues(self, line: Line, fatal: bool) -> bool:
        """Tell whether an event has begun that this line belongs to; a line that ends the kernel makes it fatal."""
        if self._block is not None:
            self._block.add(line.number, line.text)
            self._block.fatal = self._block.fatal or fatal
        elif self._events:
            self._events[-1] = replace(self._events[-1], fatal=self._events[-1].fatal or fatal)
        return self._block is not None or bool(self._events)

    def _find(self, text: str) -> tuple[shapes.Shape, re.Match[str]] | None:
        candidates = self._shapes if text.startswith(self._heads) else self._headless
        for head, pattern, shape in candidates:
            if not text.startswith(head):
                continue
            match = pattern.match(text)
            if match is None or (shape.only and match['func'] not in shape.only):
                continue
            return None if any(quiet.match(text) for quiet in self._quiet) else (shape, match)
        return None

    def _finish(self) -> None:
        if self._block is not None:
            self._events.append(self._block.event())
            self._block = None
