# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives items their display numbers: Q for what is asked, R for requests, P for what is only possible.

Promises that the items of an author's list share a number and keep his own after the dot (Q3.1).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.questions.asked import Asked


def numbers(asked: Sequence[Asked]) -> list[str]:
    """Return one id an item, in the order given (the order of asking)."""
    names: list[str] = []
    next_: dict[str, int] = {}
    groups: dict[tuple[str, int], str] = {}
    used: set[str] = set()
    for one in asked:
        letter = _letter(one)
        if one.group is not None and letter != 'R':
            base = groups.get(one.group) or _fresh('Q', next_)
            groups[one.group] = base
            name = _unused(f'{base}.{one.item.number or "1"}', used)
        else:
            name = _fresh(letter, next_)
            lead = (one.message_id or one.seen_in, one.lead) if one.lead is not None else None
            if lead is not None and letter == 'Q':
                groups.setdefault(lead, name)
        used.add(name)
        names.append(name)
    return names


def _letter(one: Asked) -> str:
    if one.item.kind == 'request':
        return 'R'
    return 'P' if one.item.tier == 'possible' else 'Q'


def _fresh(letter: str, next_: dict[str, int]) -> str:
    next_[letter] = next_.get(letter, 0) + 1
    return f'{letter}{next_[letter]}'


def _unused(name: str, used: set[str]) -> str:
    while name in used:
        name += 'a'
    return name
