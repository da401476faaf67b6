# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads `git diff-tree --raw -p -z -U0`: which files differ and which lines of both sides.

Promises that no text inside a file can pass for a header: hunk bodies are skipped by the counts of their `@@` line.
Refuses (Bug) what does not have that shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.errors import Bug
from bot.model import FileChange

_HUNK = re.compile(rb'@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@')

Ranges = tuple[tuple[int, int], ...]


def read_changes(output: bytes) -> tuple[FileChange, ...]:
    """Return one change per raw entry, by path; ranges are 1-based and inclusive, empty for a side without lines."""
    fields, patch = _split(output)
    sections = _sections(patch)
    found = []
    for meta, old_path, path in _raw(fields):
        _, _, old, new, status = meta.removeprefix(':').split(' ')
        before, after = next(sections, ((), ()))
        if status[0] == 'T':
            after = next(sections, ((), ()))[1]  # a change of type is written as a removal, then a creation
        found.append(FileChange(path, old_path, _blob(old), _blob(new), before, after))
    if next(sections, None) is not None:
        raise Bug('git wrote more patches than it listed files', where='diff-tree', todo='report it')
    return tuple(sorted(found, key=lambda change: (change.path, change.old_path)))


def _split(output: bytes) -> tuple[list[str], bytes]:
    """Part the NUL-ended raw fields from the patch text, which an empty field announces."""
    raw, _, patch = output.partition(b'\0\0')
    return [field.decode('utf-8', 'surrogateescape') for field in raw.split(b'\0') if field], patch


def _raw(fields: list[str]) -> Iterator[tuple[str, str, str]]:
    rest = iter(fields)
    for meta in rest:
        old_path = next(rest)
        yield meta, old_path, next(rest) if meta.rpartition(' ')[2][:1] in ('R', 'C') else old_path


def _sections(patch: bytes) -> Iterator[tuple[Ranges, Ranges]]:
    lines = patch.split(b'\n')
    at, before, after, inside = 0, [], [], False
    while at < len(lines):
        hunk = _HUNK.match(lines[at])
        if hunk:
            old, gone, new, come = (1 if n is None else int(n) for n in hunk.groups())
            before += [(old, old + gone - 1)] if gone else []
            after += [(new, new + come - 1)] if come else []
            at += gone + come
        elif lines[at].startswith(b'diff --git '):
            if inside:
                yield tuple(before), tuple(after)
            before, after, inside = [], [], True
        at += 1
    if inside:
        yield tuple(before), tuple(after)


def _blob(oid: str) -> str | None:
    return None if set(oid) == {'0'} else oid
