# SPDX-License-Identifier: GPL-2.0-or-later
"""Where paths are joined, whatever was found by walking them one by one is found still."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.checks import check_rev, load_rules
from bot.checks.c.cfg import graph_of
from bot.checks.c.cparse import Unit
from bot.checks.c.extract import read_facts
from bot.checks.c.graph import Graph
from bot.checks.flow import paths
from bot.checks.flow.habits import habits_of
from bot.checks.flow.meeting import BY_HELD, BY_SIGN, BY_TAKEN
from bot.checks.judgement import home_words
from bot.checks.tree.kernel import Kernel
from bot.checks.tree.sources import Sources
from bot.checks.tree.words import Words
from bot.resources import shipped
from tests.checks.files import Memory, Trees, example_tree, quiet

RULES = load_rules([shipped('rules')])
BASE = example_tree()
AREA = next(rule.words for rule in RULES if rule.words.flags is not None)
KERNEL = Kernel(Sources(Trees(BASE), Memory(), RULES[0].watch, quiet).at('0'), AREA, home_words(RULES))
SIMPLE = (
    'got = pin_user_pages_fast(a, n, FOLL_WRITE, p);',
    'got = get_user_pages_fast(a, 1, FOLL_WRITE, &page);',
    'unpin_user_pages(p, got);',
    'unpin_user_pages(p, n);',
    'put_page(page);',
    'unpin_user_page(page);',
    'use(d);',
    'n = next(d);',
    'i++;',
    'ret = -ENOMEM;',
    'ret = got;',
    'd->page = page;',
    'return ret;',
    'return -EINVAL;',
    'return 0;',
    'goto out;',
)
TESTS = ('got < 0', 'got != n', 'got <= 0', 'got < 1', 'ret', 'ready(d)', 'i < n', '!d->page', 'n > 4')


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    block, test = st.lists(inner, min_size=1, max_size=3).map(' '.join), st.sampled_from(TESTS)
    return st.one_of(
        st.builds('if ({0}) {{ {1} }}'.format, test, block),
        st.builds('if ({0}) {{ {1} }} else {{ {2} }}'.format, test, block, block),
        st.builds('for (i = 0; i < n; i++) {{ {0} }}'.format, block),
        st.builds('while ({0}) {{ {1} }}'.format, test, block),
    )


BODIES = st.lists(st.recursive(st.sampled_from(SIMPLE), nested, max_leaves=5), min_size=2, max_size=6)
HEAD = 'static int f(struct dev *d, unsigned long a, int n, struct page **p)\n{\n'
LOCALS = '\tstruct page *page;\n\tint i = 0, ret = 0, got = 0;\n\n'


def text_of(body: list[str]) -> str:
    lines = '\n'.join(one.replace('; ', ';\n').replace('{ ', '{\n') for one in body)
    return f'{HEAD}{LOCALS}{lines}\nout:\n\tunpin_user_page(page);\n\treturn ret;\n}}\n'


def graphs(text: str) -> dict[str, Graph]:
    data = text.encode()
    unit, facts = Unit(data), read_facts(data, RULES[0].watch)
    params = {one.name: one.params for one in facts.functions}
    return {body.name: graph_of(unit, body, params[body.name]) for body in unit.bodies}


def found(made: Mapping[str, Graph], level: int) -> set[tuple[str, int, int, str]] | None:
    """Return what, where it was taken and where it happens; None when the function is given up."""
    assert KERNEL.area.flow is not None
    words = Words(KERNEL, KERNEL.area.flow).within(made)
    walk = paths._Walk(made['f'], words, habits_of(made, words), {}, level)
    if walk.run():
        return None
    untold = {
        *paths._BY_ROUND,
        'miscount',
    }  # which round it is, and whether two numbers are one, is not kept where paths met
    told = (one for one in walk.events.values() if one.what not in untold)
    return {(one.what, one.take_line, one.line, one.given) for one in told}


@pytest.mark.parametrize('level', [BY_SIGN, BY_TAKEN])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODIES)
def test_joining_loses_nothing(level: int, body: list[str]) -> None:
    made = graphs(text_of(body))
    apart, joined = found(made, 0), found(made, level)
    if apart is not None and joined is not None:
        assert apart <= joined


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODIES)
def test_joining_all_that_hold_alike_loses_no_leak(body: list[str]) -> None:
    made = graphs(text_of(body))
    apart, joined = found(made, 0), found(made, BY_HELD)
    if apart is not None and joined is not None:
        kinds = ('lost', 'mismatch')
        assert {one for one in apart if one[0] in kinds} <= {one for one in joined if one[0] in kinds}


def many(number: int) -> str:
    """Return a function of which the paths double with each field, and that forgets a pin where its caller is told of an error."""
    flags = ''.join(f'\tif (d->a{nth})\n\t\tx{nth} = next(d);\n' for nth in range(number))
    uses = ''.join(f'\tif (x{nth} > 0)\n\t\tuse(d, x{nth});\n' for nth in range(number))
    numbers = ', '.join(f'x{nth} = 0' for nth in range(number))
    return (
        f'static int f(struct dev *d, unsigned long a)\n{{\n\tstruct page *page;\n\tint {numbers};\n\n'
        f'\tif (pin_user_pages_fast(a, 1, FOLL_WRITE, &page) != 1)\n\t\treturn -EFAULT;\n{flags}{uses}'
        '\tif (d->gone)\n\t\treturn -ENODEV;\n\tunpin_user_page(page);\n\treturn 0;\n}\n'
    )


def test_a_function_with_a_million_paths_is_followed() -> None:
    text = many(20)
    result = check_rev(Trees({**BASE, 'drivers/x.c': text.encode()}), '0', RULES, Memory(), quiet, ['drivers/x.c'])
    line = text.split('\n').index('\t\treturn -ENODEV;') + 1
    assert [(one.rule, one.line) for one in result.findings] == [('GUP-P03', line)]
    assert not any('not followed' in note for note in result.coverage.notes)
