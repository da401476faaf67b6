# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the commit a posted revision was made on, and tells every one it tried.

In this order: the base the user named; the base-commit trailer; the commit whose files are the ones that the index
lines of the patches expect. A candidate that has all of them ends the search; otherwise the one with the most is taken,
the earlier one of equals. Refuses to guess by subject, list or date alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.errors import TreeError
from bot.model import BaseAttempt, Patch, Progress, Revision
from bot.trees.blobs import Files
from bot.trees.candidates import Candidate
from bot.trees.diffs import read_diff

Resolve = Callable[[str], str | None]
_COMMIT = re.compile(r'[0-9a-f]{7,40}')


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that the series expects to find: the path in the base and the (abbreviated) id of its blob."""

    path: str
    blob: str


def wanted(patches: Sequence[Patch]) -> list[Wanted]:
    """Return what the series as a whole expects of its base; what an earlier patch makes or changes is not of the base."""
    found: list[Wanted] = []
    made: set[str] = set()
    for patch in patches:
        files = read_diff(patch.diff)
        expected = [Wanted(file.old, file.before) for file in files if file.old and file.before]
        found += [want for want in expected if want.path not in made]
        made |= {name for file in files for name in (file.old, file.new) if name}
    return list(dict.fromkeys(found))


def results(patches: Sequence[Patch]) -> dict[str, str]:
    """Return the (abbreviated) blob that the series leaves at each path, '' where it leaves no file."""
    left: dict[str, str] = {}
    for file in (file for patch in patches for file in read_diff(patch.diff)):
        if file.old and (file.moved or not file.new):
            left[file.old] = ''
        if file.new and file.after:
            left[file.new] = file.after
    return left


class BaseSearch:
    """One search for one revision; `attempts` tells all that was tried, in order, with the chosen one marked.

    `holders` are the names of candidates that have every file as the series leaves it: it was applied there.
    """

    def __init__(self, revision: Revision, files: Files, resolve: Resolve, progress: Progress) -> None:
        self._revision, self._files, self._resolve, self._progress = revision, files, resolve, progress
        self.wanted, self._results = wanted(revision.patches), results(revision.patches)
        self.holders: list[str] = []
        self.attempts: tuple[BaseAttempt, ...] = ()

    def chosen(self, base: str | None, others: Iterator[Candidate]) -> BaseAttempt | None:
        """Return the attempt that won, None when the clone has no commit to try; raise `TreeError` for a bad `base`."""
        tried: list[BaseAttempt] = []
        for attempt in [self._given(base)] if base is not None else self._tries(others):
            tried.append(attempt)
            self._progress('looking for the base', len(tried), 0)
            if attempt.commit and attempt.found == attempt.wanted:
                break
        best = max((a for a in tried if a.commit), key=lambda a: a.found, default=None)
        won = None if best is None else replace(best, chosen=True, reason=self._why(best))
        self.attempts = tuple(won if won and a is best else a for a in tried)
        return won

    def _tries(self, others: Iterator[Candidate]) -> Iterator[BaseAttempt]:
        for value in dict.fromkeys(h.value for h in self._revision.base_hints if h.kind == 'base-commit'):
            yield self._named_by_author(value.strip().lower())
        for candidate in others:
            yield self.measured(candidate.how, candidate)

    def measured(self, how: str, candidate: Candidate) -> BaseAttempt:
        """Count what a candidate has of the files that the series expects."""
        return self._measured(how, candidate.name, candidate.commit, '')

    def _given(self, base: str) -> BaseAttempt:
        commit = self._resolve(base)
        if commit is None or not self._files.has_commit(commit):
            raise TreeError('the base names no commit of this tree', where=base[:80], todo='check --base, or fetch it')
        return self._measured('--base', base, commit, 'named by the user')

    def _named_by_author(self, value: str) -> BaseAttempt:
        if not _COMMIT.fullmatch(value):
            return BaseAttempt('base-commit', value[:80], None, False, 'not a commit id')
        commit = value if len(value) == 40 else self._resolve(value)
        if commit is None or not commit.startswith(value) or not self._files.has_commit(commit):
            return BaseAttempt('base-commit', value, None, False, 'not in this clone', 0, len(self.wanted))
        return self._measured('base-commit', value, commit, 'named by the author')

    def _measured(self, how: str, name: str, commit: str, said: str) -> BaseAttempt:
        if not self._files.has_commit(commit):
            return BaseAttempt(how, name, None, False, 'not in this clone', 0, len(self.wanted))
        missing = tuple(
            sorted(want.path for want in self.wanted if not self._blob(commit, want.path).startswith(want.blob))
        )
        count = len(self.wanted) - len(missing)
        reason = f'{said}; {self._tally(count)}' if said else self._tally(count)
        if self._results and all(self._is(commit, path, blob) for path, blob in self._results.items()):
            self.holders.append(name)
            reason += '; all files are there as the series leaves them'
        return BaseAttempt(how, name, commit, False, reason, count, len(self.wanted), missing)

    def _is(self, commit: str, path: str, blob: str) -> bool:
        there = self._blob(commit, path)
        return there.startswith(blob) if blob else not there

    def _blob(self, commit: str, path: str) -> str:
        """Return the blob's id, '' where there is none or its directory is not in this clone."""
        try:
            return self._files.blob_id(commit, path) or ''
        except LookupError:
            return ''

    def _tally(self, count: int) -> str:
        return f'{count} of {len(self.wanted)} pre-images' if self.wanted else 'the patches name no pre-image'

    def _why(self, best: BaseAttempt) -> str:
        if best.how == '--base' or not self.wanted:
            return best.reason
        return f'{best.reason}: {"complete" if best.found == best.wanted else "the best there is"}'
