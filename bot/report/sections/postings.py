# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of postings: which there are, what is missing of each, and how surely one follows the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.model import Link, PatchChange, Revision, Series
from bot.report.contexts import ChangeLine, InterdiffItem, LinkLine, RevisionLine, RevisionsSection
from bot.report.places import Quote
from bot.report.sections.frame import Frame, version
from bot.report.sections.signatures import signatures
from bot.report.words import counted, day, grouped, listed


def revisions_section(frame: Frame) -> RevisionsSection:
    series = frame.report.series
    before = [None, *series.revisions]
    rows = tuple(_line(frame, r, b) for r, b in zip(series.revisions, before, strict=False))
    hints = [h.value for h in series.newest.base_hints if h.kind == 'base-commit']
    return RevisionsSection(
        change_id=series.change_id or '',
        base_commit=hints[0] if hints else '',
        rows=rows,
        links=tuple(_links(rows)),
        since=_since(series),
        changes=tuple(_changes(frame)),
        interdiffs=tuple(_interdiffs(frame)),
        signatures=signatures(frame.report),
    )


def _since(series: Series) -> str:
    before = series.revisions[-2:-1]
    return f'{version(before[0])} (#{before[0].posting})' if before else ''


_BRIEF = 24

_BECAME = {
    'same': 'unchanged',
    'message': 'only the message changed',
    'code': 'code changed',
    'new': 'new',
    'gone': 'gone',
}


def _changes(frame: Frame) -> Iterator[ChangeLine]:
    titles = {p.position: p.subject for before in frame.report.series.revisions[-2:-1] for p in before.patches}
    for how, said in _BECAME.items():
        those = [one for one in frame.report.changes if one.how == how]
        if how == 'gone':
            names = [f'{one.old} "{titles[one.old]}"' for one in those]
        else:
            names = [_position(one) for one in those]
        if those:
            yield ChangeLine(said, tuple(names))


def _position(change: PatchChange) -> str:
    return f'{change.new} (was {change.old})' if change.old not in (0, change.new) else str(change.new)


def _interdiffs(frame: Frame) -> Iterator[InterdiffItem]:
    patches = {p.position: p for p in frame.report.series.newest.patches}
    for one in frame.report.changes:
        if one.how in ('message', 'code'):
            patch = patches[one.new]
            place = frame.places.mail(patch.message_id)
            lines = [line for text in (one.words, one.interdiff) if text for line in text.split('\n')]
            brief = tuple(lines[:_BRIEF])
            more = len(lines) - len(brief)
            yield InterdiffItem(
                _position(one), patch.subject, place, Quote(tuple(lines), place), Quote(brief, place), more
            )


def _links(rows: tuple[RevisionLine, ...]) -> Iterator[LinkLine]:
    for linked, those in grouped((r for r in rows if r.linked), lambda r: r.linked).items():
        numbers = listed([f'P{r.posting}' for r in those]).replace('P', '#')
        verb = 'follows' if len(those) == 1 else 'follow'
        yield LinkLine(f'{numbers} {verb}', linked, tuple(r.evidence for r in those if r.evidence))


def _linked(link: Link, before: Revision | None) -> str:
    """Every posting has another one before it: without its number, equal reasons read equal."""
    reason = link.reason
    if before:
        name = re.escape(version(before)) + (' resend' if before.resend else '')
        reason = re.sub(rf'\b{name}(?! resend)\b', 'the one before', reason)
    return f'{reason} ({link.confidence})'


def _line(frame: Frame, revision: Revision, before: Revision | None) -> RevisionLine:
    link = revision.link
    return RevisionLine(
        posting=revision.posting,
        version=version(revision),
        date=day(revision.date),
        patches=f'{len(revision.patches)} of {revision.expected}',
        complete='yes' if revision.complete else 'no: ' + missing(revision),
        linked=_linked(link, before) if link else '',
        evidence=frame.places.span(link.span) if link else None,
        place=frame.places.mail(revision.message_id),
        notes=tuple(_notes(revision, before)),
    )


def missing(revision: Revision) -> str:
    """Say which patches of a posting are not at hand."""
    if revision.missing:
        noun = 'patch' if len(revision.missing) == 1 else 'patches'
        return f'{noun} {", ".join(str(n) for n in revision.missing)} missing'
    return 'no patches at hand'


def _notes(revision: Revision, before: Revision | None) -> Iterator[str]:
    if revision.unusable:
        yield revision.unusable
    if revision.resend:
        yield 'a resend of the same patches'
    if revision.partial_reroll:
        own = [p for p in revision.patches if not before or p not in before.patches]
        yield f'a partial reroll: {counted(len(own), "patch", "patches")} posted anew'
    yield from revision.notes
