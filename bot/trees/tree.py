# SPDX-License-Identifier: GPL-2.0-or-later
"""One kernel tree of the user, open for reading: its commits, the files in them, and series applied on top.

Promises that nothing of the user's repository is ever written and that git starts only when something is asked that
the refs on disk do not tell. Refuses what is no git tree with a commit (TreeError).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from bot.model import AppliedTree, Prerequisite, Progress, RawMail, Revision
from bot.model.command import Appointed
from bot.trees import mails
from bot.trees.applying import Ground, apply_series
from bot.trees.base import BaseSearch
from bot.trees.blobs import Files
from bot.trees.candidates import candidates
from bot.trees.checked_out import CheckedOut
from bot.trees.clone import Clone, find_clone, read_refs
from bot.trees.maintainers import parse, responsible
from bot.trees.runner import run
from bot.trees.workshop import Workshop


class Tree:
    """Made by `open_tree`; `name` is what reports call it, never a path."""

    def __init__(self, clone: Clone, workshop: Workshop, name: str, closing: ExitStack) -> None:
        self.name = name
        self._clone, self._workshop, self._closing = clone, workshop, closing
        self._refs = read_refs(clone, run)

    @cached_property
    def files(self) -> Files:
        """The files at any commit of the tree or of a series applied to it (`FilesAt`)."""
        repo = self._workshop.ready()
        return self._closing.enter_context(Files(repo, run, CheckedOut(self._clone, repo, run)))

    def fingerprint(self) -> str:
        """Return a hash of HEAD and all refs: equal as long as every answer of this tree must be."""
        return self._clone.fingerprint(self._refs)

    def resolve(self, rev: str) -> str | None:
        """Return the full id of the commit that the user's words name, None when they name none."""
        if not rev or {'\0', '\n'} & set(rev):
            return None
        asked = ('rev-parse', '--verify', '--quiet', '--end-of-options', f'{rev}^{{commit}}')
        done = run(f'--git-dir={self._clone.git_dir}', *asked)
        return done.stdout.decode('ascii', 'replace').strip() if done.status == 0 else None

    def appointed(self, revision: Revision, base: str | None, max_tags: int, the_rest: bool) -> Appointed:
        """Return whom MAINTAINERS of the base names for a posting; the posting itself is never applied for it.

        A series could appoint its own maintainers otherwise.
        """
        if not revision.patches:
            return Appointed('')
        others = candidates(self._refs, self._workshop.ready(), revision.date, max_tags, run)
        found = BaseSearch(revision, self.files, self.resolve, lambda *_: None).chosen(base, others)
        try:
            text = self.files.read(found.commit, 'MAINTAINERS') if found and found.commit else None
        except LookupError:
            text = None
        if text is None or found is None or found.commit is None:
            return Appointed('')
        added = [line[1:] for p in revision.patches for line in p.diff.split('\n') if line[:1] == '+']
        paths = [path for p in revision.patches for path in p.files]
        sections = parse(text.decode('utf-8', 'replace'))
        people = responsible(sections, paths, added, the_rest)
        return Appointed(f'MAINTAINERS of {self.name} at {found.commit[:12]}', people)

    def apply(
        self,
        revision: Revision,
        base: str | None,
        max_tags: int,
        progress: Progress,
        needs: Sequence[Prerequisite] = (),
    ) -> AppliedTree:
        """Find the base and apply all patches, those of `needs` first; raise `TreeError` only for a `base` that is none."""
        at = Ground(self.name, self._clone, self._refs, self._workshop, self.files, self.resolve)
        return apply_series(at, revision, base, max_tags, progress, needs)

    def tree_id(self, commit: str) -> str:
        """Return the id of the commit's top directory (`Checkout`)."""
        return self.files.tree_id(commit)

    @contextmanager
    def at(self, commit: str) -> Iterator[Path]:
        """Give a directory with every file of the commit, and no git in it (`Checkout`); it may be moved away.

        Raise `LookupError` when a blob is not in this clone.
        """
        self._workshop.ready()
        with ExitStack() as opened:
            try:
                whole = opened.enter_context(self._workshop.worktree(commit, (), whole=True))
            except LookupError as told:
                raise LookupError(self._lacking(commit) or str(told)) from None
            yield whole.directory

    def _lacking(self, commit: str) -> str:
        """Say how much of a commit this clone lacks and how to get it, '' when it lacks nothing."""
        gone = self.files.lacking(commit)
        if not gone:
            return ''
        files = '1 file' if len(gone) == 1 else f'{len(gone)} files'
        return (
            f'the clone of {self.name} is partial: {files} of {commit[:12]} are not in it, {gone[0]} first; '
            'fetch them: git fetch --refetch --no-filter'
        )

    def mails(self, rev_range: str) -> tuple[RawMail, ...]:
        """Return the commits of BASE..TIP as the series they would be on a list; raise `TreeError`."""
        with self._workshop.scratch() as scratch:
            return mails.range_as_mails(rev_range, self._workshop.repo, scratch, self.resolve, run)


@contextmanager
def open_tree(path: Path, workshop: Path, name: str = '') -> Iterator[Tree]:
    """Open the repository at `path` (top of a worktree, or bare); lorebot's own files go below `workshop`.

    Raise `TreeError` when there is no repository, or none that can be read.
    """
    clone = find_clone(path)
    shop = Workshop(workshop, clone, run)
    shop.sweep()
    with ExitStack() as closing:
        yield Tree(clone, shop, name or clone.default_name, closing)
