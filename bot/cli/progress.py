# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws progress on stderr when a person watches; silent in a pipe, a log or under NO_COLOR with a dumb terminal.

With -v it is told in lines wherever it cannot be drawn: each task when it begins, in ten steps, and at its end.
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
_STEPS = 10


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
    def __init__(self) -> None:
        self._told: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def __call__(self, what: str, done: int, total: int) -> None:
        step = (done * _STEPS // total if total else 0, total)
        with self._lock:
            if self._told.get(what) == step:
                return
            self._told[what] = step
        log.info('%s%s', what, f' {done} of {total}' if total else '')


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
