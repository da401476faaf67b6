# SPDX-License-Identifier: GPL-2.0-or-later
"""lorebot's own bare repository for one clone: it borrows the clone's objects, and everything written is written here.

Promises that a scratch directory (with or without a worktree) is gone after use, or at the next start after a kill: a
lock that dies with its process tells which. Refuses to live inside the clone's own git directory. (Where git would
write an object that the clone has, it renews the time stamp of that object there: no byte, and it keeps it from gc.)
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.errors import InfraError, TreeError
from bot.model import GitOutput
from bot.trees.clone import Clone
from bot.trees.quoting import pattern
from bot.trees.runner import Runner, first_line

_CONFIG = """\
[core]
\trepositoryformatversion = 0
\tbare = true
\tfilemode = true
\tlogallrefupdates = false
\tsparseCheckout = true
\tsparseCheckoutCone = false
[index]
\tversion = 4
"""
_ATTRIBUTES = '* -text -ident -filter -working-tree-encoding merge\n'
"""Outranks any .gitattributes: files go in and come out byte by byte, and merges are git's own three-way merge."""

_EMPTY = zlib.compress(b'blob 0\0')
"""git writes no tree that names an absent blob, changed or not, nor asks more of an unchanged one than to be there."""

_STALE = 600.0
"""Seconds after which a ref lock of git's or a half-made repository has lost its owner: both live milliseconds."""


@dataclass(frozen=True, slots=True)
class Worktree:
    """`admin` is its own git directory (HEAD, index, state of `git am`), `mails` is for the patches to apply.

    `stubs` holds an empty blob under the id of each one that this clone lacks and the patches do not touch.

    It is a linked worktree that the workshop has no list of: `git worktree add` reads that list, and fails when somebody
    else is just adding to it.
    """

    directory: Path
    admin: Path
    mails: Path
    stubs: Path
    run: Runner

    def git(self, *args: str, stdin: bytes = b'') -> GitOutput:
        """Run git in this worktree, found by name and not by looking around."""
        where = (f'--git-dir={self.admin}', f'--work-tree={self.directory}')
        return self.run(*where, *args, cwd=self.directory, stdin=stdin, borrow=self.stubs)


class Workshop:
    """Made at the first need, below `directory`; one for each clone, whatever worktree of it was named."""

    def __init__(self, directory: Path, clone: Clone, run: Runner) -> None:
        self._clone, self._run = clone, run
        top = directory.expanduser().resolve()
        if top.is_relative_to(clone.common) or top.is_relative_to(clone.git_dir):
            raise TreeError("lorebot's own files cannot be kept inside the tree", where=str(top), todo='set store.path')
        self._home = top / hashlib.sha256(os.fsencode(clone.common)).hexdigest()[:16]
        self.repo = self._home / 'repo.git'
        self._work = self._home / 'work'

    def ready(self) -> Path:
        """Make the repository, or tell it where the clone keeps its objects now; return its path."""
        try:
            self._work.mkdir(parents=True, exist_ok=True)
            if not self.repo.is_dir():
                self._make()
            self._borrow()
        except OSError as failure:
            raise _unwritable(failure) from None
        return self.repo

    def sweep(self) -> None:
        """Remove what killed runs left; what a living process works in stays."""
        for lock in sorted(self._work.glob('*.lock')):
            held = _locked(lock)
            if held is not None:
                self._clear(lock.stem)
                _unlock(lock, held)
        for stale in [*(self.repo / 'refs' / 'lorebot').rglob('*.lock'), *self._home.glob('new-*')]:
            if time.time() - stale.stat().st_mtime > _STALE:
                shutil.rmtree(stale) if stale.is_dir() else stale.unlink()

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give an empty directory of our own until the end of the block."""
        self.ready()
        lock, held = self._claim()
        directory = self._work / lock.stem
        try:
            directory.mkdir()
            yield directory
        finally:
            self._clear(lock.stem)
            _unlock(lock, held)

    @contextmanager
    def worktree(
        self, commit: str, paths: Sequence[str], absent: Sequence[str] = (), *, whole: bool = False
    ) -> Iterator[Worktree]:
        """Check out only `paths` of the commit, or the `whole` of it, detached; the blobs of all others may be absent.

        `absent` are those in the directories of the paths.
        Raise `LookupError`, in git's words, when a directory or a blob that is needed is absent.
        """
        with self.scratch() as directory:
            tree, admin, mails, stubs = (directory / name for name in ('tree', 'git', 'mails', 'stubs'))
            made = Worktree(tree, admin, mails, stubs, self._run)
            for part in (made.directory, made.mails, made.stubs, made.admin / 'info'):
                part.mkdir(parents=True)
            for blob in absent:
                (made.stubs / blob[:2]).mkdir(exist_ok=True)
                (made.stubs / blob[:2] / blob[2:]).write_bytes(_EMPTY)
            (made.admin / 'HEAD').write_text(f'{commit}\n', encoding='ascii')
            (made.admin / 'commondir').write_bytes(os.fsencode(self.repo) + b'\n')
            lines = ''.join(f'{line}\n' for line in map(pattern, sorted(set(paths))) if line)
            sparse = made.admin / 'info' / 'sparse-checkout'
            sparse.write_bytes(
                ('/*\n' if whole else lines or '/.nothing-is-wanted\n').encode('utf-8', 'surrogateescape')
            )
            done = made.git('read-tree', '-m', '-u', 'HEAD')
            if done.status:
                raise LookupError(first_line(done.stderr))
            yield made

    def keep(self, name: str, commit: str) -> None:
        """Hold a commit under refs/lorebot/, so that no clean-up of this repository loses it."""
        self._must('update-ref', f'refs/lorebot/{name}', commit)

    def _must(self, *args: str) -> None:
        _expect(self._run(f'--git-dir={self.repo}', *args), f'git {args[0]} failed')

    def _make(self) -> None:
        fresh = self._home / f'new-{secrets.token_hex(8)}'
        _expect(self._run('init', '-q', '--bare', '--template=', str(fresh)), 'git init failed')
        (fresh / 'info').mkdir(exist_ok=True)
        (fresh / 'info' / 'attributes').write_text(_ATTRIBUTES, encoding='ascii')
        (fresh / 'config').write_text(_CONFIG, encoding='ascii')
        try:
            fresh.rename(self.repo)
        except OSError:  # somebody else was quicker
            shutil.rmtree(fresh)
            if not self.repo.is_dir():
                raise

    def _borrow(self) -> None:
        lines = b''.join(os.fsencode(path) + b'\n' for path in self._clone.object_dirs())
        _put(self.repo / 'objects' / 'info' / 'alternates', lines)
        _put(self.repo / 'shallow', self._clone.shallow())

    def _claim(self) -> tuple[Path, int]:
        while True:
            lock = self._work / f'{secrets.token_hex(8)}.lock'
            held = _locked(lock)
            if held is not None:
                return lock, held

    def _clear(self, name: str) -> None:
        shutil.rmtree(self._work / name, ignore_errors=True)


def _locked(lock: Path) -> int | None:
    """Take the lock and return its descriptor; None when a living process has it or it vanished meanwhile."""
    held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(held).st_nlink:
            return held
    except BlockingIOError:
        pass
    os.close(held)
    return None


def _unlock(lock: Path, held: int) -> None:
    lock.unlink(missing_ok=True)
    os.close(held)


def _put(path: Path, content: bytes) -> None:
    """Replace the file in one step, only when it says something else; empty content removes it."""
    if (path.read_bytes() if path.is_file() else b'') == content:
        return
    if not content:
        path.unlink()
        return
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_name(f'{path.name}.{secrets.token_hex(8)}')
    fresh.write_bytes(content)
    fresh.replace(path)


def _expect(done: GitOutput, what: str) -> None:
    if done.status:
        raise InfraError(what, where=first_line(done.stderr), todo='`lorebot doctor` checks git and the disk')


def _unwritable(failure: OSError) -> InfraError:
    where = f'{failure.filename}: {failure.strerror}'
    return InfraError("lorebot's own repository cannot be made", where=where, todo='check store.path and the disk')
