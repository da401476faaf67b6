# SPDX-License-Identifier: GPL-2.0-or-later
"""MAINTAINERS: whom it names for a file, and that no pattern in it can harm."""

from __future__ import annotations

import operator
import re
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import lore, trees
from bot.config import load
from bot.fakes import Demo
from bot.trees.maintainers import parse, responsible
from bot.trees.patterns import Expression, expression, glob_matches

TEXT = """\
List of maintainers
===================

Descriptions of section entries:

\tM: *Mail* patches to: FullName <address@domain>
\tF: *Files* and directories wildcard patterns.

Maintainers List
----------------

MEMORY MANAGEMENT
M:\tAndy Mm <andy@mm.example>
L:\tlinux-mm@lists.example
S:\tMaintained
F:\tmm/
X:\tmm/private/

GUP
M:\tGita Gup <GITA@gup.example>
R:\tRon Reader <ron@gup.example>
T:\tgit git://git.example/gup.git
F:\tmm/gup*.c

SUNXI
M:\tSun X <sun@x.example>
N:\t[^a-z]sun[x4-9]i
K:\t\\ballwinner_\\w+

BROKEN
M:\tno address here
M:\tB <b@broken.example>
F:\tdrivers/b
N:\t(?=evil)x
N:\t(((

NO TITLE FOLLOWS

M:\tLost <lost@x.example>
F:\tmm/

THE REST
M:\tLinus <l@rest.example>
F:\t*
F:\t*/
"""


def named(*paths: str, added: tuple[str, ...] = (), the_rest: bool = False) -> set[tuple[str, str]]:
    return {(p.person.email, p.role) for p in responsible(parse(TEXT), paths, added, the_rest)}


def test_the_longest_pattern_of_a_file_names_its_people() -> None:
    assert named('mm/gup.c') == {('gita@gup.example', 'M'), ('ron@gup.example', 'R')}
    assert named('mm/slub.c') == {('andy@mm.example', 'M')}
    assert named('mm/gup.c', 'mm/slub.c') == named('mm/gup.c') | named('mm/slub.c')


def test_what_is_excluded_or_unknown_names_nobody() -> None:
    assert named('mm/private/x.c') == named('lib/x.c') == set()
    assert named('drivers/b/c.c') == named('drivers/b') == {('b@broken.example', 'M')}
    assert named('drivers/bc.c') == set()


def test_the_rest_is_asked_for_or_nothing() -> None:
    assert named('lib/x.c', 'Makefile', the_rest=True) == {('l@rest.example', 'M')}
    assert named('mm/gup.c', the_rest=True) == named('mm/gup.c')


def test_expressions_name_files_and_what_patches_say() -> None:
    assert named('arch/arm/mach-sun4i.c') == {('sun@x.example', 'M')}
    assert named('lib/x.c', added=('\tallwinner_init(x);',)) == {('sun@x.example', 'M')}
    assert named('lib/x.c', added=('\tmyallwinner_init(x);',)) == set()


def test_everybody_has_a_reason() -> None:
    [gita, ron] = responsible(parse(TEXT), ['mm/gup.c'])
    assert (gita.because, ron.role) == ('GUP, F: mm/gup*.c (mm/gup.c)', 'R')


def test_the_demo_names_its_people(demo: Demo) -> None:
    sections = parse((demo.tree / 'MAINTAINERS').read_text())
    assert [s.title for s in sections][:2] == ['MEMORY MANAGEMENT - GUP', 'MISC DRIVERS']
    assert {p.person.name for p in responsible(sections, ['mm/gup.c'])} == {'Oskar Lindqvar', 'Nkechi Adeyra'}


def test_nobody_is_appointed_by_the_series_or_by_a_tree_it_was_applied_to(demo: Demo, tmp_path: Path) -> None:
    where = tmp_path / 'tree'
    shutil.copytree(demo.tree, where)
    text = (where / 'MAINTAINERS').read_text().replace('Tomasz Wielgor <tomasz.wielgor@', 'Ines Marlow <ines.marlow@')
    (where / 'MAINTAINERS').write_text(text)
    who = ('-c', 'user.name=I', '-c', 'user.email=i@x.example')
    assert trees.run(*who, 'commit', '-qam', 'MAINTAINERS: me', cwd=where).status == 0
    raws = lore.read(lore.locate(str(demo.mbox), ''), load().settings.archive, trees.run, lambda *_: None)
    revision = lore.assemble(lore.parse(raws, ()), None, trees.run).series[0].newest
    with trees.open_tree(where, tmp_path / 'shop') as tree:
        made = tree.appointed(revision, None, 40, False)
        own = tree.appointed(revision, 'HEAD', 40, False)
    assert made.where.startswith('MAINTAINERS of tree at ')
    assert {(p.person.name, p.role) for p in made.people} == {
        ('Oskar Lindqvar', 'M'), ('Nkechi Adeyra', 'R'), ('Tomasz Wielgor', 'M'), ('Hana Birksen', 'R')
    }  # fmt: skip
    assert 'Ines Marlow' in {p.person.name for p in own.people}, 'unless the user names that commit himself'


@pytest.mark.parametrize(
    ('pattern', 'path', 'fits'),
    [
        ('mm/', 'mm/a/b.c', True), ('mm/', 'mm', False), ('mm', 'mm/a/b.c', True), ('mm/*', 'mm/a.c', True),
        ('mm/*', 'mm/a/b.c', False), ('*/net/*', 'a/net/b.c', True), ('*/net/*', 'a/b/net/c.c', False), ('*', 'a', True),
        ('*/', 'a/b/c', True), ('mm/g?p.c', 'mm/gup.c', True), ('mm/.*', 'mm/gup.c', False), ('mm/[a-z]*', 'mm/gup.c', False),
        ('', 'x', False), ('/', 'x/y', False), ('a*b*c/', 'aXbYc/z', True),
    ],
)  # fmt: skip
def test_globs(pattern: str, path: str, fits: bool) -> None:
    assert glob_matches(pattern, path) is fits


ATOMS = st.sampled_from(
    ['a', 'b', '.', '[ab]', '[^a]', r'\b', r'\B', r'\w', r'\d', r'\s', '^', '$', r'\.', '-', '[a-]', '[]a]']
)
COUNTS = st.sampled_from(['*', '+', '?', '{1,2}', '{2}', '{0,1}', '{1,}', '*?'])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(operator.add, inner, inner),
        st.builds('(?:{}|{})'.format, inner, inner),
        st.builds('({}){}'.format, inner, COUNTS),
    ),
    max_leaves=7,
)


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.text('ab -.]1', min_size=1, max_size=8))
def test_expressions_mean_what_they_mean_elsewhere(source: str, text: str) -> None:
    # Python before 3.14 finds no \B in an empty text (gh-124130), Perl does: hence min_size.
    assert Expression(source).found_in(text) == bool(re.search(source, text, re.ASCII))


@given(st.text(max_size=60), st.text(max_size=40))
def test_any_text_is_an_expression_or_is_passed_over(source: str, text: str) -> None:
    made = expression(source)
    assert made is None or made.found_in(text) in (True, False)


@given(st.text(max_size=400))
def test_any_file_is_read(text: str) -> None:
    for one in parse(text):
        assert one.title and one.lines


@pytest.mark.parametrize(
    'source',
    [
        '(((a+)+)+)+b',
        '(a|a)*b',
        '(a|ab|b)*c',
        '(.*)(.*)(.*)(.*)(.*)x',
        'a{50}{50}',
        '(' * 500,
        'x' * 9999,
        '(?i)a',
        r'(a)\1',
    ],
)
def test_no_expression_takes_long(source: str) -> None:
    """Steps are counted, not seconds: a text of n characters looks at each step once a character."""
    made = expression(source)
    assert made is None or not made.found_in('a' * 300)
    assert made is None or len(made._steps) <= 2000


def test_a_long_glob_is_a_product_and_no_power() -> None:
    before = time.process_time()
    assert not glob_matches('a*' * 200 + 'b', 'a' * 2000)
    assert time.process_time() - before < 60
