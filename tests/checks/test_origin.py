# SPDX-License-Identifier: GPL-2.0-or-later
"""Flags that a function gets from its callers or from a field: followed inside the file, and no further."""

from __future__ import annotations

import pytest

from bot.checks import check_rev, load_rules
from bot.checks.tree.kernel import Kernel
from bot.checks.tree.sources import Sources
from bot.model import Finding
from bot.resources import shipped
from tests.checks.files import Memory, Trees, example_tree, quiet

RULES = load_rules([shipped('rules')], only=['GUP-F03'])
TAKE = 'static long take(unsigned long a, unsigned int how, struct page **p)\n{\n\treturn get_user_pages_fast(a, 1, how, p);\n}\n'


def caller(name: str, given: str, before: str = '') -> str:
    return f'long {name}(unsigned long a, unsigned int w, struct page **p)\n{{\n\t{before}return take(a, {given}, p);\n}}\n'


def found(text: str) -> tuple[Finding, ...]:
    tree = Trees({**example_tree(), 'drivers/a.c': text})
    return check_rev(tree, '0', RULES, Memory(), quiet).findings


def exact(text: str) -> tuple[bool, str, str]:
    """Return whether the flags of the one call are known, and which must and may be set."""
    tree = Trees({**example_tree(), 'drivers/a.c': text})
    snapshot = Sources(tree, Memory(), RULES[0].watch, quiet).at('0')
    kernel = Kernel(snapshot, RULES[0].words, ['FOLL_'])
    file = snapshot.file('drivers/a.c')
    assert file is not None
    function, call = file.calls['get_user_pages_fast'][0]
    value = kernel.value_at('drivers/a.c', function, call, 2)
    return value.exact, kernel.named(value.must), kernel.named(value.may)


WRITE, LONG, NONE = 'FOLL_WRITE', 'FOLL_LONGTERM', '0x0'


@pytest.mark.parametrize(
    ('text', 'value'),
    [
        (TAKE + caller('f', WRITE), (True, WRITE, WRITE)),
        (TAKE + caller('f', WRITE) + caller('g', '0'), (True, NONE, WRITE)),
        (TAKE + caller('f', 'v', 'unsigned int v = FOLL_WRITE; if (w) v |= FOLL_LONGTERM; '), (True, WRITE, f'{WRITE} | {LONG}')),
        (TAKE + caller('f', 'w'), (False, NONE, NONE)),  # a global function's parameter: anybody calls it
        (TAKE.replace('static ', '') + caller('f', WRITE), (False, NONE, WRITE)),
        (TAKE + caller('f', WRITE) + 'static struct ops ops = { .take = take };\n', (False, NONE, WRITE)),
        (TAKE, (False, NONE, NONE)),
        (TAKE + 'static long mid(unsigned long a, unsigned int m, struct page **p)\n{\n\treturn take(a, m | FOLL_WRITE, p);\n}\n'
         + caller('f', LONG).replace('take', 'mid'), (True, f'{WRITE} | {LONG}', f'{WRITE} | {LONG}')),
    ],
)  # fmt: skip
def test_callers_decide(text: str, value: tuple[bool, str, str]) -> None:
    assert exact(text) == value


FIELD = 'long use(struct s *s, unsigned long a)\n{\n\treturn get_user_pages_fast(a, 1, s->how, s->pages);\n}\n'
SET = 'void set(struct s *s)\n{{\n\t{}\n}}\n'


@pytest.mark.parametrize(
    ('body', 'value'),
    [
        ('s->how = FOLL_WRITE;', (True, WRITE, WRITE)),
        ('s->how = 0; if (s->w) s->how |= FOLL_WRITE;', (True, NONE, WRITE)),
        ('s->how = s->w ? FOLL_WRITE : 0;', (True, NONE, WRITE)),
        ('s->how = FOLL_WRITE | FOLL_LONGTERM; s->how &= ~FOLL_LONGTERM;', (True, WRITE, f'{WRITE} | {LONG}')),
        ('s->how |= FOLL_WRITE;', (False, NONE, NONE)),  # where it begins is not here
        ('s->how = FOLL_WRITE; s->how = given;', (False, NONE, WRITE)),
        ('s->how = FOLL_WRITE; s->how ^= 1;', (False, NONE, NONE)),
        ('struct s t = { .w = 1, .how = FOLL_WRITE };', (True, WRITE, WRITE)),
        ('', (False, NONE, NONE)),
    ],
)
def test_the_assignments_of_the_file_decide(body: str, value: tuple[bool, str, str]) -> None:
    assert exact(FIELD + SET.format(body)) == value


def test_one_caller_in_the_wrong_is_found_and_named() -> None:
    (one,) = found(TAKE + caller('good', WRITE) + caller('bad', LONG))
    assert (one.function, one.line) == ('take', 3)
    assert [(note.line, note.note) for note in one.evidence] == [(11, 'bad() calls take(a, FOLL_LONGTERM, p)')]


def test_callers_in_the_right_are_quiet() -> None:
    assert found(TAKE + caller('good', WRITE) + caller('fine', '0')) == ()


def test_the_field_is_shown_where_it_is_set() -> None:
    (one,) = found(FIELD + SET.format('s->how = FOLL_LONGTERM;'))
    assert [(note.line, note.note) for note in one.evidence] == [(7, '`s->how` is set here')]


def test_functions_that_call_each_other_end() -> None:
    again = 'static long take(unsigned long a, unsigned int how, struct page **p);\n'
    loop = 'static long mid(unsigned long a, unsigned int m, struct page **p)\n{\n\treturn take(a, m, p);\n}\n'
    turned = TAKE.replace('return get', 'mid(a, how, p);\n\treturn get')
    assert exact(again + loop + turned)[0] is False
