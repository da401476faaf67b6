# SPDX-License-Identifier: GPL-2.0-or-later
"""Recognises requests ("please add ...") and objections ("NAK") by the table in demands.toml."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from bot.model import Kind, Tier
from bot.questions.features import plain
from bot.questions.tables import table

_TABLE = table('demands')


@lru_cache(maxsize=20_000)
def demand(text: str) -> tuple[Kind, Tier, str] | None:
    """Return kind, tier and rule of the first row that a sentence fires, None when it demands nothing."""
    text = plain(text)
    if any(r.pattern.search(text) for r in _TABLE.groups['no-demand']):
        return None
    for row in _TABLE.groups['row']:
        if row.pattern.search(text):
            return cast(Kind, row.more['kind']), cast(Tier, row.more['tier']), row.name
    return None


def polite(text: str) -> bool:
    """Tell whether a question in form is an order in fact ("Can you please rename it?")."""
    text = plain(text)
    orders, asks = _TABLE.groups['polite'], _TABLE.groups['information']
    return any(r.pattern.search(text) for r in orders) and not any(r.pattern.search(text) for r in asks)
