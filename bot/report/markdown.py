# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps plain text plain in Markdown (CommonMark, and what GitHub adds): nothing in it becomes markup or HTML."""

from __future__ import annotations

import re

from bot.report.places import MailPlace

# An underscore inside a word is text in CommonMark: FOLL_PIN stays readable in the source.
_MARKUP = re.compile(r'[\\`*\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])')
_ENTITY = re.compile(r'&(?=#?\w+;)')
_START = re.compile(r'^([-+=#>])')
_NUMBERED = re.compile(r'^(\d+)([.)])')
_RUNS = re.compile('`+')


def escaped(text: str) -> str:
    """Return text for the middle or the start of a line; a bare web address stays one, it shows where it leads."""
    text = _MARKUP.sub(lambda m: '\\' + m[0], _ENTITY.sub('&amp;', text)).replace('<', '&lt;')
    return _NUMBERED.sub(r'\1\\\2', _START.sub(r'\\\1', text))


def code(text: str, cell: bool = False) -> str:
    """Return a code span, fenced with more backticks than the text has; in a table's cell bars are escaped."""
    if not text:
        return ''
    fence = '`' * (max((len(run) for run in _RUNS.findall(text)), default=0) + 1)
    blank = ' ' if text[0] in '` ' or text[-1] in '` ' else ''
    span = f'{fence}{blank}{text}{blank}{fence}'
    return span.replace('|', '\\|') if cell else span


def linked(place: MailPlace | None, text: str = '') -> str:
    """Return a link to a mail, named by its lines unless another text is given; nothing for no place."""
    if place is None:
        return ''
    return f'[{escaped(text or place.lines or "mail")}]({place.url.replace("(", "%28").replace(")", "%29")})'


def fenced(lines: tuple[str, ...], language: str = '') -> str:
    """Return a block of lines as they are, in a fence longer than any run of backticks in them."""
    longest = max((len(run) for line in lines for run in _RUNS.findall(line)), default=0)
    fence = '`' * max(3, longest + 1)
    # A line without anything could be taken for spare space between sections and folded.
    return '\n'.join([fence + language, *(line or ' ' for line in lines), fence])
