# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps facts about git blobs in a file of their own, which jobs may write; losing it costs time, never truth."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bot.store import sql

_BATCH = 256


class FactFile:
    """A `FactCache` (bot/model/ports.py) in SQLite; writes are gathered, `close()` writes the rest."""

    def __init__(self, path: Path) -> None:
        self._db = sql.connect(path)
        self._db.execute(sql.queries()['create_facts'])
        self._pending: dict[tuple[str, str, str], bytes] = {}

    def __enter__(self) -> FactFile:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def get(self, kind: str, version: str, blob: str) -> bytes | None:
        pending = self._pending.get((kind, version, blob))
        if pending is not None:
            return pending
        row = self._db.execute(sql.queries()['get_fact'], (kind, version, blob)).fetchone()
        return row[0] if row else None

    def put(self, kind: str, version: str, blob: str, fact: bytes) -> None:
        self._pending[kind, version, blob] = fact
        if len(self._pending) >= _BATCH:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._db.close()

    def _flush(self) -> None:
        rows = [(*key, fact) for key, fact in self._pending.items()]
        try:
            self._db.execute('BEGIN IMMEDIATE')
            self._db.executemany(sql.queries()['put_fact'], rows)
            self._db.execute('COMMIT')
        except sqlite3.OperationalError:  # another job has held the file for all our patience: a cache can wait
            if self._db.in_transaction:
                self._db.execute('ROLLBACK')
        self._pending.clear()
