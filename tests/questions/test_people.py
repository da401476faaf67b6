# SPDX-License-Identifier: GPL-2.0-or-later
"""Whom an item waits on: never its asker, never a program; and what the asker's own later tag does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model import Event, Ledger, Person, Question
from bot.questions.people import same_person
from bot.questions.state import in_order, settle
from tests.questions.talks import Mail, ledger

AUTHOR = 'Ada Lind <ada@one.example>'
RITA = 'Rita Berg <rita@two.example>'
DIFF = '\n---\n mm/f.c | 2 +-\n\ndiff --git a/mm/f.c b/mm/f.c\n--- a/mm/f.c\n+++ b/mm/f.c\n@@ -1 +1 @@\n-old\n+new%s\n'


def at(hour: int) -> datetime:
    return datetime(2025, 3, 3 + hour // 24, hour % 24, tzinfo=UTC)


def posted(mid: str, hour: int, version: str = '') -> Mail:
    text = f'Frob the counter.\n\nSigned-off-by: {AUTHOR}{DIFF % version}'
    return Mail(mid, AUTHOR, at(hour), f'[PATCH{version and " " + version}] mm: frob the counter', '', text)


def answer(mid: str, who: str, hour: int, parent: str, text: str) -> Mail:
    return Mail(mid, who, at(hour), 'Re: [PATCH] mm: frob the counter', parent, text)


def only(made: Ledger) -> Question:
    (question,) = [q for q in made.questions if q.tier != 'possible']
    return question


@pytest.mark.parametrize(
    ('one', 'other', 'same'),
    [
        (Person('Ada Lind', 'a@x'), Person('ada lind', 'b@y'), True),
        (Person('Lind, Ada', 'a@x'), Person('Ada Lind', 'b@y'), True),
        (Person('Ada', 'a@x'), Person('ada', 'b@y'), False),
        (Person('Ada Lind', 'a@x'), Person('Ada Berg', 'b@y'), False),
    ],
)
def test_one_person_in_two_spellings(one: Person, other: Person, same: bool) -> None:
    assert same_person(one, other) is same


def test_who_answers_himself_asks_those_he_greets() -> None:
    first = answer('r1@x', RITA, 1, 'p@x', '> Frob the counter.\n\nThis is slow on big machines.\n')
    again = answer(
        'a2@x', 'ada lind <ada@home.example>', 9, 'a1@x', 'Rita\n\n> It is fast here.\n\nCan you try it on yours?\n'
    )
    said = answer('a1@x', AUTHOR, 2, 'r1@x', '> This is slow on big machines.\n\nIt is fast here.\n')
    question = only(ledger([posted('p@x', 0), first, said, again]))
    assert (question.to, question.waiting_on) == (('Rita Berg',), 'Rita Berg')


def test_nothing_waits_on_a_robot() -> None:
    robot = answer('k@x', 'kernel test robot <lkp@intel.com>', 1, 'p@x', 'error: frob undeclared\n')
    asked = answer('a@x', AUTHOR, 2, 'k@x', '> error: frob undeclared\n\nPlease test the next version.\n')
    assert not ledger([posted('p@x', 0), robot, asked]).questions


def test_a_later_tag_of_the_asker_accepts() -> None:
    asked = answer('q@x', RITA, 1, 'p@x', '> Frob the counter.\n\nWhy do the users want that?\n')
    tag = answer('t@x', RITA, 40, 'p2@x', f'> Frob the counter.\n\nAcked-by: {RITA}\n')
    before = only(ledger([posted('p@x', 0), asked, posted('p2@x', 30, 'v2')]))
    after = only(ledger([posted('p@x', 0), asked, posted('p2@x', 30, 'v2'), tag]))
    assert before.qualifier != 'accepted'
    assert (after.state, after.qualifier, after.waiting_on) == ('answered', 'accepted', '')
    assert after.events[-1].kind == 'vouched' and after.events[-1].message_id == 't@x'


def test_a_statement_is_no_counter_question_and_an_explained_one_waits_on_who_asked_back() -> None:
    asked = answer('q@x', RITA, 1, 'p@x', '> +new\n\nAre these all fixed now?\n')
    yes = answer('y@x', AUTHOR, 2, 'q@x', '> Are these all fixed now?\n\nYes, should all be fixed and ready.\n')
    assert only(ledger([posted('p@x', 0), asked, yes])).state == 'answered'
    events = [
        Event('asked', 'q@x', (1, 1), 'find:question', at(1), 'Rita', ''),
        Event('counter-question', 'y@x', (1, 1), 'asks-back', at(2), 'Ada', ''),
        Event('followed-up', 'z@x', (1, 1), 'asker-writes-on', at(3), 'Rita', ''),
    ]
    assert settle(in_order(events[:2]), 'Rita', ('Ada',)).waiting_on == 'Rita'
    done = settle(in_order(events), 'Rita', ('Ada',))
    assert (done.state, done.waiting_on) == ('open', 'Ada')
