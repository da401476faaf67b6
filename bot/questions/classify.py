# SPDX-License-Identifier: GPL-2.0-or-later
"""Sorts items into design, implementation, process and nit, from their words and from what they hang on.

A class sorts a report; it never hides an item.
"""

from __future__ import annotations

import re
from typing import cast

from bot.model import QuestionClass
from bot.model.memory import recalled
from bot.questions.tables import table

_TABLE = table('classes')
_MARKS = re.compile(r'(?<=\?)\s+(?!(?i:or)\b)')


@recalled
def classify(text: str, on_code: bool) -> QuestionClass:
    """Return the class of an item; `on_code` tells that quoted code or diff stands right above it.

    A question about the work and one about its way, in one breath: the item is about the work.
    """
    parts = _MARKS.split(text)
    other = [p for p in parts if _class(p, on_code) != 'process'] if len(parts) > 1 else []
    return _class(_matter(' '.join(other) or text), on_code)


def _class(text: str, on_code: bool) -> QuestionClass:
    anchor = _TABLE.values['anchor']
    totals: dict[str, float] = {'process': 0.0, 'nit': 0.0, 'implementation': 0.0, 'design': 0.0}
    totals['implementation' if on_code else 'design'] += anchor['code' if on_code else 'prose']
    for row in _TABLE.groups['row']:
        if row.pattern.search(text):
            totals[row.name] += row.weight
    return cast(QuestionClass, max(totals, key=lambda c: totals[c]))


def _matter(text: str) -> str:
    """Return the clause that asks: what stands before ", but" is another matter."""
    before, but, after = text.rpartition(', but ')
    return after if but and '?' in after and '?' not in before and len(after.split()) >= 5 else text
