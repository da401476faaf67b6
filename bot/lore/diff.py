# SPDX-License-Identifier: GPL-2.0-or-later
"""The diff in a mail's text: where it starts and ends, which files and blobs it names, which lines it changes.

Promises to cut only what git would ignore as well: a damaged hunk keeps everything behind it, so that `git am` fails
on it instead of silently applying half a patch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.model import Preimage

_START = re.compile(r'(?m)^(?:diff --git \S|diff -\S+ [^\n]*\n--- \S|--- \S[^\n]*\n\+\+\+ \S|GIT binary patch$)')
_HUNK = re.compile(r'@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@')
_EXTENDED = re.compile(
    r'diff -|Index: |index |old mode |new mode |deleted file mode |new file mode |similarity |dissimilarity |rename |copy '
    r'|Binary files |GIT binary patch|--- \S|\+\+\+ \S|={60,}$'
)
_SIGNATURE = re.compile(r'-- ?$')


def find_diff(text: str) -> str:
    """Return the unquoted diff in a mail's text, '' when there is none."""
    start = _START.search(text)
    if not start:
        return ''
    lines = text[start.start() :].split('\n')
    end = _end(lines)
    diff = '\n'.join(lines[:end]) + '\n'
    if end == len(lines) and lines[-1] == '' and broken_hunk(diff):
        return diff[:-1]
    return diff  # a last line of context that was blank, and went with the end of the mail, is there again


def _end(lines: list[str]) -> int:
    """Return the index behind the last line that belongs to the diff."""
    at = end = 0
    while at < len(lines):
        line = lines[at]
        hunk = _HUNK.match(line)
        if hunk:
            at, whole = _behind_hunk(lines, at + 1, int(hunk[2] or 1), int(hunk[4] or 1))
            if not whole:
                return _signature(lines, at)
            end = at
        elif _EXTENDED.match(line):
            at = end = _behind_binary(lines, at + 1) if line.startswith('GIT binary patch') else at + 1
        elif _SIGNATURE.match(line):
            break
        else:
            at += 1
    return end


def _behind_hunk(lines: list[str], at: int, old: int, new: int) -> tuple[int, bool]:
    """Return the index behind a hunk of that many old and new lines, and whether it was whole."""
    while old > 0 or new > 0:
        mark = lines[at][:1] if at < len(lines) else 'x'
        if mark not in ('', ' ', '+', '-', '\\', '\t') or (mark == '' and at == len(lines) - 1):
            return at, False
        old -= mark in ('', ' ', '-', '\t')
        new -= mark in ('', ' ', '+', '\t')
        at += 1
    if at < len(lines) and lines[at].startswith('\\ '):
        at += 1
    return at, old == 0 and new == 0


def broken_hunk(diff: str) -> str:
    """Return the @@ line of the first hunk that has not the lines it announces, '' when all have.

    It is what is left of a patch whose lines a mailer broke; only git can tell when it turned tabs into blanks.
    """
    lines = diff.split('\n')
    at = 0
    while at < len(lines):
        hunk = _HUNK.match(lines[at])
        if hunk is None:
            at += 1
            continue
        at, whole = _behind_hunk(lines, at + 1, int(hunk[2] or 1), int(hunk[4] or 1))
        if not whole:
            return hunk[0]
    return ''


def _behind_binary(lines: list[str], at: int) -> int:
    # Two blocks, each a "literal n" or "delta n" line, data and an empty line.
    while at < len(lines) and re.match(r'(?:literal|delta) \d+$', lines[at]):
        while at < len(lines) and lines[at]:
            at += 1
        at += at < len(lines)
    return at


def _signature(lines: list[str], at: int) -> int:
    return next((i for i in range(at, len(lines)) if lines[i] == '-- '), len(lines))


def files(diff: str) -> tuple[str, ...]:
    """Return the paths a diff touches, by their new name, in order."""
    return tuple(dict.fromkeys(new or old for old, new, _, _ in _sections(diff) if new or old))


def preimages(diff: str) -> tuple[Preimage, ...]:
    """Return the blobs that the diff expects (index lines); the path is where the old blob is looked for."""
    found = [Preimage(old or new, b, a) for old, new, b, a in _sections(diff) if b and (old or new)]
    return tuple(dict.fromkeys(found))


def changed_lines(diff: str) -> frozenset[str]:
    """Return the added and removed lines, sign and text without its white space; the short ones say nothing."""
    found: set[str] = set()
    for line in diff.split('\n'):
        if line[:1] in ('+', '-') and not line.startswith(('+++ ', '--- ')):
            plain = ''.join(line.split())
            if len(plain) > 4:
                found.add(plain)
    return frozenset(found)


def hunks(diff: str) -> tuple[tuple[str, int, int], ...]:
    """Return (path, first line, last line) of each hunk, as the old file counts its lines."""
    found: list[tuple[str, int, int]] = []
    path, lines, at = '', diff.split('\n'), 0
    while at < len(lines):
        hunk = _HUNK.match(lines[at])
        if hunk is None:
            path = _path(lines[at][4:]) or path if lines[at].startswith(('--- ', '+++ ')) else path
            at += 1
            continue
        first, count = int(hunk[1]), int(hunk[2] or 1)
        found.append((path, first, first + max(count, 1) - 1))
        at = _behind_hunk(lines, at + 1, count, int(hunk[4] or 1))[0]
    return tuple(found)


def same_place(one: str, other: str) -> bool:
    """Tell whether two diffs have the same files, and each hunk of the smaller one lies on a hunk of the other."""
    few, many = sorted((hunks(one), hunks(other)), key=len)
    on = all(any(h[0] == o[0] and h[1] <= o[2] and o[1] <= h[2] for o in many) for h in few)
    return bool(few) and on and set(files(one)) == set(files(other))


def edits(diff: str) -> list[str]:
    """Return the added and removed lines in order, file names included: equal for a patch that only moved."""
    return [line for line in diff.split('\n') if line[:1] in ('+', '-')]


def _sections(diff: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield (old path, new path, old blob, new blob) of each file; '' for a side or a blob that is not there."""
    current = ['', '', '', '']
    lines = diff.split('\n')
    at = 0
    while at < len(lines):
        line, hunk = lines[at], _HUNK.match(lines[at])
        at = _behind_hunk(lines, at + 1, int(hunk[2] or 1), int(hunk[4] or 1))[0] if hunk else at + 1
        if hunk:
            continue
        # Plain diff has no line of its own between files.
        plain = line.startswith('--- ') and current[1] and not current[2] and _path(line[4:]) not in current[:2]
        if plain or line.startswith(('diff -', 'Index: ')):
            yield (current[0], current[1], current[2], current[3])
            current = [*(header_paths(line) or ('', '')), '', '']
        _header_line(line, current)
    yield (current[0], current[1], current[2], current[3])


def _header_line(line: str, current: list[str]) -> None:
    if line.startswith('--- '):
        current[0] = _path(line[4:])
    elif line.startswith('+++ '):
        current[1] = _path(line[4:])
    elif line.startswith('rename from '):
        current[0] = _unquoted(line[12:])
    elif line.startswith('rename to '):
        current[1] = _unquoted(line[10:])
    elif found := re.match(r'index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})', line):
        current[2], current[3] = found[1], found[2]
    elif line.startswith('new file mode '):
        current[0] = ''
    elif line.startswith('deleted file mode '):
        current[1] = ''


def header_paths(line: str) -> tuple[str, str] | None:
    """Return both paths of `diff --git a/x b/x`; None when they differ and hold blanks (the other lines tell then)."""
    rest = line.removeprefix('diff --git ')
    quoted = re.fullmatch(r'("(?:\\.|[^"\\])*"|\S+) ("(?:\\.|[^"\\])*"|\S+)', rest)
    if quoted and rest != line:
        return _path(quoted[1]), _path(quoted[2])
    half = len(rest) // 2
    old, new = _path(rest[:half]), _path(rest[half + 1 :])
    return (old, new) if rest != line and old == new else None


def _path(text: str) -> str:
    """Return a path without its a/ or b/ and the time stamp that plain diff adds; '' for /dev/null."""
    plain = _unquoted(text.partition('\t')[0].rstrip('\r '))
    if plain == '/dev/null':
        return ''
    return plain[2:] if re.match(r'[a-z]/', plain) else plain


def _unquoted(text: str) -> str:
    """Undo git's C-style quoting of a path."""
    if not (len(text) > 1 and text.startswith('"') and text.endswith('"')):
        return text
    names = {'n': '\n', 't': '\t', 'r': '\r', 'a': '\a', 'b': '\b', 'f': '\f', 'v': '\v'}

    def one(found: re.Match[str]) -> str:
        code = found[1]
        return chr(int(code, 8) & 255) if code[0] in '01234567' else names.get(code, code)

    plain = re.sub(r'\\([0-7]{1,3}|.)', one, text[1:-1])
    try:
        return plain.encode('latin-1').decode('utf-8')
    except UnicodeError:
        return plain
