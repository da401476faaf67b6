# SPDX-License-Identifier: GPL-2.0-or-later
"""Series and their postings as plain lines: what was taken for one, why and how surely, and what people said instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.model import Revision, Series, Tie
from bot.report.inert import one_line
from bot.report.sections.frame import version
from bot.report.sections.postings import missing
from bot.report.words import day


def tell_series(found: Sequence[Series], said: Sequence[Tie], link: str) -> str:
    """Return a paragraph for each series, then what was said by hand; `link` is put before message-ids."""
    lines = [line for series in found for line in _series(series, link)]
    for tie in said:
        how = 'follow one another' if tie.holds else 'do not follow one another'
        why = f': {tie.why}' if tie.why else ''
        lines.append(f'by hand, {tie.id}: <{tie.one}> and <{tie.other}> {how}, says {tie.by}{why}')
    return ''.join(f'{_plain(line)}\n' for line in lines or ['no series'])


def _plain(line: str) -> str:
    indent = len(line) - len(line.lstrip(' '))
    return ' ' * indent + one_line(line)


def _series(series: Series, link: str) -> Iterator[str]:
    yield f'{series.subject}, by {series.author.label}'
    for revision in series.revisions:
        yield f'  #{revision.posting} {_named(revision)} {day(revision.date)} {link}{revision.message_id}'
        if revision.link:
            yield f'     {revision.link.reason} ({revision.link.confidence})'
        for note in revision.notes:
            yield f'     {note}'


def _named(revision: Revision) -> str:
    whole = '' if revision.complete else f' ({missing(revision)})'
    again = ' resend' if revision.resend else ''
    return f'{version(revision)}{again}, {len(revision.patches)} of {revision.expected}{whole}'
