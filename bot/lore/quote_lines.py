# SPDX-License-Identifier: GPL-2.0-or-later
"""Single lines with their writers, and their fusion into segments without gaps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

from bot.model import Person, Segment
from bot.model.quotes import Attribution


class Line(NamedTuple):
    """One line of a mail: quote depth, who wrote it, in which lines there (1-based), by which step, said by whom."""

    depth: int
    origin: str | None
    lines: tuple[int, int] | None
    how: str
    speaker: Person | None


def fill_blanks(lines: list[Line], keys: list[str]) -> None:
    """Let blank quoted lines belong to the text above them, else to the text below."""
    for number, line in enumerate(lines):
        if line.depth and not keys[number]:
            above = lines[number - 1] if number else None
            below = _next_text(lines, keys, number)
            lines[number] = _between(line, above, below)


def _next_text(lines: list[Line], keys: list[str], number: int) -> Line | None:
    for later in range(number + 1, min(number + 8, len(lines))):
        if keys[later]:
            return lines[later]
    return None


def _between(blank: Line, above: Line | None, below: Line | None) -> Line:
    beside = [x for x in (above, below) if x and x.depth]
    near = next((x for x in beside if x.depth == blank.depth), beside[0] if beside else None)
    if near is None:
        return Line(blank.depth, None, None, 'foreign', None)
    if near is above and near.lines and below and below.lines and below.origin == near.origin:
        after = near.lines[1] + 1
        if below.lines[0] > after and below.depth == near.depth:
            return Line(blank.depth, near.origin, (after, after), near.how, near.speaker)
    return Line(blank.depth, near.origin, None, near.how, near.speaker)


def segments(lines: list[Line]) -> tuple[Segment, ...]:
    """Fuse neighbouring lines of one writer whose lines there follow each other, too."""
    out: list[Segment] = []
    for number, line in enumerate(lines, 1):
        last = out[-1] if out else None
        if last and _continues(last, line):
            grown = (last.origin_lines[0], line.lines[1]) if last.origin_lines and line.lines else None
            out[-1] = Segment(last.first, number, last.depth, last.origin, grown, last.how, last.speaker)
        else:
            out.append(
                Segment(number, number, line.depth, line.origin, line.lines, cast(Attribution, line.how), line.speaker)
            )
    return tuple(out)


def unfused(found: Iterable[Segment]) -> list[Line]:
    """Return the lines that were fused into these segments."""
    lines: list[Line] = []
    for one in found:
        spans = one.origin_lines
        for at in range(one.last - one.first + 1):
            place = (spans[0] + at, spans[0] + at) if spans and one.last > one.first else spans
            lines.append(Line(one.depth, one.origin, place, one.how, one.speaker))
    return lines


def _continues(last: Segment, line: Line) -> bool:
    same = (last.depth, last.origin, last.how, last.speaker) == (line.depth, line.origin, line.how, line.speaker)
    if not same or line.how == 'tokens':
        return False
    if last.origin_lines and line.lines:
        return last.origin_lines[1] - last.origin_lines[0] == last.last - last.first and (
            line.lines == (last.origin_lines[1] + 1, last.origin_lines[1] + 1)
        )
    return last.origin_lines is None and line.lines is None
