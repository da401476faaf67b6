# SPDX-License-Identifier: GPL-2.0-or-later
"""Sorts items into design, implementation, process and nit, from their words and from what they hang on.

A class sorts a report; it never hides an item.
"""

from __future__ import annotations

from typing import cast

from bot.model import QuestionClass
from bot.model.memory import recalled
from bot.questions.tables import table

_TABLE = table('classes')


@recalled
def classify(text: str, on_code: bool) -> QuestionClass:
    """Return the class of an item; `on_code` tells that quoted code or diff stands right above it."""
    text = _matter(text)
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
