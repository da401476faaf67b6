# SPDX-License-Identifier: GPL-2.0-or-later
"""Which open point heads a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot import report
from bot.model import Ledger, Person, Question, QuestionCoverage, Report, Revision, Span, Trailer, passed
from bot.report.prominence import consent
from tests.report.example import rich
from tests.report.example_ledger import INES, MARA, TOMASZ, at, question

LINK = 'https://lore.example.org/%s'
OLD = question(1, TOMASZ, 'Why a bit of its own?', waiting_on=MARA.name)
NEW = question(2, INES, 'And who unpins?', waiting_on='the list', date=at(7, 20), revision_asked=2, posting_asked=2)


def tagged(
    positions: Sequence[int], date: datetime, who: Person = TOMASZ, name: str = 'Acked-by', **said: Any
) -> Report:
    """Return the example, whose newest posting has this tag on some patches and no other; 0 is the cover."""
    made = rich()

    def tags(given_to: str) -> tuple[Trailer, ...]:
        carried = said.get('carried', False)
        return (Trailer(name, f'{who.name} <x>', who, given_to, Span('ack@x', 1, 1), carried, date=date),)

    def bare(revision: Revision, where: Sequence[int]) -> Revision:
        patches = (replace(p, trailers=tags(p.message_id) if p.position in where else ()) for p in revision.patches)
        return replace(revision, trailers=tags(revision.cover or '') if 0 in where else (), patches=tuple(patches))

    first, second = made.series.revisions
    series = replace(made.series, revisions=(bare(first, said.get('before', ())), bare(second, positions)))
    return replace(made, series=series, taken=None)


def asked(found: Report, *questions: Question) -> Report:
    return replace(found, ledger=Ledger(passed(), questions, QuestionCoverage(3)))


@pytest.mark.parametrize(
    ('found', 'said'),
    [
        (tagged([0], at(7, 20)), 'acked v2 since'),
        (tagged([2], at(7, 20)), 'acked patch 2 of v2 since'),
        (tagged([1, 2, 3], at(7, 20)), 'acked v2 since'),
        (tagged([2], at(7, 20), name='Reviewed-by'), 'reviewed patch 2 of v2 since'),
        (tagged([0], at(6, 1)), ''),  # given before it was asked
        (tagged([0], at(7, 20), INES), ''),
        (tagged([0], at(7, 20), name='Tested-by'), ''),
        (tagged([1], at(7, 20), carried=True), 'acked patch 1 of v2 since'),
        (tagged([1], at(7, 20), carried=True, before=[1]), ''),  # the author only kept it
    ],
)
def test_a_tag_of_the_asker_counts_when_it_came_after_the_question(found: Report, said: str) -> None:
    assert consent(OLD, found) == (f'{TOMASZ.name} {said}' if said else '')


def heads(found: Report, reader: tuple[str, ...] = ()) -> str:
    """Return the sentence of "Needs attention" about one point."""
    text = report.render(found, 'text', link=LINK, columns=200, reader=reader)
    return next(line for line in text.split('\n') if line.startswith(('  * Q1 ', '  * Q2 ', '  * Q3 ')))


def test_the_newest_posting_comes_first_and_who_gave_a_tag_last() -> None:
    plain = tagged([], at(7, 20))
    assert heads(asked(plain, OLD, NEW)).startswith('  * Q2 ')
    again = replace(OLD, flags=('re-asked',))
    assert heads(asked(plain, NEW, again)).startswith('  * Q1 ')
    late = asked(tagged([0], at(7, 21), INES), NEW, OLD)
    assert heads(late).startswith('  * Q1 '), 'the asker of Q2 acked v2 since'
    alone = heads(asked(tagged([0], at(7, 21), INES), NEW))
    assert alone.startswith('  * Q2 ') and alone.endswith(f'{INES.name} acked v2 since')


def test_nobody_is_dropped_and_the_tag_is_told_with_the_point() -> None:
    late = asked(tagged([2], at(7, 21), INES), NEW, OLD)
    for form in ('text', 'md', 'html'):
        text = report.render(late, form, link=LINK, columns=200)
        assert text.index('Why a bit of its own?') < text.index('And who unpins?')
        assert f'{INES.name} acked patch 2 of v2 since' in text


def test_what_waits_on_the_reader_comes_first() -> None:
    found = asked(tagged([], at(7, 20)), NEW, OLD)
    assert heads(found, (MARA.email.upper(),)).startswith(f'  * Q1 of {TOMASZ.name} waits on you, {MARA.name}')
    assert heads(found, (INES.email,)).startswith('  * Q2 ')
