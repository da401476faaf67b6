# SPDX-License-Identifier: GPL-2.0-or-later
"""Characters of a patch that do not show, or that show the text around them in another order.

Promises to name each by its code point and where it stands. Looks at what a patch adds and says, not at lines that were
there before. Joiners are left alone in prose: names in some scripts are written with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.lore.diff import header_paths

# Unicode 15: bidirectional formatting, zero width, soft hyphen, invisible operators, interlinear marks, tags.
_UNSEEN = re.compile(
    '[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]'
)
_JOINERS = re.compile('[\u200c\u200d]')
_HUNK = re.compile(r'@@ -\d+(?:,\d+)? \+(\d{1,9})(?:,\d+)? @@')
_MOST = 6


def unseen(message: str, diff: str) -> str:
    """Return `U+202E in its message, U+2066 in mm/gup.c:120` (the line after the patch), '' when all characters show."""
    found = dict.fromkeys((f'U+{ord(c):04X}', 'its message') for c in _UNSEEN.findall(message))
    found |= dict.fromkeys(_added(diff))
    said = [f'{point} in {place}' for point, place in found]
    more = f' and {len(said) - _MOST} more' if len(said) > _MOST else ''
    return ', '.join(said[:_MOST]) + more


def _added(diff: str) -> Iterator[tuple[str, str]]:
    if diff.isascii():
        return
    path, number = 'a file', 0
    for line in diff.split('\n'):
        if hunk := _HUNK.match(line):
            number = int(hunk[1]) - 1
            continue
        number += line[:1] in ('+', ' ')
        if line.startswith('diff --git '):
            path = (header_paths(line) or ('', path))[1]
            yield from (_named(c, 'the name of a file') for c in _all(line))
        elif line.startswith('+++ '):
            path = re.sub(r'^\w/', '', line[4:].split('\t')[0])
        elif line.startswith('+'):
            yield from (_named(c, f'{path}:{number}') for c in _all(line))


def _all(text: str) -> list[str]:
    return [] if text.isascii() else _UNSEEN.findall(text) + _JOINERS.findall(text)


def _named(character: str, place: str) -> tuple[str, str]:
    return f'U+{ord(character):04X}', _UNSEEN.sub('', _JOINERS.sub('', place))
