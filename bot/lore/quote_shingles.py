# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds a quoted line among everything that was written earlier, by five words in a row.

Promises only hits that one single line explains. Made lazily: most conversations never need it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

_WORDS = 5
_LEAST = 8

Mail = TypeVar('Mail')


@dataclass(slots=True)
class Shingles(Generic[Mail]):
    """Grows mail by mail and forgets none; who asks says which of them count."""

    places: dict[tuple[str, ...], list[tuple[Mail, int]]] = field(default_factory=dict)
    learnt: dict[int, Mail] = field(default_factory=dict)

    def learn(self, mail: Mail, own: Callable[[Mail], list[tuple[int, str]]]) -> None:
        """Take in the own lines (number, words) of a mail, unless it is learnt already."""
        if id(mail) in self.learnt:
            return
        self.learnt[id(mail)] = mail
        for number, key in own(mail):
            words = key.split()
            for at in range(len(words) - _WORDS + 1):
                self.places.setdefault(tuple(words[at : at + _WORDS]), []).append((mail, number))

    def find(self, key: str, counts: Callable[[Mail], bool]) -> tuple[Mail, int] | None:
        """Return the mail and line (0-based) that share most of the words in a row, None unless it is one only.

        Words that stand in two places identify neither.
        """
        words = key.split()
        if len(words) < _LEAST:
            return None
        hits: dict[tuple[int, int], int] = {}
        mails: dict[int, Mail] = {}
        for at in range(len(words) - _WORDS + 1):
            places = [p for p in self.places.get(tuple(words[at : at + _WORDS]), ()) if counts(p[0])]
            if len(places) == 1:
                mail, number = places[0]
                mails[id(mail)] = mail
                hits[id(mail), number] = hits.get((id(mail), number), 0) + 1
        if len(mails) != 1 or 2 * sum(hits.values()) < len(words) - _WORDS + 1:
            return None
        best = max(hits, key=lambda p: (hits[p], -p[1]))
        return mails[best[0]], best[1]
