# SPDX-License-Identifier: GPL-2.0-or-later
"""One series on one tree, from the search for its base to the verdict.

Promises that what the series needs first is applied first, and said; that what is merged already is recognised; and that a
conflict names the nearest base that takes the series. Refuses (skipped, with the reason) what is not whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.errors import TreeError
from bot.model import (
    AppliedTree,
    BaseAttempt,
    Conflict,
    Patch,
    Prerequisite,
    Progress,
    Revision,
    Verdict,
    skipped,
)
from bot.trees import nearest, standing, wishes
from bot.trees.base import BaseSearch, Resolve, wanted
from bot.trees.blobs import Files
from bot.trees.candidates import candidates, heads
from bot.trees.checkout import Applied, apply_patches, lacks, touched, unfit
from bot.trees.clone import Clone, Refs
from bot.trees.diffs import read_diff
from bot.trees.maintainers import homes, parse
from bot.trees.merged import merged
from bot.trees.runner import run
from bot.trees.workshop import Workshop

_MOST_HOMES = 3
_NAMED = ('prerequisite-patch-id', 'prerequisite-message-id', 'prerequisite-change-id', 'depends-on')


@dataclass(frozen=True, slots=True)
class Ground:
    """A tree that is open: what is looked for in it, and where work is done."""

    name: str
    clone: Clone
    refs: Refs
    workshop: Workshop
    files: Files
    resolve: Resolve


@dataclass(frozen=True, slots=True)
class _Task:
    """What is asked for: the posting, the patches that go below it, and how to look."""

    at: Ground
    revision: Revision
    first: tuple[Patch, ...]
    max_tags: int
    progress: Progress


def apply_series(
    at: Ground,
    revision: Revision,
    base: str | None,
    max_tags: int,
    progress: Progress,
    needs: Sequence[Prerequisite] = (),
) -> AppliedTree:
    """Find the base and apply all patches; raise `TreeError` only for a `base` that names no commit."""
    if base is not None and at.resolve(base) is None:
        raise TreeError('the base names no commit of this tree', where=base[:80], todo='check --base, or fetch it')
    reason = unfit(revision)
    if reason:
        return AppliedTree(skipped(reason), at.name, None, '', ())
    task = _Task(at, revision, _first(revision, needs), max_tags, progress)
    search = _search(task, revision.patches)
    found = search.chosen(base, _others(task))
    if task.first and found is not None and found.found < found.wanted:
        search = _search(task, (*task.first, *revision.patches))
        found = search.chosen(base, _others(task))
    else:
        task = replace(task, first=())
    if found is None or found.commit is None:
        return AppliedTree(skipped('no commit of this clone can be read'), at.name, None, '', search.attempts)
    done = AppliedTree(Verdict(), at.name, found.commit, standing.how(found), search.attempts)
    done = replace(done, needs=tuple(_told(needs, revision, bool(task.first))))
    done = _with_merged(task, done)
    there = _at_the_authors(task, found, search, done, _on_base(task, found, search, done))
    return _with_homes(task, there if base is not None else _abroad(task, search, there))


def _first(revision: Revision, needs: Sequence[Prerequisite]) -> tuple[Patch, ...]:
    """Return the patches to apply before the series, each once and none of its own."""
    own = {p.message_id for p in revision.patches} | {p.patch_id for p in revision.patches if p.patch_id}
    found: dict[str, Patch] = {}
    for patch in (patch for need in needs for patch in need.patches):
        if not {patch.message_id, patch.patch_id} & own:
            found.setdefault(patch.patch_id or patch.message_id, patch)
    return tuple(found.values())


def _search(task: _Task, patches: Sequence[Patch]) -> BaseSearch:
    return BaseSearch(replace(task.revision, patches=tuple(patches)), task.at.files, task.at.resolve, task.progress)


def _others(task: _Task) -> nearest.Candidates:
    at, posted = task.at, task.revision.date
    repo = at.workshop.ready()
    wished = [*wishes.by_subject(task.revision), *wishes.by_homes(_homes(task), wishes.remotes(at.clone, run))]
    return candidates(at.refs, repo, posted, task.max_tags, run, wished)


def _homes(task: _Task) -> tuple[tuple[str, str], ...]:
    """Return the T: lines for the series in the MAINTAINERS file of HEAD: the base is not known yet."""
    try:
        text = task.at.files.read(task.at.refs.head, 'MAINTAINERS') if task.at.refs.head else None
    except LookupError:
        text = None
    return homes(parse(text.decode('utf-8', 'replace')), touched(task.revision.patches)) if text else ()


def _with_merged(task: _Task, done: AppliedTree) -> AppliedTree:
    """Say which patches the branches have already."""
    at, posted = task.at, task.revision.date
    return replace(done, merged=merged(task.revision.patches, posted, heads(at.refs), at.workshop.ready(), run))


def _with_homes(task: _Task, done: AppliedTree) -> AppliedTree:
    """Where the author's base is not here, say which trees MAINTAINERS names for the files: one of them may have it."""
    if not done.baseless and not done.foreign:
        return done
    known = dict.fromkeys(wishes.url(line) for _, line in _homes(task))
    return replace(done, homes=tuple(url for url in known if url)[:_MOST_HOMES])


def _at_the_authors(
    task: _Task, found: BaseAttempt, search: BaseSearch, done: AppliedTree, result: AppliedTree
) -> AppliedTree:
    """Where the best match does not take the series, the base that its author named decides, if it is here."""
    named = standing.named_by_author(search.attempts)
    if named is None or named.commit == found.commit or not standing.stopped(result):
        return result
    chosen = replace(named, chosen=True)
    attempts = tuple(chosen if a is named else replace(a, chosen=False) for a in search.attempts)
    there = replace(done, base=chosen.commit, base_how=standing.how(chosen), attempts=attempts)
    return _on_base(task, chosen, search, there)


def _abroad(task: _Task, search: BaseSearch, done: AppliedTree) -> AppliedTree:
    """Where no base is the author's, take the nearest one that the whole series goes into: what is foreign is told as such."""
    if not done.baseless or done.nearest is None or done.nearest.commit is None:
        return done
    found = replace(done.nearest, chosen=True, reason=f'{done.nearest.reason}: the whole series applies')
    applied = _tried(task, done.nearest.commit, task.revision.patches)
    others = tuple(replace(a, chosen=False) for a in done.attempts if a.commit != found.commit)
    there = replace(done, baseless=False, nearest=None, base=found.commit, base_how=standing.how(found))
    there = replace(there, attempts=(*others, found), patches=tuple(applied.patches))
    return standing.ended(there, found, task.revision, applied, search.holders)


def _on_base(task: _Task, found: BaseAttempt, search: BaseSearch, done: AppliedTree) -> AppliedTree:
    assert found.commit is not None
    try:
        if task.first:
            below = _tried(task, found.commit, task.first)
            done = replace(done, under=tuple(below.patches), ground=found.commit)
            if below.conflict is not None:
                stopped = _placed(task, found, below.conflict)
                done = replace(done, ground=None, under=())
                return standing.judged(done, found, task.revision, stopped, _stopped_below(task, stopped))
            done = replace(done, base=below.patches[-1].commit)
        applied = _tried(task, done.base or found.commit, task.revision.patches)
    except LookupError as missing:
        return replace(done, verdict=skipped(str(missing)))
    if applied.conflict is not None:
        applied.conflict = _placed(task, found, _refined(task, done.base or '', applied.conflict))
    done = replace(done, patches=tuple(applied.patches), conflict=applied.conflict)
    if applied.conflict is not None and not task.first:
        done = replace(done, nearest=_nearest(task, search, found.commit))
    return standing.ended(done, found, task.revision, applied, search.holders)


def _tried(task: _Task, base: str, patches: Sequence[Patch]) -> Applied:
    """Apply; raise `LookupError`, in a sentence, where the clone lacks what is needed."""
    try:
        lacking = lacks(base, patches, task.at.files)
        if not lacking.needed:
            return apply_patches(base, patches, lacking.beside, task.at.workshop, task.progress)
    except LookupError as missing:
        raise LookupError(f'the base is not whole in this clone: {missing}') from None
    names = ', '.join(lacking.needed)
    raise LookupError(f'needed, but not in this clone: {names}; fetch them: {task.at.clone.fetching(lacking.blobs)}')


def _nearest(task: _Task, search: BaseSearch, failed_at: str) -> BaseAttempt | None:
    at = task.at
    history = nearest.past(search, heads(at.refs), task.revision.date, at.workshop.ready(), run)

    def takes(commit: str) -> bool:
        try:
            return _tried(task, commit, task.revision.patches).conflict is None
        except LookupError:
            return False

    return nearest.nearest(search, _others(task), history, failed_at, takes)


def _refined(task: _Task, base: str, conflict: Conflict) -> Conflict:
    """Say so where the tree is not the one that the series is for."""
    paths = [want.path for want in wanted(task.revision.patches)]
    try:
        there = [path for path in paths if task.at.files.entry(base, path) is not None]
        near = [
            path for path in paths if '/' in path and task.at.files.entry(base, path.rpartition('/')[0]) is not None
        ]
    except LookupError:
        return conflict
    if not paths or there:
        return conflict
    files = 'not the one file' if len(paths) == 1 else f'none of the {len(paths)} files'
    what = 'it was made for a later state of it, or an earlier one' if near else 'it was made for another one'
    return replace(conflict, reason=f'this tree has {files} that the series changes: {what}')


def _placed(task: _Task, found: BaseAttempt, conflict: Conflict) -> Conflict:
    """Tell whether the base has the file where the patch stopped just as the patch expects it."""
    patches = (*task.first, *task.revision.patches)
    if conflict.path in {want.path for want in wanted(patches)}:
        return replace(conflict, expected=conflict.path not in found.missing)
    patch = next(p for p in patches if p.message_id == conflict.message_id)
    names = {name for file in read_diff(patch.diff) for name in (file.old, file.new) if name}
    if not conflict.path or names & set(found.missing):
        return conflict
    try:
        return replace(conflict, expected=task.at.files.entry(found.commit or '', conflict.path) is None)
    except LookupError:
        return conflict


def _stopped_below(task: _Task, conflict: Conflict) -> str:
    patch = next(p for p in task.first if p.message_id == conflict.message_id)
    where = f'{conflict.path}: ' if conflict.path else ''
    return f'what it needs first does not apply: "{patch.subject}": {where}{conflict.reason}'


def _told(needs: Sequence[Prerequisite], revision: Revision, used: bool) -> list[str]:
    """Say of each thing the series needs first where it was found and what was done with it."""
    found = {(n.kind, n.value): n for n in needs if n.patches}
    out = []
    for hint in revision.base_hints:
        if hint.kind not in _NAMED:
            continue
        need = found.get((hint.kind, hint.value))
        if need is None:
            out.append(f'{hint.kind} {hint.value[:80]}: not at hand')
            continue
        what = f'"{need.patches[0].subject}"' if len(need.patches) == 1 else f'{len(need.patches)} patches'
        done = 'applied first' if used else 'the base has it'
        out.append(f'{hint.kind} {hint.value[:80]}: {what} of {need.where}, {done}')
    return out
