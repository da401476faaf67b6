# SPDX-License-Identifier: GPL-2.0-or-later
"""What says that patches were applied, which of them, and what only sounds like it: one reading for queue, ledger, report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Message, Person, Revision, Span, Taken
from bot.questions import taken
from tests.report.example_ledger import INES, MARA
from tests.triage.test_rules import NEWEST, mail

ALL = (1, 2, 3)
TITLES = [p.subject for p in NEWEST.patches]


def said(body: str, parent: str = NEWEST.message_id, who: Person = INES, days: float = 1, number: int = 1) -> Message:
    return mail(number, who, days, parent, body=body)


def positions(found: Taken | None) -> tuple[int, ...]:
    return found.positions if found else ()


@pytest.mark.parametrize(
    ('line', 'expected'),
    [
        ('Applied, thanks!', ALL),
        ('Thanks, applied.', ALL),
        ('Both patches queued for v6.12.', ALL),
        ("I've applied this to the mm tree.", ALL),
        ('Merged into the for-next branch.', ALL),
        ('This series was applied to netdev/net-next.git (main)', ALL),
        ('Series applied, thank you.', ALL),
        ('Now queued up in driver-core.', ALL),
        ('Sorry, I had missed this one. Applied this instead of v1.', ALL),
        ('Applied to my tree and pushed to for-next.', ALL),
        ('1/3 applied to misc-next.', (1,)),
        ('Patches 1-2 applied, thanks.', (1, 2)),
        ('Patches 1 and 3 queued for v6.12', (1, 3)),
    ],
)
def test_applied(line: str, expected: tuple[int, ...]) -> None:
    found = taken(NEWEST, [said(f'On Monday, Mara wrote:\n> Please apply.\n\n{line}\n')])
    assert found is not None and found.span == Span('mail-1@host.example', 4, 4)
    assert found.positions == expected and found.whole == (expected == ALL) and found.who == INES.name


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
        'Patch 9 applied.',
        'Applied only the first hunk to look at it, thanks.',
        'Other people change the callers until this is\nmerged in.',
        'Taken together, these two are one change.',
        "I've pushed the results of my tests to a branch.",
        'Can this be applied to next?',
    ],
)
def test_not_applied(line: str) -> None:
    assert taken(NEWEST, [said(line)]) is None


def test_an_author_applies_suggestions_and_old_mail_is_about_old_postings() -> None:
    assert taken(NEWEST, [said('Applied, thanks!', who=MARA)]) is None
    assert taken(NEWEST, [said('Applied, thanks!', days=-1)]) is None
    assert taken(NEWEST, [replace(said('Applied, thanks!'), parent=None)]) is None


def test_a_reply_to_one_patch_is_about_that_patch_and_all_replies_make_the_whole() -> None:
    each = [said('Applied.', p.message_id, number=p.position) for p in NEWEST.patches]
    assert positions(taken(NEWEST, each[1:2])) == (2,)
    assert positions(taken(NEWEST, each[::2])) == (1, 3)
    whole = taken(NEWEST, each)
    assert whole is not None and whole.whole
    assert positions(taken(NEWEST, [said('Applied all of it.', NEWEST.patches[0].message_id)])) == ALL


def form(*rows: tuple[int, str]) -> str:
    listed = ''.join(f'[{n}/3] {title}\n      commit: {n:x}{"0" * 39}\n' for n, title in rows)
    return f'On Monday, Mara wrote:\n> text\n\nApplied, thanks!\n\n{listed}\nBest regards,\n'


def test_the_list_of_a_form_says_which_patches_and_which_commits() -> None:
    found = taken(NEWEST, [said(form((1, TITLES[0]), (3, TITLES[2])))])
    assert found is not None and found.positions == (1, 3) and not found.whole
    assert found.commits == ((1, '1' + '0' * 39), (3, '3' + '0' * 39))
    renumbered = said(form((3, TITLES[0])))
    assert positions(taken(NEWEST, [renumbered])) == (1,), 'titles count before numbers'
    author = taken(NEWEST, [said(form(*enumerate(TITLES, 1)), who=MARA)])
    assert author is not None and author.whole, 'who lists commits has applied them, whoever he is'


def test_a_subset_without_a_list_tells_of_no_patch() -> None:
    part = replace(said('Applied, thanks!'), subject='Re: (subset) [PATCH v2 0/3] lend')
    assert taken(NEWEST, [part]) is None


def test_patchwork_lists_what_became_no_commit() -> None:
    rows = [f'  - [net-next,v2,{n}/3] {title}' for n, title in enumerate(TITLES, 1)]
    links = ['    https://git.example.org/x/c/16a542e22339', '    (no matching commit)', '    (no matching commit)']
    lines = [line for pair in zip(rows, links, strict=True) for line in pair]
    robot = Person('patchwork-bot', 'patchwork-bot+x@kernel.org')
    head = 'Hello:\n\nThis series was applied to x/y.git (dev)\nby Tom Wier <tom@x.example>:\n'
    found = taken(NEWEST, [replace(said('\n'.join([head, *lines]), who=robot), automatic=True)])
    assert found is not None and found.positions == (1,) and found.who == 'Tom Wier'
    assert found.commits == ((1, '16a542e22339'),)


def test_what_is_taken_out_again_is_not_in() -> None:
    both = [said('Applied, thanks!'), said('I have dropped this series from my tree again.', days=2, number=2)]
    assert taken(NEWEST, both) is None
    assert positions(taken(NEWEST, [*both, said('Applied again.', days=3, number=3)])) == ALL


def test_a_reply_in_the_thread_of_another_posting_is_not_about_this_one() -> None:
    old = replace(mail(9, MARA, -9), message_id='v1@host.example')
    reply = said('Applied, thanks!', 'v1@host.example')
    assert taken(NEWEST, [old, reply]) is None
    lost: Revision = NEWEST
    assert positions(taken(lost, [replace(reply, subject=f'Re: [PATCH v2 0/3] {NEWEST.subject}')])) == ALL
