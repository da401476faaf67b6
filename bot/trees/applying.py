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
    failed,
    passed,
    skipped,
)
from bot.trees import nearest, wishes
from bot.trees.base import BaseSearch, Resolve, wanted
from bot.trees.blobs import Files
from bot.trees.candidates import candidates, heads
from bot.trees.checkout import Applied, apply_patches, lacks, touched, unfit
from bot.trees.clone import Clone, Refs
from bot.trees.maintainers import homes, parse
from bot.trees.merged import merged
from bot.trees.runner import run
from bot.trees.workshop import Workshop

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
    done = AppliedTree(Verdict(), at.name, found.commit, _how(found), search.attempts)
    done = replace(done, needs=tuple(_told(needs, revision, bool(task.first))))
    return _on_base(task, found, search, _with_merged(task, done))


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


def _on_base(task: _Task, found: BaseAttempt, search: BaseSearch, done: AppliedTree) -> AppliedTree:
    assert found.commit is not None
    try:
        if task.first:
            below = _tried(task, found.commit, task.first)
            done = replace(done, under=tuple(below.patches), ground=found.commit)
            if below.conflict is not None:
                return replace(done, verdict=failed(_stopped_below(task, below.conflict)), ground=None, under=())
            done = replace(done, base=below.patches[-1].commit)
        applied = _tried(task, done.base or found.commit, task.revision.patches)
    except LookupError as missing:
        return replace(done, verdict=skipped(str(missing)))
    if applied.conflict is not None:
        applied.conflict = _refined(task, done.base or '', applied.conflict)
    done = replace(done, patches=tuple(applied.patches), conflict=applied.conflict)
    if applied.conflict is not None and not task.first:
        done = replace(done, nearest=_nearest(task, search, found.commit))
    return replace(done, verdict=_verdict(task, done, found, applied, search.holders))


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


def _how(found: BaseAttempt) -> str:
    match = f'{found.found} of {found.wanted} pre-images' if found.wanted else 'the patches name no pre-image'
    return f'base-commit trailer, {match}' if found.how == 'base-commit' else f'{found.how}: {found.name}, {match}'


def _verdict(task: _Task, done: AppliedTree, found: BaseAttempt, applied: Applied, holders: list[str]) -> Verdict:
    revision, conflict, count = task.revision, applied.conflict, len(task.revision.patches)
    in_tree = _merged_words(done, count)
    if conflict is not None:
        hunk = f', hunk "{conflict.hunk}"' if conflict.hunk else ''
        where = f'{conflict.path}{hunk}: ' if conflict.path else ''
        stopped = f'patch {conflict.position} of {revision.expected} does not apply: {where}{conflict.reason}'
        also = [in_tree] if in_tree else [f'{name} has the series already' for name in holders]
        near = [f'it applies on {done.nearest.name}'] if done.nearest else []
        return failed('; '.join([stopped + _unsure(done, found), *also, *near]))
    if len(applied.already) == count:
        return skipped(f'already applied: {in_tree or f"{found.name} has all changes of the series"}')
    notes = [in_tree] if in_tree else [f'{", ".join(holders)} has the series already'] if holders else []
    notes += [f'patch {_list(applied.already)} changes nothing: it is in the base already'] if applied.already else []
    merges = [p.position for p in applied.patches if p.three_way]
    notes += [f'git had to merge patch {_list(merges)}'] if merges else []
    notes += [f'on top of {len(done.under)} patches that it needs first'] if done.under else []
    return passed(('; '.join(notes) + _unsure(done, found)).removeprefix('; '))


def _merged_words(done: AppliedTree, count: int) -> str:
    if not done.merged:
        return ''
    by = ' and '.join(sorted({m.by for m in done.merged}))
    where = ', '.join(sorted({m.where for m in done.merged}))
    if len(done.merged) == count:
        return f'{where} has the series already, by {by}: {done.merged[-1].commit[:12]}'
    return f'{where} has patch {_list([m.position for m in done.merged])} already, by {by}'


def _unsure(done: AppliedTree, found: BaseAttempt) -> str:
    if found.found == found.wanted:
        return ''
    lacking = [need for need in done.needs if need.endswith('not at hand')]
    many = 'es' if len(lacking) > 1 else ''
    said = f'; the series says that it needs {len(lacking)} other patch{many} first' if lacking else ''
    whose = {'--base': 'that was named', 'base-commit': 'that the author named'}.get(found.how, 'that matches best')
    return f'; the base {whose} has {found.found} of {found.wanted} pre-images{said}'


def _list(positions: list[int]) -> str:
    return ', '.join(map(str, sorted(positions)))
