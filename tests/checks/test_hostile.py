# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever a file holds, reading it ends, in facts that can be stored."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checks import check_rev, examples, load_rules
from bot.checks.c.extract import read_facts
from bot.checks.c.facts import FileFacts, decode, encode
from bot.resources import shipped
from tests.checks.files import Memory, Trees, example_tree, quiet
from tests.growth import growth

RULES = load_rules([shipped('rules')])
WATCH = RULES[0].watch
BASE = example_tree()
SOURCES = [text for rule in RULES for case in examples(rule) for _, text in case.files]


def read(text: bytes) -> FileFacts:
    facts = read_facts(text, WATCH)
    assert decode(encode(facts)) == facts
    return facts


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SOURCES), st.data())
def test_mutated_functions(source: str, data: st.DataObject) -> None:
    text = source
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, max(0, len(text) - 1)))
        end = data.draw(st.integers(start, min(len(text), start + 40)))
        text = (
            text[:start]
            + data.draw(st.sampled_from(['', '{', '}', '(', ')', '/*', '"', '#define ', '\n#if X\n', 'é']))
            + text[end:]
        )
    read(text.encode())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes(text: bytes) -> None:
    read(text)


SIZE = 60_000
HEAD = b'void f(int c) { unsigned int v = 0;\n'
CALL = b'pin_user_pages(a, 1, v, p);'


@pytest.mark.parametrize(
    'text',
    [
        HEAD + b'v = ' + b'FOLL_WRITE | ' * (SIZE // 13) + b'0;' + CALL + b'}',
        HEAD + b'if (c) v |= FOLL_WRITE;\n' * (SIZE // 24) + CALL + b'}',
        HEAD + b'while (c) { v |= FOLL_WRITE;' * 40 + CALL + b'}' * 41,
        HEAD + b''.join(b'l%d: v |= FOLL_PIN; if (c) goto l%d;\n' % (n, n * 7 % 999) for n in range(999)) + CALL + b'}',
        HEAD + b'pin_user_pages(a, 1, ' + b'c ? FOLL_WRITE : ' * (SIZE // 17) + b'0, p);}',
        HEAD + b'g(' * 990 + b'FOLL_PIN' + b')' * 990 + b';}',
        HEAD + b'x = FOLL_WRITE & y;' * (SIZE // 19) + b'}',
        HEAD + b'else if (c) x();' * (SIZE // 16) + b'}',
        b'x)\n{\n' * (SIZE // 5),
        b'FOO(a)\n{\n}\n' * (SIZE // 11),
        b'__attribute__((' * (SIZE // 15),
        b'"\\' * (SIZE // 2),
        b'/*' * (SIZE // 2),
        b' ' * SIZE + CALL,
        CALL * (SIZE // len(CALL)),
        b'enum {' + b''.join(b'FOLL_A%d,' % n for n in range(SIZE // 10)) + b'};',
        b''.join(b'#define A%d (A%d | 1)\n' % (n, n + 1) for n in range(SIZE // 25)),
    ],
    ids=range(17),
)
def test_shapes_that_grow(text: bytes) -> None:
    read(text)


STRETCHED = [
    'struct s {\n\tatomic_t_refcount;\n\tint |(x);\n\tatomic_t _refcount;\n};\n',
    'void f(void)\n{\n\tstruct page **p __free(kvfree)|= g();\n\tpin_user_pages(a, 1, 0, p);\n}\n',
    '|struct s t = {\n\t.get = my_get,\n};\n',
    'void f(struct s *s)\n{\n\tpin_user_pages(a, 1, 0, s->|p);\n\tpage_ref_add(p, A_BIAS| - 1);\n}\n',
]


def check(text: str) -> None:
    check_rev(Trees({**BASE, 'mm/x.c': text}), '0', RULES, Memory(), quiet, ['mm/x.c'])


@pytest.mark.parametrize('unit', [' ', '\n', '.a', '/*', '\\"', 'struct a b = {'])
@pytest.mark.parametrize('text', STRETCHED)
def test_time_grows_as_the_text_does(text: str, unit: str) -> None:
    texts = {size: text.replace('|', unit * (size // len(unit))) for size in (20_000, 80_000)}
    assert growth(lambda size: check(texts[size]), 20_000, 80_000, 2) < 9, 'four times as much, not sixteen'


@pytest.mark.parametrize('number', ['08', '0x', '1e5', "'a'", '9' * 5000])
def test_flags_that_are_no_number_break_nothing(number: str) -> None:
    check(f'void f(void)\n{{\n\tpin_user_pages(a, 1, {number}, p);\n}}\n')
