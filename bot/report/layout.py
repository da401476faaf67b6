# SPDX-License-Identifier: GPL-2.0-or-later
"""Lays out plain text: wraps own words, never an address, a quoted line or an id; aligns tables; numbers links.

Templates call these as filters, so that no template counts columns itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from bot.report.places import MailPlace

_THREE = re.compile(r'\d{3}\b', re.ASCII)
_TRAILER_LIKE = re.compile(r'\w\S*:$')
# What b4 takes for a trailer in a reply: a word and a colon at the start of a line, then a person, an id or an address.
_TAG = re.compile(r'^(\s*)(\w\S+):(\s+\S.*)$')
_WITHOUT_PERSON = ('link', 'buglink', 'closes', 'fixes', 'obsoleted-by', 'change-id', 'base-commit', 'subject', 'date')


def width(text: str) -> int:
    """Return the columns a terminal needs: two for East Asian wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(_columns(c) for c in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in 'WF' else 1


def fill(text: str, columns: int, first: str = '', rest: str = '') -> str:
    """Wrap words at `columns`; the first line starts with `first`, others with `rest`. A long word stays whole."""
    lines, line, empty = [], first, True
    for word in _words(text):
        if empty:
            line += word
        elif width(line) + 1 + width(word) <= columns:
            line += ' ' + word
        else:
            lines.append(line)
            line = rest + word
        empty = False
    return '\n'.join([*lines, line.rstrip()])


def _words(text: str) -> Iterator[str]:
    """Yield what may start a line: not a trailer's name, nor the lower digits of "1 048 575"."""
    held: list[str] = []
    for word in text.split(' '):
        digits = _THREE.match(word) and held and held[-1].isdigit()
        if held and not digits and not _TRAILER_LIKE.match(word):
            yield ' '.join(held)
            held = []
        held.append(word)
    if held:
        yield ' '.join(held)


def without_tags(text: str) -> str:
    """Set the colon of every line that reads as a trailer apart: a report quotes tags, it gives none, and no commands."""
    lines = text.split('\n')
    for n, line in enumerate(lines):
        found = _TAG.match(line)
        if found and _is_tag(found[2], found[3], lines[n + 1] if n + 1 < len(lines) else ''):
            lines[n] = f'{found[1]}{found[2]} :{found[3]}'
        elif line.startswith('#'):
            lines[n] = f' {line}'
    return '\n'.join(lines)


def _is_tag(name: str, value: str, following: str) -> bool:
    """b4 joins an address in angle brackets to the line before it."""
    named = name.lower().endswith('-by') or name.lower() in _WITHOUT_PERSON
    return named or any(map(_addresses, value.split())) or following.startswith('<')


def _addresses(word: str) -> bool:
    """Tell whether a word holds what looks like an address; goes over it once."""
    at = word.find('@', 1)
    dot = word.find('.', at + 2)
    return 0 < at < dot < len(word) - 1


def prefixed(lines: Sequence[str], prefix: str) -> str:
    """Put the prefix before every line and change nothing else."""
    return '\n'.join((prefix + line).rstrip(' ') for line in lines)


def table(rows: Sequence[Sequence[str]], head: Sequence[str], columns: int, indent: int = 2) -> str:
    """Align the cells below their headings, two blanks apart; the last column wraps."""
    everything = [list(head), *(list(row) for row in rows)]
    widths = [max(width(row[n]) for row in everything) for n in range(len(head) - 1)]
    margin = indent + sum(w + 2 for w in widths)
    lines = []
    for row in everything:
        cells = ''.join(cell + ' ' * (w - width(cell) + 2) for cell, w in zip(row, widths, strict=False))
        # A last column with no room left would wrap at every word: it goes below instead.
        if columns - margin < 24 and width(row[-1]) > columns - margin:
            lines.append((' ' * indent + cells).rstrip())
            lines.append(fill(row[-1], columns, ' ' * (indent + 2), ' ' * (indent + 2)))
        else:
            lines.append(fill(row[-1], columns, ' ' * indent + cells, ' ' * margin).rstrip())
    return '\n'.join(lines)


class Links:
    """Numbers the mails that a text points to, in the order it does so; the list goes to its end."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def ref(self, place: MailPlace | None) -> str:
        """Return "[3]", or "[3] lines 4-9"; nothing for no place."""
        if place is None:
            return ''
        number = self._numbers.setdefault(place.url, len(self._numbers) + 1)
        return f'[{number}] {place.lines}'.rstrip()

    def listed(self) -> list[tuple[int, str]]:
        """Return number and address of all links so far."""
        return [(number, url) for url, number in self._numbers.items()]


def grid(rows: Sequence[tuple[str, Sequence[str]]], indent: int) -> str:
    """Return names and short cells in columns; the first row holds the headings."""
    wide = max(width(name) for name, _ in rows)
    widths = [max(width(cell) for cell in column) for column in zip(*(cells for _, cells in rows), strict=True)]
    lines = []
    for name, cells in rows:
        padded = [cell + ' ' * (most - width(cell)) for cell, most in zip(cells, widths, strict=True)]
        lines.append(' ' * indent + '  '.join([name + ' ' * (wide - width(name)), *padded]).rstrip())
    return '\n'.join(lines)
