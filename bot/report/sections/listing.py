# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding as compilers show one: lines of source, a caret under the expression, the path as numbered steps.

Promises that nothing is said twice: code that is marked in its line is not repeated in the words beside it. Refuses to
wrap source; a line that is too wide is cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Excerpt, Finding
from bot.report.inert import one_line, verbatim
from bot.report.layout import fill, width

_CODE = re.compile(r'`([^`]*)`')
_LEADING = re.compile(r'\b(?:by|with|at)$')
_BETWEEN = ' \t\n\r\v\f,:;'
_NARROWEST = 24


@dataclass(frozen=True, slots=True)
class _Row:
    """A line to show: `label` goes under it, `main` is where the finding itself is."""

    file: str
    at: Excerpt
    label: str
    main: bool


def listing(f: Finding, columns: int) -> tuple[str, ...]:
    """Return the lines of a finding's listing; none when no line of source is known."""
    rows = list(_rows(f))
    if not any(row.at.text for row in rows):
        return ()
    gutter = max(len(str(row.at.line)) for row in rows)
    shown, file, last = list[str](), f.file, ('', 0)
    for row in rows:
        if row.file != file:
            shown.append(f'{"":{gutter}}  in {one_line(row.file)}:')
            file = row.file
        if (row.file, row.at.line) != last:
            shown.append(_source(row, gutter, columns))
        shown += _under(row, gutter, columns)
        last = row.file, row.at.line
    return tuple(shown)


def _rows(f: Finding) -> Iterator[_Row]:
    """Yield the steps in their order; the finding's own lines come first when no step stands there."""
    main = f.mark or (f.excerpt[0] if f.excerpt else None)
    numbered = len(f.evidence) > 1
    steps = []
    for nth, one in enumerate(f.evidence, start=1):
        at = one.excerpt or Excerpt(one.line, '')
        here = main is not None and (one.file, at.line) == (f.file, main.line)
        if here and main is not None and main.first:
            at = main
        label = _label(one.note, one.excerpt)
        steps.append(_Row(one.file, at, f'{nth}: {label}' if numbered and label else label, here))
    if not any(step.main for step in steps):
        for line in f.excerpt:
            own = [step for step in steps if (step.file, step.at.line) == (f.file, line.line)]
            yield from own or [_Row(f.file, line, '', line is main)]
            steps = [step for step in steps if step not in own]
    elif sum(step.main for step in steps) > 1:
        final = max(nth for nth, step in enumerate(steps) if step.main)
        steps = [_Row(s.file, s.at, s.label, s.main and nth == final) for nth, s in enumerate(steps)]
    yield from steps


def _label(note: str, at: Excerpt | None) -> str:
    """Return the words of a note, without the code where that is marked above them."""
    code = _CODE.search(note)
    if code is None or at is None or not at.first:
        return one_line(note)
    before, after = _LEADING.sub('', note[: code.start()].rstrip(_BETWEEN)).rstrip(_BETWEEN), note[code.end() :]
    return one_line(f'{before}{after}' if after.startswith((',', ':')) else f'{before} {after}') or 'here'


def _source(row: _Row, gutter: int, columns: int) -> str:
    line = f'{">" if row.main else " "} {row.at.line:{gutter}} | {verbatim(row.at.text).expandtabs(8)}'.rstrip()
    return line if width(line) <= columns else line[: columns - 3] + '...'


def _under(row: _Row, gutter: int, columns: int) -> Iterator[str]:
    """Yield the marks under a line with the label behind them, or below where there is no room."""
    margin = f'  {"":{gutter}} | '
    start = width(verbatim(row.at.text[: max(row.at.first - 1, 0)]).expandtabs(8))
    room = columns - len(margin)
    marks = ''
    if row.at.first and start < room - 3:
        end = width(verbatim(row.at.text[: row.at.last]).expandtabs(8))
        marks = ('^' if row.main else '~') + '~' * (min(end, room - 3) - start - 1)
    elif row.at.text:
        start = min(len(row.at.text) - len(row.at.text.lstrip()), 4) * 8 if row.at.text[:1] == '\t' else 0
    if marks and (not row.label or start + len(marks) + 1 + width(row.label) <= room):
        yield f'{margin}{" " * start}{marks} {row.label}'.rstrip()
        return
    if marks:
        yield f'{margin}{" " * start}{marks}'
    if row.label:
        indent = ' ' * min(start, max(0, room - max(_NARROWEST, width(row.label))))
        wrapped = fill(row.label, room, indent, indent + '   ')
        yield from (f'{margin}{line}' for line in wrapped.split('\n'))
