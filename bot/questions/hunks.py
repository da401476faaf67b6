# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the place in a patch that a comment stands on, and what became of that place in a later posting.

Promises to compare lines, white space apart, with their neighbours; a line that moved to another patch is still there.
Refuses to judge a place that it cannot find: it returns None.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.model import Patch, Revision
from bot.questions.patches import plain

_AROUND = 4
_LEAST = 3
_GONE = 0.8


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a hunk: `mark` is '+', '-' or ' ', `text` the line without white space."""

    file: str
    hunk: int
    mark: str
    text: str

    @property
    def tells(self) -> bool:
        """Tell whether the line is more than a bracket or a blank."""
        return len(re.sub(r'\W', '', self.text)) >= _LEAST


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a place: how many of the lines that it added are left of how many, what is new beside it.

    `blank` tells that a blank line next to it came or went.
    """

    left: int
    lines: int
    beside: tuple[str, ...]
    blank: bool = False

    @property
    def gone(self) -> bool:
        return self.lines >= _LEAST and self.left <= (1 - _GONE) * self.lines


@lru_cache(maxsize=1024)
def rows(diff: str) -> tuple[Row, ...]:
    """Read the hunks of a diff in their order."""
    out: list[Row] = []
    file, hunk = '', 0
    for line in diff.split('\n'):
        if line.startswith('diff --git '):
            file, hunk = line.rsplit(' b/', 1)[-1], 0
        elif line.startswith('@@'):
            hunk += 1
        elif hunk and line[:1] in ('+', '-', ' '):
            out.append(Row(file, hunk, line[0], plain(line[1:])))
    return tuple(out)


def place(patch: Patch, quoted: Sequence[str]) -> int | None:
    """Return the row that the last quoted lines end on, the nearest first in `quoted`; None when they are not there.

    Several rows with the same text are told apart by the lines before them.
    """
    found = rows(patch.diff)
    texts = [(t[:1], plain(t[1:])) for t in quoted if t[:1] in ('+', '-', ' ') and plain(t[1:])]
    if not texts:
        return None
    scored = [(_match(found, at, texts), -at) for at, row in enumerate(found) if (row.mark, row.text) == texts[0]]
    best = max(scored, default=None)
    tells = any(len(re.sub(r'\W', '', text)) >= _LEAST for _, text in texts[: best[0]]) if best else False
    return -best[1] if best and tells else None


def _match(found: Sequence[Row], at: int, texts: Sequence[tuple[str, str]]) -> int:
    """Return how many quoted lines in a row stand above and at a row."""
    count = 0
    for mark, text in texts:
        while at >= 0 and not found[at].text:
            at -= 1
        if at < 0 or (found[at].mark, found[at].text) != (mark, text):
            return count
        count, at = count + 1, at - 1
    return count


def fate(patch: Patch, at: int, after: Revision) -> Fate:
    """Return what became, in the posting `after`, of the lines around a row of an older patch."""
    found = rows(patch.diff)
    here = found[at]
    window = [r for r in found[max(at - _AROUND, 0) : at + _AROUND + 1] if (r.file, r.hunk) == (here.file, here.hunk)]
    texts = present(after)
    added = [r for r in window if r.mark == '+' and r.tells]
    left = sum(r.text in texts for r in added)
    wide = found[max(at - 3 * _AROUND, 0) : at + 3 * _AROUND + 1]
    return Fate(left, len(added), tuple(_beside(window, wide, here, after)), _blank(found, at, after))


def _blank(found: Sequence[Row], at: int, after: Revision) -> bool:
    """Tell whether the row stands in the posting with other blank lines next to it than before."""
    texts = {r.text for r in found[max(at - _AROUND, 0) : at + _AROUND + 1] if r.tells}
    places = list(_neighbourhoods(found[at], texts, after))
    return bool(places) and all(
        _edges(around, found[at].text) != _edges(found, found[at].text, at) for around in places
    )


def _edges(found: Sequence[Row], text: str, at: int | None = None) -> tuple[bool, bool]:
    at = next(n for n, r in enumerate(found) if r.text == text) if at is None else at
    before, behind = found[at - 1 : at] if at else (), found[at + 1 : at + 2]
    return any(not r.text for r in before), any(not r.text for r in behind)


def _beside(window: Sequence[Row], wide: Sequence[Row], here: Row, after: Revision) -> list[str]:
    """Return the lines that were put in next to where the row stands now; one line for another is no insertion."""
    near = {r.text for r in window if r.tells}
    known = Counter(r.text for r in wide)
    for around in _neighbourhoods(here, near, after):
        texts = Counter(r.text for r in around if r.tells)
        fresh = texts - known
        lost = near - present(after)
        if sum(fresh.values()) > len(lost):
            return list(fresh)
    return []


def _neighbourhoods(here: Row, near: set[str], after: Revision) -> Iterator[Sequence[Row]]:
    """Yield the surroundings of each place in a posting that may be where the row stands now."""
    for patch in after.patches:
        found = rows(patch.diff)
        for at, row in enumerate(found):
            if (row.file, row.text) != (here.file, here.text) or row.mark == '-':
                continue
            around = found[max(at - _AROUND, 0) : at + _AROUND + 1]
            if sum(r.text in near for r in around if r.tells) >= min(2, len(near)):
                yield around


def present(posting: Revision) -> frozenset[str]:
    """Return the lines that a posting adds or keeps."""
    return _texts(tuple(p.diff for p in posting.patches), '+ ')


def left_over(patch: Patch, posting: Revision) -> tuple[int, int]:
    """Return how many of the lines that a patch adds stand in a later posting, and how many it adds."""
    added = {r.text for r in rows(patch.diff) if r.mark == '+' and r.tells}
    return len(added & present(posting)), len(added)


def same_change(old: Patch, new: Patch) -> bool:
    """Tell whether two patches add and remove the same lines in the same order."""
    return _changed(old.diff) == _changed(new.diff)


@lru_cache(maxsize=512)
def _changed(diff: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((r.file, r.mark, r.text) for r in rows(diff) if r.mark != ' ' and r.text)


@lru_cache(maxsize=64)
def _texts(diffs: tuple[str, ...], marks: str) -> frozenset[str]:
    return frozenset(r.text for diff in diffs for r in rows(diff) if r.mark in marks)


_SUBSTITUTE = re.compile(
    r"""(?:^|[\s"'`(])s([/|,#])((?:(?!\1)[^\n]){1,60})\1((?:(?!\1)[^\n]){0,60}?)(?:\1|(?=\s*\?|\s*$))"""
)


def substitutions(text: str) -> list[tuple[str, str]]:
    """Return what an `s/a/b/` in a comment wants to have replaced by what."""
    return [(a.strip(), b.strip()) for _, a, b in _SUBSTITUTE.findall(text) if a.strip() and a != b]


def substituted(text: str, quoted: Sequence[str], posting: Revision, prose: str) -> str:
    """Return the line that a wanted replacement gave, as the later posting has it, '' when none does."""
    lines = present(posting) | {plain(t) for t in prose.split('\n')}
    for a, b in substitutions(text):
        for line in quoted:
            bare = line[1:] if line[:1] in ('+', '-', ' ') else line
            if a in bare and plain(bare.replace(a, b)) in lines:
                return bare.replace(a, b).strip()
    return ''
