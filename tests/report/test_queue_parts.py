# SPDX-License-Identifier: GPL-2.0-or-later
"""What a short queue leaves out, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot import report
from bot.model import Queue
from tests.report.example_ledger import INES
from tests.report.example_queue import NOW, queue

LINK = 'https://lore.example.org/%s'


def long_silent(found: Queue) -> Queue:
    """Make all silent series a year old."""
    old = NOW - timedelta(days=365)
    entries = (
        replace(e, reasons=(replace(e.reasons[0], since=old), *e.reasons[1:])) if e.rule == 'stale' else e
        for e in found.entries
    )
    return replace(found, entries=tuple(entries))


def test_what_one_sent_himself_is_shown_however_long_it_is_silent() -> None:
    mine = report.render_queue(long_silent(queue()), 'text', link=LINK)
    assert mine.count('misc: lend: part') == 6
    other = replace(long_silent(queue()), addresses=(INES.email,), names=(INES.name,))
    assert report.render_queue(other, 'text', link=LINK).count('misc: lend: part') == 0
