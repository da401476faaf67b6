# SPDX-License-Identifier: GPL-2.0-or-later
"""One harness for whole reviews: a desk with a store of its own, real jobs and a clock that stands where it is put."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot import config, engine
from bot.desk import Desk
from bot.store import Store


class Clock:
    """Stands still until somebody advances it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 20, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@contextmanager
def desk(directory: Path, clock: Clock | None = None, **overrides: Any) -> Iterator[Desk]:
    """Open a desk whose store is below `directory`; `overrides` are settings, with __ for the dot."""
    given = {key.replace('__', '.'): value for key, value in overrides.items()}
    settings = config.load(None, {'store.path': str(directory / 'store'), **given}).settings
    executor = engine.local(2)
    try:
        with Store(settings.store_dir / 'store.sqlite3') as store:
            yield Desk(settings, store, executor, lambda what, done, total: None, clock or Clock())
    finally:
        engine.abandon()
        executor.shutdown()
