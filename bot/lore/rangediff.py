# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares two postings patch by patch, from the mails alone.

Promises git's answer without git's tree: patches are matched at the least cost, where a pair costs the lines of the
diff between both and a patch that comes or goes 60 % of its own (git-range-diff(1), --creation-factor). Refuses to see
what the mails do not say: context that a rebase changed counts, line numbers and blob ids do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff

from bot.lore.diff import find_diff, header_paths
from bot.lore.matching import heaviest
from bot.model import Patch, PatchChange, Revision

_CREATION = 60
_MAX_LINES = 4000
_MAX_SHOWN = 400
_HUNK = re.compile(r'@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@ ?')
_SKIPPED = ('index ', 'similarity index ', 'dissimilarity index ', '--- ', '+++ ')


@dataclass(frozen=True, slots=True)
class _Side:
    """A patch as it is compared: `lines` of its diff without numbers, `words` of author and message."""

    patch: Patch
    lines: tuple[str, ...]
    words: tuple[str, ...]
    bag: Counter[str]

    @property
    def creation(self) -> int:
        return len(self.lines) * _CREATION // 100


def compare(old: Revision, new: Revision) -> tuple[PatchChange, ...]:
    """Return what became of each patch, in the order of the new posting, those that are gone last."""
    before, after = [_side(p) for p in old.patches], [_side(p) for p in new.patches]
    pairs = _pairs(before, after)
    partner = {j: i for i, j in pairs.items()}
    kept = [_change(before[partner[j]] if j in partner else None, after[j]) for j in range(len(after))]
    return (*kept, *(PatchChange(s.patch.position, 0, 'gone') for i, s in enumerate(before) if i not in pairs))


def _side(patch: Patch) -> _Side:
    lines = tuple(_normal(find_diff(patch.diff) or patch.diff))
    words = (patch.author.label, patch.subject, *(line.rstrip() for line in patch.commit_message.strip().split('\n')))
    return _Side(patch, lines, words, Counter(lines))


def _normal(diff: str) -> Iterator[str]:
    """Yield the lines of a diff by which patches are compared: files by name, hunks by function, no numbers."""
    within, path = False, ''
    for line in diff.rstrip('\n').split('\n'):
        if line.startswith('diff --git '):
            within, path = False, _named(line)
            yield f' ## {path} ##'
        elif head := _HUNK.match(line):
            within = True
            yield f'@@ {path}: {line[head.end() :]}'
        elif within or not line.startswith(_SKIPPED):
            yield line.rstrip('\r')


def _named(line: str) -> str:
    old, new = header_paths(line) or ('', line[11:])
    return new if old in ('', new) else f'{old} => {new}'


def _pairs(before: Sequence[_Side], after: Sequence[_Side]) -> dict[int, int]:
    """Return which old patch became which new one, by index; equal diffs first, as git does."""
    pairs: dict[int, int] = {}
    places: dict[tuple[str, ...], list[int]] = {}
    for j, side in enumerate(after):
        places.setdefault(side.lines, []).append(j)
    for i, side in enumerate(before):
        if side.lines and places.get(side.lines):
            pairs[i] = places[side.lines].pop(0)
    taken = set(pairs.values())
    # One more than nothing: where both ways cost the same, git takes two patches for one.
    gains = {
        (i, j): gain * (len(before) + len(after) + 1) + 1
        for i, a in enumerate(before)
        for j, b in enumerate(after)
        if i not in pairs and j not in taken and (gain := _gain(a, b)) >= 0
    }
    return pairs | heaviest(gains)


def _gain(a: _Side, b: _Side) -> int:
    """Return what is saved by taking two patches for one; below 0 when both are better taken for different ones."""
    limit = a.creation + b.creation
    shared = sum((a.bag & b.bag).values())
    least = len(a.lines) + len(b.lines) - 2 * shared
    if least > limit or len(a.lines) + len(b.lines) > 2 * _MAX_LINES:
        return limit - least
    # git counts the lines of the diff between the two, its headers left out.
    return limit - sum(1 for line in unified_diff(a.lines, b.lines, lineterm='', n=3) if line[:3] not in ('---', '+++'))


def _change(before: _Side | None, after: _Side) -> PatchChange:
    if before is None:
        return PatchChange(0, after.patch.position, 'new')
    places = before.patch.position, after.patch.position
    words = _interdiff(before.words, after.words)
    if before.lines == after.lines:
        return PatchChange(*places, 'same' if before.words == after.words else 'message', '', words)
    return PatchChange(*places, 'code', _interdiff(before.lines, after.lines), words)


def _interdiff(before: Sequence[str], after: Sequence[str]) -> str:
    lines = list(unified_diff(before, after, lineterm='', n=3))[2:]
    more = [f'... {len(lines) - _MAX_SHOWN} lines more'] if len(lines) > _MAX_SHOWN else []
    return '\n'.join(lines[:_MAX_SHOWN] + more)
