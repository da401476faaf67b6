# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose fault a conflict is: the series', or that of a clone which lacks the base the series was made on.

Promises that a series fails only on ground it has to stand on: the base that its author or the user named, files that are
as its patches expect them, or, where no base is named, a commit that has most of those files. All else is skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.model import AppliedTree, BaseAttempt, Conflict, Outcome, Revision, Verdict, failed, passed, skipped
from bot.trees.checkout import Applied

AWAY = "the author's base is not here"


def most_telling(results: Sequence[AppliedTree]) -> AppliedTree:
    """Return the result to report of several trees, none of which took the series on a base of its own: the first of equals.

    A conflict on ground that the series has to stand on comes before a foreign base that takes it. Where none of them has the author's base, all that was tried in all of them is told.
    """
    best = max(results, key=lambda done: (_weight(done), not done.baseless, len(done.patches), _share(done)))
    if not best.baseless or len(results) == 1:
        return best
    told = (
        replace(a, name=f'{done.tree}: {a.name}', chosen=a.chosen and done is best)
        for done in results
        for a in done.attempts
    )
    return replace(best, attempts=tuple(told))


def _weight(done: AppliedTree) -> int:
    taken = next((a for a in done.attempts if a.chosen), None)
    named = taken is not None and (taken.how == 'base-commit' or taken.found == taken.wanted)
    if done.verdict.outcome is Outcome.FAILED:
        return 2 if named or (done.conflict and (done.conflict.expected or done.conflict.damaged)) else 0
    return int(done.verdict.outcome is Outcome.PASSED)


def _share(done: AppliedTree) -> int:
    return max((a.found for a in done.attempts if a.chosen), default=0)


def named_by_author(attempts: tuple[BaseAttempt, ...]) -> BaseAttempt | None:
    """Return the attempt at a commit that the author named and this clone has, None when there is none."""
    return next((a for a in attempts if a.how == 'base-commit' and a.commit), None)


def ended(
    done: AppliedTree, found: BaseAttempt, revision: Revision, applied: Applied, holders: Sequence[str]
) -> AppliedTree:
    """Return the series on its base with the verdict that all of this comes to; `holders` have it already."""
    conflict, count = applied.conflict, len(revision.patches)
    if conflict is None:
        return replace(done, verdict=_went_in(done, found, applied, holders, count))
    in_tree = _merged_words(done, count)
    hunk = f', hunk "{conflict.hunk}"' if conflict.hunk else ''
    where = f'{conflict.path}{hunk}: ' if conflict.path else ''
    stopped = f'patch {conflict.position} of {revision.expected} does not apply: {where}{conflict.reason}'
    also = [in_tree] if in_tree else [f'{name} has the series already' for name in holders]
    near = [f'it applies on {done.nearest.name}'] if done.nearest else []
    return judged(done, found, revision, conflict, '; '.join([stopped + _unsure(done, found), *also, *near]))


def _went_in(done: AppliedTree, found: BaseAttempt, applied: Applied, holders: Sequence[str], count: int) -> Verdict:
    in_tree = _merged_words(done, count)
    if len(applied.already) == count:
        return skipped(f'already applied: {in_tree or f"{found.name} has all changes of the series"}')
    notes = [in_tree] if in_tree else [f'{", ".join(holders)} has the series already'] if holders else []
    notes += [f'patch {_list(applied.already)} changes nothing: it is in the base already'] if applied.already else []
    merges = [p.position for p in applied.patches if p.three_way]
    notes += [f'git had to merge patch {_list(merges)}'] if merges else []
    notes += [f'on top of {len(done.under)} patches that it needs first'] if done.under else []
    return passed(('; '.join(notes) + _unsure(done, found)).removeprefix('; '))


def stopped(done: AppliedTree) -> bool:
    """Tell whether a patch did not go in, whoever is to blame."""
    return done.baseless or done.verdict.outcome is Outcome.FAILED


def judged(done: AppliedTree, found: BaseAttempt, revision: Revision, conflict: Conflict, reason: str) -> AppliedTree:
    """Return what a conflict on `found` comes to: failed for `reason`, or skipped without base, patches and conflict."""
    if _has_to_stand(done, found, revision, conflict):
        return replace(done, verdict=failed(reason))
    off = replace(done, base=None, patches=(), conflict=None)
    if len(done.merged) == len(revision.patches):
        there = _merged_words(done, len(revision.patches))
        return replace(off, verdict=skipped(f'already applied: {there}'), nearest=None)
    return replace(off, verdict=_away(done, found, revision, conflict), baseless=True)


def _has_to_stand(done: AppliedTree, found: BaseAttempt, revision: Revision, conflict: Conflict) -> bool:
    if conflict.damaged or found.found == found.wanted or conflict.expected:
        return True
    if lacking(done):
        return False
    if found.how in ('--base', 'base-commit'):
        return True
    # Fewer than most, and the files that do match are the ones that nobody has touched for years.
    return not done.nearest and not _says(revision) and found.found * 2 > found.wanted


def lacking(done: AppliedTree) -> list[str]:
    """Return what the series says it needs first and nobody has found, in sentences."""
    return [need for need in done.needs if need.endswith('not at hand')]


def _says(revision: Revision) -> str:
    return next((h.value.strip() for h in revision.base_hints if h.kind == 'base-commit'), '')


def _away(done: AppliedTree, found: BaseAttempt, revision: Revision, conflict: Conflict) -> Verdict:
    """Say what is known of the base, what is nearest to it, and what takes the series."""
    said, missing = _says(revision), lacking(done)
    if missing:
        known = f'{len(missing)} patch{"es" if len(missing) > 1 else ""} that the series needs first'
    elif said:
        known = f'base-commit {said[:12]}'
    else:
        known = 'no base is named'
    absent = f'{known}: not at hand' if said or missing else known
    near = f'{found.name} of {done.tree} has {found.found} of {found.wanted} files as the series expects them'
    more = ['its changes seem to be there already'] if conflict.there else []
    more += [f'the whole series applies on {done.nearest.name}'] if done.nearest else []
    return skipped('; '.join([f'{AWAY} ({absent})', near, *more]))


def how(found: BaseAttempt) -> str:
    """Say how a base was found, and how much of it fits."""
    match = f'{found.found} of {found.wanted} pre-images' if found.wanted else 'the patches name no pre-image'
    return f'base-commit trailer, {match}' if found.how == 'base-commit' else f'{found.how}: {found.name}, {match}'


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
    missing = lacking(done)
    many = 'es' if len(missing) > 1 else ''
    said = f'; the series says that it needs {len(missing)} other patch{many} first' if missing else ''
    whose = {'--base': 'that was named', 'base-commit': 'that the author named'}.get(found.how, 'that matches best')
    return f'; the base {whose} has {found.found} of {found.wanted} pre-images{said}'


def _list(positions: list[int]) -> str:
    return ', '.join(map(str, sorted(positions)))
