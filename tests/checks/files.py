# SPDX-License-Identifier: GPL-2.0-or-later
"""Two real sources of files for the tests: trees held in memory, and a git repository read with plain git."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from bot.model import AppliedPatch, AppliedTree, FileChange, passed
from bot.resources import shipped

EXAMPLE_TREE = shipped('rules') / 'example-tree'


def example_tree() -> dict[str, bytes]:
    """Return the tree that examples are laid over."""
    paths = sorted(path for path in EXAMPLE_TREE.rglob('*') if path.is_file())
    return {str(path.relative_to(EXAMPLE_TREE)): path.read_bytes() for path in paths}


class Memory:
    """A `FactCache` that counts."""

    def __init__(self) -> None:
        self.facts: dict[tuple[str, str, str], bytes] = {}
        self.hits = self.misses = 0

    def get(self, kind: str, version: str, blob: str) -> bytes | None:
        found = self.facts.get((kind, version, blob))
        self.hits += found is not None
        self.misses += found is None
        return found

    def put(self, kind: str, version: str, blob: str, fact: bytes) -> None:
        self.facts[kind, version, blob] = fact


class Trees:
    """`FilesAt` over trees in memory: commit "0" is the base, "1" the first patch. `absent` paths raise LookupError."""

    def __init__(self, *trees: Mapping[str, bytes | str], renames: Mapping[str, str] | None = None) -> None:
        self.trees = [
            {path: text.encode() if isinstance(text, str) else text for path, text in tree.items()} for tree in trees
        ]
        self.renames = dict(renames or {})
        self.absent: set[str] = set()
        self.reads: list[str] = []

    def read(self, commit: str, path: str) -> bytes | None:
        self.reads.append(path)
        if path in self.absent:
            raise LookupError(path)
        return self.trees[int(commit)].get(path)

    def blob_id(self, commit: str, path: str) -> str | None:
        text = self.trees[int(commit)].get(path)
        return hashlib.sha1(text).hexdigest() if text is not None else None

    def containing(
        self, commit: str, literals: Sequence[str], under: Sequence[str] = ()
    ) -> tuple[list[str], list[str]]:
        tree = self.trees[int(commit)]
        below = [path for path in sorted(tree) if not under or path.startswith(tuple(under))]
        found = [
            path for path in below if path not in self.absent and any(word.encode() in tree[path] for word in literals)
        ]
        return found, [path for path in below if path in self.absent]

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        before, after = self.trees[int(old)], self.trees[int(new)]
        found = []
        for path in sorted(after.keys() | before.keys()):
            was = self.renames.get(path, path) if path not in before else path
            if path in self.renames.values() and path not in after:
                continue
            if before.get(was) != after.get(path) or was != path:
                ranges = _ranges(before.get(was, b''), after.get(path, b''))
                found.append(FileChange(path, was, self.blob_id(old, was), self.blob_id(new, path), *ranges))
        return tuple(found)


def _ranges(old: bytes, new: bytes) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    matcher = SequenceMatcher(None, old.split(b'\n'), new.split(b'\n'), autojunk=False)
    blocks = [block for block in matcher.get_opcodes() if block[0] != 'equal']
    return (
        tuple((a + 1, b) for _, a, b, _, _ in blocks if b > a),
        tuple((c + 1, d) for _, _, _, c, d in blocks if d > c),
    )


def applied(count: int, base: str | None = '0') -> AppliedTree:
    """Return a series of that many patches applied, with commits named "1", "2", ..."""
    patches = tuple(AppliedPatch(nth, f'm{nth}@example.org', f'patch {nth}', str(nth)) for nth in range(1, count + 1))
    return AppliedTree(passed(), 'example', base, 'given', (), patches)


def quiet(what: str, done: int, total: int) -> None:
    """A progress that says nothing."""


class GitTrees:
    """`FilesAt` over a git repository, with one git process per question: slow, plain, and independent of bot.trees."""

    def __init__(self, repo: Path) -> None:
        self.repo = repo

    def git(self, *args: str) -> bytes:
        return subprocess.run(['git', '-C', str(self.repo), *args], capture_output=True, check=False).stdout

    def read(self, commit: str, path: str) -> bytes | None:
        blob = self.blob_id(commit, path)
        return self.git('cat-file', 'blob', blob) if blob else None

    def blob_id(self, commit: str, path: str) -> str | None:
        entry = self.git('ls-tree', '-z', commit, '--', path).decode().split()
        return entry[2] if entry else None

    def containing(
        self, commit: str, literals: Sequence[str], under: Sequence[str] = ()
    ) -> tuple[list[str], list[str]]:
        words = [part for word in literals for part in ('-e', word)]
        listed = self.git('grep', '-l', '-z', '-F', *words, commit, '--', *under).decode()
        return [entry.split(':', 1)[1] for entry in listed.split('\0') if entry], []

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        fields = self.git('diff', '--name-status', '-M', '-z', old, new).decode().split('\0')
        found, at = [], 0
        while at < len(fields) - 1:
            renamed = fields[at][0] == 'R'
            was, path = fields[at + 1], fields[at + 2 if renamed else at + 1]
            at += 3 if renamed else 2
            text = self.git('diff', '-U0', '-M', old, new, '--', was, path).decode()
            hunks = re.findall(r'(?m)^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@', text)
            old_ranges = tuple((int(a), int(a) + int(n or 1) - 1) for a, n, _, _ in hunks if n != '0')
            new_ranges = tuple((int(c), int(c) + int(n or 1) - 1) for _, _, c, n in hunks if n != '0')
            found.append(FileChange(path, was, self.blob_id(old, was), self.blob_id(new, path), old_ranges, new_ranges))
        return tuple(found)


class Directory:
    """`FilesAt` over an unpacked source tree without git: one state, whatever commit is asked for."""

    def __init__(self, top: Path) -> None:
        self.top = top

    def read(self, commit: str, path: str) -> bytes | None:
        found = self.top / path
        return found.read_bytes() if found.is_file() else None

    def blob_id(self, commit: str, path: str) -> str | None:
        text = self.read(commit, path)
        return hashlib.sha1(text).hexdigest() if text is not None else None

    def containing(
        self, commit: str, literals: Sequence[str], under: Sequence[str] = ()
    ) -> tuple[list[str], list[str]]:
        words = [part for word in literals for part in ('-e', word)]
        places = [place for place in under if (self.top / place).exists()] if under else ['.']
        command = ['grep', '-rlFZ', '--include=*.c', '--include=*.h', *words, '--', *places]
        listed = subprocess.run(command, cwd=self.top, capture_output=True, check=False).stdout if places else b''
        return [path.decode().removeprefix('./') for path in listed.split(b'\0') if path], []

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        return ()
