# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads config/console: which console lines begin an event, how it is called, which functions never name one.

A line is described by a template, never by a regular expression of the author's: what it compiles to has bounded
pieces only, so no console, however hostile, makes matching slow. Refuses unknown keys and unknown places.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import msgspec

from bot import resources
from bot.errors import ConfigError

_PLACES = {
    'func': r'[A-Za-z_][\w.$]{0,127}',
    'file': r'[\w./+-]{1,200}',
    'n': r'\d{1,20}',
    'hex': r'(?:0x)?[0-9a-f]{1,32}',
    'word': r'[^\s]{1,80}?',
    'text': r'.{1,120}?',
    'rest': r'.*',
}
_PLACE = re.compile(r'\{(\w*)\}')


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row; config/console/crash.toml describes the fields."""

    line: str
    kind: str
    title: str
    why: str
    where: str = 'trace'
    access: str = ''
    only: tuple[str, ...] = ()
    follows: bool = False


class Plumbing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of functions that never name an event; a trailing `*` stands for any rest."""

    functions: tuple[str, ...]
    why: str


class Quiet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    line: str
    why: str


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rows, in the order in which they are tried."""

    shape: tuple[Shape, ...] = ()
    plumbing: tuple[Plumbing, ...] = ()
    quiet: tuple[Quiet, ...] = ()


@cache
def template(line: str) -> re.Pattern[str]:
    """Compile a template; raise `ValueError` for a place that does not exist or stands where it may not.

    Each place is a group of its name, the first time it comes; the number after `{file}:` is the group `line`.
    """
    names = _PLACE.findall(line)
    unknown = [n for n in names if n not in _PLACES]
    if unknown or names.count('text') > 1 or '{rest}' in line.removesuffix('{rest}'):
        raise ValueError(f'a place that is unknown, or not allowed there: {line}')
    pieces: list[str] = []
    seen: set[str] = set()
    for number, piece in enumerate(_PLACE.split(line)):
        if number % 2 == 0:
            pieces.append(re.escape(piece))
            continue
        name = 'line' if piece == 'n' and pieces[-2:] == [f'(?P<file>{_PLACES["file"]})', ':'] else piece
        pieces.append(f'(?:{_PLACES[piece]})' if name in seen else f'(?P<{name}>{_PLACES[piece]})')
        seen.add(name)
    return re.compile(''.join(pieces) + ('' if line.endswith('{rest}') else r'\s*\Z'))


def head(line: str) -> str:
    """Return the literal text before the first place."""
    return line.partition('{')[0]


@cache
def shipped_table() -> Table:
    return load(resources.shipped('config') / 'console')


def load(directory: Path) -> Table:
    """Read all *.toml of a directory in order of name; raise `ConfigError`."""
    parts = [_read(path) for path in sorted(directory.glob('*.toml'))]
    return Table(
        shape=tuple(row for part in parts for row in part.shape),
        plumbing=tuple(row for part in parts for row in part.plumbing),
        quiet=tuple(row for part in parts for row in part.quiet),
    )


def _read(path: Path) -> Table:
    try:
        table = msgspec.toml.decode(path.read_bytes(), type=Table, strict=True)
        for line in (*(row.line for row in table.quiet), *(line for row in table.shape for line in _lines(row))):
            template(line)
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, ValueError) as wrong:
        raise ConfigError('cannot use a console shape', where=f'{path.name}: {wrong}', todo='correct the row') from None
    return table


def _lines(row: Shape) -> tuple[str, ...]:
    return (row.line, row.where, row.access)


def plumbing(table: Table) -> re.Pattern[str]:
    """Compile the names of all plumbing into one pattern for `fullmatch`."""
    names = sorted({name for row in table.plumbing for name in row.functions})
    return re.compile('|'.join(re.escape(n).replace(r'\*', r'[\w.$]*') for n in names) or r'(?!)')
