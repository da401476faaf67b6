# SPDX-License-Identifier: GPL-2.0-or-later
"""Plain text: own words wrap, addresses and quotations do not, columns stay straight, nothing reads as a trailer."""

from __future__ import annotations

import re

import pytest
from b4 import LoreMessage
from hypothesis import given
from hypothesis import strategies as st

from bot.report import layout
from bot.report.places import Places

WORDS = st.lists(st.text(alphabet='abc:-@.é山', min_size=1, max_size=14), min_size=1, max_size=40).map(' '.join)


@given(WORDS, st.integers(20, 80))
def test_fill_keeps_every_word_in_order(text: str, columns: int) -> None:
    lines = layout.fill(text, columns, '* ', '  ').split('\n')
    assert ' '.join(line[2:] for line in lines) == text
    assert lines[0].startswith('* ') and all(line.startswith('  ') for line in lines[1:])
    for line in lines:
        alone = all(word.endswith(':') for word in line[2:].split(' ')[1:])
        assert layout.width(line) <= columns or alone


@given(WORDS)
def test_no_line_but_the_first_starts_like_a_trailer(text: str) -> None:
    assert not [line for line in layout.fill(text, 30).split('\n')[1:] if re.match(r'\w\S*: ', line)]


def test_digits_in_threes_stay_together() -> None:
    assert layout.fill('at most 2 097 151; of 1 048 575', 9).split('\n') == ['at most', '2 097 151;', 'of', '1 048 575']


def test_addresses_and_ids_stay_whole() -> None:
    url = 'https://lore.kernel.org/r/' + 'x' * 90
    assert url in layout.fill(f'see {url} for more', 40).split('\n')


def test_wide_and_combining_characters_count_as_they_show() -> None:
    assert layout.width('山本') == 4 and layout.width('e\u0301') == 1
    rows = [['山本', 'x'], ['abcd', 'y'], ['e\u0301', 'z']]
    assert layout.table(rows, ['name', 'n'], 60, 0).split('\n')[1:] == ['山本  x', 'abcd  y', 'e\u0301     z']


def test_the_last_column_of_a_table_wraps_in_its_place() -> None:
    text = layout.table([['1', 'one two three four five six seven eight']], ['n', 'words'], 30)
    assert text.split('\n') == ['  n  words', '  1  one two three four five', '     six seven eight']


def test_a_last_column_without_room_goes_below() -> None:
    text = layout.table([['x' * 30, 'one two three']], ['n', 'words'], 40)
    assert text.split('\n')[1:] == ['  ' + 'x' * 30, '    one two three']


def test_prefixed_lines_are_never_wrapped_or_changed() -> None:
    long = '+\t' + 'word ' * 40 + '\t end'
    assert layout.prefixed((long, ''), '> ') == f'> {long}\n>'


def test_links_are_numbered_in_the_order_they_are_used() -> None:
    places, links = Places('https://x.example/'), layout.Links()
    found = [links.ref(places.mail(i, lines)) for i, lines in (('b', None), ('a', (3, 9)), ('b', (4, 4)))]
    assert found == ['[1]', '[2] lines 3-9', '[1] line 4'] and links.ref(None) == ''
    assert links.listed() == [(1, 'https://x.example/b'), (2, 'https://x.example/a')]


def test_message_ids_are_percent_encoded() -> None:
    assert (
        Places('https://x.example/r/').url('a/b+c?d#e%@f "<é\ud800')
        == 'https://x.example/r/a%2Fb%2Bc%3Fd%23e%25@f%20%22%3C%C3%A9%3F'
    )


TAGS = ['Reviewed-by: A B <a@b.example>', 'Fixes: 0123456789ab ("x")', 'Link: https://x.example', 'Word: a@b.example']


@pytest.mark.parametrize('line', TAGS)
@pytest.mark.parametrize('indent', ['', '  ', '\t'])
def test_trailers_are_told_and_not_given(line: str, indent: str) -> None:
    body = f'Hello\n\n{indent}{line}\n'
    assert LoreMessage.find_trailers(body, followup=True)[0]
    text = layout.without_tags(body)
    assert not LoreMessage.find_trailers(text, followup=True)[0]
    assert text.replace(' :', ':') == body


def test_a_trailer_over_two_lines_is_not_given() -> None:
    body = 'Hello\n\nReviewed-by: A Very Long Name\n<a@b.example>\n'
    assert LoreMessage.find_trailers(body, followup=True)[0]
    assert not LoreMessage.find_trailers(layout.without_tags(body), followup=True)[0]


def test_other_lines_stay_as_they_are() -> None:
    text = 'Checks: failed\n  fixed-later: GUP-F09\n> Reviewed-by: A <a@b.example>\n'
    assert layout.without_tags(text) == text
    assert layout.without_tags('#lorebot resolve Q1') == ' #lorebot resolve Q1'
