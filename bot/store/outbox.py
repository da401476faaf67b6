# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps letters: their bytes, and all that happened to them; knows not what it means.

Promises that an event is on the disk when its call returns (synchronous FULL: what follows may be a mail), and that of
two who saw the same last event one alone adds the next.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from bot.model import Letter, LetterEvent
from bot.store.store import Store


class Outbox(Store):
    """A database of its own in the file of an outbox; a `Letters`."""

    def letters(self) -> tuple[Letter, ...]:
        """Return all letters in the order they were made."""
        return tuple(
            Letter(
                row['id'],
                zlib.decompress(row['document']),
                zlib.decompress(row['raw']),
                row['digest'],
                tuple(self._events(row['id'])),
            )
            for row in self._run('get_letters').fetchall()
        )

    def put_letter(self, letter: Letter, event: LetterEvent, evidence: tuple[str, bytes]) -> bool:
        """Add a letter with its first event and the document it rests on, all or none; False when its id is there."""
        with self._durable():
            if not self._run('put_letter', id=letter.id, made_at=_utc(event.at)).rowcount:
                return False
            self._put_text(letter)
            self._put_event(letter.id, event, 0)
            self._put_evidence(letter.id, event, evidence)
        return True

    def put_letter_text(
        self, letter: Letter, event: LetterEvent, after: int, evidence: tuple[str, bytes] | None = None
    ) -> bool:
        """Add another text of a letter with its event and the document it rests on, if that is another one, all or none.

        False when something else happened since `after`.
        """
        with self._durable():
            if not self._put_event(letter.id, event, after):
                return False
            self._put_text(letter)
            if evidence is not None:
                self._put_evidence(letter.id, event, evidence)
        return True

    def put_letter_event(self, letter: str, event: LetterEvent, after: int) -> bool:
        """Add an event; False when another one came after the one numbered `after`."""
        with self._durable():
            return self._put_event(letter, event, after)

    def _put_text(self, letter: Letter) -> None:
        self._run(
            'put_letter_text',
            letter=letter.id,
            digest=letter.digest,
            document=zlib.compress(letter.document, 6),
            raw=zlib.compress(letter.raw, 6),
        )

    def _put_evidence(self, letter: str, event: LetterEvent, evidence: tuple[str, bytes]) -> None:
        key, document = evidence
        packed, at = zlib.compress(document, 6), _utc(event.at)
        self._run('put_result', key=key, stage='reply', subject=letter, document=packed, made_at=at)

    def _put_event(self, letter: str, event: LetterEvent, after: int) -> bool:
        said = {name: getattr(event, name) for name in ('what', 'digest', 'actor', 'note')}
        return bool(self._run('put_letter_event', letter=letter, at=_utc(event.at), after=after, **said).rowcount)

    def _events(self, letter: str) -> Iterator[LetterEvent]:
        for row in self._run('get_letter_events', letter=letter).fetchall():
            at = datetime.fromisoformat(row['at'])
            yield LetterEvent(row['what'], at, row['digest'], row['actor'], row['note'], row['number'])

    @contextmanager
    def _durable(self) -> Iterator[None]:
        self._db.execute('PRAGMA synchronous = FULL')
        with self._transaction():
            yield


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
