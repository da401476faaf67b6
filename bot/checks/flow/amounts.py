# SPDX-License-Identifier: GPL-2.0-or-later
"""Amounts along a path: what is left of a number when some of it is given back.

Promises to compare amounts as sums of what stands in the source. Refuses amounts that another function computes, unless
it is one that takes pages: two calls of a function need not give the same number.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.checks.flow.linear import Form, added, scaled
from bot.checks.flow.values import ZERO, Value

_COUNTS = re.compile(r'\w*(?:user_pages|_pin)\w*')


def amount(value: Value, variables: Collection[str]) -> Form | None:
    """Return a value as a sum of symbols, None when it cannot be told what it is; a variable that moves is a new symbol."""
    if value[0] == 'k':
        return {(): value[1]} if isinstance(value[1], int) else {(str(value[1]),): 1}
    if value[0] == 'f' and value[1] in ('+', '-') and len(value) == 4:
        one, other = (amount(part, variables) if isinstance(part, tuple) else None for part in value[2:])
        if one is None or other is None:
            return None
        return added(one, other if value[1] == '+' else scaled(other, -1))
    if value[0] == '?' or (value[0] == 's' and not _is_named(value, variables)):
        return None
    return {(repr(value),): 1}


def _is_named(value: Value, variables: Collection[str]) -> bool:
    """Tell a variable's own value, or the result of taking pages, from that of any function."""
    return len(value) == 3 and (str(value[2]) in variables or bool(_COUNTS.fullmatch(str(value[2]))))


def remaining(whole: Value | None, part: Value | None, variables: Collection[str]) -> Value | None:
    """Return what is left of an amount, None when nobody knows."""
    if whole is None or part is None:
        return None
    one, other = amount(whole, variables), amount(part, variables)
    if one is None or other is None:
        return None
    if not {key: number for key, number in added(one, scaled(other, -1)).items() if number}:
        return ZERO
    return ('f', '-', whole, part)
