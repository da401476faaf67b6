# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts forms in the place of names in other forms, and tells which forms speak of what a caller knows.

Promises the same form whatever order the names come in. Refuses to know what a name stands for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.checks.flow.linear import Form, added, product

SYMBOL = '@'
"""Begins the name of a value that was read from a counter."""


def settled(one: Form, equal: Mapping[str, Form]) -> Form:
    """Put what a value that was read is known to be in its place."""
    for name, other in equal.items():
        one = substituted(one, {name: other})
    return one


def substituted(one: Form, names: Mapping[str, Form], fresh: str = '') -> Form:
    """Return a form with forms in place of names; values read inside get names of their own."""
    total: Form = {}
    for key, times in one.items():
        part: Form = {(): times}
        for name in key:
            own = f'{SYMBOL}{fresh}{name[1:]}' if fresh and name.startswith(SYMBOL) else name
            part = product(part, names.get(name, {(own,): 1}))
        total = added(total, part)
    return total


def is_told(one: Form, names: Sequence[str]) -> bool:
    """Tell whether a form speaks of constants and of some names alone."""
    return all(name in names or (name.isupper() and name != '?') for key in one for name in key)


def read_as(value: Form) -> str:
    """Return the name of a value that was read from a counter and nothing else, '' for any other."""
    key = next(iter(value), ())
    return key[0] if len(value) == 1 == len(key) and value[key] == 1 and key[0].startswith(SYMBOL) else ''
