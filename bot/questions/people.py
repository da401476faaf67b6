# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells whether two people of one conversation are one: many write from two addresses, or in two spellings.

Refuses to match by a single name: two people called Peter are two.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.model import Person


def same_person(a: Person, b: Person) -> bool:
    """Tell whether two people are one: the same address, or the same full name in any case and order of its parts."""
    if (a.email and a.email == b.email) or (a.name and a.name == b.name):
        return True
    parts = _parts(a.name)
    return len(parts) > 1 and parts == _parts(b.name)


@lru_cache(maxsize=20_000)
def _parts(name: str) -> tuple[str, ...]:
    return tuple(sorted(re.findall(r'\w+', name.casefold())))
