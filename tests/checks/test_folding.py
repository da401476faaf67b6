# SPDX-License-Identifier: GPL-2.0-or-later
"""A function that gives back by the wrong call is accused itself when all its callers would be, and only then."""

from __future__ import annotations

from bot.checks import check_rev, load_rules
from bot.model import Finding
from bot.resources import shipped
from tests.checks.files import Memory, Trees, example_tree, quiet

RULES = load_rules([shipped('rules')])
BASE = example_tree()
HELPER = """static void drop_all(struct page **pages, int n)
{
	int i;

	for (i = 0; i < n; i++)
		unpin_user_page(pages[i]);
}
"""
ONE = """
int %s(unsigned long addr, int n, struct page **pages)
{
	int got = %s_user_pages_fast(addr, n, FOLL_WRITE, pages);

	if (got > 0)
		drop_all(pages, got);
	return 0;
}
"""


def mismatches(text: str) -> list[Finding]:
    tree = {**BASE, 'drivers/x/a.c': text.encode()}
    result = check_rev(Trees(tree), '0', RULES, Memory(), quiet, ['drivers/x/a.c'])
    return [one for one in result.findings if one.rule in ('GUP-P01', 'GUP-P02')]


def test_all_callers_are_one_finding_at_the_release() -> None:
    (one,) = mismatches(HELPER + ONE % ('first', 'get') + ONE % ('second', 'get'))
    assert (one.rule, one.function, one.line) == ('GUP-P02', 'drop_all', 6)
    assert [line.line for line in one.evidence] == [11, 14, 23]
    assert 'all 2 calls of drop_all()' in one.message and '`unpin_user_page(pages[i])`' in one.message


def test_the_other_way_round() -> None:
    text = HELPER.replace('unpin_user_page', 'put_page')
    (one,) = mismatches(text + ONE % ('first', 'pin') + ONE % ('second', 'pin') + ONE % ('third', 'pin'))
    assert (one.rule, one.function, one.line) == ('GUP-P01', 'drop_all', 6)


def test_a_caller_that_is_right_leaves_the_others_wrong() -> None:
    found = mismatches(HELPER + ONE % ('first', 'get') + ONE % ('second', 'get') + ONE % ('third', 'pin'))
    assert [(one.rule, one.function) for one in found] == [('GUP-P02', 'first'), ('GUP-P02', 'second')]


def test_one_caller_is_told_at_its_call() -> None:
    (one,) = mismatches(HELPER + ONE % ('first', 'get'))
    assert one.function == 'first'


def test_a_function_others_can_call_is_not_accused() -> None:
    found = mismatches(HELPER.removeprefix('static ') + ONE % ('first', 'get') + ONE % ('second', 'get'))
    assert {one.function for one in found} == {'first', 'second'}
