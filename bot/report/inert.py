# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes text from mails, patches and logs harmless before any template sees it, and shows what it took out.

What acts on a terminal or turns text around (controls, bidi marks, invisible format characters, half surrogates) is
written as a Python escape; nothing is dropped in silence. Escaping for a format (HTML, Markdown) is render's task.
"""

from __future__ import annotations

import unicodedata
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from bot.report.places import Quote

_ACTING = {'Cc', 'Cf', 'Cs', 'Co', 'Zl', 'Zp'}
# Persian, Urdu and the Indic scripts need these two to be written at all.
_JOINERS = '\u200c\u200d'

Context = TypeVar('Context')


def acting(char: str) -> bool:
    """Tell whether a character does something other than being seen."""
    return char not in _JOINERS and unicodedata.category(char) in _ACTING


def visible(text: str) -> str:
    """Return the text with every acting character spelt out."""
    if text.isascii() and text.isprintable():
        return text
    return ''.join(ascii(c)[1:-1] if acting(c) else c for c in text)


def one_line(text: str) -> str:
    """Return the text on one line, runs of blanks as one."""
    return visible(' '.join(text.split()))


def verbatim(line: str) -> str:
    """Return one line with its tabs and blanks as they are."""
    return '\t'.join(visible(part) for part in line.split('\t'))


def inert(context: Context) -> Context:
    """Return the same context with every string in it on one line and harmless."""
    made: Context = _inert(context)
    return made


def _inert(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, tuple):
        return tuple(_inert(v) for v in value)
    if isinstance(value, Quote):
        return Quote(tuple(verbatim(line) for line in value.lines), _inert(value.place))
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{f.name: _inert(getattr(value, f.name)) for f in fields(value)})
    return value
