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
    letters = _letters(asked)
    for one in asked:
        if one.group is not None and one.group in letters:
            base = groups.get(one.group) or _fresh(letters[one.group], next_)
            groups[one.group] = base
            name = _unused(base, one.item.number, used)
        else:
            name = _fresh(_letter(one), next_)
            lead = (one.message_id or one.seen_in, one.lead) if one.lead is not None else None
            if lead is not None and name[0] == letters.get(lead):
                groups.setdefault(lead, name)
        used.add(name)
        names.append(name)
    return names


def _letters(asked: Sequence[Asked]) -> dict[tuple[str, int], str]:
    """Return the letter of each list with more than one item, its lead-in counted: Q where any of them asks."""
    members: dict[tuple[str, int], list[str]] = {}
    for one in asked:
        lead = (one.message_id or one.seen_in, one.lead) if one.lead is not None else None
        for key in {k for k in (one.group, lead) if k is not None}:
            members.setdefault(key, []).append(_letter(one))
    return {k: min(v, key='QRP'.index) for k, v in members.items() if len(v) > 1}


def _letter(one: Asked) -> str:
    if one.item.kind == 'request':
        return 'R'
    return 'P' if one.item.tier == 'possible' else 'Q'


def _fresh(letter: str, next_: dict[str, int]) -> str:
    next_[letter] = next_.get(letter, 0) + 1
    return f'{letter}{next_[letter]}'


def _unused(base: str, number: str, used: set[str]) -> str:
    """Return the author's number below `base`; items without one are counted, a second item of one number is marked."""
    if not number:
        return next(n for n in (f'{base}.{i}' for i in range(1, 1000)) if n not in used)
    name = f'{base}.{number}'
    return next(
        n for n in (name, *(f'{name}{c}' for c in 'abcdefghij'), *(f'{name}-{i}' for i in range(999))) if n not in used
    )
