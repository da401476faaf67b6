# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps mails, what sources gave, what stages made of them and the log of commands; knows not what they mean."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from bot.errors import StoreError
from bot.model import Aim, Command, RawMail
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

    def __enter__(self) -> Self:
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

    def sources(self) -> tuple[tuple[str, datetime], ...]:
        """Return the keys of all sources that were read, and when each was last."""
        return tuple((row['key'], datetime.fromisoformat(row['read_at'])) for row in self._run('get_sources'))

    def forget_source(self, key: str) -> None:
        """Drop a source, and the mails that no other source gave."""
        with self._transaction():
            self._run('drop_source', key=key)
            self._run('drop_loose_mails')

    def put_commands(self, commands: Sequence[Command]) -> int:
        """Add entries to the log, all or none, and return how many are new: those with a known id are left out."""
        with self._transaction():
            return sum(self._put_command(command) for command in commands)

    def _put_command(self, command: Command) -> bool:
        row = {name: getattr(command, name) for name in ('id', 'actor', 'verb', 'text', 'message_id', 'line')}
        if not self._run('put_command', at=command.at.astimezone(UTC).isoformat(), **row).rowcount:
            return False
        for position, aim in enumerate(command.aims):
            place = {f.name: getattr(aim, f.name) for f in fields(aim) if f.name != 'lines'}
            first, last = aim.lines
            self._run('put_command_aim', command=command.id, position=position, first=first, last=last, **place)
        return True

    def commands(self, message_ids: Iterable[str]) -> tuple[Command, ...]:
        """Return the log of all that is about any of these mails, by time, then id."""
        mails = json.dumps(sorted({m for m in message_ids if m}))
        return tuple(
            Command(
                row['id'],
                datetime.fromisoformat(row['at']),
                row['actor'],
                row['verb'],
                row['text'],
                tuple(_aim(aim) for aim in self._run('get_command_aims', command=row['id'])),
                row['message_id'],
                row['line'],
            )
            for row in self._run('get_commands', mails=mails).fetchall()
        )

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

    def results(self, subject: str, stage: str) -> Iterator[tuple[datetime, bytes]]:
        """Yield when each result of a stage on a mail or source was made and its document, the newest first."""
        for row in self._run('get_results_of', subject=subject, stage=stage).fetchall():
            yield datetime.fromisoformat(row['made_at']), zlib.decompress(row['document'])

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


def _aim(row: sqlite3.Row) -> Aim:
    values = {f.name: row[f.name] for f in fields(Aim) if f.name != 'lines'}
    return Aim(lines=(row['first'], row['last']), **values)
