# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the room's tables of words (TOML beside this file): patterns with weights, each with its reason.

Promises compiled patterns, case ignored. A table that does not parse is our bug and fails at import.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

# What rows without a pattern have: they only carry a weight.
_NEVER = r'(?!)'


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row: what fires it, and whatever else the table says of it."""

    name: str
    pattern: re.Pattern[str]
    reason: str
    weight: float
    more: Mapping[str, str]

    def fires(self, text: str) -> bool:
        return bool(first_hit((self,), text))


@dataclass(frozen=True, slots=True)
class Table:
    """A file: its rows by group, and the plain values of its sections."""

    groups: Mapping[str, tuple[Row, ...]]
    values: Mapping[str, Mapping[str, float]]


def table(name: str) -> Table:
    """Read one table of the room."""
    data = tomllib.loads(files('bot.questions').joinpath(f'{name}.toml').read_text(encoding='utf-8'))
    macros: dict[str, str] = data.pop('macros', {})
    groups = {k: tuple(_row(r, macros) for r in v) for k, v in data.items() if isinstance(v, list)}
    return Table(groups, {k: v for k, v in data.items() if isinstance(v, dict)})


def _row(raw: Mapping[str, Any], macros: Mapping[str, str]) -> Row:
    alternatives = '|'.join(raw.get('any', [_NEVER]))
    for name, text in macros.items():
        alternatives = alternatives.replace(f'{{{name}}}', text)
    more = {k: v for k, v in raw.items() if isinstance(v, str) and k not in ('name', 'reason')}
    pattern = re.compile(alternatives, re.IGNORECASE)
    return Row(raw.get('name', raw.get('class', '')), pattern, raw['reason'], float(raw.get('weight', 0)), more)


@lru_cache(maxsize=50_000)
def first_hit(rows: tuple[Row, ...], text: str) -> str:
    """Return the name of the first row that fires on a text, '' when none does."""
    return next((r.name for r in rows if r.pattern.search(text)), '')
