# SPDX-License-Identifier: GPL-2.0-or-later
"""Spans are true in the file as it stands, and no function is ever left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.checks.c import facts as facts_module
from bot.checks.c.cparse import MAX_BYTES, Unit, Unreadable, squeeze
from bot.checks.c.extract import read_facts
from bot.checks.c.facts import FileFacts, Function, Watch, decode, encode

WATCH = Watch(prefixes=('FOLL_',), calls=('user_page',))


def facts(text: str) -> FileFacts:
    return read_facts(text.encode(), WATCH)


def only(text: str) -> Function:
    (function,) = facts(text).functions
    return function


def test_a_function_with_its_parameters_and_calls() -> None:
    function = only(
        'static __must_check long __init\nf(struct mm_struct *mm, int (*cb)(int),\n  unsigned long nr[2])\n{\n'
        '\treturn g(mm /* the one */,\n\t\t nr[0], "a, b");\n}\n'
    )
    assert (function.name, function.line, function.end_line, function.static) == ('f', 1, 7, True)
    assert [(one.name, one.type) for one in function.params] == [
        ('mm', 'struct mm_struct *'),
        ('cb', 'int (* )(int)'),
        ('nr', 'unsigned long [2]'),
    ]
    (call,) = function.calls
    assert (call.callee, call.line, call.end_line) == ('g', 5, 6)
    assert call.args == ('mm', 'nr[0]', '"a, b"')
    assert not call.damaged


def test_damaged_functions_are_marked_and_their_calls_are_there() -> None:
    found = facts(
        'int f(void)\n{\n\tint x = );\n\tget_user_pages(a, 1, FOLL_WRITE, p);\n}\nint g(void)\n{\n\treturn 0;\n}\n'
    )
    assert [(one.name, one.damaged) for one in found.functions] == [('f', True), ('g', False)]
    assert [call.callee for call in found.functions[0].calls] == ['get_user_pages']
    assert found.damaged == 1


def test_a_function_the_grammar_loses_is_found_by_its_braces() -> None:
    text = 'int f(int a)\n#ifdef X\n{\n#else\n{\n#endif\n\tget_user_pages(a, 1, 0, p);\n}\n'
    found = facts(text)
    assert 'f' in {one.name for one in found.functions}
    assert any(call.callee == 'get_user_pages' for one in found.functions for call in one.calls)


def test_calls_in_macro_bodies_are_seen_where_they_stand() -> None:
    (macro,) = facts('int x;\n#define TAKE(a, p) \\\n\tget_user_pages(a, 1, \\\n\t\tFOLL_WRITE, p)\n').functions
    assert (macro.name, macro.macro) == ('TAKE', True)
    assert [(call.callee, call.line, call.end_line) for call in macro.calls] == [('get_user_pages', 3, 4)]


def test_both_arms_of_an_if_are_there() -> None:
    names = [
        one.name
        for one in facts('#ifdef A\nint f(void) { return 1; }\n#else\nint f(void) { return 2; }\n#endif\n').functions
    ]
    assert names == ['f', 'f']


def test_odd_bytes_do_not_shift_lines() -> None:
    unit = Unit('/* Jürgen \udc80 */\r\nint f(void)\r\n{\r\n\tg("é");\r\n}\r\n'.encode('utf-8', 'surrogateescape'))
    (body,) = unit.bodies
    assert unit.line(body.start) == 2
    assert unit.text[body.start :].startswith(b'int f')


def test_macros_enumerators_and_prototypes() -> None:
    found = facts(
        '#define A (1 << 2) /* two */\n#define B(x, y) ((x) | \\\n\t(y))\n'
        'enum e {\n\t/* first */\n\tX = A,\n\tY,\n\tZ,\n};\n'
        '#if 1\nextern long take(unsigned long start, struct page **pages);\n#endif\nstatic int counter;\n'
    )
    assert [(one.name, one.params, one.body, one.line) for one in found.defines] == [
        ('A', None, '(1 << 2)', 1),
        ('B', ('x', 'y'), '((x) | (y))', 2),
    ]
    assert [(one.name, one.value, one.after, one.offset, one.comment) for one in found.enumerators] == [
        ('X', 'A', '', 0, 'first'),
        ('Y', '', 'X', 1, ''),
        ('Z', '', 'X', 2, ''),
    ]
    (prototype,) = found.prototypes
    assert (prototype.name, [one.name for one in prototype.params]) == ('take', ['start', 'pages'])
    assert found.variables == ('counter',)


def test_facts_survive_the_cache_and_rubbish_does_not() -> None:
    found = facts('int f(unsigned int flags)\n{\n\tflags |= FOLL_WRITE;\n\treturn get_user_pages(a, 1, flags, p);\n}\n')
    assert decode(encode(found)) == found
    assert decode(b'rubbish') is None
    assert decode(b'') is None


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        (b'int x;\n' * (MAX_BYTES // 7 + 1), 'larger than 4 MiB'),
        (b'(' * 5000, 'nested more than 1000 levels deep'),
        (b'x' + b'; ' * 6000, 'a run of thousands of signs without a word'),
    ],
)
def test_what_is_no_code_is_refused_with_a_reason(text: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        Unit(text)
    assert read_facts(text, WATCH).unread == reason


def test_the_cache_version_covers_all_code_that_makes_facts() -> None:
    """Else a mended parser would go on reading its old mistakes from the cache."""
    here = Path(facts_module.__file__).parent
    seen, waiting = set[str](), ['extract']
    while waiting:
        name = waiting.pop()
        seen.add(name)
        found = re.findall(r'(?m)^from bot\.checks\.c\.(\w+) import', (here / f'{name}.py').read_text())
        waiting += [one for one in found if one not in seen]
    assert seen == set(facts_module.MAKERS)
    assert WATCH.version != Watch(prefixes=('FOLL_',)).version


def test_squeeze() -> None:
    assert squeeze('a /* b */ |\\\n\tc // d\n | e') == 'a | c | e'
