# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the diff of a patch as mailed: which paths it needs of its base, where its hunks stand.

Promises never to raise on any text. Refuses to judge it: what is no diff yields no files, and git has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from bot.trees.quoting import unquote

_INDEX = re.compile(r'index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})')
_MODE = re.compile(r'(?:new file mode|new mode|index [0-9a-f]+\.\.[0-9a-f]+) (\S{1,20})')
_HUNK = re.compile(r'@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@')


@dataclass(frozen=True, slots=True)
class Hunk:
    """`header` is the `@@` line as mailed; `line` its 0-based line in the diff, `lines` the body below it."""

    header: str
    start: int
    line: int
    lines: tuple[str, ...]

    def old_ranges(self) -> list[tuple[int, int]]:
        """Return the changed lines of the old side, inclusive; an insertion after line n is (n + 1, n)."""
        found: list[tuple[int, int]] = []
        at, changing = self.start, False
        for line in self.lines:
            if line[:1] in ('-', '+'):
                if not changing:
                    found.append((at, at - 1))
                at += line[0] == '-'
                found[-1] = (found[-1][0], at - 1)
            elif line[:1] != '\\':
                at += 1
            changing = line[:1] in ('-', '+') or (changing and line[:1] == '\\')
        return found


@dataclass(slots=True)
class FileDiff:
    """One file of a patch; `old` is '' for a file that the patch creates, `new` is '' for one that it removes.

    `before` and `after` are the blob ids of the index line as written, '' without one; `moved` tells that `old` is gone;
    `mode` is the mode that the patch gives it, '' where it names none.
    """

    old: str
    new: str
    before: str = ''
    after: str = ''
    moved: bool = False
    mode: str = ''
    hunks: list[Hunk] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.new or self.old


@lru_cache(maxsize=512)
def read_diff(diff: str) -> list[FileDiff]:
    """Return the files of a diff in order; lines of hunks are never taken for headers.

    It is asked of every patch by each step of applying: the answer is shared and must not be changed.
    """
    return list(_files(diff.split('\n')))


def _files(lines: list[str]) -> Iterator[FileDiff]:
    at, current = 0, None
    while at < len(lines):
        line = lines[at].rstrip('\r')
        hunk = _hunk(lines, at) if current is not None else None
        if hunk is not None and current is not None:
            current.hunks.append(hunk)
            at += len(hunk.lines)
        elif line.startswith('diff --git '):
            if current is not None:
                yield current
            current = FileDiff(*_git_names(line.removeprefix('diff --git ')))
        elif line.startswith('--- ') and at + 1 < len(lines) and lines[at + 1].startswith('+++ '):
            old, new = _name(line[4:]), _name(lines[at + 1].rstrip('\r')[4:])
            if current is None or current.hunks:
                if current is not None:
                    yield current
                current = FileDiff(old, new)
            current.old, current.new = old, new
            at += 1
        elif current is not None:
            _extended(current, line)
        at += 1
    if current is not None:
        yield current


def _hunk(lines: list[str], at: int) -> Hunk | None:
    numbers = _HUNK.match(lines[at])
    if numbers is None:
        return None
    old, new = (int(numbers.group(n) or (1 if numbers.group(n) is None else 0)) for n in (2, 4))
    end = at + 1
    while end < len(lines) and (old > 0 or new > 0 or lines[end].startswith('\\')):
        kind = lines[end][:1]
        if kind not in ('', ' ', '-', '+', '\\', '\r', '\t'):
            break
        old -= kind not in ('+', '\\')
        new -= kind not in ('-', '\\')
        end += 1
    start = int(numbers.group(1)) + (numbers.group(2) == '0')
    return Hunk(lines[at].rstrip('\r'), start, at, tuple(lines[at + 1 : end]))


def _extended(current: FileDiff, line: str) -> None:
    index = _INDEX.match(line)
    mode = _MODE.match(line)
    if mode:
        current.mode = mode[1]
    if index:
        current.before, current.after = index.groups()
    elif line.startswith('new file mode '):
        current.old = ''
    elif line.startswith('deleted file mode '):
        current.new = ''
    elif line.startswith(('rename from ', 'copy from ')):
        current.old, current.moved = unquote(line.partition(' from ')[2]), line.startswith('rename')
    elif line.startswith(('rename to ', 'copy to ')):
        current.new = unquote(line.partition(' to ')[2])


def _git_names(text: str) -> tuple[str, str]:
    """Part `a/X b/Y`: with quotes at the quote, else where both halves name one path (a rename names both later)."""
    if text.startswith('"'):
        quoted = re.match(r'"(?:[^"\\]|\\.)*"', text)
        first = quoted.group(0) if quoted else text
        return _strip(unquote(first)), _strip(unquote(text[len(first) + 1 :]))
    if text.endswith('"') and ' "' in text:
        first, _, second = text.partition(' "')
        return _strip(first), _strip(unquote('"' + second))
    half = len(text) // 2
    if text[half : half + 1] == ' ' and _strip(text[:half]) == _strip(text[half + 1 :]):
        return _strip(text[:half]), _strip(text[half + 1 :])
    first, _, second = text.partition(' ')
    return _strip(first), _strip(second)


def _name(text: str) -> str:
    name = unquote(text) if text.startswith('"') else text.partition('\t')[0]
    return '' if name == '/dev/null' else _strip(name)


def _strip(name: str) -> str:
    """Take off the first component, as git does by default (-p1)."""
    return name.partition('/')[2] or name
