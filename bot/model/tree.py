# SPDX-License-Identifier: GPL-2.0-or-later
"""A series on a kernel tree: every base that was tried, the commits made, or the hunk where it stopped."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.outcome import Verdict
from bot.model.series import Patch


@dataclass(frozen=True, slots=True)
class BaseAttempt:
    """One candidate base. `found` of `wanted` pre-images are in it; `missing` names the paths of the others."""

    how: str
    name: str
    commit: str | None
    chosen: bool
    reason: str
    found: int = 0
    wanted: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """What a posting says must be there before it: `kind` and `value` are those of its base hint.

    `patches` are the ones found for it, in order, and `where` says in what; without any it is only named.
    """

    kind: str
    value: str
    where: str = ''
    patches: tuple[Patch, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """A commit of the tree's history that a patch of the posting became, and a branch that has it.

    `by` is "patch id" or "title and author".
    """

    position: int
    commit: str
    by: str
    where: str


@dataclass(frozen=True, slots=True)
class AppliedPatch:
    """`three_way` tells that git had to merge: the context had moved on."""

    position: int
    message_id: str
    subject: str
    commit: str
    three_way: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where the first patch that does not apply stopped; `hunk` is its `@@` header, '' where git named none.

    `there` tells that the base has nearly all lines that the patch adds; `damaged` that the mail spoilt the diff, on any base;
    `expected` that the base has this file just as the patch expects it.
    """

    position: int
    message_id: str
    path: str
    hunk: str
    reason: str
    there: bool = False
    damaged: bool = False
    expected: bool = False


@dataclass(frozen=True, slots=True)
class AppliedTree:
    """`tree` is the name of the tree (never a path of this machine); commits live in lorebot's own repository.

    With prerequisites `base` is the last of them, `under` are they, and `ground` is the commit of the tree below. `needs`
    says in a sentence each what became of what the series needs first. `merged` are the patches that the history of
    the tree has. `nearest` is, after a conflict, a base that takes the whole series. `baseless` tells that the base it was
    made on is in no tree at hand; then there is neither base nor conflict. `homes` are the trees that MAINTAINERS names
    for its files, where it is `baseless` or on a `foreign` base.
    """

    verdict: Verdict
    tree: str
    base: str | None
    base_how: str
    attempts: tuple[BaseAttempt, ...]
    patches: tuple[AppliedPatch, ...] = ()
    conflict: Conflict | None = None
    ground: str | None = None
    under: tuple[AppliedPatch, ...] = ()
    needs: tuple[str, ...] = ()
    merged: tuple[Merged, ...] = ()
    nearest: BaseAttempt | None = None
    baseless: bool = False
    homes: tuple[str, ...] = ()

    @property
    def foreign(self) -> bool:
        """Tell whether it stands on a base that nobody named, with other files than it was made on."""
        taken = next((a for a in self.attempts if a.chosen), None)
        own = taken is None or taken.how in ('--base', 'base-commit') or taken.found == taken.wanted
        return self.base is not None and not own

    @property
    def tip(self) -> str | None:
        return self.patches[-1].commit if self.patches else self.base


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file between two commits. Ranges are 1-based inclusive lines; None for a side that is not there."""

    path: str
    old_path: str
    old_blob: str | None
    new_blob: str | None
    old_ranges: tuple[tuple[int, int], ...]
    new_ranges: tuple[tuple[int, int], ...]
