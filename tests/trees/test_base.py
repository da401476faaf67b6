# SPDX-License-Identifier: GPL-2.0-or-later
"""Which base is found, in which order candidates are tried, and what is told of the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.model import AppliedTree, Outcome, Revision
from bot.trees import open_tree
from bot.trees.base import wanted
from tests.trees.build import Source, base_commit, git, numbered, posted, quiet, revision
from tests.trees.conftest import Desk


def applied(source: Source, shop: Path, series: Revision, max_tags: int = 40) -> AppliedTree:
    with open_tree(source.path, shop) as tree:
        return tree.apply(series, None, max_tags, quiet)


def move_on(desk: Desk) -> str:
    """Leave the base behind: HEAD has another mm.h, no branch has the base."""
    return desk.source.commit({'include/linux/mm.h': numbered(20, line20='int later;')}, 'moves on')


def test_a_complete_match_ends_the_search(desk: Desk, shop: Path) -> None:
    done = applied(desk.source, shop, desk.series)
    (only,) = done.attempts
    assert (only.how, only.name, only.commit, only.chosen) == ('blob match', 'HEAD (branch main)', desk.base, True)
    assert (only.found, only.wanted, only.missing) == (2, 2, ())
    assert done.base_how == 'blob match: HEAD (branch main), 2 of 2 pre-images'


def test_the_authors_base_that_is_not_here_is_told(desk: Desk, shop: Path) -> None:
    done = applied(desk.source, shop, replace(desk.series, base_hints=(base_commit('12' * 20), base_commit('v6.10'))))
    assert [(a.how, a.reason) for a in done.attempts[:2]] == [
        ('base-commit', 'not in this clone'),
        ('base-commit', 'not a commit id'),
    ]
    assert done.attempts[2].chosen and done.verdict.outcome is Outcome.PASSED


def test_branches_then_remotes_then_tags_newest_first(desk: Desk, shop: Path) -> None:
    source = desk.source
    move_on(desk)
    for name in ('b', 'a', 'c'):
        source.git('checkout', '-q', '-b', name, 'main')
        source.commit({'README': name}, name)
    source.git('update-ref', 'refs/remotes/origin/next', 'a~1')
    source.git('checkout', '-q', 'main')
    source.commit({'README': 'remote'}, 'remote')
    source.git('update-ref', 'refs/remotes/origin/master', 'main')
    source.git('update-ref', 'refs/remotes/origin/HEAD', 'main')
    source.git('reset', '-q', '--hard', 'HEAD~1')
    source.git('tag', '-a', '-m', 'x', 'v6.10', desk.base)
    done = applied(source, shop, desk.series)
    assert [a.name for a in done.attempts] == [
        'HEAD (branch main)',
        'branch c',
        'branch a',
        'branch b',
        'remote branch origin/HEAD',
        'tag v6.10',
    ]
    assert done.base == desk.base and [a.chosen for a in done.attempts] == [False] * 5 + [True]
    assert done.attempts[0].missing == ('include/linux/mm.h',)


def test_tags_are_tried_backwards_from_the_day_of_the_mail(desk: Desk, shop: Path) -> None:
    source = desk.source
    source.git('tag', '-d', 'posted')
    move_on(desk)
    commits = [source.commit({'README': str(n)}, str(n)) for n in range(8)]
    for n, commit in enumerate(commits):
        source.git('tag', *(['-a', '-m', 'x'] if n % 2 else []), f'v{n}', commit)
    source.commit({'README': 'tip'}, 'tip')
    day = datetime.fromisoformat(git(source.path, 'show', '-s', '--format=%cI', commits[4]))
    done = applied(source, shop, replace(desk.series, date=day), max_tags=7)
    tags = [a.name for a in done.attempts if a.name.startswith('tag')]
    assert tags == ['tag v5', 'tag v4', 'tag v3', 'tag v2', 'tag v1', 'tag v0', 'tag v6']
    undated = applied(source, shop, replace(desk.series, date=None), max_tags=2)
    assert [a.name for a in undated.attempts if a.name.startswith('tag')] == ['tag v7', 'tag v6']
    assert not [a for a in applied(source, shop, desk.series, max_tags=0).attempts if a.name.startswith('tag')]


def test_the_best_partial_match_is_tried_and_said(desk: Desk, shop: Path) -> None:
    source = desk.source
    source.git('tag', '-d', 'posted')
    move_on(desk)
    source.commit({'mm/gup.c': numbered(60, line60='int later;')}, 'moves on further')
    source.git('branch', 'nearer', 'HEAD~1')
    done = applied(source, shop, desk.series)
    assert [(a.name, a.found, a.chosen) for a in done.attempts] == [
        ('HEAD (branch main)', 0, False),
        ('branch nearer', 1, True),
    ]
    assert done.attempts[1].reason == '1 of 2 pre-images: the best there is'
    assert done.verdict.outcome is Outcome.PASSED
    assert done.verdict.reason == 'the base that matches best has 1 of 2 pre-images'


def test_a_branch_that_has_the_series_already_is_told(desk: Desk, shop: Path) -> None:
    desk.source.git('reset', '-q', '--hard', 'posted')
    desk.source.git('branch', 'before', desk.base)
    done = applied(desk.source, shop, desk.series)
    assert done.attempts[0].reason == '0 of 2 pre-images; all files are there as the series leaves them'
    assert (done.base, done.verdict.outcome) == (desk.base, Outcome.PASSED)
    tip = desk.source.git('rev-parse', 'HEAD')[:12]
    said = f'HEAD (branch main, tag posted) has the series already, by title and author: {tip}'
    assert done.verdict.reason == said
    desk.source.git('branch', '-D', 'before')
    done = applied(desk.source, shop, desk.series)
    assert done.verdict.reason == f'already applied: {said}'


def test_an_incomplete_base_of_the_author_yields_to_a_complete_one(desk: Desk, shop: Path) -> None:
    wrong = move_on(desk)
    desk.source.git('branch', 'right', desk.base)
    done = applied(desk.source, shop, replace(desk.series, base_hints=(base_commit(wrong[:12]),)))
    assert (done.attempts[0].how, done.attempts[0].found) == ('base-commit', 1)
    assert done.base == desk.base


def test_tags_of_other_things_and_broken_refs_are_left_out(desk: Desk, shop: Path) -> None:
    source = desk.source
    move_on(desk)
    source.git('tag', 'a-tree', 'HEAD^{tree}')
    source.git('tag', '-d', 'posted')
    (source.path / '.git/refs/tags/broken').write_text('12' * 20 + '\n')
    (source.path / '.git/refs/tags/garbage').write_text('garbage\n')
    (source.path / '.git/refs/heads/empty').write_text('')
    (source.path / '.git/refs/heads/loop').write_text('ref: refs/heads/loop\n')
    assert [a.name for a in applied(source, shop, desk.series).attempts] == ['HEAD (branch main)']


def test_a_series_of_new_files_stands_anywhere(desk: Desk, shop: Path) -> None:
    source = desk.source
    source.commit({'mm/new.c': 'int new;\n'}, 'new file')
    series = posted(source, desk.base)
    source.git('reset', '-q', '--hard', desk.base)
    done = applied(source, shop, series)
    assert done.verdict.outcome is Outcome.PASSED
    assert done.base_how == 'blob match: HEAD (branch main), the patches name no pre-image'


def test_only_what_the_series_does_not_make_itself_is_wanted(desk: Desk) -> None:
    source = desk.source
    source.git('mv', 'mm/gup.c', 'mm/pup.c')
    source.seal('rename')
    source.commit({'mm/pup.c': numbered(60, line1='one;'), 'mm/new.c': 'int new;\n'}, 'change the renamed, add')
    source.commit({'mm/new.c': 'long new;\n', 'mm/Kconfig': None}, 'change the added, remove')
    source.git('mv', 'drivers/net/loop.c', 'drivers/net/lo.c')
    source.commit({'drivers/net/lo.c': numbered(30, line3='three;')}, 'rename and change')
    series = posted(source, desk.base)
    names = {w.path: w.blob for w in wanted(series.patches)}
    assert sorted(names) == ['drivers/net/loop.c', 'mm/Kconfig']
    assert all(git(source.path, 'rev-parse', f'{desk.base}:{path}').startswith(blob) for path, blob in names.items())


def test_an_order_of_patches_that_share_a_file(desk: Desk) -> None:
    first, second, third = desk.series.patches
    assert [w.path for w in wanted([first, second, third])] == ['mm/gup.c', 'include/linux/mm.h']
    assert [w.path for w in wanted(revision([third]).patches)] == ['include/linux/mm.h']
