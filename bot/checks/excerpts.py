# SPDX-License-Identifier: GPL-2.0-or-later
"""Cuts the lines of source that a finding and its evidence are about, with the columns of the very expression.

Promises lines as they stand in the file at the commit the finding is about, never from another one. Refuses to guess
columns: an expression that does not stand there word for word has none, and the line is shown without.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.model import Evidence, Excerpt, Finding

Lines = Callable[[str], Sequence[str]]
"""Path to the lines of that file; none where it cannot be read."""

_TOKEN = re.compile(r'[A-Za-z_0-9]+|[^\sA-Za-z_0-9]')
_GAP = r'(?:\s|\\\n|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|//[^\n]*\n)*'
_QUOTED = re.compile(r'`([^`]+)`')
_MOST_TOKENS = 120
_MOST_LINES = 6
_SEARCHED = 20
_WIDEST = 400


def with_excerpts(finding: Finding, mark: tuple[str, str], lines: Lines) -> Finding:
    """Return the finding with its lines; `mark` is what stands right before the expression, and the expression."""
    source = lines(finding.file)
    return replace(
        finding,
        excerpt=_excerpt(source, finding.line, finding.end_line, mark),
        evidence=tuple(_with_line(one, lines) for one in finding.evidence),
    )


def _with_line(one: Evidence, lines: Lines) -> Evidence:
    quoted = _QUOTED.search(one.note)
    return replace(one, excerpt=excerpt_of(lines(one.file), one.line, quoted[1] if quoted else ''))


def excerpt_of(source: Sequence[str], line: int, expression: str) -> Excerpt | None:
    """Return one line; columns are 0 where the expression does not begin there."""
    if not 1 <= line <= len(source):
        return None
    at = _find(source[line - 1 : line - 1 + _SEARCHED], ('', expression))
    return _line(source, line, at[1:] if at is not None and at[0] == 0 else (0, 0))


def _excerpt(source: Sequence[str], first: int, last: int, mark: tuple[str, str]) -> tuple[Excerpt, ...]:
    last = min(max(first, last), len(source), first + _MOST_LINES - 1)
    if first < 1:
        return ()
    at = _find(source[first - 1 : min(max(last, first + 1), len(source))], mark)
    marked = at[0] + first if at is not None else 0
    last = max(last, marked)
    return tuple(_line(source, n, at[1:] if at is not None and n == marked else (0, 0)) for n in range(first, last + 1))


def _line(source: Sequence[str], line: int, columns: tuple[int, int]) -> Excerpt:
    first, last = columns if columns[0] <= _WIDEST else (0, 0)
    return Excerpt(line, source[line - 1][:_WIDEST].rstrip(), first, min(last, _WIDEST))


def _find(lines: Sequence[str], mark: tuple[str, str]) -> tuple[int, int, int] | None:
    """Return index of the line, first and last column of the expression on it; blanks and comments do not count."""
    before, words = (_TOKEN.findall(part) for part in mark)
    if not words or len(before) + len(words) > _MOST_TOKENS:
        return None
    text = '\n'.join(line[:_WIDEST] for line in lines)
    wanted = _pattern(words)
    found = re.search(f'{_pattern(before)}{_GAP}({wanted})' if before else f'({wanted})', text)
    if found is None:
        return ('', mark[1]) != mark and _find(lines, ('', mark[1])) or None
    starts = [0, *(at + 1 for at, sign in enumerate(text) if sign == '\n')]
    nth = bisect_right(starts, found.start(1)) - 1
    end = min(found.end(1), starts[nth] + len(lines[nth][:_WIDEST].rstrip()))
    return nth, found.start(1) - starts[nth] + 1, end - starts[nth]


def _pattern(tokens: Sequence[str]) -> str:
    ends = [r'\b' if tokens[0][0].isalnum() or tokens[0][0] == '_' else '', r'\b' if tokens[-1][-1].isalnum() else '']
    return ends[0] + _GAP.join(map(re.escape, tokens)) + ends[1]
