# SPDX-License-Identifier: GPL-2.0-or-later
"""Series that are in the tree already, those that need others first, and the base that would take one that stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import AppliedTree, BaseHint, Outcome, Patch, Prerequisite, Revision, Span
from bot.trees import open_tree
from bot.trees.candidates import Wish
from bot.trees.wishes import by_homes, url
from tests.trees.build import Source, base_commit, git, mailed, numbered, posted, quiet, revision
from tests.trees.conftest import Desk


def applied(
    source: Source, shop: Path, series: Revision, base: str | None = None, needs: tuple[Prerequisite, ...] = ()
) -> AppliedTree:
    with open_tree(source.path, shop) as tree:
        return tree.apply(series, base, 40, quiet, needs)


def named(patch: Patch, source: Source) -> Patch:
    told = source.git('patch-id', '--stable', stdin=patch.diff.encode())
    return replace(patch, patch_id=told.split()[0])


def with_ids(series: Revision, source: Source) -> Revision:
    return replace(series, patches=tuple(named(p, source) for p in series.patches))


def merge(desk: Desk, onto: str, *options: str) -> list[str]:
    """Put the posted commits on a branch as a maintainer does: other committer, other base."""
    desk.source.git('checkout', '-q', '-B', onto, desk.base)
    desk.source.commit({'Makefile': 'VERSION = 6\nPATCHLEVEL = 11\n'}, 'Linux 6.11')
    desk.source.git('cherry-pick', *options, f'{desk.base}..posted')
    return desk.source.git('rev-list', '--reverse', f'{desk.base}..HEAD').split()[1:]


def test_merged_patches_are_known_by_their_patch_ids(desk: Desk, shop: Path) -> None:
    commits = merge(desk, 'main')
    desk.source.git('commit', '-q', '--amend', '-m', 'mm: pin.c, retitled by its maintainer')
    commits[-1] = desk.source.git('rev-parse', 'HEAD')
    done = applied(desk.source, shop, with_ids(desk.series, desk.source))
    assert [(m.position, m.commit, m.by) for m in done.merged] == [
        (n, commit, 'patch id') for n, commit in enumerate(commits, 1)
    ]
    assert f'HEAD (branch main) has the series already, by patch id: {commits[-1][:12]}' in done.verdict.reason


def test_merged_in_another_branch_and_changed_on_the_way(desk: Desk, shop: Path) -> None:
    commits = merge(desk, 'for-next')
    (desk.source.path / 'mm/pin.c').write_text('int pin; /* as asked in review */\n')
    desk.source.git('commit', '-q', '-a', '--amend', '--no-edit')
    desk.source.git('checkout', '-q', 'main')
    series = with_ids(desk.series, desk.source)
    done = applied(desk.source, shop, series)
    assert [m.by for m in done.merged] == ['patch id', 'patch id', 'title and author']
    assert {m.where for m in done.merged} == {'branch for-next'} and len(commits) == 3
    assert done.verdict.outcome is Outcome.PASSED and done.base == desk.base


def test_the_title_of_somebody_else_or_of_before_the_posting_is_not_the_series(desk: Desk, shop: Path) -> None:
    desk.source.git('checkout', '-q', '-B', 'main', desk.base)
    (desk.source.path / 'Makefile').write_text('mine\n')
    desk.source.git('commit', '-q', '-a', '-m', 'mm: add pin.c', '--author', 'Eve <eve@example.org>')
    done = applied(desk.source, shop, with_ids(desk.series, desk.source), desk.base)
    assert done.merged == ()
    late = replace(desk.series, date=desk.series.date.replace(year=2090) if desk.series.date else None)
    merge(desk, 'old')
    assert applied(desk.source, shop, with_ids(late, desk.source), desk.base).merged == ()


def hint(kind: str, value: str) -> BaseHint:
    return BaseHint(kind, value, Span('cover@example.org', 9, 9))


def split(desk: Desk) -> tuple[Revision, Prerequisite]:
    """Return the last patch as a series of its own that needs the first two."""
    first, second, third = with_ids(desk.series, desk.source).patches
    need = Prerequisite('prerequisite-message-id', 'first@example.org', 'v1 of "mm/gup: widen"', (first, second))
    late = desk.source
    late.git('checkout', '-q', '-B', 'work', 'posted')
    late.commit({'mm/gup.c': numbered(60, line10='long ten;', line11='more;', line40='long forty;')}, 'mm/gup: more')
    series = posted(late, 'posted', hints=(hint('prerequisite-message-id', 'first@example.org'),))
    late.git('checkout', '-q', 'main')
    late.git('branch', '-q', '-D', 'work')
    late.git('tag', '-d', 'posted')
    return series, replace(need, patches=(first, second, third))


def test_what_a_series_needs_is_applied_first_and_said(desk: Desk, shop: Path) -> None:
    series, need = split(desk)
    alone = applied(desk.source, shop, series)
    assert alone.verdict.outcome is Outcome.SKIPPED and alone.baseless
    assert '1 patch that the series needs first: not at hand' in alone.verdict.reason
    assert alone.needs == ('prerequisite-message-id first@example.org: not at hand',)
    done = applied(desk.source, shop, series, needs=(need,))
    assert done.verdict.outcome is Outcome.PASSED, done.verdict
    assert done.verdict.reason == 'on top of 3 patches that it needs first'
    assert done.ground == desk.base and done.base == done.under[-1].commit != desk.base and len(done.patches) == 1
    said = 'prerequisite-message-id first@example.org: 3 patches of v1 of "mm/gup: widen", applied first'
    assert done.needs == (said,)
    assert done == applied(desk.source, shop, series, needs=(need,))


def test_what_the_base_has_already_is_not_applied_again(desk: Desk, shop: Path) -> None:
    series, need = split(desk)
    desk.source.git('checkout', '-q', '-B', 'main', desk.base)
    for patch in need.patches:
        desk.source.git('am', '-q', stdin=b'From x Mon Sep 17 00:00:00 2001\n' + patch.am)
    done = applied(desk.source, shop, series, needs=(need,))
    assert done.verdict.outcome is Outcome.PASSED and done.under == () and done.needs[0].endswith('the base has it')


def test_a_prerequisite_that_does_not_apply_is_named(desk: Desk, shop: Path) -> None:
    series, need = split(desk)
    desk.source.commit({'mm/gup.c': numbered(60, line10='char ten;')}, 'in the way')
    done = applied(desk.source, shop, series, 'HEAD', (need,))
    assert done.verdict.outcome is Outcome.FAILED and done.conflict is None and done.patches == ()
    assert done.verdict.reason.startswith('what it needs first does not apply: "mm/gup: widen ten": mm/gup.c: ')


def test_after_a_conflict_the_nearest_base_that_takes_the_series_is_taken(desk: Desk, shop: Path) -> None:
    source = desk.source
    source.git('tag', '-d', 'posted')
    source.commit({'mm/gup.c': numbered(60, line40='char forty;')}, 'in the way')
    source.git('tag', 'v6.11')
    done = applied(source, shop, desk.series)
    assert done.verdict.outcome is Outcome.PASSED and done.nearest is None
    assert (done.base, len(done.patches)) == (desk.base, 3) and done.base_how.startswith('history of the files: ')
    assert not done.foreign, 'all files are as the series expects them there'
    assert [a.commit for a in done.attempts if a.chosen] == [desk.base]
    source.git('tag', 'v6.10', desk.base)
    named = applied(source, shop, desk.series, 'HEAD')
    assert named.nearest is not None and named.nearest.name == 'tag v6.10'


def test_no_base_is_made_up_where_none_takes_it(desk: Desk, shop: Path) -> None:
    own = Source(shop.parent / 'own')
    own.commit({'mm/gup.c': 'int unlike;\n', 'include/linux/mm.h': 'int other;\n'}, 'start')
    done = applied(own, shop, desk.series)
    assert done.verdict.outcome is Outcome.SKIPPED and done.nearest is None


@pytest.mark.parametrize(
    ('tag', 'ref', 'fits'),
    [
        ('net-next', 'refs/remotes/net-next/main', True),
        ('net-next', 'refs/heads/net-next', True),
        ('net-next', 'refs/heads/net-next-old', False),
        ('mm-unstable', 'refs/remotes/akpm/mm-unstable', True),
        ('next', 'refs/tags/next-20240618', True),
        ('next', 'refs/tags/next-level', False),
        ('wireless/for-next', 'refs/remotes/wireless/for-next', True),
        ('net', 'refs/remotes/origin/HEAD', False),
    ],
)
def test_which_refs_a_subject_tag_means(tag: str, ref: str, fits: bool) -> None:
    assert Wish('', word=tag).fits(ref) is fits


def test_the_tree_of_the_subject_is_tried_first(desk: Desk, shop: Path) -> None:
    source = desk.source
    source.git('update-ref', 'refs/remotes/net-next/main', desk.base)
    source.commit({'mm/gup.c': numbered(60, line60='later;')}, 'HEAD is elsewhere')
    done = applied(source, shop, replace(desk.series, base_hints=(hint('subject-tag', 'net-next'),)))
    assert done.base == desk.base and done.base_how.startswith(
        'subject tag net-next: remote branch net-next/main, 2 of 2'
    )
    assert len(done.attempts) == 1


def test_the_tree_that_maintainers_name_is_tried_first(desk: Desk, shop: Path) -> None:
    source = desk.source
    source.git('update-ref', 'refs/remotes/akpm/mm-unstable', desk.base)
    source.git('config', 'remote.akpm.url', 'https://git.kernel.org/pub/scm/linux/kernel/git/akpm/mm.git')
    tree = 'T:\tgit git://git.kernel.org/pub/scm/linux/kernel/git/akpm/mm mm-unstable\n'
    text = f'List\n\nMEMORY\nM:\tAn <a@x.example>\n{tree}F:\tmm/\n\nNET\nT:\tgit git://x.example/net\nF:\tnet/\n'
    source.commit({'MAINTAINERS': text, 'mm/gup.c': numbered(60, line60='later;')}, 'HEAD is elsewhere')
    done = applied(source, shop, desk.series)
    assert done.base_how.startswith('T: of MEMORY: remote branch akpm/mm-unstable, 2 of 2')


def test_lines_of_maintainers_that_are_no_git_tree() -> None:
    assert url('quilt http://jdelvare.nerim.net/devel/') == '' and url('git ext::sh -c x') == ''
    assert url('git git@github.com:a/b.git for-next') == 'git@github.com:a/b.git'
    wish = by_homes((('X', 'git git@github.com:a/b.git for-next'),), {'b': 'https://github.com/a/b'})
    assert [w.prefix for w in wish] == ['refs/remotes/b/for-next']


def test_a_base_of_the_author_goes_before_wishes(desk: Desk, shop: Path) -> None:
    desk.source.git('update-ref', 'refs/remotes/net-next/main', f'{desk.base}~1')
    hints = (hint('subject-tag', 'net-next'), base_commit(desk.base))
    done = applied(desk.source, shop, replace(desk.series, base_hints=hints))
    assert done.base_how.startswith('base-commit trailer')
    assert git(desk.source.path, 'rev-parse', 'HEAD') == desk.base
    assert revision([mailed(b'From: a <a@x.example>\nSubject: x\n\ny\n')]).complete


def test_lines_that_are_there_already_tell_of_a_merge_that_history_does_not(desk: Desk, shop: Path) -> None:
    """A tree without history, as distributions ship it: the series went in, and the lines around it moved on."""
    own = Source(shop.parent / 'own')
    calls = {f'line{n}': f'\tlong_function_name_{n}(argument, other_argument);' for n in range(20, 26)}
    own.commit({'mm/gup.c': numbered(40)}, 'start')
    base = own.git('rev-parse', 'HEAD')
    own.commit({'mm/gup.c': numbered(40, **calls)}, 'mm: add calls')
    series = posted(own, base)
    moved = {'line19': 'later();', 'line26': 'later();', 'line22': 'changed();'}
    later = Source(shop.parent / 'later')
    later.commit({'mm/gup.c': numbered(40, **(calls | moved))}, 'later')
    assert 'its changes seem to be there already' in applied(later, shop, series).verdict.reason
    done = applied(later, shop, series, 'HEAD')
    assert done.conflict is not None
    assert done.conflict.reason.endswith(
        'has 5 of the 6 telling lines that it adds: it seems to be merged, and changed since'
    )
    unlike = Source(shop.parent / 'unlike')
    unlike.commit({'mm/gup.c': numbered(40, **moved)}, 'unlike')
    other = applied(unlike, shop, series, 'HEAD')
    assert other.conflict is not None and 'merged' not in other.conflict.reason
