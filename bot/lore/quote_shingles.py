# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds a quoted line among everything that was written earlier, by five words in a row.

Promises only hits that one single line explains. Made lazily: most conversations never need it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.lore.quote_lines import Line
from bot.lore.quote_parse import View

_WORDS = 5
_LEAST = 8


@dataclass(slots=True)
class Shingles:
    places: dict[tuple[str, ...], tuple[str, int] | None] = field(default_factory=dict)
    learnt: set[str] = field(default_factory=set)

    def learn(self, mails: Iterable[tuple[str, View, list[Line]]]) -> None:
        """Take in the own lines of mails not learnt yet; words that two lines share identify neither."""
        for mid, view, lines in mails:
            if mid in self.learnt:
                continue
            self.learnt.add(mid)
            for number, line in enumerate(lines):
                if line.depth == 0:
                    self._learn_line(mid, number, view.keys[number])

    def _learn_line(self, mid: str, number: int, key: str) -> None:
        words = key.split()
        for at in range(len(words) - _WORDS + 1):
            shingle = tuple(words[at : at + _WORDS])
            self.places[shingle] = None if shingle in self.places else (mid, number)

    def find(self, key: str) -> tuple[str, int] | None:
        """Return the mail and line (0-based) that share most of the words in a row, None unless it is one only."""
        words = key.split()
        if len(words) < _LEAST:
            return None
        hits: dict[tuple[str, int], int] = {}
        for at in range(len(words) - _WORDS + 1):
            place = self.places.get(tuple(words[at : at + _WORDS]))
            if place:
                hits[place] = hits.get(place, 0) + 1
        mails = {mid for mid, _ in hits}
        if len(mails) != 1 or 2 * sum(hits.values()) < len(words) - _WORDS + 1:
            return None
        return max(hits, key=lambda p: (hits[p], -p[1]))
