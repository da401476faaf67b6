# SPDX-License-Identifier: GPL-2.0-or-later
"""Weighs a sentence as a question by the table in features.toml. Nothing there names a person, a driver or a thread."""

from __future__ import annotations

from functools import lru_cache

from bot.questions.tables import table

_TABLE = table('features')
FEATURES = _TABLE.groups['row']
PLACES = _TABLE.values['places']
SURE = _TABLE.values['tiers']['sure']
POSSIBLE = _TABLE.values['tiers']['possible']
_UNMARKED = tuple(f for f in FEATURES if f.more.get('needs') != '?')
_MARKS = str.maketrans('\u2018\u2019\u201c\u201d', '\'\'""')
# A sentence longer than this is a cutting fault or an attack; its start and end say enough.
_LONGEST = 1200


def plain(text: str) -> str:
    """Return the text with the quotation marks of typists in place of those of typesetters."""
    return text if text.isascii() else text.translate(_MARKS)


@lru_cache(maxsize=20_000)
def weigh(text: str) -> tuple[float, tuple[str, ...]]:
    """Return the log-odds that a sentence asks, and the names of the features that fired."""
    text = plain(text)
    if len(text) > _LONGEST:
        text = f'{text[: _LONGEST // 2]} {text[-_LONGEST // 2 :]}'
    fired = [f for f in (FEATURES if '?' in text else _UNMARKED) if f.pattern.search(text)]
    return PLACES['bias'] + sum(f.weight for f in fired), tuple(f.name for f in fired)
