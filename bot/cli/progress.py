# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws progress on stderr when a person watches; silent in a pipe, a log or under NO_COLOR with a dumb terminal.

With -v it is told in lines there, one when something else begins and one when a good deal more of it is done.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn

from bot import model

log = logging.getLogger(__name__)
_FEW = 50


@contextmanager
def bars() -> Iterator[model.Progress]:
    """Yield a function to report progress to; each first word gets a line of its own."""
    console = Console(stderr=True)
    if not console.is_terminal or console.is_dumb_terminal:
        yield _Lines() if log.isEnabledFor(logging.INFO) else lambda what, done, total: None
        return
    columns = (SpinnerColumn(), TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as drawn:
        yield _Reporter(drawn)


class _Lines:
    """Jobs report from threads of their own."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}
        self._lock = threading.Lock()

    def __call__(self, what: str, done: int, total: int) -> None:
        with self._lock:
            before = self._told.get(what)
            if before is not None and done < 2 * max(before, _FEW):
                return
            self._told[what] = done
            log.info('%s', f'{what}: {done}{f" of {total}" if total else ""}' if done else what)


class _Reporter:
    """Jobs report from threads of their own."""

    def __init__(self, drawn: Progress) -> None:
        self._drawn = drawn
        self._lines: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def __call__(self, what: str, done: int, total: int) -> None:
        with self._lock:
            topic = what.split(' ', 1)[0]
            if topic not in self._lines:
                self._lines[topic] = self._drawn.add_task(what, total=None)
            line = self._lines[topic]
            self._drawn.update(line, description=what, completed=done, total=total or None)
