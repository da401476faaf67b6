# SPDX-License-Identifier: GPL-2.0-or-later
"""The series on a tree: the base, every way it was looked for, the commits made or the hunk that stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.model import AppliedTree, BaseAttempt, Conflict, Merged
from bot.report.contexts import AppliedLine, ApplySection, AttemptLine, ConflictLine
from bot.report.sections.frame import Frame, short

_SHOWN = 5
_FULL_ID = re.compile(r'\b([0-9a-f]{12})[0-9a-f]{28}\b')


def apply_section(frame: Frame) -> ApplySection:
    verdict, applied = frame.verdict('apply'), frame.report.apply
    attempts = _best_first(applied.attempts) if applied else []
    return ApplySection(
        outcome=str(verdict.outcome),
        reason=verdict.reason,
        tree=applied.tree if applied else '',
        base=(applied.base or '') if applied else '',
        how=applied.base_how if applied else '',
        attempts=tuple(_attempt(a) for a in attempts[:_SHOWN]),
        attempts_more=len(attempts[_SHOWN:]),
        patches=_patches(frame, applied) if applied else (),
        conflict=_conflict(frame, applied.conflict) if applied and applied.conflict else None,
        nearest=_nearest(applied.nearest) if applied and applied.nearest else '',
        needs=_needs(applied) if applied else (),
        merged=_merged(frame, applied.merged) if applied else '',
        todo=tuple(_todo(frame, applied)) if applied and (applied.baseless or applied.foreign) else (),
    )


def _todo(frame: Frame, applied: AppliedTree) -> Iterator[str]:
    """Say how to come by a base: nobody but the user knows which trees he may have."""
    said = next((h.value for h in frame.newest.base_hints if h.kind == 'base-commit'), '')
    what = f'a tree with {short(said)}' if said else 'the tree that it was made on'
    known = f' (MAINTAINERS names {", ".join(applied.homes)})' if applied.homes else ''
    yield f'for {what}: `git fetch` in the clone of {applied.tree}, or `lorebot tree add URL`{known}'
    if not applied.nearest and not applied.foreign:
        yield 'for another base: --base REV'


def _nearest(found: BaseAttempt) -> str:
    match = f', which has {found.found} of {found.wanted} pre-images' if found.wanted else ''
    return f'the whole series applies on {found.name}{match}: --base {short(found.commit)}'


def _needs(applied: AppliedTree) -> tuple[str, ...]:
    """Say what is needed first, and below it the commits that were made of it."""
    if not applied.under:
        return applied.needs
    made = ', '.join(f'{short(p.commit)} "{p.subject}"' for p in applied.under)
    return (*applied.needs, f'below the base stand, on {short(applied.ground)}: {made}')


def _merged(frame: Frame, merged: tuple[Merged, ...]) -> str:
    told = [f'{frame.label(m.position)} is {short(m.commit)} in {m.where}, by {m.by}' for m in merged]
    return '; '.join(told)


def _best_first(attempts: tuple[BaseAttempt, ...]) -> list[BaseAttempt]:
    """The base taken, then the nearest misses; equal ones stay in the order tried."""
    return sorted(attempts, key=lambda a: (not a.chosen, -(a.found / a.wanted) if a.wanted else 0.0))


def _attempt(attempt: BaseAttempt) -> AttemptLine:
    found = f'{attempt.found} of {attempt.wanted}' if attempt.wanted else ''
    return AttemptLine(
        how=attempt.how,
        name=_FULL_ID.sub(lambda m: m[1], attempt.name),
        commit=short(attempt.commit),
        chosen=attempt.chosen,
        found=found,
        reason=attempt.reason.removeprefix(f'{found} pre-images').lstrip(':, ') if found else attempt.reason,
        missing=tuple(sorted(attempt.missing)),
    )


def _patches(frame: Frame, applied: AppliedTree) -> tuple[AppliedLine, ...]:
    return tuple(
        AppliedLine(frame.label(p.position), p.subject, short(p.commit), p.three_way, frame.places.mail(p.message_id))
        for p in applied.patches
    )


def _conflict(frame: Frame, conflict: Conflict) -> ConflictLine:
    return ConflictLine(
        patch=frame.label(conflict.position),
        path=conflict.path,
        hunk=conflict.hunk,
        reason=conflict.reason,
        place=frame.places.mail(conflict.message_id),
    )
