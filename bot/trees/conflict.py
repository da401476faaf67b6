# SPDX-License-Identifier: GPL-2.0-or-later
"""Says where and why a patch stopped `git am`: path, hunk and a sentence; git's words first, then by trying.

Promises to leave the worktree clean at its last commit. Refuses to call conflict what the base has already: then it
returns None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.model import Conflict, Patch
from bot.trees.diffs import FileDiff, Hunk, read_diff
from bot.trees.mails import without_transport_crs
from bot.trees.runner import first_line
from bot.trees.workshop import Worktree

_FAILED = re.compile(r'^error: patch failed: (.*):(\d+)$', re.MULTILINE)
_CORRUPT = re.compile(r'^error: corrupt patch at (?:<stdin>:|line )(\d+)$', re.MULTILINE)
_ABOUT_FILE = re.compile(r'^error: (.*): (does not exist in index|already exists in index|wrong type)$', re.MULTILINE)
_NO_BLOB = re.compile(r'sha1 information is lacking|[Rr]epository lacks (?:the )?necessary blob')
_WORDS = {
    'does not exist in index': 'the base has no such file',
    'already exists in index': 'the base has this file already',
    'wrong type': 'in the base this is no plain file',
}

_TELLING = 16
_ENOUGH = 3
_NEARLY = 0.8

Change = tuple[tuple[int, int], tuple[str, ...]]
"""The old lines, inclusive, and what replaces them."""


def explain(tree: Worktree, patch: Patch, said: str) -> Conflict | None:
    """Return where the patch stopped, None when the base holds all of it already; end the unfinished `git am`."""
    files = read_diff(patch.diff)
    merged = _merge_conflict(tree, patch, files)
    tree.git('am', '--quit')
    tree.git('reset', '-q', '--hard')
    if not _try(tree, patch, '--reverse'):
        return None
    found = merged or _refusal(tree, patch, files, said)
    there = _there_already(tree, files)
    return replace(found, reason=f'{found.reason}; {there}', there=True) if there else found


def _there_already(tree: Worktree, files: Sequence[FileDiff]) -> str:
    """Say so when the base has nearly all lines that the patch adds and few of those it removes: it was merged, and changed.

    Short lines say nothing: a brace stands in every file.
    """
    added, gone, have, left = 0, 0, 0, 0
    for file in files:
        lines = {line.strip() for line in _text(tree, file.path).split('\n')}
        for text in (text for hunk in file.hunks for text in hunk.lines if len(text.strip()) > _TELLING):
            there = text[1:].strip() in lines
            added, have = added + (text[0] == '+'), have + (text[0] == '+' and there)
            gone, left = gone + (text[0] == '-'), left + (text[0] == '-' and there)
    if added < _ENOUGH or have < added * _NEARLY or left * 2 > gone:
        return ''
    return f'the base has {have} of the {added} telling lines that it adds: it seems to be merged, and changed since'


def _text(tree: Worktree, path: str) -> str:
    """Return the file as the base has it, by way of git: a path of a patch is never opened, it may lead anywhere."""
    if '\n' in path or '\0' in path:
        return ''
    asked = f'HEAD:{path}\n'.encode('utf-8', 'surrogateescape')
    head, _, text = tree.git('cat-file', '--batch', stdin=asked).stdout.partition(b'\n')
    return text.decode('utf-8', 'surrogateescape') if b' blob ' in head else ''


def _try(tree: Worktree, patch: Patch, *options: str) -> str:
    """Return what git says against the diff, '' when it would apply."""
    raw = without_transport_crs(patch.diff.encode('utf-8', 'surrogateescape'))
    done = tree.git('apply', '--cached', '--check', '--whitespace=nowarn', *options, '-', stdin=raw + b'\n')
    return (done.stderr or 'error: git gave no reason') if done.status else ''


def _refusal(tree: Worktree, patch: Patch, files: Sequence[FileDiff], said: str) -> Conflict:
    """Name the first hunk that does not go in, after git made no merge of it."""
    words = _try(tree, patch)
    failed = sorted(_FAILED.findall(words), key=lambda found: _rank(files, found[0]))
    about = _ABOUT_FILE.search(words)
    corrupt = _CORRUPT.search(words)
    if failed:
        path, line = failed[0]
        reason = 'the lines around the change are not those of the base' + _more(tree, patch, said, len(failed) - 1)
        return _conflict(patch, path, _hunk_at(files, path, int(line)), reason)
    if about:
        return _conflict(patch, about.group(1), _first_hunk(files, about.group(1)), _WORDS[about.group(2)])
    if corrupt:
        path, hunk = _around(files, int(corrupt.group(1)) - 1)
        reason = f'the diff is damaged at its line {corrupt.group(1)}'
        return replace(_conflict(patch, path, hunk, reason), damaged=True)
    return _conflict(patch, files[0].path if len(files) == 1 else '', '', f'git: {first_line(words or said)[:200]}')


def _more(tree: Worktree, patch: Patch, said: str, others: int) -> str:
    also = f'; {others} more file{"s" if others > 1 else ""} of the patch too' if others else ''
    if not _try(tree, patch, '--ignore-whitespace'):
        return also + '; it would apply if white space did not count: the mail or its line ends are damaged'
    if _NO_BLOB.search(said):
        return also + '; no three-way merge, for the files it was made on are not in this clone'
    return also


def _merge_conflict(tree: Worktree, patch: Patch, files: Sequence[FileDiff]) -> Conflict | None:
    """Name the first hunk that the three-way merge left unmerged, None when there is no merge to look at."""
    unmerged: dict[str, dict[str, str]] = {}
    for row in tree.git('ls-files', '-u', '-z').stdout.decode('utf-8', 'surrogateescape').split('\0'):
        meta, tab, path = row.partition('\t')
        if tab:
            _, oid, stage = meta.split(' ')
            unmerged.setdefault(path, {})[stage] = oid
    if not unmerged:
        return None
    path = min(unmerged, key=lambda name: (_rank(files, name), name))
    stages = unmerged[path]
    if set(stages) == {'1', '2', '3'}:
        return _conflict(patch, path, _contested(tree, files, path, stages), 'the base has changed the same lines')
    return _conflict(patch, path, _first_hunk(files, path), _one_sided(set(stages)))


def _one_sided(stages: set[str]) -> str:
    if '2' not in stages:
        return 'the base has removed or renamed this file'
    if '3' not in stages:
        return 'the patch removes this file and the base has changed it'
    return 'both the patch and the base add this file'


def _contested(tree: Worktree, files: Sequence[FileDiff], path: str, stages: dict[str, str]) -> str:
    """Return the hunk with the first change that overlaps one of the base's and is not the same (as git's merge does)."""
    ours, theirs = (_changes(tree, stages['1'], stages[side]) for side in '23')
    rivals = [old for old, lines in ours if (old, lines) not in theirs]
    for (first, last), lines in theirs:
        if ((first, last), lines) in ours:
            continue
        if any(first <= end + 1 and start <= last + 1 for start, end in rivals):
            return next((h.header for h in _hunks(files, path) if _covers(h, first, last)), '')
    return ''


def _changes(tree: Worktree, before: str, after: str) -> list[Change]:
    out = tree.git('diff', '-U0', '--no-ext-diff', '--no-textconv', '--text', before, after).stdout
    found = read_diff(out.decode('utf-8', 'surrogateescape'))
    hunks = [hunk for file in found for hunk in file.hunks]
    return [(old, tuple(x for x in h.lines if x[:1] == '+')) for h in hunks for old in h.old_ranges()]


def _covers(hunk: Hunk, first: int, last: int) -> bool:
    return any(start <= last + 1 and first <= end + 1 for start, end in hunk.old_ranges())


def _rank(files: Sequence[FileDiff], path: str) -> int:
    return next((n for n, file in enumerate(files) if path in (file.old, file.new)), len(files))


def _hunks(files: Sequence[FileDiff], path: str) -> list[Hunk]:
    return [hunk for file in files if path in (file.old, file.new) for hunk in file.hunks]


def _first_hunk(files: Sequence[FileDiff], path: str) -> str:
    return next((hunk.header for hunk in _hunks(files, path)), '')


def _hunk_at(files: Sequence[FileDiff], path: str, line: int) -> str:
    return next((h.header for h in _hunks(files, path) if h.header.startswith((f'@@ -{line},', f'@@ -{line} '))), '')


def _around(files: Sequence[FileDiff], line: int) -> tuple[str, str]:
    """Return path and header of the last hunk that starts at or before this line of the diff."""
    before = [(hunk.line, file.path, hunk.header) for file in files for hunk in file.hunks if hunk.line <= line]
    return max(before)[1:] if before else ('', '')


def _conflict(patch: Patch, path: str, hunk: str, reason: str) -> Conflict:
    return Conflict(patch.position, patch.message_id, path, hunk, reason)
