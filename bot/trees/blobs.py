# SPDX-License-Identifier: GPL-2.0-or-later
"""Files at any commit, read through one persistent `git cat-file --batch` (GitPython) and a cache of directories.

Promises that a path is only ever looked up entry by entry in tree objects, so that no path of a mail is parsed by git.
Refuses (LookupError) what this clone does not hold; it fetches nothing.
"""

from __future__ import annotations

import os
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from bot.errors import InfraError
from bot.model import FileChange
from bot.trees.changes import read_changes
from bot.trees.checked_out import CheckedOut
from bot.trees.runner import Runner, clean_environment, first_line, git_missing

Entry = tuple[int, str]
"""Mode and object id."""

_OID = re.compile(r'[0-9a-f]{40}')
_UNREADABLE = re.compile(r'unable to read ([0-9a-f]{40})')
_DIRECTORIES = 512


class Files:
    """`FilesAt` over the repository at `repo`; use it in a `with`, in one thread."""

    def __init__(self, repo: Path, run: Runner, checked_out: CheckedOut | None = None) -> None:
        self._path, self._run, self._checked_out = repo, run, checked_out
        self._opened: Any = None
        self._directories: OrderedDict[str, dict[str, Entry]] = OrderedDict()
        self._tops: dict[str, str] = {}

    def __enter__(self) -> Files:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._opened is not None:
            self._opened.clear_cache()
            self._opened = None

    def read(self, commit: str, path: str) -> bytes | None:
        """Return the blob, None where the commit has no such file; raise `LookupError` when its blob is not here."""
        entry = self.entry(commit, path)
        if entry is None or not _is_file(entry):
            return None
        return self._object(entry[1], 'blob', path)

    def blob_id(self, commit: str, path: str) -> str | None:
        """Return the blob id, None where the commit has no such file; raise `LookupError` without the directory."""
        entry = self.entry(commit, path)
        return entry[1] if entry is not None and _is_file(entry) else None

    def entry(self, commit: str, path: str) -> Entry | None:
        """Return mode and id of whatever stands at the path: file, link, directory or submodule."""
        found: Entry = (0o40000, self._top(commit))
        for part in path.split('/'):
            if found[0] != 0o40000:
                return None
            inside = self._directory(found[1], path).get(part)
            if inside is None:
                return None
            found = inside
        return found

    def tree_id(self, commit: str) -> str:
        """Return the id of the commit's top directory; raise `LookupError` without the commit."""
        return self._top(commit)

    def has_commit(self, commit: str) -> bool:
        """Tell whether the commit and its top directory are in this clone."""
        try:
            self._directory(self._top(commit), '')
        except LookupError:
            return False
        return True

    def beside(self, commit: str, paths: Iterable[str]) -> set[str]:
        """Return the blobs in every directory that leads to one of the paths; raise `LookupError` when one is absent."""
        found: set[str] = set()
        for path in paths:
            parts = path.split('/')
            for depth in range(len(parts)):
                at = self.entry(commit, '/'.join(parts[:depth])) if depth else (0o40000, self._top(commit))
                if at is None or at[0] != 0o40000:
                    break
                found |= {entry[1] for entry in self._directory(at[1], path).values() if _is_file(entry)}
        return found

    def absent(self, blobs: Iterable[str]) -> set[str]:
        """Return those blob ids that this clone does not hold."""
        wanted = list(blobs)
        asked = ''.join(f'{oid}\n' for oid in wanted).encode()
        told = self._git('cat-file', '--batch-check=%(objecttype)', stdin=asked)[1].split(b'\n') if wanted else []
        return {oid for oid, line in zip(wanted, told, strict=False) if line.endswith(b' missing')}

    def lacking(self, commit: str) -> list[str]:
        """Return the paths of all files of a commit that this clone does not hold, [] when a directory is absent too."""
        status, listed, _ = self._git('ls-tree', '-r', '-z', '--full-tree', _id(commit))
        rows = [row.partition(b'\t') for row in listed.split(b'\0') if row] if status == 0 else []
        blobs = {_text(path): head.split()[2].decode() for head, _, path in rows if b' blob ' in head}
        gone = self.absent(sorted(set(blobs.values())))
        return sorted(path for path, blob in blobs.items() if blob in gone)

    def containing(
        self, commit: str, literals: Sequence[str], under: Sequence[str] = ()
    ) -> tuple[list[str], list[str]]:
        """Return the paths whose text holds any of the literals, then those that could not be read.

        A literal with a line break in it is in no line. Raise `LookupError` without the commit.
        """
        texts = [text for text in literals if text and not {'\n', '\0'} & set(text)]
        if not texts:
            return [], []
        tree = self._top(commit)
        seen = self._checked_out.containing(tree, texts, under) if self._checked_out is not None else None
        if seen is not None:
            return sorted(seen), []
        patterns = [word for text in texts for word in ('-e', text)]
        options = ('--no-color', '--full-name', '--no-textconv', '--no-recurse-submodules')
        status, out, err = self._git('grep', '-lzF', *options, *patterns, tree, '--', *under)
        if status > 1:
            raise LookupError(f'files of {commit} cannot be searched: {first_line(err)}')
        found = sorted(_text(path).removeprefix(f'{tree}:') for path in out.split(b'\0') if path)
        return found, self._paths_of(tree, set(_UNREADABLE.findall(err)), under)

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        """Return the files that differ, renames followed, with the changed line ranges of both sides."""
        shape = ('-r', '-z', '--raw', '-p', '-U0', '-M', '--full-index', '--abbrev=40', '--no-color', '--text')
        plain = ('--no-ext-diff', '--no-textconv', '--src-prefix=a/', '--dst-prefix=b/', '--submodule=short')
        status, out, err = self._git('diff-tree', *shape, *plain, '--inter-hunk-context=0', _id(old), _id(new), '--')
        if status:
            raise LookupError(f'{old}..{new} cannot be compared: {first_line(err)}')
        return read_changes(out)

    def _paths_of(self, tree: str, oids: set[str], under: Sequence[str]) -> list[str]:
        if not oids:
            return []
        listed = self._git('ls-tree', '-rz', tree, '--', *under)[1]
        rows = (row.partition(b'\t') for row in listed.split(b'\0') if row)
        return sorted(_text(path) for meta, _, path in rows if meta.split(b' ')[-1].decode() in oids)

    def _top(self, commit: str) -> str:
        if commit not in self._tops:
            head = self._object(_id(commit), 'commit', '')
            self._tops[commit] = head.split(b'\n', 1)[0].removeprefix(b'tree ').decode('ascii')
        return self._tops[commit]

    def _directory(self, oid: str, path: str) -> dict[str, Entry]:
        if oid in self._directories:
            self._directories.move_to_end(oid)
        else:
            self._directories[oid] = dict(_entries(self._object(oid, 'tree', path)))
            if len(self._directories) > _DIRECTORIES:
                self._directories.popitem(last=False)
        return self._directories[oid]

    def _object(self, oid: str, kind: str, path: str) -> bytes:
        try:
            _, found, _, data = self._batch().get_object_data(oid)
        except (ValueError, OSError) as told:
            if 'could not be resolved' not in str(told):
                raise InfraError('git cat-file ended', where=str(self._path), todo='see what git says there') from told
            raise LookupError(f'{f"{path}: " if path else ""}{kind} {oid} is not in this clone') from None
        if found.decode() != kind:
            raise LookupError(f'{oid} is a {found.decode()}, not a {kind}')
        return bytes(data)

    def _batch(self) -> Any:
        if self._opened is None:
            self._opened = _open(self._path, self._run)
        return self._opened

    def _git(self, *args: str, stdin: bytes = b'') -> tuple[int, bytes, str]:
        done = self._run(f'--git-dir={self._path}', *args, stdin=stdin)
        return done.status, done.stdout, done.stderr


def _open(path: Path, run: Runner) -> Any:
    """Return GitPython's command object: a `Repo` would look into inherited variables to find what it opens."""
    try:
        from git import Git  # 0.1 to 0.5 s, which nobody pays who only asks for a fingerprint
    except ImportError:
        raise git_missing() from None
    opened = Git(str(path))
    opened.update_environment(**_overrides(path))
    run.count()
    return opened


def _overrides(path: Path) -> dict[str, str]:
    """Return the clean environment; GitPython can only add variables, so inherited ones that lead astray are reset."""
    leads = {'GIT_COMMON_DIR': str(path), 'GIT_OBJECT_DIRECTORY': str(path / 'objects'), 'GIT_WORK_TREE': str(path)}
    leads |= {'GIT_ALTERNATE_OBJECT_DIRECTORIES': '', 'GIT_CONFIG_PARAMETERS': '', 'GIT_SHALLOW_FILE': ''}
    inherited = {name: value for name, value in leads.items() if name in os.environ}
    return clean_environment(path) | inherited | {'GIT_DIR': str(path)}


def _entries(data: bytes) -> Iterable[tuple[str, Entry]]:
    at = 0
    while at < len(data):
        end = data.index(b'\0', at)
        mode, _, name = data[at:end].partition(b' ')
        yield _text(name), (int(mode, 8), data[end + 1 : end + 21].hex())
        at = end + 21


def _is_file(entry: Entry) -> bool:
    return entry[0] & 0o170000 in (0o100000, 0o120000)


def _id(commit: str) -> str:
    if not _OID.fullmatch(commit):
        raise LookupError(f'not a full commit id: {commit[:80]!r}')
    return commit


def _text(raw: bytes) -> str:
    return raw.decode('utf-8', 'surrogateescape')
