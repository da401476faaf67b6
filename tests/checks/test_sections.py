# SPDX-License-Identifier: GPL-2.0-or-later
"""What a series does to a flag and to the bits of a counter, on a series written for this."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.checks import check_series, load_rules
from bot.checks.counters.budget import account, spaced
from bot.checks.judgement import home_words
from bot.checks.tree.kernel import Kernel
from bot.checks.tree.sources import Sources
from bot.model import BudgetState
from bot.resources import shipped
from tests.checks.files import Memory, Trees, applied, example_tree, quiet
from tests.checks.series import solo, told

RULES = load_rules([shipped('rules')])


def test_the_whole_result(golden: Callable[[Path, str], None]) -> None:
    result = check_series(solo(), applied(4), RULES, Memory(), quiet)
    golden(Path(__file__).parent / 'golden' / 'solo.txt', told(result))


def test_same_bytes_from_a_warm_cache_and_nothing_is_read_again() -> None:
    cache, files = Memory(), solo()
    first = check_series(files, applied(4), RULES, cache, quiet)
    files.reads.clear()
    assert told(check_series(files, applied(4), RULES, cache, quiet)) == told(first)
    changed = {
        'include/linux/page_ref.h',
        'include/linux/page_bias.h',
        'include/linux/mm_types.h',
        'include/linux/mm.h',
        'mm/gup.c',
        'drivers/new/new.c',
    }
    assert set(files.reads) <= changed


def test_a_flag_that_changes_and_one_that_goes() -> None:
    base = example_tree()
    text = base['include/linux/mm_types.h'].decode()
    changed = text.replace('FOLL_ANON = 1 << 4', 'FOLL_ANON = 1 << 11').replace('\tFOLL_DUMP = 1 << 1,\n', '')
    result = check_series(
        Trees(base, {**base, 'include/linux/mm_types.h': changed}), applied(1), RULES, Memory(), quiet
    )
    seen = [(one.flag, one.change, one.before, one.after, one.patch) for one in result.flags]
    assert seen == [('FOLL_ANON', 'changed', 16, 2048, 1), ('FOLL_DUMP', 'removed', 2, None, 1)]
    assert result.budgets == ()


def test_a_series_that_leaves_flags_and_counters_alone_has_no_sections() -> None:
    base = example_tree()
    result = check_series(Trees(base, {**base, 'drivers/x.c': b'int x;\n'}), applied(1), RULES, Memory(), quiet)
    assert (result.findings, result.flags, result.budgets) == ((), (), ())


def budget(counter: str, bias: str, extra: str = '') -> BudgetState:
    """Return the account of a counter in the example tree with another bias."""
    tree = {path: text.decode() for path, text in example_tree().items()}
    tree['include/linux/page_ref.h'] = (
        tree['include/linux/page_ref.h'].replace('(1U << GUP_PIN_COUNTING_SHIFT)', bias) + extra
    )
    rule = next(rule for rule in RULES if rule.area == 'ref')
    sources = Sources(Trees(tree), Memory(), rule.watch, quiet)
    state = account(Kernel(sources.at('0'), rule.words, home_words([rule])), counter)
    assert state is not None
    return state


FLAG = """
#define ALONE ({value})
static inline void alone(struct folio *folio) {{ folio_ref_add(folio, ALONE); }}
static inline bool is_alone(struct folio *folio) {{ return folio_ref_count(folio) {operator} ALONE; }}
"""


@pytest.mark.parametrize(
    ('bias', 'extra', 'pin_bits', 'pins', 'plain'),
    [
        ('(1U << 10)', '', 21, 2097151, 1023),
        ('BIT(10)', '', 21, 2097151, 1023),
        ('1024', '', 21, 2097151, 1023),
        ('(1U << 11)', '', 20, 1048575, 2047),
        ('(1U << 9)', '', 22, 4194303, 511),
        ('(1U << 10)', FLAG.format(value='1U << 30', operator='>='), 20, 1048575, 1023),
        ('(1U << 10)', FLAG.format(value='BIT(29)', operator='&'), 19, 524287, 1023),
        ('(1U << 10)', FLAG.format(value='(1U << 30) + 1', operator='>='), 21, 2097151, 1023),
        ('(1U << 10)', FLAG.format(value='1U << 30', operator='=='), 21, 2097151, 1023),
    ],
)
def test_the_arithmetic_of_the_reference_count(bias: str, extra: str, pin_bits: int, pins: int, plain: int) -> None:
    state = budget('_refcount', bias, extra)
    assert (state.pin_bits, state.max_pins, state.max_plain) == (pin_bits, pins, plain)
    assert [row.low for row in state.rows] == sorted(row.low for row in state.rows)
    assert state.rows[-1].owner == 'overflow alarm'
    assert (state.rows[-1].low, state.rows[-1].high) == (31, 31)


def test_the_pin_count_counts_from_bit_zero() -> None:
    state = budget('_pincount', '(1U << 10)')
    assert [(row.owner, row.low, row.high) for row in state.rows] == [('pins', 0, 30), ('overflow alarm', 31, 31)]
    assert (state.pin_bits, state.max_pins, state.max_plain) == (31, (1 << 31) - 1, None)


def test_thousands_stand_apart() -> None:
    assert spaced(2097151) == '2 097 151'
