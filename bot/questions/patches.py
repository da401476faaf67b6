# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares two postings of a series: which patch became which, and what its new lines say.

Promises a partner only where patch id, subject or changed lines show it. Needs no tree and runs no git.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.model import Patch, Revision
from bot.model.memory import recalled

_SAME_TITLE = 0.9
_SAME_LINES = 0.3
_IDENTIFIER = re.compile(r'[A-Za-z_][A-Za-z0-9_]{2,}')
_HUNK = re.compile(r'^@@ [^@]{1,60} @@\s*(.*)$')
_FUNCTION = re.compile(r'\b([A-Za-z_]\w*)\s*\(')
_COMMENT = re.compile(r'^\s*(?:/?\*|//)')


def plain(line: str) -> str:
    """Return a line of code without white space: what must be equal to be the same line."""
    return ''.join(line.split())


@dataclass(slots=True)
class Code:
    """What some patches add, keep and remove, by normalised line; `functions` maps a name to its changed lines."""

    added: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    old_names: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    functions: dict[str, set[str]] = field(default_factory=dict)

    @property
    def changed(self) -> set[str]:
        return self.added | {f'-{line}' for line in self.removed}


def code(patches: Sequence[Patch]) -> Code:
    """Read the diffs of some patches; the answer is shared and must not be changed."""
    return _code(*patches)


@recalled
def _code(*patches: Patch) -> Code:
    out = Code()
    for patch in patches:
        out.files.update(patch.files)
        function = ''
        for line in patch.diff.split('\n'):
            if head := _HUNK.match(line):
                named = _FUNCTION.search(head[1])
                function = named[1] if named else ''
            elif not line.startswith(('+++', '---')) and plain(line[1:]):
                function = _take(out, line, function)
    return out


@recalled
def vocabulary(posting: Revision, cover: str) -> frozenset[str]:
    """Return all words of a posting: a name that stands there was not brought in by a reviewer."""
    texts = [t for p in posting.patches for t in (p.commit_message, p.notes, p.diff)]
    return frozenset(w for t in (*texts, cover) for w in _IDENTIFIER.findall(t))


@recalled
def prose(patch: Patch | None, cover: str) -> str:
    """Return what is said in words: commit message and new comments of a patch, and the cover."""
    return '\n'.join((patch.commit_message if patch else '', cover, _comments(patch.diff) if patch else ''))


@recalled
def _comments(diff: str) -> str:
    return '\n'.join(line[1:] for line in diff.split('\n') if line.startswith('+') and _COMMENT.match(line[1:]))


@recalled
def plain_text(text: str) -> str:
    return ' '.join(text.split())


@recalled
def news(before: str, after: str) -> str:
    """Return the lines of `after` that `before` lacks."""
    old = {' '.join(line.split()) for line in before.split('\n')}
    return '\n'.join(line for line in after.split('\n') if ' '.join(line.split()) not in old)


def _take(out: Code, line: str, function: str) -> str:
    """Take in one line of a hunk; return the function that it is in."""
    mark, bare = line[:1], plain(line[1:])
    if mark in '+ ' and re.match(r'^[A-Za-z_]', line[1:]) and (opened := _FUNCTION.search(line[1:])):
        function = opened[1]
    names = () if _COMMENT.match(line[1:]) else _IDENTIFIER.findall(line[1:])
    if mark == '+':
        out.added.add(bare)
        out.names.update(names)
    elif mark == '-':
        out.removed.add(bare)
        out.old_names.update(names)
    elif mark == ' ':
        out.kept.add(bare)
        out.old_names.update(names)
    if mark in '+-':
        out.functions.setdefault(function, set()).add(mark + bare)
    return function


@recalled
def partner(patch: Patch, new: Revision) -> Patch | None:
    """Return the patch of `new` that `patch` became, None when it was dropped or cannot be told."""
    for other in new.patches:
        if patch.patch_id and other.patch_id == patch.patch_id:
            return other
    titled = [(_ratio(patch.subject, o.subject), -o.position, o) for o in new.patches]
    best = max(titled, default=None, key=lambda t: t[:2])
    if best and best[0] >= _SAME_TITLE:
        return best[2]
    mine = code([patch])
    shared = [(_overlap(mine, code([o])), -o.position, o) for o in new.patches]
    close = max(shared, default=None, key=lambda t: t[:2])
    return close[2] if close and close[0] >= _SAME_LINES else None


@recalled
def follows(old: Revision, new: Revision) -> bool:
    """Tell whether any patch of `old` has a partner in `new`: else nothing can be said of what was dropped."""
    return any(partner(p, new) for p in old.patches)


@recalled
def _ratio(a: str, b: str) -> float:
    return difflib.SequenceMatcher(None, a.lower()[:200], b.lower()[:200], autojunk=False).ratio()


def _overlap(a: Code, b: Code) -> float:
    """Return how much of the smaller change both share, none when they touch no file in common."""
    if not a.files & b.files:
        return 0.0
    return len(a.changed & b.changed) / max(min(len(a.changed), len(b.changed)), 1)
