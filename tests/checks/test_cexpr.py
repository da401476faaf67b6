# SPDX-License-Identifier: GPL-2.0-or-later
"""Constant expressions are worth what a C compiler makes of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.checks.c.cexpr import Folded, Scope, fold, unknown


def no_name(name: str) -> Folded:
    return unknown(f'no {name}')


def no_call(name: str, operands: object, scope: Scope) -> Folded:
    return unknown(f'no {name}()')


LP64 = Scope(no_name, no_call, 64)
ILP32 = Scope(no_name, no_call, 32)


@pytest.mark.parametrize(
    ('text', 'value', 'bits', 'signed'),
    [
        ('1 << 31', -(1 << 31), 32, True),
        ('1U << 31', 1 << 31, 32, False),
        ('~0U', 0xFFFFFFFF, 32, False),
        ('~0', -1, 32, True),
        ('0xffffffff', 0xFFFFFFFF, 32, False),
        ('4294967295', 4294967295, 64, True),
        ('1UL << 40', 1 << 40, 64, False),
        ('1LL << 40', 1 << 40, 64, True),
        ('0777', 511, 32, True),
        ('0b101', 5, 32, True),
        ('-7 / 2', -3, 32, True),
        ('-7 % 2', -1, 32, True),
        ('-1 < 1U', 0, 32, True),
        ('(unsigned int)-1', 0xFFFFFFFF, 32, False),
        ('(u8)0x1ff', 0xFF, 8, False),
        ('(s8)0xff', -1, 8, True),
        ('1 ? 2 : x', 2, 32, True),
        ('0 ? x : 3', 3, 32, True),
        ('1 | 2 == 2', 1, 32, True),
        ('(1 << 3) | (1 << 4) & ~(1 << 4)', 8, 32, True),
        ('!5 || 2 && 3', 1, 32, True),
        ("'a'", 97, 32, True),
        ('(gfp_t)4', 4, 32, True),
        ('-(5)', -5, 32, True),
        ('(5) - 1', 4, 32, True),
    ],
)
def test_values_and_types(text: str, value: int, bits: int, signed: bool) -> None:
    folded = fold(text, LP64)
    assert (folded.value, folded.bits, folded.signed) == (value, bits, signed), folded.reason


def test_the_word_size_matters() -> None:
    assert fold('1UL << 40', ILP32).reason == 'shift by 40 of a 32-bit value'
    assert fold('~0UL', ILP32).value == 0xFFFFFFFF
    assert fold('~0UL', LP64).value == (1 << 64) - 1
    assert fold('(long)0x80000000', ILP32).value == -(1 << 31)


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        ('x + 1', 'no x'),
        ('f(1)', 'no f()'),
        ('sizeof(int)', 'sizeof depends on a type'),
        ('1 << 32', 'shift by 32 of a 32-bit value'),
        ('1 / 0', 'division by zero'),
        ('', 'the expression ends early'),
        ('(1', "')' is missing"),
        ('1 2', "'2' is not expected"),
        ('1.5', "'1.5' is not understood"),
        ('"a"', '\'"a"\' is not understood'),
        ('99999999999999999999', '99999999999999999999 does not fit in 64 bits'),
        ('(dma_addr_t)~0ULL', 'cast to dma_addr_t, whose width is not known'),
        ('089', '089 is no number'),
    ],
)
def test_what_cannot_be_folded_says_why(text: str, reason: str) -> None:
    folded = fold(text, LP64)
    assert folded.value is None
    assert folded.reason == reason


def test_hostile_nesting_ends_in_a_reason() -> None:
    assert fold('(' * 5000 + '1' + ')' * 5000, LP64).reason in ('too long', 'nested too deep')
    assert fold('~' * 900 + '1', LP64).reason == 'nested too deep'
    assert fold('1|' * 5000 + '1', LP64).reason == 'too long'


@given(
    st.recursive(
        st.integers(0, 31).map(str),
        lambda inner: st.tuples(inner, st.sampled_from('|&^+'), inner).map(lambda one: f'({one[0]} {one[1]} {one[2]})'),
        max_leaves=20,
    )
)
def test_agrees_with_arithmetic_on_small_numbers(text: str) -> None:
    assert fold(text, LP64).value == eval(text)  # the text is made of digits, brackets and | & ^ +


@given(st.text(alphabet='01xuUlL()|&~<>?: +-*/abA_,', max_size=40))
def test_never_raises(text: str) -> None:
    folded = fold(text, LP64)
    assert (folded.value is None) == bool(folded.reason)
