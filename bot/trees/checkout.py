# SPDX-License-Identifier: GPL-2.0-or-later
"""Applies a revision to a base with `git am -3` in a throw-away worktree, one commit a patch.

Promises the same commit ids for the same patches and base on any day and machine, and that the worktree is gone after.
Refuses (skipped, with the reason) a revision that has patches missing, and a base whose needed blobs are not here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import Bug, InfraError
from bot.model import AppliedPatch, Conflict, Patch, Progress, Revision
from bot.trees.blobs import Files
from bot.trees.conflict import explain
from bot.trees.diffs import read_diff
from bot.trees.mails import for_am
from bot.trees.runner import first_line
from bot.trees.workshop import Workshop, Worktree

_AM = ('am', '-3', '--committer-date-is-author-date', '--no-gpg-sign', '--patch-format=mboxrd', '--keep-cr')
_QUIETLY = ('--no-scissors', '--no-message-id', '--quoted-cr=nowarn', '--whitespace=nowarn', '--no-rerere-autoupdate')
_AT_ONCE = 8
"""Patches a process: one for each would read and write the whole index of a kernel tree every time."""

_ALREADY = 'No changes -- Patch already applied.'
_APPLYING = re.compile(r'^Applying: ', re.MULTILINE)
_FELL_BACK = 'Falling back to patching base and 3-way merge...'


@dataclass(slots=True)
class Applied:
    """What became of the patches; `already` are the positions of those whose changes the base has."""

    patches: list[AppliedPatch] = field(default_factory=list)
    already: list[int] = field(default_factory=list)
    conflict: Conflict | None = None


def unfit(revision: Revision) -> str:
    """Return the sentence why the revision cannot be applied at all, '' when it can be tried."""
    if revision.unusable:
        return revision.unusable
    if not revision.patches:
        return 'there is no patch in this posting'
    if revision.missing:
        which = ', '.join(map(str, revision.missing))
        return f'{len(revision.missing)} of {revision.expected} patches are not at hand: {which}'
    odd = next(((p.position, f) for p in revision.patches for f in read_diff(p.diff) if not _fileish(f.mode)), None)
    if odd is not None:
        return f'patch {odd[0]} gives {odd[1].path} the mode {odd[1].mode}, which no file can have'
    empty = [p.position for p in revision.patches if not read_diff(p.diff)]
    return f'patch {empty[0]} has no diff' if empty else ''


def _fileish(mode: str) -> bool:
    """Tell whether git keeps files, links or submodules under this mode: with a directory's it makes a tree that is broken.

    What is no octal number is left to git, which refuses it.
    """
    if not mode or set(mode) - set('01234567'):
        return True
    return int(mode, 8) <= 0o177777 and int(mode, 8) & 0o170000 in (0o100000, 0o120000, 0o160000)


@dataclass(frozen=True, slots=True)
class Lacks:
    """What this clone does not hold: `needed` names paths and `blobs`, `beside` are others in the same directories."""

    needed: tuple[str, ...]
    beside: tuple[str, ...]
    blobs: tuple[str, ...] = ()


def lacks(base: str, patches: Sequence[Patch], files: Files) -> Lacks:
    """Look, with one git process, for what applying the patches to the base would miss; raise `LookupError`."""
    paths = touched(patches)
    wanted = {path: blob for path in paths if (blob := files.blob_id(base, path))}
    gone = files.absent(sorted(files.beside(base, paths) | set(wanted.values())))
    needed = tuple(f'{path} (blob {blob[:12]})' for path, blob in wanted.items() if blob in gone)
    return Lacks(needed, tuple(sorted(gone)), tuple(sorted(blob for blob in wanted.values() if blob in gone)))


def touched(patches: Sequence[Patch]) -> list[str]:
    """Return every path on either side of every patch, sorted."""
    return sorted({name for p in patches for file in read_diff(p.diff) for name in (file.old, file.new) if name})


def apply_patches(
    base: str, patches: Sequence[Patch], absent: Sequence[str], workshop: Workshop, progress: Progress
) -> Applied:
    """Apply until the first patch that does not go in, and hold on to what was made; `absent` is `Lacks.beside`."""
    applied = Applied()
    with workshop.worktree(base, touched(patches), absent) as tree:
        todo = list(patches)
        while todo and applied.conflict is None:
            progress('applying patches', len(patches) - len(todo), len(patches))
            todo = _some(tree, todo, applied)
        progress('applying patches', len(patches) - len(todo), len(patches))
        made = [p for p in applied.patches if p.position not in applied.already]
        if made:
            digest = hashlib.sha256(b'\0'.join([base.encode(), *(for_am(p) for p in patches)]))
            workshop.keep(digest.hexdigest()[:40], made[-1].commit)
    return applied


def _some(tree: Worktree, todo: list[Patch], applied: Applied) -> list[Patch]:
    """Apply the next few patches; return those that are still to be done, the one in conflict first."""
    now = todo[:_AT_ONCE]
    before = _head(tree)
    done = tree.git(*_AM, *_QUIETLY, *_written(tree, now))
    state = tree.admin / 'rebase-apply'
    if done.status and not state.is_dir():
        raise InfraError('git am did not start', where=first_line(done.stderr), todo='`lorebot doctor` checks git')
    count = int((state / 'next').read_text(encoding='ascii')) - 1 if done.status else len(now)
    said = done.stdout.decode('utf-8', 'replace')
    _record(tree, before, now[:count], _APPLYING.split(said)[1:], applied)
    if count == len(now):
        return todo[count:]
    applied.conflict = explain(tree, now[count], said + done.stderr)
    if applied.conflict is not None:
        return todo[count:]
    _record(tree, _head(tree), [now[count]], [f'\n{_ALREADY}'], applied)
    return todo[count + 1 :]


def _record(tree: Worktree, before: str, went_in: Sequence[Patch], said: Sequence[str], applied: Applied) -> None:
    """Pair each patch with its commit; one whose changes were there already made none and gets that of its forerunner."""
    made = tree.git('rev-list', '--reverse', f'{before}..HEAD').stdout.decode().split()
    notes = [set(text.split('\n')[1:]) for text in said[: len(went_in)]]
    empty = [_ALREADY in lines and len(made) < len(went_in) for lines in notes]
    if len(made) + sum(empty) != len(went_in) or len(empty) != len(went_in):
        raise Bug('git am made other commits than it told of', where=went_in[0].message_id, todo='report it')
    commit = before
    for patch, lines, nothing in zip(went_in, notes, empty, strict=True):
        if nothing:
            applied.already.append(patch.position)
        else:
            commit = made.pop(0)
        merged = _FELL_BACK in lines
        applied.patches.append(AppliedPatch(patch.position, patch.message_id, patch.subject, commit, merged))


def _written(tree: Worktree, patches: Sequence[Patch]) -> list[str]:
    names = [tree.mails / f'{patch.position:04}' for patch in patches]
    for name, patch in zip(names, patches, strict=True):
        name.write_bytes(for_am(patch))
    return [str(name) for name in names]


def _head(tree: Worktree) -> str:
    return tree.git('rev-parse', '--verify', 'HEAD').stdout.decode().strip()
