# SPDX-License-Identifier: GPL-2.0-or-later
"""What waits for somebody, most pressing first: at most seven sentences that each fit one line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.model import Outcome, Question, Taken
from bot.report.contexts import Need
from bot.report.order import budgets_in_order, findings_in_order
from bot.report.prominence import consent
from bot.report.sections.frame import Frame
from bot.report.sections.postings import missing
from bot.report.trailers import given_trailers, open_questions
from bot.report.words import age, counted, day

# Notes on a posting (bot/lore) that nobody should overlook: it was taken back, or is not what it looks like.
_PRESSING = re.compile(r'(?:withdrawn|superseded) by its author|has characters that do not show|is damaged: a hunk')
_MOST_NOTES = 2


def needs(frame: Frame) -> Iterator[Need]:
    """Yield what needs somebody: the posting itself, then stages that failed, findings, questions, tags, bits."""
    yield from _taken(frame)
    yield from _merged(frame)
    yield from _posting(frame)
    yield from _stages(frame)
    yield from _base(frame)
    yield from _findings(frame)
    yield from _questions(frame)
    yield from _tags(frame)
    yield from _bits(frame)


def _taken(frame: Frame) -> Iterator[Need]:
    taken = frame.report.taken
    if taken is None:
        return
    when = f' on {day(taken.date)}' if taken.date else ''
    what, left = ('it was applied', '') if taken.whole else _patches(taken)
    yield Need(f'{what}{when}, {taken.who} says{left}', 'revisions')


def _patches(taken: Taken) -> tuple[str, str]:
    """Return "patch 2 of 4 was applied", or how many were with those left out behind it, where that is shorter."""
    left = sorted(set(range(1, taken.expected + 1)) - set(taken.positions))
    if len(left) < len(taken.positions):
        return f'{len(taken.positions)} of {taken.expected} patches were applied', f', but not {_named(left)}'
    return f'{_named(taken.positions)} of {taken.expected} {"was" if len(taken.positions) == 1 else "were"} applied', ''


def _named(positions: Sequence[int]) -> str:
    return f'patch{"" if len(positions) == 1 else "es"} {", ".join(map(str, positions))}'


def _posting(frame: Frame) -> Iterator[Need]:
    if frame.newest.unusable:
        yield Need(f'the newest posting cannot be used: {frame.newest.unusable}', 'revisions')
    elif not frame.newest.complete:
        yield Need(f'the newest posting is not whole: {missing(frame.newest)}', 'revisions')
    for note in [n for n in frame.newest.notes if _PRESSING.search(n)][:_MOST_NOTES]:
        yield Need(note, 'revisions')


def _stages(frame: Frame) -> Iterator[Need]:
    for stage, verdict in frame.report.verdicts:
        anchor = 'checks' if stage == 'check' else stage
        if verdict.outcome is Outcome.CRASHED:
            yield Need(f'{stage} ended early: {verdict.reason}', anchor)
        elif verdict.outcome is Outcome.FAILED and stage == 'apply':
            yield Need(_conflict(frame) or f'it does not apply: {verdict.reason}', anchor)
        elif verdict.outcome is Outcome.FAILED and stage in ('build', 'boot'):
            yield Need(f'{stage} fails: {verdict.reason}', anchor)


def _base(frame: Frame) -> Iterator[Need]:
    """A base that few of the patches were made on proves little, whether they apply or not."""
    attempts = frame.report.apply.attempts if frame.report.apply else ()
    taken = next((a for a in attempts if a.chosen), None)
    stopped = frame.report.apply.conflict if frame.report.apply else None
    if frame.report.apply and frame.report.apply.baseless:
        nearest = frame.report.apply.nearest
        where = f', nothing was applied; on {nearest.name} it goes in' if nearest else ', so nothing was applied'
        yield Need(f"the author's base is not here{where}", 'apply')
    elif stopped and stopped.there:
        return
    elif frame.report.apply and frame.report.apply.foreign and taken is not None:
        files = f'{taken.found} of {counted(taken.wanted, "file")}' if taken.found else 'no file'
        yield Need(f'on a foreign base, with {files} as expected; --base REV names a better one', 'apply')
    elif taken is not None and taken.found * 2 < taken.wanted:
        files = f'{taken.found} of {counted(taken.wanted, "file")}'
        yield Need(f'the base has {files} as the series expects them: name a better one with --base', 'apply')


def _conflict(frame: Frame) -> str:
    applied = frame.report.apply
    if applied is None or applied.conflict is None:
        return ''
    elsewhere = '; it seems to be merged already' if applied.conflict.there else ''
    elsewhere = f'; on {applied.nearest.name} all do' if applied.nearest else elsewhere
    return f'patch {frame.label(applied.conflict.position)} does not apply: {applied.conflict.path}{elsewhere}'


def _merged(frame: Frame) -> Iterator[Need]:
    applied = frame.report.apply
    if applied is None or not applied.merged:
        return
    where = ', '.join(sorted({m.where for m in applied.merged}))
    if len(applied.merged) == len(frame.newest.patches):
        yield Need(f'it is merged already: {where} of {applied.tree}', 'apply')
    else:
        count = counted(len(applied.merged), 'patch is', 'patches are')
        yield Need(f'{count} merged already: {where} of {applied.tree}', 'apply')


def _findings(frame: Frame) -> Iterator[Need]:
    found = findings_in_order(frame.report.check.findings) if frame.report.check else []
    new = [f for f in found if f.class_ == 'introduced']
    for severity in ('error', 'warning'):
        these = [f for f in new if f.severity == severity]
        if these:
            where = f' in patch {frame.label(these[0].patch)}' if these[0].patch is not None else ''
            first = f'{these[0].rule} {these[0].name}{where}'
            yield Need(f'{counted(len(these), "new " + severity)}, first {first}', 'checks')


def _questions(frame: Frame) -> Iterator[Need]:
    waiting = open_questions(frame.report)
    if not waiting:
        return
    asked = [q for q in waiting if q.kind != 'request']
    parts = [counted(len(asked), 'open question')] if asked else []
    design = sum(q.class_ == 'design' for q in asked)
    if design:
        parts[0] += ' on design' if design == len(asked) else f' ({design} on design)'
    if len(asked) < len(waiting):
        parts.append(counted(len(waiting) - len(asked), 'open request'))
    if frame.report.taken is not None and frame.report.taken.whole:
        yield Need(f'{" and ".join(parts)}, though it was applied', 'questions')
        return
    yield Need(' and '.join(parts), 'questions')
    yield Need(_first(frame, min(waiting, key=frame.prominence)), 'questions')


def _first(frame: Frame, q: Question) -> str:
    mark = next((f', {flag},' for flag in ('re-asked', 'nak', 'promised') if flag in q.flags), '')
    since = age(q.date, frame.as_of)
    waits = f' waits on {q.waiting_on}' if q.waiting_on else f' is {q.state}'
    waits = f' waits on you, {q.waiting_on},' if q.waiting_on in frame.reader else waits
    tag = consent(q, frame.report)
    return (
        f'{q.id} of {q.asker.label}{mark}{waits}'
        + (f' for {since}' if since[:1].isdigit() else '')
        + (f'; {tag}' if tag else '')
    )


def _tags(frame: Frame) -> Iterator[Need]:
    given = [g for g in given_trailers(frame.report) if g.posting == frame.newest.posting]
    early = [g for g in given if g.open_questions]
    if early:
        who = early[0].trailer.person
        name = who.label if who else ''
        more = f', and {len(early) - 1} more like it' if len(early) > 1 else ''
        yield Need(f'{early[0].trailer.name} of {name} while {early[0].open_questions[0]} is open{more}', 'trailers')
    odd = sum(g.trailer.mismatch for g in given)
    if odd:
        yield Need(f'{counted(odd, "trailer")} given from another address than named', 'trailers')


def _bits(frame: Frame) -> Iterator[Need]:
    for budget in budgets_in_order(frame.report.check.budgets) if frame.report.check else []:
        before, after = budget.before.pin_bits, budget.after.pin_bits
        if before != after and before is not None and after is not None:
            yield Need(f'{budget.counter}: {counted(after, "bit")} left for pins, {before} before', 'checks')
