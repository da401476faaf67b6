# SPDX-License-Identifier: GPL-2.0-or-later
"""Searches the files that the user has checked out, where they are those of a commit: to unpack blobs costs far more.

Promises the answer that the commit itself gives: files that differ from it are looked for after the search, by what git
recorded of them (size, times, inode), and those are searched as blobs. Refuses (None) a work tree too far from the
commit, or one in which git was told not to look; nothing is written there, and none of its settings takes part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.model import GitOutput
from bot.trees.clone import Clone
from bot.trees.runner import Runner

_FAR = 4000
"""Files that differ; their blobs are named one by one on a command line."""

_HIDDEN = re.compile(rb'(?:\A|\0)[a-zS] ')
"""What `git ls-files -v` marks as assumed to be unchanged, or as left out of a sparse checkout."""

_REGULAR = '100'


@dataclass(frozen=True, slots=True)
class Differing:
    """A path at which the work tree is not the commit, with the blob it has there; '' for none that could be searched."""

    path: str
    blob: str


class CheckedOut:
    """`repo` is a repository of our own that has the objects: its attributes and settings count, not those of the user."""

    def __init__(self, clone: Clone, repo: Path, run: Runner) -> None:
        self._clone, self._repo, self._run = clone, repo, run
        self._near: dict[str, bool] = {}

    def containing(self, tree: str, literals: Sequence[str], under: Sequence[str]) -> set[str] | None:
        """Return the paths of a tree that hold one of the literals; None where the work tree cannot tell."""
        if not self._is_near(tree):
            return None
        patterns = [word for text in literals for word in ('-e', text)]
        options = ('-lzF', '--no-color', '--full-name', '--no-textconv', '--no-recurse-submodules')
        searched = self._git('grep', *options, *patterns, '--', *under)
        differing = self._differing(tree, under)
        if searched.status > 1 or differing is None:
            return None
        found = set(_names(searched.stdout)) - {one.path for one in differing}
        blobs = sorted({one.blob for one in differing} - {''})
        if blobs:
            searched = self._git('grep', *options, *patterns, *blobs, '--')
            if searched.status > 1:
                return None
            holding = set(_names(searched.stdout))
            found |= {one.path for one in differing if one.blob in holding}
        return found

    def _is_near(self, tree: str) -> bool:
        """Tell whether a search is worth its while; asked once, for what counts is how the files are after it."""
        if tree not in self._near:
            bare = self._clone.git_dir == self._clone.top
            self._near[tree] = not bare and self._differing(tree, ()) is not None and not self._hides()
        return self._near[tree]

    def _hides(self) -> bool:
        listed = self._git('ls-files', '-v', '-z')
        return listed.status != 0 or _HIDDEN.search(listed.stdout) is not None

    def _differing(self, tree: str, under: Sequence[str]) -> list[Differing] | None:
        shape = ('-z', '--raw', '--no-renames', '--abbrev=40', '--ignore-submodules=all')
        compared = self._git('diff-index', *shape, tree, '--', *under)
        found = list(_rows(compared.stdout)) if compared.status == 0 else None
        return found if found is not None and len(found) <= _FAR else None

    def _git(self, *args: str) -> GitOutput:
        where = (f'--git-dir={self._repo}', f'--work-tree={self._clone.top}')
        return self._run(*where, *args, cwd=self._clone.top, index=self._clone.git_dir / 'index')


def _rows(raw: bytes) -> Iterator[Differing]:
    fields = raw.split(b'\0')
    for about, path in zip(fields[::2], fields[1::2], strict=False):
        mode, _, blob, *_ = about.decode('ascii', 'replace').removeprefix(':').split(' ')
        yield Differing(_text(path), blob if mode.startswith(_REGULAR) else '')


def _names(raw: bytes) -> Iterator[str]:
    return (_text(name) for name in raw.split(b'\0') if name)


def _text(raw: bytes) -> str:
    return raw.decode('utf-8', 'surrogateescape')
