# SPDX-License-Identifier: GPL-2.0-or-later
"""That a series went in is the first thing a report says of it, and nothing waits any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import report
from bot.model import Span, Taken
from tests.report.example import rich
from tests.report.example_ledger import at

LINK = 'https://lore.example.org/%s'


@pytest.mark.parametrize(
    ('positions', 'expected'),
    [
        ((1, 2, 3), 'it was applied on 2024-07-09, Tom says'),
        ((2,), 'patch 2 of 3 was applied on 2024-07-09, Tom says'),
        ((1, 3), '2 of 3 patches were applied on 2024-07-09, Tom says, but not patch 2'),
    ],
)
def test_the_headline_says_what_was_applied(positions: tuple[int, ...], expected: str) -> None:
    told = Taken(Span('m@x.example', 3, 3), 'Applied, thanks!', 'Tom', at(7, 9), positions, 3, ((1, 'ab' * 6),))
    text = report.render(replace(rich(), taken=told), 'text', link=LINK)
    needs = text.split('Needs attention:\n')[1].split('\n\n')[0]
    assert needs.startswith(f'  * {expected}\n')
    assert ('though it was applied' in needs) == (len(positions) == 3)
    assert (' waits on ' in needs) == (len(positions) < 3)
