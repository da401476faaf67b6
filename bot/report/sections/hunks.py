# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a patch that a finding is about, and where they stand in its mail.

Quotes only what certainly is that place: inside a hunk of that file, and naming something that the finding names.
Line numbers alone are no proof, git applies patches at other lines than they say; the source of the finding is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Finding, Patch
from bot.report.places import MailPlace, Quote

_AROUND = 2
_REACH = 400
_LONGEST = 12
_HUNK = re.compile(r'^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@')
_NAME = re.compile(r'[A-Za-z_]\w{3,}')


@dataclass(frozen=True, slots=True)
class Hunk:
    """`lines` are (line number in the new file, line of the patch); a removed line has the number of the next one.

    `at` and `places` are the lines of the diff, from 0, at which the `@@` line and these stand.
    """

    file: str
    lines: tuple[tuple[int, str], ...]
    at: int = 0
    places: tuple[int, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a patch mail has the line a finding is about: an answer put behind this quoted line is read with it.

    `number` is the line in the file after the patch as the mail counts it, `text` the line of the patch with its sign,
    `quoted` the line of the mail's text (1-based, as in every document) and `hunk` that of the hunk's `@@` line.
    """

    file: str
    number: int
    text: str
    quoted: int
    hunk: int


def placement(finding: Finding, diff: str, body: str) -> Placement | None:
    """Return the line of a patch mail that a finding is about; None when no added or kept line certainly is it.

    `diff` is the patch's, `body` the text of its mail, in which the diff stands as it is. The line is known by the
    source the finding shows and, where several read alike, by how near it is to the finding's line.
    """
    wanted = finding.mark or next(iter(finding.excerpt), None)
    begin = _start(diff, body)
    if wanted is None or begin is None or not wanted.text.strip():
        return None
    found = [
        Placement(hunk.file, number, text, begin + at, begin + hunk.at)
        for hunk in hunks(diff)
        if hunk.file == finding.file
        for (number, text), at in zip(hunk.lines, hunk.places, strict=True)
        if text[:1] in '+ ' and text[1:].rstrip() == wanted.text and abs(number - wanted.line) <= _REACH
    ]
    return min(found, key=lambda one: (abs(one.number - wanted.line), not one.text.startswith('+')), default=None)


def _start(diff: str, body: str) -> int | None:
    """Return the line of a mail's text at which its diff begins."""
    lines = diff.rstrip('\n').split('\n')
    whole = [line.rstrip('\r') for line in body.split('\n')]
    last = len(whole) - len(lines)
    return next((at + 1 for at in range(last + 1) if whole[at : at + len(lines)] == lines), None)


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
    path, lines = '', iter(enumerate(diff.split('\n')))
    for at, line in lines:
        if line.startswith('+++ '):
            path = line[4:].split('\t')[0].removeprefix('b/')
        elif found := _HUNK.match(line):
            old, start, new = int(found[1] or 1), int(found[2]), int(found[3] or 1)
            body = list(_body(lines, old, start, new))
            yield Hunk(path, tuple((number, text) for number, text, _ in body), at, tuple(one for _, _, one in body))


def _body(lines: Iterator[tuple[int, str]], old: int, number: int, new: int) -> Iterator[tuple[int, str, int]]:
    """Take as many lines as the hunk says it has: text behind a patch may look like more of it."""
    while old > 0 or new > 0:
        at, line = next(lines, (0, None))
        if line is None:
            return
        if line.startswith('\\'):
            continue
        yield number, line, at
        if not line.startswith('+'):
            old -= 1
        if not line.startswith('-'):
            new -= 1
            number += 1
