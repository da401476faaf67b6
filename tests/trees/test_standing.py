# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose fault a conflict is: where a series fails, and where it is only that its base is not here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import AppliedTree, BaseHint, Outcome, Revision, Span
from bot.trees import most_telling, open_tree
from tests.trees.build import Source, base_commit, numbered, posted, quiet
from tests.trees.conftest import Desk

UNKNOWN = '12' * 20


def applied(source: Source, shop: Path, series: Revision, base: str | None = None) -> AppliedTree:
    with open_tree(source.path, shop) as tree:
        return tree.apply(series, base, 40, quiet)


def elsewhere(tmp_path: Path, **files: str) -> Source:
    """Return a repository without the history of the series: `gup` and `header` are its two files."""
    other = Source(tmp_path / 'elsewhere')
    own = {'mm/gup.c': files.get('gup', 'int unlike;\n'), 'include/linux/mm.h': files.get('header', 'int other;\n')}
    other.commit({**own, 'MAINTAINERS': MAINTAINERS}, 'start')
    return other


MAINTAINERS = """THE LIST
\t* entries

MEMORY MANAGEMENT
M:\tM Aintainer <m@example.org>
T:\tgit git://git.example.org/mm.git
F:\tmm/
"""


def with_base(series: Revision, value: str) -> Revision:
    return replace(series, base_hints=(base_commit(value),))


def needing(series: Revision) -> Revision:
    return replace(series, base_hints=(BaseHint('prerequisite-patch-id', 'ab' * 20, Span('c@example.org', 9, 9)),))


def test_where_no_file_is_as_expected_the_base_is_not_here_and_nobody_is_blamed(desk: Desk, tmp_path: Path) -> None:
    done = applied(elsewhere(tmp_path), tmp_path / 'shop', desk.series)
    assert (done.verdict.outcome, done.baseless) == (Outcome.SKIPPED, True)
    assert (done.base, done.tip, done.patches, done.conflict) == (None, None, (), None)
    near = 'HEAD (branch main) of elsewhere has 0 of 2 files as the series expects them'
    assert done.verdict.reason == f"the author's base is not here (no base is named); {near}"
    assert done.homes == ('git://git.example.org/mm.git',)
    assert [a.chosen for a in done.attempts] == [True], 'the nearest is told'


def test_a_base_commit_that_is_not_here_is_named(desk: Desk, tmp_path: Path) -> None:
    """Two of three files fit: without the trailer that would be the tree to stand on; with it another one is."""
    base = desk.source.commit({'mm/third.c': numbered(9)}, 'third')
    desk.source.commit({'mm/gup.c': numbered(60, line40='x;'), 'include/linux/mm.h': numbered(20, line3='y;')}, 'one')
    desk.source.commit({'mm/third.c': numbered(9, line4='z;')}, 'two')
    series = three(desk, base)
    other = Source(tmp_path / 'elsewhere')
    other.commit({'mm/gup.c': numbered(60), 'include/linux/mm.h': numbered(20), 'mm/third.c': 'int unlike;\n'}, 'x')
    stands = applied(other, tmp_path / 'shop', series)
    assert (stands.verdict.outcome, stands.baseless) == (Outcome.FAILED, False)
    assert stands.conflict is not None and (stands.conflict.position, stands.conflict.expected) == (2, False)
    away = applied(other, tmp_path / 'shop', with_base(series, UNKNOWN))
    assert away.baseless and f'base-commit {UNKNOWN[:12]}: not at hand' in away.verdict.reason


def three(desk: Desk, base: str) -> Revision:
    return posted(desk.source, base)


@pytest.mark.parametrize(
    ('change', 'base', 'outcome'),
    [
        (lambda s, b: s, None, Outcome.SKIPPED),
        (lambda s, b: s, 'HEAD', Outcome.FAILED),
        (lambda s, b: with_base(s, b), None, Outcome.FAILED),
        (lambda s, b: with_base(s, b[:12]), None, Outcome.FAILED),
        (lambda s, b: with_base(s, UNKNOWN), None, Outcome.SKIPPED),
        (lambda s, b: with_base(s, 'v6.10'), None, Outcome.SKIPPED),
        (lambda s, b: needing(s), None, Outcome.SKIPPED),
        (lambda s, b: needing(s), 'HEAD', Outcome.SKIPPED),
    ],
)
def test_a_conflict_counts_on_the_base_that_was_named(
    desk: Desk, tmp_path: Path, change: Callable[[Revision, str], Revision], base: str | None, outcome: Outcome
) -> None:
    other = elsewhere(tmp_path)
    series = change(desk.series, other.git('rev-parse', 'HEAD'))
    done = applied(other, tmp_path / 'shop', series, base)
    assert done.verdict.outcome is outcome, done.verdict
    assert done.baseless == (outcome is Outcome.SKIPPED) and (done.conflict is None) == done.baseless


def test_a_patch_that_conflicts_with_the_file_it_was_made_on_fails_anywhere(desk: Desk, tmp_path: Path) -> None:
    """The header is unlike, gup.c is just as expected, and the second patch does not fit on the first."""
    first, second, third = desk.series.patches
    spoilt = second.diff.split('\n')
    at = next(n for n, line in enumerate(spoilt) if line.startswith(' '))
    spoilt[at] = ' no such line;'
    twisted = replace(
        second, diff='\n'.join(spoilt), am=second.am.replace(second.diff.encode(), '\n'.join(spoilt).encode())
    )
    assert twisted.am != second.am
    series = replace(desk.series, patches=(first, twisted, third), base_hints=(base_commit(UNKNOWN),))
    other = elsewhere(tmp_path, gup=numbered(60))
    done = applied(other, tmp_path / 'shop', series)
    assert done.verdict.outcome is Outcome.FAILED and done.conflict is not None and done.conflict.expected


def test_the_authors_base_decides_where_a_better_match_does_not_take_the_series(desk: Desk, tmp_path: Path) -> None:
    source = desk.source
    source.git('checkout', '-q', '-B', 'main', desk.base)
    source.git('tag', '-d', 'posted')
    moved = {'mm/gup.c': numbered(60, line60='x;'), 'include/linux/mm.h': numbered(20, line20='y;')}
    theirs = source.commit(moved, 'author')
    source.git('checkout', '-q', '-B', 'main', desk.base)
    source.commit({'mm/gup.c': numbered(60, line40='char forty;')}, 'in the way')
    done = applied(source, tmp_path / 'shop', with_base(desk.series, theirs))
    assert (done.base, done.verdict.outcome) == (theirs, Outcome.PASSED)
    assert [(a.how, a.chosen) for a in done.attempts if a.chosen] == [('base-commit', True)]


def test_of_several_trees_the_one_that_judges_is_reported(desk: Desk, tmp_path: Path) -> None:
    away = applied(elsewhere(tmp_path), tmp_path / 'shop', desk.series)
    desk.source.git('tag', '-d', 'posted')
    desk.source.commit({'mm/gup.c': numbered(60, line40='char forty;')}, 'in the way')
    failed = applied(desk.source, tmp_path / 'shop', desk.series, 'HEAD')
    assert most_telling([away, failed]) is failed
    both = most_telling([away, replace(away, tree='second')])
    assert [a.name for a in both.attempts] == ['elsewhere: HEAD (branch main)', 'second: HEAD (branch main)']
    assert [a.chosen for a in both.attempts] == [True, False]


def test_a_series_that_is_merged_and_changed_since_is_no_failure(desk: Desk, tmp_path: Path) -> None:
    source = desk.source
    source.git('reset', '-q', '--hard', 'posted')
    source.git('tag', '-d', 'posted')
    source.commit({'mm/gup.c': numbered(60, line10='char ten;', line40='char forty;')}, 'later')
    alone = Source(tmp_path / 'alone')
    source.git('push', '-q', str(alone.path), 'HEAD:refs/heads/next')
    shallow = tmp_path / 'shallow'
    alone.git('clone', '-q', '--depth=4', '--branch=next', f'file://{alone.path}', str(shallow))
    with open_tree(shallow, tmp_path / 'shop') as tree:
        done = tree.apply(desk.series, None, 40, quiet)
    assert done.verdict.outcome is Outcome.SKIPPED and not done.baseless and done.base is None, done.verdict
    assert done.verdict.reason.startswith('already applied: HEAD (branch next) has the series already')


def near(tmp_path: Path, at: str = 'near') -> tuple[Source, str]:
    """Return a repository with one commit that takes the series, though its header is another one, and a HEAD that does not."""
    other = elsewhere(tmp_path / at, gup=numbered(60), header=numbered(20, line19='char other;'))
    takes = other.git('rev-parse', 'HEAD')
    other.commit({'mm/gup.c': numbered(60, line40='x;'), 'include/linux/mm.h': numbered(20, line3='y;')}, 'moved on')
    return other, takes


def test_a_foreign_base_is_taken_only_where_none_is_the_authors_and_is_told_as_such(desk: Desk, tmp_path: Path) -> None:
    other, takes = near(tmp_path)
    done = applied(other, tmp_path / 'shop', with_base(desk.series, UNKNOWN))
    assert (done.verdict.outcome, done.base, done.foreign) == (Outcome.PASSED, takes, True), done
    assert (done.baseless, done.nearest, len(done.patches)) == (False, None, 3)
    assert [a.commit for a in done.attempts if a.chosen] == [takes] and '1 of 2 pre-images' in done.verdict.reason
    assert done.homes == ('git://git.example.org/mm.git',)
    head = applied(other, tmp_path / 'shop', with_base(desk.series, other.git('rev-parse', 'HEAD')))
    assert (head.verdict.outcome, head.foreign) == (Outcome.FAILED, False), 'the author named what is here'
    named = applied(other, tmp_path / 'shop', needing(desk.series), 'HEAD')
    assert named.baseless and named.base is None, 'a base that the user names is the only one'


def test_a_best_match_that_is_not_the_authors_is_foreign_by_the_same_rule(desk: Desk, tmp_path: Path) -> None:
    other, takes = near(tmp_path)
    other.git('reset', '-q', '--hard', takes)
    for series in (desk.series, with_base(desk.series, UNKNOWN)):
        done = applied(other, tmp_path / 'shop', series)
        assert (done.verdict.outcome, done.base, done.foreign) == (Outcome.PASSED, takes, True)
    own = applied(other, tmp_path / 'shop', with_base(desk.series, takes))
    assert own.verdict.outcome is Outcome.PASSED and not own.foreign


def test_of_several_trees_a_base_of_its_own_beats_a_foreign_one(desk: Desk, tmp_path: Path) -> None:
    abroad = applied(near(tmp_path)[0], tmp_path / 'shop', desk.series)
    away = applied(elsewhere(tmp_path), tmp_path / 'shop', desk.series)
    stuck = replace(
        desk.series, base_hints=(base_commit((third := elsewhere(tmp_path / 'c')).git('rev-parse', 'HEAD')),)
    )
    failed = applied(third, tmp_path / 'shop', stuck)
    assert abroad.foreign and away.baseless and failed.verdict.outcome is Outcome.FAILED
    assert most_telling([away, abroad]) is abroad
    assert most_telling([abroad, failed]) is failed
