# SPDX-License-Identifier: GPL-2.0-or-later
"""No text makes a pattern slow that mails or reports are looked at with: work grows as the text does."""

from __future__ import annotations

import re

import pytest

from bot.model import Person
from bot.post import recipients
from bot.post.draft import is_tag
from tests.growth import growth
from tests.patterns import Used, patterns, slow
from tests.post.example import cover


@pytest.mark.parametrize('room', ['post', 'report', 'replies', 'config'])
def test_no_pattern_is_slow(room: str) -> None:
    assert [(used.where, used.use, text) for used in patterns(room) if (text := slow(used))] == []


@pytest.mark.parametrize(
    ('pattern', 'use'),
    [
        (r'\s*\w\S+:\s+\S*.*\S@\S+\.\S', 'match'),
        (r'(?m)^(?:From|Signed-off-by): *(.{0,120}?) *<([^<>\s]{3,200})>$', 'findall'),
        (r'\S@\S+\.\S', 'search'),
        (r'\[(?=[^\]]*\]\()', 'sub'),
        (r'[\s,:;]*\b(?:by|with|at)?[\s,:;]*$', 'sub'),
    ],
)
def test_patterns_that_were_slow_are_found(pattern: str, use: str) -> None:
    assert slow(Used('', re.compile(pattern), use))


LINES = [
    ('aa: ', '@'),
    ('aa: ', 'x@'),
    ('aa: ', 'x@y'),
    ('aa: ', ' @'),
    ('a', ':'),
    ('', 'a: '),
    ('ab: ', 'x x@'),
    ('', 'a-'),
    (' ' * 50, 'a-by'),
]


@pytest.mark.parametrize(('start', 'more'), LINES)
def test_a_line_is_looked_at_once_for_tags(start: str, more: str) -> None:
    texts = {size: start + more * size + '\0' for size in (2000, 16000)}
    assert growth(lambda size: is_tag(texts[size]), *texts) < 24, 'eight times as much, not sixty-four'


@pytest.mark.parametrize('line', ['From: {} <a', 'From: {}x <a@b', 'Signed-off-by: {}', 'From: x<{}>', '{}\nFrom: '])
@pytest.mark.parametrize('more', [' ', '<', 'a ', '\nFrom: '])
def test_who_signed_is_read_once(line: str, more: str) -> None:
    relay = Person('x', 'devnull+a.b.example@kernel.org')
    mails = {size: cover(author=relay, body=line.format(more * size)) for size in (2000, 16000)}
    assert growth(lambda size: recipients.author(mails[size]), *mails) < 24
