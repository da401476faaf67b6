# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding shows the lines it is about, with the caret under the very expression; comments that allow are all told of."""

from __future__ import annotations

import pytest

from bot.checks import check_rev, check_series, load_rules
from bot.checks.excerpts import excerpt_of
from bot.model import CheckResult, Excerpt
from bot.resources import shipped
from tests.checks.files import Memory, Trees, applied, example_tree, quiet

RULES = load_rules([shipped('rules')])
LEAK = """int f(unsigned long a, int n, struct page **p)
{
	int ret = pin_user_pages_fast(a, n, FOLL_WRITE, p);
	void *x;

	if (ret < n)
		return ret;
	x = kmalloc(16, GFP_KERNEL);
	if (!x)
		return -ENOMEM;
	unpin_user_pages(p, ret);
	return 0;
}
"""


def checked(text: str, path: str = 'drivers/a.c') -> CheckResult:
    return check_rev(Trees({**example_tree(), path: text}), '0', RULES, Memory(), quiet)


def marked(one: Excerpt | None) -> str:
    return one.text[one.first - 1 : one.last] if one is not None and one.first else ''


CALLS = [
    ('get_user_pages_fast(a, 1, FOLL_LONGTERM, p)', 'GUP-F03', 'FOLL_LONGTERM'),
    ('get_user_pages_fast(a, 1,\n\t\tFOLL_WRITE | /* why */ FOLL_LONGTERM, p)', 'GUP-F03', 'FOLL_WRITE | /* why */ FOLL_LONGTERM'),
    ('pin_user_pages(0, 0, 0, NULL)', 'GUP-F05', 'NULL'),
    ('pin_user_pages_fast(a, n, FOLL_GET, p)', 'GUP-F02', 'FOLL_GET'),
]  # fmt: skip


@pytest.mark.parametrize(('call', 'rule', 'expression'), CALLS, ids=[call[1] for call in CALLS])
def test_the_caret_stands_under_the_argument(call: str, rule: str, expression: str) -> None:
    text = f'long f(unsigned long a, int n, struct page **p)\n{{\n\treturn {call};\n}}\n'
    found = [one for one in checked(text).findings if one.rule == rule]
    assert [marked(one.mark) for one in found] == [expression]
    assert found[0].mark is not None and found[0].mark.text in text


def test_every_step_of_a_path_has_its_line() -> None:
    leaks = [one for one in checked(LEAK).findings if one.rule == 'GUP-P03']
    assert [(one.line, marked(one.mark)) for one in leaks] == [(10, 'return -ENOMEM')]
    steps = [(line.line, marked(line.excerpt)) for line in leaks[0].evidence]
    assert steps == [(3, 'pin_user_pages_fast(a, n, FOLL_WRITE, p)'), (6, 'ret < n'), (9, 'x'), (10, 'return -ENOMEM')]


@pytest.mark.parametrize(
    ('line', 'expression', 'first', 'last'),
    [
        ('f(a,  b);', 'f(a, b)', 1, 8),
        ('foo(p); o(p);', 'o(p)', 9, 12),  # not the end of another word
        ('f(x);', 'g(x)', 0, 0),
        ('(((((', '(' * 500, 0, 0),
        ('', 'a', 0, 0),
    ],
)
def test_only_what_stands_there_is_marked(line: str, expression: str, first: int, last: int) -> None:
    assert excerpt_of([line], 1, expression) == Excerpt(1, line, first, last)
    assert excerpt_of([line], 2, expression) is None


def test_a_line_without_end_is_cut() -> None:
    shown = excerpt_of(['x' * 1000 + ' f(a);'], 1, 'f(a)')
    assert shown == Excerpt(1, 'x' * 400)


def test_lines_are_of_the_commit_the_finding_is_about() -> None:
    bad = 'long f(unsigned long a, struct page **p)\n{\n\treturn get_user_pages_fast(a, 1, FOLL_LONGTERM, p);\n}\n'
    trees = [{**example_tree(), 'drivers/a.c': text.encode()} for text in ('', bad, '\n\n' + bad, '')]
    [one] = check_series(Trees(*trees), applied(3), RULES, Memory(), quiet).findings
    assert (one.class_, one.line, marked(one.mark)) == ('fixed-later', 5, 'FOLL_LONGTERM')


ALLOW = (
    'long f(unsigned long a, struct page **p)\n{\n\t/* lorebot: allow %s */\n\treturn %s(a, 1, FOLL_LONGTERM, p);\n}\n'
)


@pytest.mark.parametrize(
    ('comment', 'function', 'note'),
    [
        ('GUP-F03: the old ioctl', 'get_user_pages_fast', 'drivers/a.c:4: a comment allows GUP-F03: the old ioctl'),
        ('GUP-F03: old', 'pin_user_pages_fast', 'drivers/a.c:3: a comment allows GUP-F03, and nothing there needs it: take it away'),
        ('GUP-F03', 'get_user_pages_fast', 'drivers/a.c:3: a comment allows GUP-F03 and gives no reason: it is not heeded'),
    ],
)  # fmt: skip
def test_no_comment_works_unseen(comment: str, function: str, note: str) -> None:
    result = checked(ALLOW % (comment, function))
    assert [said for said in result.coverage.notes if 'a comment allows' in said] == [note]
    assert [one.allowed for one in result.allowed] == (['the old ioctl'] if note.endswith('ioctl') else [])


def test_a_comment_idle_since_a_patch_is_told_in_a_series() -> None:
    texts = [ALLOW % ('GUP-F03: old', one) for one in ('get_user_pages_fast', 'pin_user_pages_fast')]
    result = check_series(
        Trees(*({**example_tree(), 'drivers/a.c': text.encode()} for text in texts)), applied(1), RULES, Memory(), quiet
    )
    said = 'drivers/a.c:3: a comment allows GUP-F03, and nothing there needs it: take it away'
    assert said in result.coverage.notes
