# SPDX-License-Identifier: GPL-2.0-or-later
"""The grammar of commands: what a line means, and that every line means something or says why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.questions.grammar import LONGEST_TEXT, MOST_ITEMS, Item, Order, Refusal, parse
from bot.questions.verbs import VERBS


def names(line: str) -> list[str]:
    read = parse(line)
    assert isinstance(read, Order), read
    return [i.value for i in read.items]


@pytest.mark.parametrize(
    ('line', 'values'),
    [
        ('resolve Q3', ['Q3']),
        ('resolve q3.1-3: cover letter of v2', ['Q3.1', 'Q3.2', 'Q3.3']),
        ('resolve Q3-5,R2 , P1', ['Q3', 'Q4', 'Q5', 'R2', 'P1']),
        ('resolve Q3.1a,Q3.b Q4a', ['Q3.1a', 'Q3.b', 'Q4a']),
        ('resolve Q3, Q3', ['Q3']),
        ('resolve q:0123ABCD', ['0123abcd']),
        ('resolve <a:b,c@d.example>: x', ['a:b,c@d.example']),
        ('resolve a-b@d.example: x', ['a-b@d.example']),
        ('resolve mine : done', ['mine']),
        ('^resolve: done', ['^']),
        ('undo c0123abcd', ['c0123abcd']),
        ('RESOLVE Q1', ['Q1']),
        ('mute', []),
    ],
)
def test_targets(line: str, values: list[str]) -> None:
    assert names(line) == values


def test_a_span_is_of_a_message_id_and_a_text_is_after_a_blank() -> None:
    read = parse('track a@b.example:3-7: who frees it?')
    assert isinstance(read, Order)
    assert (read.items, read.text) == ((Item('mail', 'a@b.example', (3, 7)),), 'who frees it?')
    told = parse('resolve a@b.example: 3 is right')
    assert isinstance(told, Order)
    assert (told.items[0].lines, told.text) == (None, '3 is right')


def test_texts_have_their_form() -> None:
    texts = {
        line: parse(line) for line in ('class Q1: IMPL', 'carry Q1: V3', 'dup Q5: Q3', 'link Q1: https://x.example/y')
    }
    assert [t.text for t in texts.values() if isinstance(t, Order)] == [
        'implementation',
        'v3',
        'Q3',
        'https://x.example/y',
    ]


@pytest.mark.parametrize(
    ('line', 'what', 'todo'),
    [
        ('', 'there is no command here', 'write one of resolve'),
        ('resolv Q3', 'resolv is no command', 'did you mean resolve?'),
        ('frobnicate Q3', 'frobnicate is no command', 'there are resolve'),
        ('resolve Q3 please', '"please" is no target', 'a colon before any text'),
        ('resolve Q3,', 'a target is missing', 'Q3.1-3'),
        ('resolve Q5-3', '"Q5-3" is no range', 'smaller number first'),
        ('resolve Q3.b-4', 'is no range', 'smaller'),
        ('resolve Q1-999', 'more than 50 targets', 'several commands'),
        ('resolve q:123', '"q:123" is no target', 'q:3fa9c2d1'),
        ('resolve c0123abcd', 'the id of a command', 'only undo'),
        ('resolve a@b:3-4', 'lines of a mail', 'track'),
        ('track a@b:4-3', 'is no range', 'smaller'),
        ('undo Q3', 'undo takes back commands', 'c3fa9c2d1'),
        ('undo c123456: why', 'undo takes no text', 'leave out the colon'),
        ('reopen Q3', 'reopen needs words', 'reopen Q3: your words'),
        ('mute Q3', 'mute takes no target', 'leave it out'),
        ('merge Q3', 'merge needs two questions', 'merge Q3,Q5'),
        ('class Q3: great', '"great" is no class', 'design, impl'),
        ('carry Q3: 3', '"3" is no version', 'v3'),
        ('dup Q3: it', '"it" is no target', 'Q3'),
        ('dup Q3: Q4,Q5', 'is not one question', 'dup Q5: Q3'),
        ('link Q3: javascript:x', 'is no address', 'https://'),
        ('resolve Q3: ' + 'x' * (LONGEST_TEXT + 1), 'longer than', 'link to it'),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_to_do(line: str, what: str, todo: str) -> None:
    read = parse(line, 'a@b line 4')
    assert isinstance(read, Refusal)
    assert what in read.what and todo in read.todo and read.where == 'a@b line 4'


PIECES = st.sampled_from(
    [*VERBS, 'Q3', 'Q3.1-3', 'q:3fa9c2d1', '<a@b>', 'a@b:1-2', ':', ',', '^', ' ', '-', 'mine', 'c0ffee', '\t', '"', '\x00', '\u202e']
)  # fmt: skip


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=12).map(''.join), st.lists(PIECES).map(' '.join)))
def test_every_line_is_an_order_or_has_a_reason(line: str) -> None:
    read = parse(line)
    if isinstance(read, Refusal):
        assert read.what and read.where and read.todo
    else:
        assert len(read.items) <= MOST_ITEMS + 1 and len(read.text) <= LONGEST_TEXT
        assert read.text or read.verb.text != 'required'
        assert '\n' not in read.text


@given(st.text(max_size=300))
def test_no_text_can_become_a_target_or_a_verb(text: str) -> None:
    read = parse(f'note Q3: {text}')
    if isinstance(read, Order):
        assert (read.verb.name, [i.value for i in read.items]) == ('note', ['Q3'])


@pytest.mark.parametrize(
    'bomb', ['resolve ' + 'a' * 100_000, 'resolve ' + '@' * 50_000, 'resolve ' + 'Q1,' * 30_000, '^' * 90_000]
)
def test_long_lines_are_refused_at_once(bomb: str) -> None:
    assert isinstance(parse(bomb), Refusal)
