# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds questions that were asked again on a later posting, by the same person or another, in nearly the same words."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Event
from bot.questions.asked import Asked
from bot.questions.conversation import EPOCH
from bot.questions.overlap import Weights, telling

_SAME = 0.8
_LEAST_WORDS = 4
_SELDOM = 12


def asked_again(asked: Sequence[Asked], postings: Sequence[int | None], rare: Weights) -> list[tuple[int, Event]]:
    """Return `re-asked` events with the index of the older item; `postings` says on which posting each was asked."""
    by_word: dict[str, list[int]] = {}
    out: list[tuple[int, Event]] = []
    for index, one in enumerate(asked):
        words = telling(one.item.text)
        if one.item.kind == 'request' or one.item.tier == 'possible' or len(words) < _LEAST_WORDS:
            continue
        seldom = sorted(words, key=lambda w: (-rare.of(w), w))[:2]
        for earlier in sorted({i for w in seldom for i in by_word.get(w, ())[-_SELDOM:]}):
            if _same(asked[earlier], one, postings[earlier], postings[index], rare):
                lines = (one.item.first, one.item.last)
                note = one.item.text[:120]
                out.append(
                    (earlier, Event('re-asked', one.seen_in, lines, 'same-words', one.date, one.asker.label, note))
                )
        for word in seldom:
            by_word.setdefault(word, []).append(index)
    return out


def _same(old: Asked, new: Asked, before: int | None, after: int | None, rare: Weights) -> bool:
    if before is None or after is None or before >= after or (old.date or EPOCH) >= (new.date or EPOCH):
        return False
    one, two = old.item.text, new.item.text
    return rare.coverage(one, two) >= _SAME and rare.coverage(two, one) >= _SAME
