# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a patch that a finding is about, and where they stand in its mail.

Quotes only what certainly is that place: inside a hunk of that file, and naming something that the finding names.
Line numbers alone are no proof, git applies patches at other lines than they say; the source of the finding is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.model import Evidence, Finding, Patch
from bot.report.places import MailPlace, Quote

_AROUND = 2
_REACH = 400
_LONGEST = 12
_BEFORE = 5
_CODE = re.compile(r'`([^`]+)`')
# So many characters of code are no chance: a call with its arguments, two short statements.
_ENOUGH = 16
_HUNK = re.compile(r'^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@')
_NAME = re.compile(r'[A-Za-z_]\w{3,}')


@dataclass(frozen=True, slots=True)
class Hunk:
    """`lines` are (line number in the new file, line of the patch); a removed line has the number of the next one.

    `head` are the lines of the patch that name the file, and the `@@` line. `at` and `places` are the lines of the diff,
    from 0, at which the `@@` line and these stand.
    """

    file: str
    lines: tuple[tuple[int, str], ...]
    at: int = 0
    places: tuple[int, ...] = ()
    head: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lines:
    """Where a finding is in a patch: the number of the hunk, its head and lines, and the lines meant, from 0."""

    hunk: int
    head: tuple[str, ...]
    text: tuple[str, ...]
    first: int
    last: int

    @property
    def start(self) -> int:
        """Return the first line to quote: at most five before those meant."""
        return max(0, self.first - _BEFORE)


def quote(patch: Patch, finding: Finding, place: MailPlace | None) -> Quote | None:
    """Return at most 12 lines of the patch around the finding, None when they cannot be told for sure."""
    hunk = meant(patch, finding)
    return Quote(tuple(_lines(hunk, finding, _AROUND)[:_LONGEST]), place) if hunk else None


def meant(patch: Patch, finding: Finding) -> Hunk | None:
    """Return the hunk that certainly holds the finding."""
    for hunk in hunks(patch.diff):
        if hunk.file == finding.file:
            here, near = (
                [line for line in _lines(hunk, finding, around) if line[:1] == '+'] for around in (0, _AROUND)
            )
            if _is_meant(finding, here, near):
                return hunk
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


def lines_meant(patch: Patch, finding: Finding) -> Lines | None:
    """Return the lines of the patch that the finding is about, at most 12 of them, None when they cannot be told.

    git applies a patch at other lines than it says, so where the numbers do not fit the code that the finding names does.
    Where the finding's own line is in no hunk, an added line that is evidence for it stands for it.
    """
    return _lines_of(patch, finding) or next(
        (
            lines
            for one in finding.evidence
            if one.file == finding.file
            and (lines := _lines_of(patch, _as_evidence(finding, one))) is not None
            and lines.text[lines.first].startswith('+')
        ),
        None,
    )


def _as_evidence(finding: Finding, one: Evidence) -> Finding:
    return replace(finding, line=one.line, end_line=one.line, message=one.note, evidence=())


def _lines_of(patch: Patch, finding: Finding) -> Lines | None:
    hunk, shift = meant(patch, finding), 0
    if hunk is None:
        found = _by_code(patch, finding) or _by_source(patch, finding)
        if found is None:
            return None
        hunk, shift = found
    number = next(n for n, one in enumerate(hunks(patch.diff)) if one == hunk)
    last = finding.end_line - shift
    inside = [
        n for n, (line, text) in enumerate(hunk.lines) if finding.line - shift <= line <= last and text[:1] != '-'
    ]
    if not inside:
        return None
    first = inside[0]
    return Lines(number, hunk.head, tuple(text for _, text in hunk.lines), first, min(inside[-1], first + _LONGEST - 1))


def _by_code(patch: Patch, finding: Finding) -> tuple[Hunk, int] | None:
    """Return the hunk whose lines hold all code that the finding names, and by how much they are shifted.

    Nothing unless one place alone fits, and enough of it.
    """
    named = _named(finding)
    fits: dict[tuple[Hunk, int], int] = {}
    for hunk in (h for h in hunks(patch.diff) if h.file == finding.file):
        text = {number: ' '.join(line[1:].split()) for number, line in hunk.lines if line[:1] != '-'}
        shifts = {line - n for line, code in named for n, said in text.items() if code in said}
        for shift in (s for s in shifts if finding.line - s in text):
            here = [(code, text[line - shift]) for line, code in named if line - shift in text]
            if all(code in said for code, said in here):
                fits[hunk, shift] = sum(len(code) for code in {code for code, _ in here})
    best = max(fits.values(), default=0)
    found = [place for place, length in fits.items() if length == best]
    return found[0] if len(found) == 1 and best >= _ENOUGH else None


def _by_source(patch: Patch, finding: Finding) -> tuple[Hunk, int] | None:
    """Return the hunk that has the source the finding shows, line for line, and by how much it is shifted.

    Every line it shows that falls into the hunk has to read the same, and the hunk has to name its function. Where several places do, the one at the lines that
    the patch says, else none.
    """
    shown = {one.line: one.text.rstrip() for one in (*finding.excerpt, *((finding.mark,) if finding.mark else ()))}
    fits: dict[tuple[Hunk, int], int] = {}
    for hunk in (h for h in hunks(patch.diff) if h.file == finding.file):
        text = {number: line[1:].rstrip() for number, line in hunk.lines if line[:1] != '-'}
        if not _is_of(hunk, finding.function):
            continue
        for shift in {finding.line - n for n, said in text.items() if said == shown.get(finding.line)}:
            here = {said: text[line - shift] for line, said in shown.items() if line - shift in text}
            if all(said == there for said, there in here.items()):
                fits[hunk, shift] = sum(len(said.strip()) for said in here)
    best = max(fits.values(), default=0)
    found = [place for place, length in fits.items() if length == best >= _ENOUGH]
    said = [place for place in found if place[1] == 0]
    return found[0] if len(found) == 1 else said[0] if len(said) == 1 else None


def _is_of(hunk: Hunk, function: str) -> bool:
    """Tell whether a hunk names a function, in its `@@` line or below: like lines stand in many functions of a file."""
    return not function or any(
        function in _NAME.findall(line) for line in (*hunk.head[-1:], *(t for _, t in hunk.lines))
    )


def _named(finding: Finding) -> list[tuple[int, str]]:
    """Return the code that a finding names in backticks, with the line of its file that it stands in."""
    said = [(finding.line, finding.message), *((e.line, e.note) for e in finding.evidence if e.file == finding.file)]
    return [(line, ' '.join(code.split())) for line, words in said for code in _CODE.findall(words)[:1]]


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
    path, head, lines = '', list[str](), iter(enumerate(diff.split('\n')))
    for at, line in lines:
        if line.startswith('diff --git '):
            head = [line]
        elif line.startswith('--- '):
            head = [*head[:1], line]
        elif line.startswith('+++ '):
            path, head = line[4:].split('\t')[0].removeprefix('b/'), [*head, line]
        elif found := _HUNK.match(line):
            old, start, new = int(found[1] or 1), int(found[2]), int(found[3] or 1)
            body = list(_body(lines, old, start, new))
            text = tuple((number, text) for number, text, _ in body)
            yield Hunk(path, text, at, tuple(one for _, _, one in body), (*head, line))


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
