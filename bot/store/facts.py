# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps facts about git blobs in a file of their own, which jobs may write; losing it costs time, never truth.

Promises that the file stays within a size: what was used least lately goes first.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from bot.store import sql

_BATCH = 256
_MOST_BYTES = 1 << 30
_KEPT = 0.75
"""The share of the limit that is left by pruning, so that it is not done every time."""

Key = tuple[str, str, str]


class FactFile:
    """A `FactCache` (bot/model/ports.py) in SQLite; writes are gathered, `close()` writes the rest and makes room.

    A use is counted in openings of the file, not in time: the clock is nobody's business.
    """

    def __init__(self, path: Path, most_bytes: int = _MOST_BYTES) -> None:
        self._db = sql.connect(path)
        self._db.executescript(sql.queries()['create_facts'])
        self._now = (self._db.execute(sql.queries()['newest_use']).fetchone()[0] or 0) + 1
        self._most = most_bytes
        self._pending: dict[Key, bytes] = {}
        self._used: set[Key] = set()

    def __enter__(self) -> FactFile:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def get(self, kind: str, version: str, blob: str) -> bytes | None:
        key = (kind, version, blob)
        pending = self._pending.get(key)
        if pending is not None:
            return pending
        row = self._db.execute(sql.queries()['get_fact'], key).fetchone()
        if row is None:
            return None
        if row[1] < self._now:
            self._used.add(key)
        found: bytes = row[0]
        return found

    def put(self, kind: str, version: str, blob: str, fact: bytes) -> None:
        self._pending[kind, version, blob] = fact
        if len(self._pending) >= _BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        with suppress(sqlite3.OperationalError):
            self._make_room()
        self._db.close()

    def _flush(self) -> None:
        rows = [(*key, fact, self._now) for key, fact in self._pending.items()]
        used = [(self._now, *key) for key in sorted(self._used)]
        try:
            self._db.execute('BEGIN IMMEDIATE')
            self._db.executemany(sql.queries()['put_fact'], rows)
            self._db.executemany(sql.queries()['use_fact'], used)
            self._db.execute('COMMIT')
        except sqlite3.OperationalError:  # another job has held the file for all our patience: a cache can wait
            if self._db.in_transaction:
                self._db.execute('ROLLBACK')
        self._pending.clear()
        self._used.clear()

    def _make_room(self) -> None:
        """Drop the facts of the oldest openings until what is left is well within the limit."""
        pages, size, free = (self._pragma(name) for name in ('page_count', 'page_size', 'freelist_count'))
        if (pages - free) * size <= self._most:
            return
        rows = self._db.execute(sql.queries()['facts_by_use']).fetchall()
        left, last = sum(row[1] for row in rows), 0
        for used, taken in rows:
            if left <= self._most * _KEPT:
                break
            left, last = left - taken, used
        self._db.execute(sql.queries()['drop_facts'], (last,))
        self._db.execute('VACUUM')

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f'PRAGMA {name}').fetchone()[0])
