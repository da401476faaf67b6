# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding in text: a line to jump to, the source, one caret, and the path as numbered steps in 100 columns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import report
from bot.cli import colour
from bot.model import CheckResult, Evidence, Excerpt, Finding, failed, passed
from bot.report.sections.listing import listing

LEAK = Finding(
    'GUP-P03', 'pages-leaked', 'error', 'medium', 'drivers/a.c', 11, 11, 'f', 'f() leaves by `return -ENOMEM`', None,
    'pre-existing', '0123456789abcdef',
    evidence=(
        Evidence('drivers/a.c', 6, 'taken by `pin(a)`', Excerpt(6, '\tret = pin(a);', 8, 13)),
        Evidence('include/x.h', 70, '`x` is false', Excerpt(70, '\tif (!x)', 7, 7)),
        Evidence('drivers/a.c', 11, '`return -ENOMEM`', Excerpt(11, '\t\treturn -ENOMEM;', 3, 16)),
    ),
    excerpt=(Excerpt(11, '\t\treturn -ENOMEM;', 3, 16),),
)  # fmt: skip


def text(*findings: Finding, brief: bool | None = None) -> str:
    return report.render_findings(CheckResult(failed('errors'), findings), 'text', columns=102, brief=brief)


def test_a_path_in_two_files() -> None:
    assert text(LEAK).split('\n\n')[0].split('\n') == [
        'drivers/a.c:11:3: error: f() leaves by `return -ENOMEM` [GUP-P03 pages-leaked, confidence medium]',
        '   6 |         ret = pin(a);',
        '     |               ~~~~~~ 1: taken',
        '    in include/x.h:',
        '  70 |         if (!x)',
        '     |              ~ 2: is false',
        '    in drivers/a.c:',
        '> 11 |                 return -ENOMEM;',
        '     |                 ^~~~~~~~~~~~~~ 3: here',
    ]


def test_the_finding_shows_its_own_lines_where_no_step_stands() -> None:
    alone = replace(LEAK, evidence=LEAK.evidence[:1])
    assert [line[:1] for line in listing(alone, 100)] == ['>', ' ', ' ', ' ']
    assert '1: ' not in '\n'.join(listing(alone, 100)), 'one step needs no number'


@pytest.mark.parametrize('wide', ['\t' * 14 + 'f(a);', 'x' * 300, '\u8a9e' * 90, 'a\x1b[31mb\u202e' * 20])
def test_nothing_is_wider_than_the_page_and_nothing_acts(wide: str) -> None:
    label = 'many words of a note that has to be wrapped because it is long ' * 4
    one = replace(LEAK, evidence=(Evidence('drivers/a.c', 11, label, Excerpt(11, wide, len(wide) - 2, len(wide))),) * 2)
    for line in listing(one, 100):
        assert report_width(line) <= 100
        assert '\x1b' not in line and '\u202e' not in line


def report_width(line: str) -> int:
    from bot.report.layout import width

    return width(line)


def test_unreadable_source_leaves_the_words() -> None:
    bare = replace(LEAK, excerpt=(), evidence=tuple(replace(e, excerpt=None) for e in LEAK.evidence))
    assert listing(bare, 100) == ()
    assert 'include/x.h:70 - `x` is false' in text(bare)


def test_many_are_told_in_a_line_each_that_is_never_wrapped() -> None:
    many = [replace(LEAK, line=n, fingerprint=str(n), message='long ' * 40) for n in range(1, 22)]
    told = text(*many)
    heads = [line for line in told.split('\n') if line.startswith('drivers/a.c:')]
    assert len(heads) == 21 and all(line.endswith('in f()') for line in heads)
    assert ' | ' not in told and '--full' in told
    assert ' | ' in text(*many, brief=False) and ' | ' not in text(LEAK, brief=True)
    assert told.rstrip().endswith('Checks: failed, errors; 21 errors')


def test_the_count_is_told_once() -> None:
    told = report.render_findings(CheckResult(failed('1 error'), (LEAK, replace(LEAK, severity='warning'))), 'text')
    assert told.endswith('\nChecks: failed, 1 error, 1 warning\n')
    assert report.render_findings(CheckResult(passed(), ()), 'text') == 'Checks: passed, nothing found\n'


def test_colours_add_nothing_but_colours() -> None:
    plain = text(LEAK)
    painted = colour.painted(plain)
    import re

    assert painted != plain and re.sub('\x1b\\[[0-9;]*m', '', painted) == plain
    assert '\x1b[1;31merror' in painted and '\x1b[1;31m^~~~' in painted


def test_a_series_that_brings_nothing_counts_nothing() -> None:
    told = report.render_findings(CheckResult(passed(), (LEAK,)), 'text', of_series=True)
    assert 'older, in the base already' in told and told.endswith('Checks: passed, nothing new\n')
