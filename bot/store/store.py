# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps mails, what sources gave and what stages made of them; knows nothing of what the documents mean."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bot.errors import StoreError
from bot.model import RawMail
from bot.store import sql


class Store:
    """One SQLite file. Safe to open from several processes; one object belongs to one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sql.connect(path)
        try:
            sql.migrate(self._db, path)
        except sqlite3.Error as failure:
            raise StoreError('cannot prepare the database', where=f'{path}: {failure}', todo='move it away') from None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def put_source(self, key: str, mails: Sequence[RawMail], read_at: datetime) -> None:
        """Record what a source gave, in its order, in place of what it gave before."""
        with self._transaction():
            source = self._one('put_source', key=key, read_at=read_at.isoformat())['id']
            self._run('clear_source', source=source)
            for position, mail in enumerate(mails):
                digest = hashlib.sha256(mail.raw).hexdigest()
                if self._run('has_mail', digest=digest).fetchone() is None:
                    self._run('put_mail', digest=digest, raw=zlib.compress(mail.raw, 6))
                archived = mail.archived.isoformat() if mail.archived else None
                self._run(
                    'put_source_mail',
                    source=source,
                    position=position,
                    digest=digest,
                    archived=archived,
                    origin=mail.origin,
                )

    def source(self, key: str) -> tuple[datetime, tuple[RawMail, ...]] | None:
        """Return when a source was last read and what it gave then, None if it never was."""
        row = self._run('get_source', key=key).fetchone()
        if row is None:
            return None
        mails = tuple(
            RawMail(zlib.decompress(raw), datetime.fromisoformat(archived) if archived else None, origin)
            for raw, archived, origin in self._run('get_source_mail', key=key)
        )
        return datetime.fromisoformat(row['read_at']), mails

    def put_result(self, key: str, stage: str, subject: str, document: bytes, made_at: datetime) -> None:
        with self._transaction():
            self._run(
                'put_result',
                key=key,
                stage=stage,
                subject=subject,
                document=zlib.compress(document, 6),
                made_at=made_at.isoformat(),
            )

    def result(self, key: str) -> bytes | None:
        row = self._run('get_result', key=key).fetchone()
        return zlib.decompress(row['document']) if row else None

    def _run(self, query: str, **values: object) -> sqlite3.Cursor:
        return self._db.execute(sql.queries()[query], values)

    def _one(self, query: str, **values: object) -> sqlite3.Row:
        rows: list[sqlite3.Row] = self._run(query, **values).fetchall()
        return rows[0]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute('BEGIN IMMEDIATE')
        try:
            yield
        except BaseException:
            self._db.execute('ROLLBACK')
            raise
        self._db.execute('COMMIT')
