# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines as gcc, clang, ld, modpost, objtool, kernel-doc, dtc, sparse and Kconfig print them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.lab.diagnostics import compare, parse

GCC = b"""  CC      mm/gup.o
mm/gup.c: In function 'gup_put_folio':
mm/gup.c:104:13: warning: variable 'old_refs' set but not used [-Wunused-but-set-variable]
  104 |         int old_refs;
      |             ^~~~~~~~
mm/gup.c:114:38: error: 'undeclared_thing' undeclared (first use in this function)
mm/gup.c:114:38: note: each undeclared identifier is reported only once
make[3]: *** [scripts/Makefile.build:243: mm/gup.o] Error 1
"""


def test_gcc() -> None:
    warning, error = parse(GCC)
    assert (warning.where, warning.function, warning.option) == (
        'mm/gup.c:104',
        'gup_put_folio',
        '-Wunused-but-set-variable',
    )
    assert (error.severity, error.message) == ('error', "'undeclared_thing' undeclared (first use in this function)")


@pytest.mark.parametrize(
    ('line', 'tool', 'severity', 'where', 'function'),
    [
        ('mm/gup.c:9:3: error: use of undeclared identifier', 'cc', 'error', 'mm/gup.c:9', ''),
        ('mm/a.c:1:10: fatal error: x.h: No such file or directory', 'cc', 'error', 'mm/a.c:1', ''),
        (
            "aarch64-linux-gnu-ld: mm/gup.o: in function `f': mm/gup.c:12:(.text+0x10): undefined reference to `g'",
            'ld',
            'error',
            '',
            'f',
        ),
        ("mm/gup.c:12:(.text+0x10): undefined reference to `g'", 'ld', 'error', 'mm/gup.c:12', ''),
        ('ld.lld: error: undefined symbol: g', 'ld', 'error', '', ''),
        ('ERROR: modpost: "gup_fast" [drivers/a.ko] undefined!', 'modpost', 'error', '', ''),
        ('vmlinux.o: warning: objtool: foo+0x12: unreachable instruction', 'objtool', 'warning', 'vmlinux.o', 'foo'),
        (
            "Warning: mm/gup.c:100 function parameter 'x' not described in 'pin'",
            'kernel-doc',
            'warning',
            'mm/gup.c:100',
            'pin',
        ),
        (
            'arch/arm64/boot/a.dts:12.3-14: Warning (reg_format): /soc: odd',
            'dtc',
            'warning',
            'arch/arm64/boot/a.dts:12',
            '',
        ),
        ('mm/Kconfig:12:warning: ignoring type redefinition', 'kconfig', 'warning', 'mm/Kconfig:12', ''),
        ('mm/gup.c:33:5: warning: symbol x was not declared', 'cc', 'warning', 'mm/gup.c:33', ''),
        ("make: *** No rule to make target 'Imag'.  Stop.", 'make', 'error', '', ''),
    ],
)
def test_each_tool(line: str, tool: str, severity: str, where: str, function: str) -> None:
    (record,) = parse(line.encode())
    assert (record.tool, record.severity, record.function) == (tool, severity, function)
    assert record.where == where or not where


def test_what_moves_is_not_new_and_a_second_one_is() -> None:
    moved = GCC.replace(b'104', b'204').replace(b'mm/gup.c', b'mm/pin.c')
    assert compare(parse(GCC), parse(moved)) == ((), (), 2)
    twice = (
        GCC
        + b"mm/gup.c: In function 'gup_put_folio':\nmm/gup.c:9:1: warning: variable 'old_refs' set but not used [-Wx]\n"
    )
    assert [d.line for d in compare(parse(GCC), parse(twice))[0]] == [9]


def test_what_is_gone_is_credited() -> None:
    new, gone, held = compare(parse(GCC), ())
    assert (new, len(gone), held) == ((), 2, 0)


def test_the_same_words_in_another_function_are_new() -> None:
    other = GCC.replace(b'gup_put_folio', b'another')
    assert len(compare(parse(GCC), parse(other))[0]) == 2


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([*GCC.splitlines(), b'ld: ', b'make: *** x', b'a: In function']) | st.binary(max_size=200))
)
def test_any_log_is_read_and_equals_itself(lines: list[bytes]) -> None:
    records = parse(b'\n'.join(lines))
    assert compare(records, records) == ((), (), len(records))
    assert len(records) <= len(lines) + sum(line.count(b'\n') for line in lines)


def test_kernel_doc_of_older_trees_is_told_from_a_compiler_by_its_missing_column() -> None:
    log = (
        b"mm/gup.c:493: warning: Function parameter or struct member 'flags' not described in '__unpin_user_pages'\n"
        b"mm/gup.c:12:5: warning: unused variable 'x' [-Wunused-variable]\n"
        b'mm/Kconfig:7: warning: odd\n'
    )
    assert [(d.tool, d.function) for d in parse(log)] == [
        ('kernel-doc', '__unpin_user_pages'),
        ('cc', ''),
        ('kconfig', ''),
    ]


WITHIN = b"""  CC      mm/gup.o
mm/gup.c: In function 'gup_put_folio':
mm/gup.c:105:6: warning: variable 'old_refs' set but not used [-Wunused-but-set-variable]
"""
OUTSIDE = b"""  CC      kernel/time/hrtimer.o
kernel/time/hrtimer.c:121:35: warning: initialized field overwritten [-Woverride-init]
"""


def test_what_another_object_was_told_before_is_no_context() -> None:
    """make compiles in another order every time."""
    one, other = parse(WITHIN + OUTSIDE), parse(OUTSIDE + WITHIN)
    assert {d.key for d in one} == {d.key for d in other}
    assert {d.file: d.function for d in one} == {'mm/gup.c': 'gup_put_folio', 'kernel/time/hrtimer.c': ''}
    assert compare(one, other)[:2] == ((), ())


def test_outside_of_functions_the_file_tells_apart_and_its_directory_does_not() -> None:
    moved = OUTSIDE.replace(b'kernel/time/', b'kernel/')
    assert compare(parse(OUTSIDE), parse(moved))[:2] == ((), ())
    assert len(compare(parse(OUTSIDE), parse(OUTSIDE.replace(b'hrtimer', b'ntp')))[0]) == 1
