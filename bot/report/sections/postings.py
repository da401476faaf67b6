# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of postings: which there are, what is missing of each, and how surely one follows the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.model import Link, Revision
from bot.report.contexts import LinkLine, RevisionLine, RevisionsSection
from bot.report.sections.frame import Frame, version
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
        notes=tuple(_notes(revision)),
    )


def missing(revision: Revision) -> str:
    """Say which patches of a posting are not at hand."""
    if revision.missing:
        noun = 'patch' if len(revision.missing) == 1 else 'patches'
        return f'{noun} {", ".join(str(n) for n in revision.missing)} missing'
    return 'no patches at hand'


def _notes(revision: Revision) -> Iterator[str]:
    if revision.unusable:
        yield revision.unusable
    if revision.resend:
        yield 'a resend of the same patches'
    if revision.partial_reroll:
        yield f'a partial reroll: {counted(len(revision.patches), "patch", "patches")} posted anew'
    yield from revision.notes
