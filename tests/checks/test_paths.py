# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages are followed along real shapes of kernel code: what is lost is found, what only looks lost is not."""

from __future__ import annotations

import re

import pytest

from bot.checks import check_rev, check_series, load_rules
from bot.resources import shipped
from tests.checks.files import Memory, Trees, applied, example_tree, quiet

RULES = load_rules([shipped('rules')])
BASE = example_tree()
WANT = re.compile(r'/\* want ([A-Z]\d\d) \*/')


def found(text: str, path: str = 'drivers/x.c') -> list[tuple[str, int]]:
    result = check_rev(Trees({**BASE, path: text}), '0', RULES, Memory(), quiet, [path])
    return sorted((one.rule[-3:], one.line) for one in result.findings)


def wanted(text: str) -> list[tuple[str, int]]:
    return sorted((kind, nth) for nth, line in enumerate(text.split('\n'), 1) for kind in WANT.findall(line))


HEAD = 'static int f(struct dev *d, unsigned long a, int n, struct page **given)\n{\n'
ALLOCATED = '\tstruct page **p = kcalloc(n, sizeof(*p), GFP_KERNEL);\n\tint i, ret;\n\n\tif (!p)\n\t\treturn -ENOMEM;\n'
CASES = {
    'a table of pages that cannot be made': f"""{HEAD}{ALLOCATED}
	ret = pin_user_pages_fast(a, n, FOLL_WRITE | FOLL_LONGTERM, p);
	if (ret < 0)
		goto free;
	if (ret != n) {{
		unpin_user_pages(p, ret);
		ret = -EINVAL;
		goto free;
	}}
	ret = sg_alloc_table_from_pages(&d->table, p, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		goto free; /* want P03 */
free:
	kfree(p);
	return ret;
}}
""",
    'a helper that takes for its caller': f"""
static int take(struct page **pages, unsigned long a, int n)
{{
	return pin_user_pages_fast(a, n, FOLL_WRITE, pages);
}}

{HEAD}{ALLOCATED}
	ret = take(p, a, n);
	if (ret != n) {{
		kfree(p); /* want P04 */
		return -EFAULT;
	}}
	use(d, p);
	return 0;
}}
""",
    'a helper that takes all or nothing': f"""
static int take(struct page **pages, unsigned long a, int n)
{{
	int got = pin_user_pages_fast(a, n, FOLL_WRITE, pages);

	if (got == n)
		return 0;
	if (got > 0)
		unpin_user_pages(pages, got);
	return -EFAULT;
}}

{HEAD}{ALLOCATED}
	ret = take(p, a, n);
	if (ret)
		goto free;
	if (d->gone) {{
		ret = -ENODEV;
		goto free; /* want P03 */
	}}
	unpin_user_pages(p, n);
free:
	kfree(p);
	return ret;
}}
""",
    'a helper that frees the object that holds them': """
static void destroy(struct obj *o)
{
	kvfree(o->pages);
	kfree(o);
}

static struct obj *make(unsigned long a, int n)
{
	struct obj *o = kzalloc(sizeof(*o), GFP_KERNEL);
	int ret;

	if (!o)
		return ERR_PTR(-ENOMEM);
	o->pages = kvcalloc(n, sizeof(*o->pages), GFP_KERNEL);
	if (!o->pages) {
		kfree(o);
		return ERR_PTR(-ENOMEM);
	}
	ret = pin_user_pages_fast(a, n, FOLL_WRITE | FOLL_LONGTERM, o->pages);
	if (ret < n) {
		destroy(o);
		return ERR_PTR(ret < 0 ? ret : -EFAULT); /* want P04 */
	}
	return o;
}
""",
    'a helper that gives them back, named by the field': """
static void destroy(struct obj *o, int n)
{
	unpin_user_pages(o->pages, n); /* want D01 */
	kvfree(o->pages);
}

static int fill(struct obj *o, unsigned long a, int n)
{
	int ret;

	o->pages = kvcalloc(n, sizeof(*o->pages), GFP_KERNEL);
	if (!o->pages)
		return -ENOMEM;
	ret = pin_user_pages_fast(a, n, FOLL_WRITE | FOLL_LONGTERM, o->pages);
	if (ret < n) {
		destroy(o, ret > 0 ? ret : 0);
		return -EFAULT;
	}
	return 0;
}
""",
    'the second of two fails': """
static int f(u64 a, u64 b)
{
	struct page *one, *two;

	if (get_user_pages_fast(a, 1, FOLL_WRITE, &one) != 1)
		return -EFAULT;
	if (get_user_pages_fast(b, 1, FOLL_WRITE, &two) != 1)
		return -EFAULT; /* want P03 */
	swap_them();
	put_page(two);
	put_page(one);
	return 0;
}
""",
    'one array used twice': """
static int f(struct dev *d, u64 a, u64 b)
{
	struct page *pages[1], *first;
	int got;

	if (pin_user_pages_fast(a, 1, FOLL_WRITE | FOLL_LONGTERM, pages) < 1)
		return -EIO;
	first = pages[0];
	got = pin_user_pages_fast(b, 1, FOLL_WRITE | FOLL_LONGTERM, pages);
	if (got < 1) {
		unpin_user_page(first);
		return -EIO;
	}
	d->first = first;
	d->second = pages[0];
	return 0;
}
""",
    'a loop that goes on to the count that was asked for': f"""{HEAD}
	int i, got = get_user_pages_fast(a, n, 0, given);

	if (got < n) {{
		for (i = 0; i < n; i++)
			put_page(given[i]); /* want P07 */
		return -EFAULT;
	}}
	return 0;
}}
""",
    'a loop that looks at each element first': f"""{HEAD}
	int i, got = get_user_pages_fast(a, n, 0, given);

	if (got < n) {{
		for (i = 0; i < n; i++) {{
			if (given[i])
				put_page(given[i]);
		}}
		return -EFAULT;
	}}
	return 0;
}}
""",
    'earlier rounds of a loop': f"""{HEAD}
	int got, done = 0;

	while (done < n) {{
		got = pin_user_pages_fast(a, n - done, 0, given + done);
		if (got < 0)
			return got; /* want P03 */
		done += got;
	}}
	return 0;
}}
""",
    'rounds that hand over to a table': f"""{HEAD}
	struct page **list = (struct page **)__get_free_page(GFP_KERNEL);
	int got, ret = 0;

	while (n) {{
		got = pin_user_pages_fast(a, n, FOLL_LONGTERM, list);
		if (got < 0) {{
			ret = got;
			break;
		}}
		n -= got;
		ret = sg_alloc_append_table_from_pages(&d->table, list, got, 0, got << PAGE_SHIFT, 0, n, GFP_KERNEL);
		if (ret) {{
			unpin_user_pages(list, got);
			break;
		}}
	}}
	free_page((unsigned long)list);
	return ret;
}}
""",
    'a page known by its physical address': f"""{HEAD}
	struct page *page;

	if (pin_user_pages_fast(a, 1, FOLL_WRITE | FOLL_LONGTERM, &page) != 1)
		return -EFAULT;
	d->address = page_to_phys(page);
	return 0;
}}
""",
    'a pointer that cannot be NULL after success': f"""{HEAD}
	struct page *page = NULL;

	if (pin_user_pages_fast(a, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	work(d);
	if (page)
		unpin_user_page(page);
	return 0;
}}
""",
    'both arms of a text condition': f"""{HEAD}
	struct page *page;

#ifdef CONFIG_A
	if (pin_user_pages_fast(a, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
#endif
	work(d);
#ifdef CONFIG_A
	unpin_user_page(page);
#endif
	return 0;
}}
""",
    'a zeroed object says what was stored': f"""{HEAD}
	struct req *req = kzalloc(sizeof(*req), GFP_KERNEL);
	struct page *page;

	if (!req)
		return -ENOMEM;
	if (pin_user_pages_fast(a, 1, FOLL_WRITE, &page) != 1)
		goto out;
	if (!req->page)
		unpin_user_page(page);
out:
	kfree(req);
	return -EIO;
}}
""",
    'flags that say what was done': f"""{HEAD}
	struct page *page;

	if (!(n & FLAG_USER))
		return 0;
	if (pin_user_pages_fast(a, 1, FOLL_WRITE, &page) != 1)
		return -EFAULT;
	if (n & FLAG_USER)
		unpin_user_page(page);
	return 0;
}}
""",
}


@pytest.mark.parametrize('name', CASES)
def test_finds_what_is_marked_and_nothing_else(name: str) -> None:
    assert found(CASES[name]) == wanted(CASES[name])


def test_the_path_is_the_evidence() -> None:
    result = check_rev(
        Trees({**BASE, 'drivers/x.c': CASES['the second of two fails']}), '0', RULES, Memory(), quiet, ['drivers/x.c']
    )
    (one,) = result.findings
    assert [(note.line, note.note) for note in one.evidence] == [
        (6, 'taken by `get_user_pages_fast(a, 1, FOLL_WRITE, &one)`'),
        (6, '`get_user_pages_fast(a, 1, FOLL_WRITE, &one) != 1` is false'),
        (8, '`get_user_pages_fast(b, 1, FOLL_WRITE, &two) != 1` is true'),
        (9, '`return -EFAULT`'),
    ]
    assert one.message == 'f() leaves by `return -EFAULT` without giving back the pages that get_user_pages_fast() took'


LEAK = CASES['the second of two fails']
MENDED = LEAK.replace(
    '\t\treturn -EFAULT; /* want P03 */', '\t\tgoto put;'
).replace('\tput_page(one);', 'put:\n\tput_page(one);')  # fmt: skip
OTHER = 'static int g(void)\n{\n\treturn 0;\n}\n'


@pytest.mark.parametrize(
    ('texts', 'expected'),
    [
        ((OTHER, LEAK), [('introduced', 1)]),
        ((LEAK, MENDED), [('fixed', 1)]),
        ((OTHER, LEAK, MENDED), [('fixed-later', 1)]),
        ((LEAK, LEAK.replace('swap_them', 'swap_both')), [('pre-existing', None)]),
        ((LEAK, OTHER + LEAK), [('pre-existing', None)]),
    ],
)
def test_a_series_brings_or_mends_a_leak(texts: tuple[str, ...], expected: list[tuple[str, int | None]]) -> None:
    trees: list[dict[str, bytes | str]] = [{**BASE, 'drivers/x.c': text} for text in texts]
    result = check_series(Trees(*trees), applied(len(texts) - 1), RULES, Memory(), quiet)
    assert [(one.class_, one.patch) for one in result.findings] == expected


def test_a_function_with_many_paths_is_followed_where_they_are_joined() -> None:
    tests = ''.join(f'\tif (d->a{nth})\n\t\tx{nth} = {nth};\n' for nth in range(14))
    uses = ''.join(f'\tif (x{nth} == {nth})\n\t\twork({nth});\n' for nth in range(14))
    names = ''.join(f'\tint x{nth} = 100;\n' for nth in range(14))
    take = '\tif (pin_user_pages_fast(a, 1, 0, given) != 1)\n\t\treturn -EFAULT;\n'
    text = f'{HEAD}{names}{tests}{take}{uses}\treturn -EIO; /* want P03 */\n}}\n'
    assert found(text) == wanted(text)


def test_a_walk_over_a_tree_by_two_pointers_ends() -> None:
    walk = '\twhile (*new) {\n\t\tup = *new;\n\t\tif (less(up, a))\n\t\t\tnew = &up->left;\n\t\telse\n\t\t\tnew = &up->right;\n\t}\n'
    take = '\tif (pin_user_pages_fast(a, 1, 0, given) != 1)\n\t\treturn -EFAULT;\n'
    text = f'{HEAD}\tstruct node **new = &d->top, *up = NULL;\n\n{take}{walk}\treturn -EIO; /* want P03 */\n}}\n'
    assert found(text) == wanted(text)


def test_a_function_with_too_many_paths_is_named_and_accused_of_nothing() -> None:
    takes = ''.join(f'\tif (d->a{nth})\n\t\tn += pin_user_pages_fast(a, 1, 0, d->p{nth});\n' for nth in range(12))
    text = f'{HEAD}{takes}\treturn -EIO;\n}}\n'
    result = check_rev(Trees({**BASE, 'drivers/x.c': text}), '0', RULES, Memory(), quiet, ['drivers/x.c'])
    assert result.findings == ()
    (note,) = (one for one in result.coverage.notes if 'followed' in one)
    assert note == 'not followed along its paths, too many states: f() in drivers/x.c'


def test_what_was_walked_is_kept_and_read_again() -> None:
    cache, files = Memory(), Trees({**BASE, 'drivers/x.c': LEAK})
    first = check_rev(files, '0', RULES, cache, quiet, ['drivers/x.c'])
    reads = len(files.reads)
    assert check_rev(files, '0', RULES, cache, quiet, ['drivers/x.c']) == first
    assert files.reads[reads:] == []


def test_a_cache_that_holds_anything_changes_nothing() -> None:
    cache, files = Memory(), Trees({**BASE, 'drivers/x.c': LEAK})
    first = check_rev(files, '0', RULES, cache, quiet, ['drivers/x.c'])
    cache.facts = {key: b'\x00' if key[0] == 'c-walk' else fact for key, fact in cache.facts.items()}
    assert check_rev(files, '0', RULES, cache, quiet, ['drivers/x.c']) == first


@pytest.mark.parametrize('statement', ['= 1;', '++;', '-> = n;', '*();', 'unpin_user_pages();', 'kfree();', '[] = p;'])
def test_what_is_no_statement_breaks_nothing(statement: str) -> None:
    text = f'{HEAD}\tif (pin_user_pages_fast(a, 1, 0, given) != 1)\n\t\treturn 1;\n\t{statement}\n\treturn 0;\n}}\n'
    result = check_rev(Trees({**BASE, 'drivers/x.c': text}), '0', RULES, Memory(), quiet, ['drivers/x.c'])
    assert result.coverage.functions
