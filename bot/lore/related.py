# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the other postings of a series in an archive and adds their threads.

By change-id, by what the postings answer and link to, then by title and author. A thread that was fetched on such a
trail is kept only when one of its postings does link to the series: covers link to much else. Refuses to fetch without
end: a fixed number of threads and searches, whatever the mails say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.errors import ArchiveDown, UnknownSource
from bot.lore.archive import Archive
from bot.lore.b4_adapter import read_subject
from bot.lore.hints import change_id, mentions
from bot.lore.links import asked_for, chain
from bot.lore.parse import parse
from bot.lore.postings import plain_title, same_person, split
from bot.lore.threads import without_circles
from bot.lore.versions import Chained
from bot.model import Message, Progress, RawMail

_MOST_THREADS = 30
_MOST_SEARCHES = 12


def add_postings(
    archive: Archive,
    wanted: str,
    first: Sequence[RawMail],
    prefer_lists: Sequence[str],
    progress: Progress,
    since: datetime | None,
) -> list[RawMail]:
    """Return the raw mails of the other postings' threads; `since` leaves out mails that are older."""
    return _Search(archive, wanted, prefer_lists, progress, since).run(first)


def of_thread(mails: Sequence[RawMail], known: Sequence[RawMail]) -> list[RawMail]:
    """Return those mails that hang together with known ones: public-inbox 1.9 searches all when asked for a thread."""
    parsed = [(raw, message) for raw in mails for message in parse([raw], ())]
    names = {i for message in parse(known, ()) for i in _names(message)}
    kept: set[str] = set()
    while True:
        near = {m.message_id for _, m in parsed if m.message_id not in kept and names & _names(m)}
        if not near:
            return [raw for raw, m in parsed if m.message_id in kept]
        kept |= near
        names |= {i for _, m in parsed if m.message_id in near for i in _names(m)}


def _names(message: Message) -> set[str]:
    return {message.message_id, *message.references, *([message.in_reply_to] if message.in_reply_to else [])}


class _Search:
    def __init__(
        self,
        archive: Archive,
        wanted: str,
        prefer_lists: Sequence[str],
        progress: Progress,
        since: datetime | None,
    ) -> None:
        self._archive, self._wanted, self._prefer_lists = archive, wanted, prefer_lists
        self._progress, self._since = progress, since
        self._mails: dict[str, Message] = {}
        self._searches: dict[str, list[str]] = {}
        self._refused: set[str] = set()
        self._threads = 0

    def run(self, first: Sequence[RawMail]) -> list[RawMail]:
        self._know(parse(first, self._prefer_lists))
        added: list[RawMail] = []
        while True:
            fresh = self._next_thread()
            if fresh is None:
                return added
            added += fresh

    def _know(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._mails.setdefault(message.message_id, message)

    def _series(self) -> Sequence[Chained]:
        """Return the postings of the series that is asked for, as far as known."""
        ordered = without_circles(list(self._mails.values()))
        chains = chain(split(ordered), ordered, {})
        found = asked_for(self._wanted, chains, self._mails)
        return chains[found] if found is not None else max(chains, key=len, default=())

    def _next_thread(self) -> list[RawMail] | None:
        """Fetch one more thread that holds a posting of the series; None when no trail is left."""
        series = self._series()
        for message_id, how in self._trails(series):
            if self._threads >= _MOST_THREADS:
                return None
            if message_id in self._mails or message_id in self._refused:
                continue
            self._threads += 1
            self._refused.add(message_id)
            self._progress('look for other postings', self._threads, 0)
            try:
                mails = self._archive.thread(message_id, how)
            except UnknownSource:
                continue  # mails link to what their archive does not have
            if self._belongs(mails, len(series)):
                return self._newer(mails)
        return None

    def _belongs(self, mails: Sequence[RawMail], before: int) -> bool:
        """Keep a thread when it makes the series longer."""
        kept = dict(self._mails)
        fresh = parse(mails, self._prefer_lists)
        self._know(fresh)
        if len(self._series()) > before:
            return True
        self._mails = kept
        self._refused.update(m.message_id for m in fresh)
        return False

    def _newer(self, mails: list[RawMail]) -> list[RawMail]:
        if self._since is None:
            return mails
        since = self._since
        return [r for r in mails if any(m.date is None or m.date >= since for m in parse([r], ()))]

    def _trails(self, series: Sequence[Chained]) -> Iterator[tuple[str, str]]:
        """Yield message-ids that may belong to other postings, and how each was come by; best first, searches late."""
        for chained in reversed(series):
            found = change_id(chained.posting)
            if found:
                query = f'nq:"change-id: {found[0]}"'
                yield from self._found(query, found[0], f'found by change-id {found[0]}', chained)
        for chained in series:
            head = chained.posting.head.message
            for answered in (head.parent, *reversed(head.references)):
                if answered:
                    yield answered, f'posting <{head.message_id}> answers it'
            for mention in mentions(chained.posting):
                if mention.history:
                    yield mention.message_id, f'posting <{head.message_id}> links to it'
        for title in dict.fromkeys(c.posting.title for c in reversed(series)):
            chained = next(c for c in series if c.posting.title == title)
            words, email = plain_title(title), chained.posting.author.email
            if len(words) >= 8 and re.fullmatch(r'[\w.+-]+@[\w.-]+', email):
                yield from self._found(f's:"{words}" AND f:"{email}"', '', 'found by title and author', chained)

    def _found(self, query: str, identifier: str, how: str, like: Chained) -> list[tuple[str, str]]:
        """Return the first mails of postings that a search finds and that have the change-id, or the title and author."""
        if query not in self._searches and len(self._searches) < _MOST_SEARCHES:
            hits = parse(self._search(query), self._prefer_lists)
            self._searches[query] = [m.message_id for m in hits if _is_like(m, identifier, like)]
        return [(message_id, how) for message_id in self._searches.get(query, [])]

    def _search(self, query: str) -> list[RawMail]:
        try:
            return self._archive.search(query)
        except ArchiveDown as failure:
            if failure.retry:
                raise
            return []  # an archive without a search index refuses every search


def _is_like(message: Message, identifier: str, like: Chained) -> bool:
    subject = read_subject(message.subject)
    if subject.reply or subject.position > 1:
        return False
    titled = plain_title(subject.title) == plain_title(like.posting.title)
    return bool(identifier and identifier in message.body) or (
        titled and same_person(message.author, like.posting.author)
    )
