# SPDX-License-Identifier: GPL-2.0-or-later
"""A name is worth what the tree at that commit says, read once per blob."""

from __future__ import annotations

import pytest

from bot.checks.c.facts import Watch
from bot.checks.rulebook.areas import Area
from bot.checks.tree.constants import Constants
from bot.checks.tree.kernel import Kernel
from bot.checks.tree.sources import Sources
from tests.checks.files import Memory, Trees, quiet

HEADER = """
enum { ZERO, ONE, TEN = 10, ELEVEN, ALIAS = ELEVEN };
#define MASK (FLAG(1) | FLAG(3))
#define FLAG(n) (1U << (n))
#define PAIR(a, b) ((a) + FLAG(b))
#define LOOP (LOOP | 1)
#define PING PONG
#define PONG PING
#define NOTHING
#define KERNEL_BITS (BIT(4) | BIT_ULL(40))
#define FIELD GENMASK(7, 4)
#define WIDE GENMASK_ULL(63, 60)
#define SUFFIXED (_AC(1, UL) << 2)
#ifdef CONFIG_X
#define EITHER 1
#else
#define EITHER 2
#endif
#ifdef CONFIG_X
#define SAME 0x10
#else
#define SAME 16
#endif
"""


def constants(tree: dict[str, str], word: int = 64) -> Constants:
    sources = Sources(Trees(tree), Memory(), Watch(), quiet)
    kernel = Kernel(sources.at('0'), Area(title='', home=('include/home/',)), ('enum',))
    return Constants(sources.at('0'), kernel, 64 if word == 64 else 32)


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('ZERO', 0), ('ONE', 1), ('TEN', 10), ('ELEVEN', 11), ('ALIAS', 11), ('MASK', 10), ('FIELD', 0xF0),
        ('WIDE', 0xF << 60), ('KERNEL_BITS', 1 << 40 | 1 << 4), ('SUFFIXED', 4), ('SAME', 16),
    ],
)  # fmt: skip
def test_values(name: str, value: int) -> None:
    assert constants({'include/home/a.h': HEADER}).value(name).value == value


def test_expressions_over_macros_with_arguments() -> None:
    assert constants({'include/home/a.h': HEADER}).fold('PAIR(TEN, 2) | ONE').value == 15


@pytest.mark.parametrize(
    ('name', 'reason'),
    [
        ('LOOP', 'LOOP is defined by itself'),
        ('PING', 'PING is defined by itself'),
        ('NOTHING', 'NOTHING is defined as nothing'),
        ('EITHER', 'EITHER has several values in this tree'),
        ('FLAG', 'FLAG takes arguments'),
        ('ABSENT', 'ABSENT is not defined where it was looked for'),
    ],
)
def test_what_has_no_value_says_why(name: str, reason: str) -> None:
    folded = constants({'include/home/a.h': HEADER}).value(name)
    assert (folded.value, folded.reason) == (None, reason)


def test_the_word_size_changes_what_fits() -> None:
    tree = {'include/home/a.h': '#define HIGH BIT(40)\nenum { X };\n'}
    assert constants(tree).value('HIGH').value == 1 << 40
    assert constants(tree, 32).value('HIGH').reason == 'bits 40..40 do not fit in 32 bits'


def test_the_nearest_definition_wins() -> None:
    tree = {
        'include/home/a.h': '#define LIMIT 1\nenum { X };\n',
        'drivers/a/own.c': '#define LIMIT 2\nint x = LIMIT;\n',
        'drivers/a/other.c': 'int x = LOCAL_LIMIT;\n',
        'drivers/a/local.h': '#define LOCAL_LIMIT (LIMIT + 6)\n',
        'drivers/b/local.h': '#define LOCAL_LIMIT 9\n',
        'include/linux/far.h': '#define FAR_LIMIT 5\n',
    }
    known = constants(tree)
    assert known.value('LIMIT', 'drivers/a/own.c').value == 2
    assert known.value('LIMIT', 'drivers/a/other.c').value == 1
    assert known.value('LOCAL_LIMIT', 'drivers/a/other.c').value == 7
    assert known.value('LOCAL_LIMIT', 'drivers/b/x.c').value == 9
    assert known.value('FAR_LIMIT', 'drivers/a/other.c').value == 5


def test_a_blob_is_parsed_once_and_then_comes_from_the_cache() -> None:
    cache, files = Memory(), Trees({'include/home/a.h': HEADER})
    for _ in range(2):
        sources = Sources(files, cache, Watch(), quiet)
        kernel = Kernel(sources.at('0'), Area(title='', home=('include/home/',)), ('enum',))
        assert kernel.constants.value('MASK').value == 10
    assert files.reads == ['include/home/a.h']
