# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a patch that a finding is about.

Quotes only what certainly is that place: inside a hunk of that file, and naming something that the finding names.
Line numbers alone are no proof, git applies patches at other lines than they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Finding, Patch
from bot.report.places import MailPlace, Quote

_AROUND = 2
_LONGEST = 12
_HUNK = re.compile(r'^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@')
_NAME = re.compile(r'[A-Za-z_]\w{3,}')


@dataclass(frozen=True, slots=True)
class Hunk:
    """`lines` are (line number in the new file, line of the patch); a removed line has the number of the next one."""

    file: str
    lines: tuple[tuple[int, str], ...]


def quote(patch: Patch, finding: Finding, place: MailPlace | None) -> Quote | None:
    """Return at most 12 lines of the patch around the finding, None when they cannot be told for sure."""
    for hunk in hunks(patch.diff):
        if hunk.file != finding.file:
            continue
        meant = _lines(hunk, finding, 0)
        around = _lines(hunk, finding, _AROUND)
        if _is_meant(
            finding, [line for line in meant if line[:1] == '+'], [line for line in around if line[:1] == '+']
        ):
            return Quote(tuple(around[:_LONGEST]), place)
    return None


def _lines(hunk: Hunk, finding: Finding, around: int) -> list[str]:
    first, last = finding.line - around, finding.end_line + around
    return [text for number, text in hunk.lines if first <= number <= last]


def _is_meant(finding: Finding, meant: list[str], around: list[str]) -> bool:
    """The lines meant name something the finding names; with those around they name two such things, if it has two."""
    said = {name for name in _NAME.findall(finding.message) if '_' in name or name.isupper()}
    here, near = (said & {n for line in lines for n in _NAME.findall(line)} for lines in (meant, around))
    return bool(here) and len(near) >= min(2, len(said))


def hunks(diff: str) -> Iterator[Hunk]:
    """Yield the hunks of a diff in git's form; what is no hunk is passed over."""
    path, lines = '', iter(diff.split('\n'))
    for line in lines:
        if line.startswith('+++ '):
            path = line[4:].split('\t')[0].removeprefix('b/')
        elif found := _HUNK.match(line):
            old, start, new = int(found[1] or 1), int(found[2]), int(found[3] or 1)
            yield Hunk(path, tuple(_body(lines, old, start, new)))


def _body(lines: Iterator[str], old: int, number: int, new: int) -> Iterator[tuple[int, str]]:
    """Take as many lines as the hunk says it has: text behind a patch may look like more of it."""
    while old > 0 or new > 0:
        line = next(lines, None)
        if line is None:
            return
        if line.startswith('\\'):
            continue
        yield number, line
        if not line.startswith('+'):
            old -= 1
        if not line.startswith('-'):
            new -= 1
            number += 1
