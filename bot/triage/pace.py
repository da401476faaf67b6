# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures how soon the people of a list answer, from the threads at hand: the yardstick of "silent for too long".

A list with too few answers is measured together with all others, and those with too few by the setting
`questions.stale_days`; a report says which it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.model import Message, Pace

# Below that the 95th of 100 is one or two mails.
_ENOUGH = 100
_SHARE = 95
_DAY = 86400.0
# No list is so quick that a day of silence means anything (submitting-patches: wait at least a week before pinging).
_LEAST_DAYS = 7.0


def paces(messages: Iterable[Message], stale_days: int) -> dict[str, Pace]:
    """Return the pace of every list that was measured, and under '' that of all of them together."""
    known = {m.message_id: m for m in messages}
    gaps: dict[str, list[float]] = {'': []}
    for message in known.values():
        parent = known.get(message.parent or '')
        if parent is None or message.automatic or parent.author == message.author:
            continue
        if parent.date and message.date and message.date > parent.date:
            seconds = (message.date - parent.date).total_seconds()
            for name in ('', *message.lists[:1]):
                gaps.setdefault(name, []).append(seconds / _DAY)
    made = {name: _pace(name, found) for name, found in gaps.items() if len(found) >= _ENOUGH}
    return {'': Pace('', float(stale_days), len(gaps['']), 0.0, measured=False), **made}


def _pace(name: str, gaps: Sequence[float]) -> Pace:
    ordered = sorted(gaps)
    days = ordered[min(len(ordered) * _SHARE // 100, len(ordered) - 1)]
    return Pace(name, max(round(days, 1), _LEAST_DAYS), len(gaps), round(days, 1))


def pace_of(lists: Sequence[str], measured: Mapping[str, Pace]) -> Pace:
    """Return the pace of the first of these lists that was measured, else that of all."""
    return next((measured[name] for name in lists if name in measured), measured[''])


def told(pace: Pace) -> str:
    """Return what a report says of a pace."""
    if not pace.measured:
        return f'{pace.days:g} days (setting questions.stale_days: {pace.answers} answers are too few to measure)'
    where = f' on {pace.list_id}' if pace.list_id else ''
    return f'{pace.days:g} days{where} ({_SHARE} of 100 of {pace.answers} answers came within {pace.within:g})'
