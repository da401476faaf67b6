# SPDX-License-Identifier: GPL-2.0-or-later
"""What says that a posting was applied, and what only sounds like it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Span
from bot.questions import taken
from tests.report.example_ledger import INES, MARA
from tests.triage.test_rules import NEWEST, mail


@pytest.mark.parametrize(
    'line',
    [
        'Applied, thanks!',
        'Thanks, applied.',
        'Both patches queued for v6.12.',
        "I've applied this to the mm tree.",
        'Merged into the for-next branch.',
        'This series was applied to netdev/net-next.git (main)',
        'Series applied, thank you.',
        'Now queued up in driver-core.',
        '1/3 applied to misc-next.',
    ],
)
def test_applied(line: str) -> None:
    said = mail(1, INES, 1, NEWEST.message_id, body=f'On Monday, Mara wrote:\n> Please apply.\n\n{line}\n')
    assert taken(NEWEST, [said]) == Span('mail-1@host.example', 4, 4)


@pytest.mark.parametrize(
    'line',
    [
        '> Applied, thanks!',
        'Applied cleanly here, but it does not boot.',
        'Applied this locally and tested it.',
        'If applied to v6.9 it conflicts.',
        'These two should be merged into one patch.',
        'Merged into one patch it would be easier to read.',
        'This is applied when the page is pinned.',
        'Not applied.',
    ],
)
def test_not_applied(line: str) -> None:
    assert taken(NEWEST, [mail(1, INES, 1, NEWEST.message_id, body=line)]) is None


def test_an_author_applies_suggestions_and_old_mail_is_about_old_postings() -> None:
    assert taken(NEWEST, [mail(1, MARA, 1, NEWEST.message_id, body='Applied, thanks!')]) is None
    assert taken(NEWEST, [mail(1, INES, -1, NEWEST.message_id, body='Applied, thanks!')]) is None
    assert taken(NEWEST, [replace(mail(1, INES, 1, None, body='Applied, thanks!'), parent=None)]) is None
