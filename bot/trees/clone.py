# SPDX-License-Identifier: GPL-2.0-or-later
"""The user's repository, read only: where its objects are, what its refs say, how it is cut short.

Promises that nothing is ever written there and that no process is needed to learn the refs (reftable excepted).
Refuses what is no git repository, has no commit, or holds SHA-256 objects.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import TreeError
from bot.model import GitRunner
from bot.trees.quoting import unquote

_NAMED = 20
_OID = re.compile(r'[0-9a-f]{40}')


@dataclass(frozen=True, slots=True)
class Refs:
    """Object ids by full ref name; `peeled` has the commit behind an annotated tag where packed-refs tells it.

    `head` is None when HEAD points at nothing yet; `branch` is the full name of what HEAD stands for, '' if detached.
    """

    head: str | None
    branch: str
    by_name: Mapping[str, str]
    peeled: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clone:
    """`git_dir` belongs to one worktree, `common` (objects, refs, shallow) to all of them; bare: the same directory."""

    top: Path
    git_dir: Path
    common: Path

    @property
    def default_name(self) -> str:
        name = (self.top.parent if self.top.name == '.git' else self.top).name
        return name.removesuffix('.git') or 'tree'

    def object_dirs(self) -> list[Path]:
        """Return the directory of the objects, then those it borrows from, however deep, without repetition."""
        found: list[Path] = []
        wanted = [(self.common / 'objects').resolve()]
        while wanted:
            directory = wanted.pop(0)
            if directory not in found and directory.is_dir():
                found.append(directory)
                wanted += _alternates(directory)
        return found

    def shallow(self) -> bytes:
        """Return the commits whose parents are cut off, as git keeps them; b'' when there are none."""
        return _content(self.common / 'shallow')

    def fetching(self, blobs: Sequence[str]) -> str:
        """Return the command that brings absent blobs to a clone made without them, to be run in it.

        git asks the remote for many at once only when told so; a `cat-file` each would open a connection each.
        """
        return f'git fetch --no-tags --no-write-fetch-head --recurse-submodules=no --filter=blob:none origin {" ".join(blobs[:_NAMED])}'

    def fingerprint(self, refs: Refs) -> str:
        """Return a hash of HEAD and all refs; of an incomplete clone also what it holds, for that may grow unseen."""
        lines = [f'HEAD {refs.head} {refs.branch}', *(f'{oid} {name}' for name, oid in sorted(refs.by_name.items()))]
        packs = sorted(
            p for d in self.object_dirs() for p in (d / 'pack').glob('*') if p.suffix in ('.pack', '.promisor')
        )
        shallow = self.shallow()
        if shallow or any(p.suffix == '.promisor' for p in packs):
            lines += [hashlib.sha256(shallow).hexdigest(), *(p.name for p in packs)]
        return hashlib.sha256('\n'.join(lines).encode('utf-8', 'surrogateescape')).hexdigest()


def find_clone(path: Path) -> Clone:
    """Return the repository whose top directory (or bare directory) is `path`; raise `TreeError`."""
    try:
        top = path.expanduser().resolve()
        clone = _at(top)
        if clone is None or not (clone.common / 'objects').is_dir():
            raise _refused(top)
    except PermissionError as denied:
        raise TreeError('the tree cannot be read', where=str(denied.filename), todo='check its permissions') from None
    if '\n' in str(clone.common):
        raise TreeError('the path of the tree has a line break in it', where=repr(str(top)), todo='rename it')
    return clone


def read_refs(clone: Clone, run: GitRunner) -> Refs:
    """Read HEAD and all shared refs as they are now; raise `TreeError` when there is no commit at all."""
    if (clone.common / 'reftable').is_dir():
        refs = _from_git(clone, run)
    else:
        packed, peeled = _packed(clone.common / 'packed-refs')
        named = packed | dict(_loose(clone.common))
        peeled = {name: oid for name, oid in peeled.items() if named[name] == packed[name]}
        head = _content(clone.git_dir / 'HEAD').decode('utf-8', 'surrogateescape').strip()
        branch = head.removeprefix('ref:').strip() if head.startswith('ref:') else ''
        refs = Refs(_follow(head, named), branch, _resolved(named), peeled)
    return _usable(refs, clone)


def _at(top: Path) -> Clone | None:
    if not top.is_dir():
        return None
    git_dir = top / '.git'
    if git_dir.is_file():
        text = git_dir.read_text(encoding='utf-8', errors='surrogateescape')
        git_dir = (top / text.removeprefix('gitdir:').strip()).resolve()
    elif not git_dir.is_dir():
        git_dir = top
    if not (git_dir / 'HEAD').is_file():
        return None
    commondir = git_dir / 'commondir'
    common = git_dir
    if commondir.is_file():
        common = (git_dir / commondir.read_text(encoding='utf-8', errors='surrogateescape').strip()).resolve()
    return Clone(top, git_dir, common)


def _refused(top: Path) -> TreeError:
    if not top.exists():
        return TreeError('the tree is not there', where=str(top), todo='check --tree')
    if not top.is_dir():
        return TreeError('the tree is not a directory', where=str(top), todo='check --tree')
    outer = next((p for p in top.parents if (p / '.git').exists()), None)
    todo = f'did you mean {outer}?' if outer else 'give the top directory of a clone of the kernel'
    return TreeError('not a git repository', where=str(top), todo=todo)


def _usable(refs: Refs, clone: Clone) -> Refs:
    ids = [refs.head or '', *refs.by_name.values()]
    if any(len(oid) == 64 for oid in ids):
        raise TreeError(
            'repositories with SHA-256 objects cannot be read', where=str(clone.top), todo='use a SHA-1 clone'
        )
    if not any(ids):
        raise TreeError('the repository has no commit', where=str(clone.top), todo='fetch or commit something first')
    return refs


def _alternates(objects: Path) -> Iterator[Path]:
    for line in _content(objects / 'info' / 'alternates').decode('utf-8', 'surrogateescape').split('\n'):
        if line and not line.startswith('#'):
            yield (objects / (unquote(line) if line.startswith('"') else line)).resolve()


def _packed(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    found: dict[str, str] = {}
    peeled: dict[str, str] = {}
    name = ''
    for line in _content(path).decode('utf-8', 'surrogateescape').split('\n'):
        if line.startswith('^') and name:
            peeled[name] = line[1:]
        elif line and not line.startswith('#'):
            oid, _, name = line.partition(' ')
            found[name] = oid
    return found, peeled


def _loose(common: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((common / 'refs').rglob('*')):
        if path.is_file() and path.suffix != '.lock':
            yield path.relative_to(common).as_posix(), _content(path).decode('utf-8', 'surrogateescape').strip()


def _resolved(named: Mapping[str, str]) -> dict[str, str]:
    followed = {name: _follow(value, named) for name, value in named.items()}
    return {name: oid for name, oid in followed.items() if oid}


def _follow(value: str, named: Mapping[str, str]) -> str | None:
    for _ in range(5):
        if not value.startswith('ref:'):
            break
        value = named.get(value.removeprefix('ref:').strip(), '')
    return value if _OID.match(value) else None


def _from_git(clone: Clone, run: GitRunner) -> Refs:
    """Ask git for what only git can read: HEAD needs a second process, for `for-each-ref` leaves it out."""
    at = f'--git-dir={clone.git_dir}'
    listed = run(at, 'for-each-ref', '--format=%(objectname) %(refname)')
    head = run(at, 'rev-parse', '--verify', '--quiet', 'HEAD').stdout.decode().strip()
    lines = listed.stdout.decode('utf-8', 'surrogateescape').splitlines()
    return Refs(head or None, '', {name: oid for oid, _, name in (line.partition(' ') for line in lines)})


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b''
