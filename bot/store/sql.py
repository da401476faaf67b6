# SPDX-License-Identifier: GPL-2.0-or-later
"""Opens SQLite files the one way lorebot does; reads the named statements of queries.sql."""

from __future__ import annotations

import re
import sqlite3
from functools import cache
from pathlib import Path

from bot.errors import StoreError

_HERE = Path(__file__).parent
_BUSY_SECONDS = 15.0


@cache
def queries() -> dict[str, str]:
    """Return the statements of queries.sql by name."""
    text = (_HERE / 'queries.sql').read_text(encoding='utf-8')
    parts = re.split(r'^-- name: (\w+)$', text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def connect(path: Path) -> sqlite3.Connection:
    """Open or create a database in WAL mode with explicit transactions; raise `StoreError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute('PRAGMA journal_mode = WAL')
        connection.execute('PRAGMA foreign_keys = ON')
        connection.execute('PRAGMA synchronous = NORMAL')
    except (OSError, sqlite3.Error) as failure:
        raise StoreError('cannot open the database', where=f'{path}: {failure}', todo='check [store] path') from None
    return connection


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Run the numbered migrations this file has not seen, each in a transaction; refuse a file newer than this program."""
    steps = sorted((_HERE / 'schema').glob('[0-9]*.sql'))
    version = connection.execute('PRAGMA user_version').fetchone()[0]
    if version > len(steps):
        raise StoreError(
            f'the database has schema {version}, this program knows {len(steps)}',
            where=str(path),
            todo='use a newer lorebot or another [store] path',
        )
    for number, step in list(enumerate(steps, 1))[version:]:
        statements = step.read_text(encoding='utf-8')
        connection.executescript(f'BEGIN IMMEDIATE;\n{statements}\nPRAGMA user_version = {number};\nCOMMIT;')
