# SPDX-License-Identifier: GPL-2.0-or-later
"""Blanking never moves a byte, and rewrites what the grammar cannot read and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.checks.c.blank import blank

PIECES = st.sampled_from(
    [
        '\n',
        '',
        '',
        '',
        '__init',
        '__user',
        '__free(kfree)',
        '__attribute__((packed))',
        'list_for_each_entry(',
        'for_each_cpu(c)',
        'scoped_guard(',
        'SYSCALL_DEFINE2(\n',
        '',
        '',
        '',
        'a,',
        'b,',
        ')',
        '{',
        '}',
        ';',
        '(',
        'struct',
        'foo',
        '*',
        ',',
        'unsigned',
        'long',
        '...',
        'case',
        '1',
        'TEST_F(',
        '#define',
        'static',
        'DEFINE_MUTEX(x)',
        'offsetof(',
        'a.b\n',
        '',
        '',
        '',
        '"',
        "'",
        '/*',
        '*/',
        '//',
        '\\',
        '\n',
        '\n\t',
        '\r\n',
        'é',
        '\x00',
        '\x7f',
        '0x1',
        'if',
        'while\n',
        '',
        '',
        '',
        '',
    ]
)


@given(st.lists(PIECES, max_size=60).map(' '.join))
def test_every_byte_and_line_keeps_its_place(text: str) -> None:
    raw = text.encode()
    code = blank(raw)
    assert len(code) == len(raw)
    assert [nth for nth, byte in enumerate(code) if byte == 10] == [nth for nth, byte in enumerate(raw) if byte == 10]
    assert all(byte < 128 for byte in code)


@given(st.binary(max_size=400))
def test_any_bytes_do(raw: bytes) -> None:
    assert len(blank(raw)) == len(raw)


@pytest.mark.parametrize(
    ('text', 'becomes'),
    [
        ('static int __init f(void)', 'static int        f(void)'),
        ('void __user *p __free(kfree) = NULL;', 'void        *p               = NULL;'),
        ('int f(void) __must_hold(&a->lock)', 'int f(void)                      '),
        ('\tlist_for_each_entry(a, b, c) {', '\twhile              (a, b, c) {'),
        ('\tfor_each_cpu(c, m)\n', '\twhile       (c, m)\n'),
        ('\tscoped_guard(mutex, &l) {', '\tif          (mutex, &l) {'),
        ('\tx = container_of(p, struct foo, m);', '\tx = container_of(p, struct_foo, m);'),
        ('\tx = min_t(unsigned long, a, b);', '\tx = min_t(unsigned_long, a, b);'),
        ('\tx = min_t(size_t, a, b);', '\tx = min_t(SIZE_T, a, b);'),
        ('\tx = va_arg(ap, char *);', '\tx = va_arg(ap, char__);'),
        ('\tcase A ... B:', '\tcase A  +  B:'),
        ('SYSCALL_DEFINE2(go, int, a, char __user *, b)', 'long            go( int  a, char        *  b)'),
        ('TEST_F(set, one)\n{\n}\n', 'int set_one()   \n{\n}\n'),
        ('\tx = offsetof(struct foo, a.b);', '\tx = offsetof(struct_foo, a_b);'),
        ('static DEFINE_PER_CPU(u64, x);', '       DEFINE_PER_CPU(u64, x);'),
    ],
)
def test_rewrites(text: str, becomes: str) -> None:
    assert blank(text.encode()).decode() == becomes


@pytest.mark.parametrize(
    'text',
    [
        '\tx = (struct foo *)y;',
        '\tx = sizeof(struct foo);',
        '\treturn (unsigned long)x;',
        'int f(void)',
        '#define __init\n',
        '\t__free(x, y, z',
        '\tn = __get_user_pages(a, b);',
        'static void list_for_each_thing(struct a *b)',
        '\tx = for_each_result;',
        'FIXTURE_VARIANT_ADD(a, b)\n{\n\t.x = 1,\n};\n',
    ],
)
def test_leaves_alone(text: str) -> None:
    assert blank(text.encode()).decode() == text
