# SPDX-License-Identifier: GPL-2.0-or-later
"""Words for numbers, days, ids and lines, the same in every format; an unknown moment gives no words, never a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

Item = TypeVar('Item')
Key = TypeVar('Key', bound=Hashable)

_NO_ANCHOR = re.compile(r'[^A-Za-z0-9_.-]+')
_NUMBERED = re.compile(r'([A-Z]+)(\d+)', re.ASCII)


def counted(number: int, noun: str, nouns: str = '') -> str:
    """`number|counted('patch', 'patches')`: a number with its noun; the plural has an s unless it is given."""
    return f'{number} {noun if number == 1 else nouns or noun + "s"}'


def thousands(number: int) -> str:
    """Return a number with its digits in threes, as the checks write them: "1 048 575"."""
    return f'{number:,}'.replace(',', ' ')


def anchor(kind: str, name: str) -> str:
    """Return the name of a place in a page: it stands in addresses, so it has no blanks and no signs."""
    return f'{kind}-{_NO_ANCHOR.sub("-", name)}'


def day(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime('%Y-%m-%d') if moment else ''


def age(moment: datetime | None, until: datetime | None) -> str:
    """Return whole days in words; nothing when either end is unknown or they are in the wrong order."""
    if moment is None or until is None or moment > until:
        return ''
    days = (until - moment).days
    return 'today' if days == 0 else counted(days, 'day')


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Return the items by key, groups and members in the order they come in."""
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def listed(ids: Sequence[str]) -> str:
    """Return ids with runs of three or more as "Q4-Q9"; "Q3.1" stands for itself."""
    runs: list[list[str]] = []
    for one in ids:
        if runs and _next(runs[-1][-1]) == one:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ' '.join(f'{run[0]}-{run[-1]}' if len(run) > 2 else ' '.join(run) for run in runs)


def _next(one: str) -> str:
    found = _NUMBERED.fullmatch(one)
    return f'{found[1]}{int(found[2]) + 1}' if found else ''


def told(lines: tuple[int, int] | None) -> str:
    """Return the lines of a mail in words; nothing for no lines or line 0, which stand for the whole mail."""
    if lines is None or lines[0] < 1:
        return ''
    first, last = lines
    return f'line {first}' if last <= first else f'lines {first}-{last}'
