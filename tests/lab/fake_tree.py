# SPDX-License-Identifier: GPL-2.0-or-later
"""A small kernel-shaped tree in real git, and the ports that a build needs of it, by git itself."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bot.lab.plans import Target
from bot.model import AppliedPatch, AppliedTree, FileChange, passed

FAKE = Path(__file__).resolve().parents[1] / 'data' / 'fakelinux'
TARGET = Target(
    why='the fake tree with the host compiler',
    arch='arm64',
    compiler='gcc',
    cross='',
    configure='fragments',
    kconfig=('kunit.config',),
    renamed=(),
    goals=('Image',),
    artefacts=('arch/arm64/boot/Image',),
    make=('W=1',),
    objects=True,
    needs=('make', 'gcc'),
    name='fake',
)


class Tree:
    """A repository with one commit, to which patches are added as mappings of path to new text (None removes)."""

    def __init__(self, path: Path, changes: Mapping[str, str | None] | None = None) -> None:
        self.path = path
        self.git('init', '-q', '.')
        for source in sorted(p for p in FAKE.rglob('*') if p.is_file()):
            target = path / source.relative_to(FAKE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
        self.base = self.commit(changes or {})

    def git(self, *words: str) -> bytes:
        self.path.mkdir(exist_ok=True)
        names = ('-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'commit.gpgsign=false')
        return subprocess.run(['git', *names, *words], cwd=self.path, check=True, capture_output=True).stdout

    def commit(self, changes: Mapping[str, str | None]) -> str:
        for name, text in changes.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink() if text is None else target.write_text(text)
        self.git('add', '-A', '-f', '.')
        self.git('commit', '-q', '--allow-empty', '-m', 'x')
        return self.git('rev-parse', 'HEAD').decode().strip()

    def series(self, *patches: Mapping[str, str | None]) -> AppliedTree:
        applied = tuple(AppliedPatch(n, f'{n}@t', f'patch {n}', self.commit(p)) for n, p in enumerate(patches, 1))
        return AppliedTree(passed(), 'fake', self.base, 'given', (), applied)

    def read(self, commit: str, path: str) -> bytes | None:
        try:
            return self.git('show', f'{commit}:{path}')
        except subprocess.CalledProcessError:
            return None

    def blob_id(self, commit: str, path: str) -> str | None:
        raise NotImplementedError('the lab does not ask for it')

    def containing(
        self, commit: str, literals: Sequence[str], under: Sequence[str] = ()
    ) -> tuple[list[str], list[str]]:
        raise NotImplementedError('the lab does not ask for it')

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        found = []
        for line in self.git('diff', '--raw', '--no-renames', '--abbrev=40', old, new).decode().splitlines():
            head, path = line.split('\t')
            before, after = head.split()[2:4]
            found.append(FileChange(path, path, _blob(before), _blob(after), (), ()))
        return tuple(found)

    def tree_id(self, commit: str) -> str:
        return self.git('rev-parse', f'{commit}^{{tree}}').decode().strip()

    def at(self, commit: str) -> AbstractContextManager[Path]:
        return self._at(commit)

    @contextmanager
    def _at(self, commit: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.path.parent) as name:
            files = Path(name) / 'tree'
            files.mkdir()
            subprocess.run(['tar', '-x', '-C', str(files)], input=self.git('archive', commit), check=True)
            yield files


def _blob(name: str) -> str | None:
    return None if set(name) == {'0'} else name
