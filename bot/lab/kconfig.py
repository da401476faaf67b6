# SPDX-License-Identifier: GPL-2.0-or-later
"""What was asked of a kernel configuration and what came of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_SET = re.compile(r'CONFIG_(\w{1,120})=(.{1,4000})\Z')
_UNSET = re.compile(r'# CONFIG_(\w{1,120}) is not set\Z')


def values(text: str) -> dict[str, str]:
    """Return symbol and value; what is not set has the value `n`."""
    found = {}
    for line in text.splitlines():
        if match := _SET.match(line):
            found[match[1]] = match[2]
        elif match := _UNSET.match(line):
            found[match[1]] = 'n'
    return found


def lost(wanted: Iterable[str], final: str, renamed: Iterable[tuple[str, ...]] = ()) -> tuple[str, ...]:
    """Return the symbols of the fragments that the final configuration does not have as asked.

    `renamed` are groups of names for one thing: one of them is enough; a group of one may be missing.
    """
    got = values(final)
    groups = {name: group for group in renamed for name in group}
    missing = []
    for text in wanted:
        for symbol, value in values(text).items():
            names = groups.get(symbol, (symbol,))
            if got.get(symbol, 'n') == value or (len(names) > 1 and any(got.get(n) == value for n in names)):
                continue
            if groups.get(symbol) != (symbol,):
                missing.append(symbol)
    return tuple(sorted(missing))


def enabled(final: str) -> frozenset[str]:
    """Return the symbols that are built in or modules."""
    return frozenset(symbol for symbol, value in values(final).items() if value in ('y', 'm'))


def digest(final: bytes) -> str:
    """Return the SHA-256 of a configuration, comments left out: the head of one names the compiler's build."""
    lines = [line for line in final.splitlines() if line.startswith(b'CONFIG_')]
    return hashlib.sha256(b'\n'.join(sorted(lines))).hexdigest()
