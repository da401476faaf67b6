# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts hostile text into every field of a report that can come from a mail, a patch, a tree or a log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from bot.model import Report
from tests.report.example_lab import with_lab

# Words of our own, one of a fixed set each, or (as_of, tool) made by the program itself.
_OWN = {
    'severity',
    'confidence',
    'class_',
    'kind',
    'tier',
    'state',
    'outcome',
    'directness',
    'change',
    'as_of',
    'tool',
}


def poisoned(poison: Callable[[str], str]) -> Report:
    """Return the rich report with every other string given to `poison`."""
    made: Report = _poison(with_lab(), poison)
    return made


def _poison(value: Any, poison: Callable[[str], str]) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        told = {f.name: getattr(value, f.name) for f in fields(value)}
        return type(value)(**{n: v if n in _OWN else _field(n, v, poison) for n, v in told.items()})
    if isinstance(value, str) and not isinstance(value, Enum):
        return poison(value)
    return tuple(_poison(v, poison) for v in value) if isinstance(value, tuple) else value


def _field(name: str, value: Any, poison: Callable[[str], str]) -> Any:
    if name == 'verdicts' and value and isinstance(value[0], tuple):
        return tuple((stage, _poison(verdict, poison)) for stage, verdict in value)
    return _poison(value, poison)
