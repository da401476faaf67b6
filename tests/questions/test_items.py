# SPDX-License-Identifier: GPL-2.0-or-later
"""What is found in whole mails: lists and their groups, terse reviews, forms, wishes of authors, one origin each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import Question
from tests.questions.talks import Mail, ledger, talk
from tests.questions.test_find import asked, items

GOLDENS = Path(__file__).parent / 'golden'


def found(mails: list[Mail]) -> tuple[Question, ...]:
    return ledger(mails).questions


def test_items_read_as_a_person_would_list_them(golden: Callable[[Path, str], None]) -> None:
    rows = [
        f'{q.id:5} {q.kind:8} {q.tier:8} {q.class_:14} lines {q.lines[0]:2}-{q.lines[1]:2} {q.asker.label}: {q.text}'
        for q in found(talk('points'))
    ]
    golden(GOLDENS / 'points-items.txt', '\n'.join(rows) + '\n')


def test_the_same_words_at_two_places_are_two_requests() -> None:
    twice = [q for q in found(talk('points')) if q.text == 'Please drop this comment.']
    assert len({q.qhash for q in twice}) == len(twice) == 2


def test_an_author_wishes_nothing_of_himself() -> None:
    assert not [q for q in found(talk('points')) if q.asker.name == 'Ann Author']


def test_a_letter_of_thanks_that_a_tool_wrote_asks_nothing() -> None:
    mails = talk('points')
    form = """Applied to for-next, thanks!

If something looks wrong, please send an incremental fix. Are all tags there?

[1/1] frob: lend pages to the guest
      commit: 0123456789abcdef0123456789abcdef01234567

Best regards,
"""
    assert len(found([*mails, replace(mails[-1], message_id='ty@x.example', body=form)])) == len(found(mails))
    by_hand = form.replace('[1/1]', 'PS:')
    assert len(found([*mails, replace(mails[-1], message_id='ty@x.example', body=by_hand)])) > len(found(mails))


@pytest.mark.parametrize(
    ('lead', 'kinds'),
    [
        ('Can you comment on the design goal here? In particular:', ['question', 'question', 'question']),
        ('Some nits:', ['request', 'request']),
        ('There are several ways to get there:', []),
        ('This should change in your next version:', ['request', 'request']),
        ('A page must not be seen by others, and for that the rules are:', []),
        ('You would have to add a flag anyway, though not here, for two reasons:', []),
    ],
)
def test_the_line_above_a_list_says_what_its_items_are(lead: str, kinds: list[str]) -> None:
    got = [
        i for i in items(f'{lead}\n\n1) the size of the buffer\n\n2) the order of the locks\n') if i.tier != 'possible'
    ]
    assert [i.kind for i in got] == kinds
    assert [i.number for i in got if i.group is not None] == ['1', '2'][: len(kinds)]


def test_a_list_goes_on_over_paragraphs_and_ends_with_the_quote() -> None:
    body = '1) Why here?\n\nMore on that.\n\n2) And who calls it?\n\n> quoted\n\n3) Is it tested?\n'
    assert [(i.number, i.group is not None) for i in items(body)] == [('1', True), ('2', True), ('3', False)]


@pytest.mark.parametrize(
    ('body', 'wanted'),
    [
        (
            'why is frob_get using\n\tfrob_lookup(frob)\ninstead of\n\tfrob_find(frob)\n',
            ['why is frob_get using frob_lookup(frob) instead of frob_find(frob)'],
        ),
        ('How is it going to work for frobs, which live somewhere\n   else?\n', None),
        ('apq 0x101\nqcs  ??? (can you check for this one)\n', None),
        ("Isn't this covered by the driver.  It looks so.\n", ["Isn't this covered by the driver."]),
        ('Is it needed at all? I bet not.\n', []),
        ('It hangs off the file.\n\nDoes that help at all?\n', []),
        ("It replies to the question 'is it in the range or not?'.\n", []),
    ],
)
def test_kinds_of_questions_that_were_missed_or_made_up(body: str, wanted: list[str] | None) -> None:
    assert asked(body) == wanted if wanted is not None else len(asked(body)) == 1


@pytest.mark.parametrize(
    'text',
    [
        'Use const char *.',
        'Drop this.',
        'Also please trim your replies.',
        'Please refuse the flag here.',
        's/above/below/',
        'The condition is not needed.',
        'I would add an empty line here.',
        'Like the other one, use i2c-parent.',
        'You need to restrict it to this variant.',
        "It'll be great if you can push the tree somewhere.",
        'Maybe you can also add a patch for the others?',
        'need_wait instead of wait',
        "Let's simply return the old value.",
    ],
)
def test_terse_orders_are_requests(text: str) -> None:
    assert [(i.kind, i.tier) for i in items(text)] == [('request', 'likely')]


@pytest.mark.parametrize(
    'text',
    [
        'Thanks for catching this typo!',
        'Nits:',
        'Fixed the typo.',
        'I will drop this.',
        'There are other mechanisms which must always succeed.',
        'See below.',
        'Queued this instead of v7.',
        "Let's tentatively schedule the call for Tuesday.",
        "Let's meet at the conference.",
    ],
)
def test_thanks_promises_and_headings_demand_nothing(text: str) -> None:
    assert [i for i in items(text) if i.tier != 'possible'] == []


def test_one_word_may_be_an_answer_and_no_signature() -> None:
    assert [(i.kind, i.tier) for i in items('Ditto.')] == [('request', 'possible')]


def test_a_question_of_work_and_way_in_one_breath_is_one_of_work() -> None:
    from bot.questions.classify import classify

    assert classify('Why is the mask not checked? Did you test that by chance?', True) == 'implementation'
    assert classify('Which tree is this for? Did you test that?', True) == 'process'
