# SPDX-License-Identifier: GPL-2.0-or-later
"""An authored queue: a series in every part of the list, one with a very long title, one whose file has a blank in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.model import Entry, HeldResult, Pace, PlacingRule, Queue, Reason, Series, Span, failed, passed
from tests.report.example import rich
from tests.report.example_ledger import MARA, TOMASZ

NOW = datetime(2024, 7, 22, 8, 30, tzinfo=UTC)
_SAYS = {
    'waits': 'Questions, requests and objections whose next word is the looker’s.',
    'ready': 'Somebody looked at it, nothing is open, and every result held for the newest posting is a pass.',
    'stale': 'Silent for longer than the list takes to answer, and neither taken nor replaced.',
    'taken': 'A reply says that somebody applied it.',
    'nothing': 'No rule above holds.',
}
_TITLES = {
    'waits': 'Points that wait on you',
    'ready': 'Settled, and every check is green',
    'stale': 'Silent for longer than the list takes',
    'taken': 'Applied, a reply says',
    'nothing': 'Nothing for you',
}


def _series(number: int, subject: str) -> Series:
    found = rich().series
    newest = replace(found.newest, message_id=f'20240701-{number}-v2-0@lindqvist.example', subject=subject)
    return replace(found, subject=subject, revisions=(found.revisions[0], newest))


def _entry(number: int, subject: str, *reasons: Reason, **said: object) -> Entry:
    series = _series(number, subject)
    source = said.pop('source', series.newest.message_id)
    facts: dict[str, object] = {'last_mail': NOW - timedelta(days=2), 'cold': False, 'mails': 12, **said}
    pace = '9.5 days on linux-mm.kvack.org (95 of 100 of 412 answers came within 9.5)'
    return Entry(number, series, str(source), reasons, pace=pace, **facts)  # type: ignore[arg-type]


def _reason(rule: str, what: str, days: float, *, step: str = '', ids: tuple[str, ...] = ()) -> Reason:
    places = tuple(Span('ask-1@pages.example', 10, 11) for _ in ids)
    return Reason(rule, what, NOW - timedelta(days=days), (TOMASZ.name,), ids, places, step)


def queue() -> Queue:
    """Return a list for Mara."""
    waits = _reason('waits', 'Q1 R6 of Tomasz Wierzbicki', 12.4, step='questions', ids=('Q1', 'R6'))
    stale = _reason('stale', 'Q4 waits on 山本 結人', 41, step='questions', ids=('Q4',))
    results = (HeldResult('apply', passed(), NOW), HeldResult('check', failed('1 new error'), NOW))
    entries = (
        _entry(
            1,
            'mm/gup: Let drivers borrow pages of a guest for as long as a call takes',
            waits,
            _reason('failing', 'check: 1 new error', 20, step='review'),
            source='/home/mara/Mail/lend series.mbox',
            results=results,
            notes=('3 of 4 patches are at hand',),
        ),
        _entry(2, 'mm: Tidy up comments', _reason('ready', '4 points settled; apply, check passed', 3, step='review')),
        *(_entry(n, f'misc: lend: part {n}', stale, cold=True) for n in range(3, 9)),
        _entry(9, '山本 結人: 説明', _reason('taken', '"Applied, thanks!", Tomasz Wierzbicki', 1)),
        _entry(10, 'lend: a thing\x1b[2J of the past', _reason('nothing', 'no point is open', 400), last_mail=None),
    )
    rules = tuple(PlacingRule(name, _TITLES[name], _SAYS[name], name == 'taken') for name in _TITLES)
    paces = (Pace('', 12.0, 900, 12.0), Pace('linux-mm.kvack.org', 9.5, 412, 9.5))
    return Queue(
        entries, NOW, (MARA.email,), (MARA.name,), rules, paces, 9, 1312, ('one.mbox cannot be read any more',)
    )


def empty() -> Queue:
    """Return the queue of a store that remembers nothing, for nobody in particular."""
    return Queue((), None)
