# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function takes or gives back for others is known in other files, and what cannot be said is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.checks import check_rev, check_series, list_wrappers, load_rules
from bot.checks.listing import Wrapper
from bot.errors import RuleError
from bot.resources import shipped
from tests.checks.files import Memory, Trees, applied, example_tree, quiet

RULES = load_rules([shipped('rules')])
BASE = example_tree()
MEMORY = """
#include <linux/mm.h>

struct page **memory_pin(unsigned long a, int n)
{
	struct page **pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	int got;

	if (!pages)
		return ERR_PTR(-ENOMEM);
	got = pin_user_pages_fast(a, n, FOLL_WRITE | FOLL_LONGTERM, pages);
	if (got == n)
		return pages;
	if (got > 0)
		unpin_user_pages(pages, got);
	kvfree(pages);
	return ERR_PTR(-EFAULT);
}

void memory_unpin(struct page **pages, int n)
{
	unpin_user_pages(pages, n);
	kvfree(pages);
}

int region_pin(struct region *region, unsigned long a, int n)
{
	int got = pin_user_pages_fast(a, n, FOLL_LONGTERM, region->pages);

	if (got == n)
		return 0;
	if (got > 0)
		unpin_user_pages(region->pages, got);
	return -EFAULT;
}

int maybe_pin(struct page **pages, unsigned long a, int n, bool user)
{
	int got;

	if (!user)
		return 0;
	got = pin_user_pages_fast(a, n, 0, pages);
	if (got == n)
		return 0;
	if (got > 0)
		unpin_user_pages(pages, got);
	return -EFAULT;
}
"""
HEADER = 'struct page **memory_pin(unsigned long a, int n);\nvoid memory_unpin(struct page **pages, int n);\nint region_pin(struct region *region, unsigned long a, int n);\nvoid region_put(struct region *region, int n);\n'
LEAKS = """
static int f(unsigned long a, int n)
{
	struct page **pages = memory_pin(a, n);

	if (IS_ERR(pages))
		return PTR_ERR(pages);
	if (dev_busy())
		return -EBUSY;
	memory_unpin(pages, n);
	return 0;
}
"""
PUTS = """
void region_put(struct region *region, int n)
{
	int i;

	for (i = 0; i < n; i++)
		put_page(region->pages[i]);
}
"""
MIXES = """
static int g(struct region *region, unsigned long a, int n)
{
	int ret = region_pin(region, a, n);

	if (ret)
		return ret;
	region_put(region, n);
	return 0;
}
"""
Texts = dict[str, bytes | str]
TREE: Texts = {
    **BASE,
    'include/linux/memory.h': HEADER,
    'lib/memory.c': MEMORY,
    'lib/put.c': PUTS + '/* get_user_pages */',
}


def listed(tree: Texts, rules: object = None) -> dict[str, Wrapper]:
    found = list_wrappers(Trees(tree), '0', RULES if rules is None else rules, Memory(), quiet)  # type: ignore[arg-type]
    return {one.name: one for one in found.wrappers}


def found(tree: Texts, *paths: str) -> list[tuple[str, int]]:
    result = check_rev(Trees(tree), '0', RULES, Memory(), quiet, paths)
    return [(one.rule, one.line) for one in result.findings]


def test_each_wrapper_is_listed_with_what_it_does() -> None:
    known = listed(TREE)
    pin = known['memory_pin']
    assert (pin.file, pin.takes, pin.kind) == ('lib/memory.c', 'into what it returns', 'pin, longterm')
    assert pin.result == 'returns a pointer'
    assert pin.inferred_from == ('pin_user_pages_fast() in line 11',)
    assert known['memory_unpin'].gives == ('pin of `pages`',)
    assert known['region_pin'].takes == 'into `region->pages`'
    assert known['maybe_pin'].unsure == 'some successes take nothing'


def test_what_another_file_takes_is_lost_here() -> None:
    assert found({**TREE, 'drivers/x.c': LEAKS}, 'drivers/x.c') == [('GUP-P03', 9)]
    assert found({**BASE, 'drivers/x.c': LEAKS}, 'drivers/x.c') == []


def test_what_is_given_back_as_another_kind_in_a_third_file_is_told() -> None:
    assert found({**TREE, 'drivers/x.c': MIXES}, 'drivers/x.c') == [('GUP-P01', 8)]


def test_a_name_that_is_defined_twice_means_nothing() -> None:
    other = 'struct page **memory_pin(unsigned long a, int n)\n{\n\treturn NULL;\n}\n'
    tree: Texts = {**TREE, 'lib/other.c': other, 'drivers/x.c': LEAKS}
    assert listed(tree)['memory_pin'].unsure == 'defined differently in lib/other.c'
    assert found(tree, 'drivers/x.c') == []


def test_a_series_that_makes_a_function_a_wrapper_is_judged_with_it() -> None:
    before: Texts = {
        **TREE,
        'lib/memory.c': MEMORY.replace('return pages;', 'return keep(pages);'),
        'drivers/x.c': 'int x;\n',
    }
    result = check_series(Trees(before, {**TREE, 'drivers/x.c': LEAKS}), applied(1), RULES, Memory(), quiet)
    assert [(one.rule, one.patch) for one in result.findings if one.file == 'drivers/x.c'] == [('GUP-P03', 1)]


def said(place: Path, text: str) -> list[Path]:
    (place / 'gup').mkdir()
    (place / 'gup' / 'wrappers.toml').write_text(text)
    return [shipped('rules'), place]


def test_a_maintainer_has_the_last_word(tmp_path: Path) -> None:
    text = '[memory_pin]\nwhy = "it does not"\n\n[no_such]\nwhy = "gone"\ntakes = "pin"\nargument = 0\n'
    rules = load_rules(said(tmp_path, text))
    files = Trees({**TREE, 'drivers/x.c': LEAKS})
    assert check_rev(files, '0', rules, Memory(), quiet, ['drivers/x.c']).findings == ()
    result = list_wrappers(files, '0', rules, Memory(), quiet)
    assert result.notes == ('wrappers.toml: this tree has no function no_such()',)
    assert {one.name: one.said for one in result.wrappers}['memory_pin'] == 'it does not'


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('[f]\nwhy = "x"\ntakes = "pins"\n', "no resource is called 'pins'"),
        ('[f]\nwhy = "x"\ntake = "pin"\n', "unknown key 'take'"),
        ('[f]\ntakes = "pin"\n', 'why'),
    ],
)
def test_what_is_wrong_in_the_file_is_said(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(RuleError, match='gup/wrappers.toml') as raised:
        load_rules(said(tmp_path, text))
    assert words in str(raised.value)


def test_the_table_is_kept_for_the_commit() -> None:
    cache, files = Memory(), Trees({**TREE, 'drivers/x.c': LEAKS})
    first = check_rev(files, '0', RULES, cache, quiet, ['drivers/x.c'])
    files.reads.clear()
    assert check_rev(files, '0', RULES, cache, quiet, ['drivers/x.c']) == first
    assert files.reads == []


WAITS = """
enum how { EXCLUSIVE, DROP };

static int wait_common(struct folio *folio, int bit, enum how how)
{
	sleep_on(bit);
	if (how == DROP)
		folio_put(folio);
	return 0;
}

void lock_slowly(struct folio *folio)
{
	wait_common(folio, 1, EXCLUSIVE);
}

void wait_and_put(struct folio *folio)
{
	wait_common(folio, 1, DROP);
}

/* unpin_user_page() */
"""


def test_what_is_given_back_for_one_constant_is_not_for_another() -> None:
    known = listed(
        {**BASE, 'mm/wait.c': WAITS.encode(), 'include/linux/wait.h': b'void lock_slowly(struct folio *);\n'}
    )
    assert [bool(known[name].gives) for name in ('wait_and_put',)] == [True]
    assert 'lock_slowly' not in known
