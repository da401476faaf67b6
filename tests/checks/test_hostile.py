# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever a file holds, reading it ends, in facts that can be stored."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.checks import examples, load_rules
from bot.checks.c.extract import read_facts
from bot.checks.c.facts import FileFacts, decode, encode
from bot.resources import shipped

RULES = load_rules([shipped('rules')])
WATCH = RULES[0].watch
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
