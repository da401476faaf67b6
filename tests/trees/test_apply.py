# SPDX-License-Identifier: GPL-2.0-or-later
"""Series on trees: what goes in, what does not and where it stops, and that the user's repository stays as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import TreeError
from bot.model import AppliedTree, Outcome, Revision
from bot.trees import open_tree
from tests.trees.build import Source, base_commit, everything, mailed, numbered, posted, quiet, revision
from tests.trees.conftest import Desk

OTHER = 'this tree has none of the 2 files that the series changes: it was made for another one'
LATER = 'this tree has not the one file that the series changes: it was made for a later state of it, or an earlier one'


def applied(source: Source, shop: Path, series: Revision, base: str | None = None) -> AppliedTree:
    with open_tree(source.path, shop) as tree:
        return tree.apply(series, base, 40, quiet)


def test_every_patch_becomes_a_commit_with_its_author_and_the_same_id_anywhere(desk: Desk, tmp_path: Path) -> None:
    first = applied(desk.source, tmp_path / 'one', desk.series)
    again = applied(desk.source, tmp_path / 'one', desk.series)
    elsewhere = applied(desk.source, tmp_path / 'other', desk.series)
    assert first == again == elsewhere
    assert first.verdict.outcome is Outcome.PASSED and first.verdict.reason == ''
    assert first.base == desk.base and first.tree == 'linux'
    assert [p.subject for p in first.patches] == ['mm/gup: widen ten', 'mm/gup: widen forty', 'mm: add pin.c']
    assert len({p.commit for p in first.patches}) == 3
    with open_tree(desk.source.path, tmp_path / 'one') as tree:
        assert first.tip is not None
        assert tree.files.read(first.tip, 'mm/pin.c') == b'int pin;\n'
        assert tree.files.read(first.patches[0].commit, 'mm/pin.c') is None
        assert tree.resolve(first.tip) is None, 'the commits are not in the repository of the user'
        same = tree.files.changes(first.tip, desk.source.git('rev-parse', 'posted'))
    assert same == (), 'the tree of the tip is the one the author had'


def test_the_repository_of_the_user_is_byte_for_byte_what_it_was(desk: Desk, shop: Path) -> None:
    desk.source.commit({'mm/gup.c': numbered(60, line40='char forty;')}, 'in the way')
    (desk.source.path / 'mm/gup.c').write_text('half an edit\n')
    (desk.source.path / 'staged.c').write_text('staged\n')
    desk.source.git('add', 'staged.c')
    (desk.source.path / 'untracked.c').write_text('untracked\n')
    before = everything(desk.source.path)
    with open_tree(desk.source.path, shop) as tree:
        tree.apply(desk.series, None, 40, quiet)
        tree.apply(desk.series, 'HEAD', 40, quiet)
        tree.mails(f'{desk.base}~1..HEAD')
        tree.files.containing(desk.base, ['value_3'])
        tree.fingerprint()
    assert everything(desk.source.path) == before


def test_nothing_is_left_of_the_worktree(desk: Desk, shop: Path) -> None:
    applied(desk.source, shop, desk.series)
    assert list(shop.glob('*/work/*')) == []


def test_the_commits_outlive_a_clean_up(desk: Desk, shop: Path) -> None:
    done = applied(desk.source, shop, desk.series)
    (repo,) = shop.glob('*/repo.git')
    desk.source.git(f'--git-dir={repo}', 'gc', '-q', '--prune=now')
    with open_tree(desk.source.path, shop) as tree:
        assert [tree.files.blob_id(p.commit, 'mm/gup.c') is not None for p in done.patches] == [True] * 3


def test_moved_context_is_merged_and_said(desk: Desk, shop: Path) -> None:
    moved = numbered(60, line7='int moved_7;', line8='int moved_8;\nint more;')
    desk.source.commit({'mm/gup.c': moved}, 'context moves')
    done = applied(desk.source, shop, desk.series, 'HEAD')
    assert [p.three_way for p in done.patches] == [True, False, False]
    assert done.verdict.outcome is Outcome.PASSED
    assert 'git had to merge patch 1' in done.verdict.reason
    assert 'the base that was named has 1 of 2 pre-images' in done.verdict.reason


def test_a_conflict_names_patch_file_and_hunk(desk: Desk, shop: Path) -> None:
    desk.source.commit({'mm/gup.c': numbered(60, line40='char forty;')}, 'in the way')
    done = applied(desk.source, shop, desk.series, 'HEAD')
    assert done.verdict.outcome is Outcome.FAILED
    assert done.conflict is not None
    assert (done.conflict.position, done.conflict.path) == (2, 'mm/gup.c')
    assert done.conflict.hunk.startswith('@@ -37,7 +37,7 @@')
    assert done.conflict.reason == 'the base has changed the same lines'
    assert [p.position for p in done.patches] == [1], 'what went in is kept'
    assert 'patch 2 of 3 does not apply: mm/gup.c, hunk "@@ -37,7 +37,7 @@' in done.verdict.reason


def test_a_hunk_the_base_has_already_is_not_the_one_blamed(desk: Desk, shop: Path) -> None:
    source = desk.source
    source.commit({'mm/gup.c': numbered(60, line5='long five;', line30='long thirty;', line55='long end;')}, 'three')
    series = posted(source, desk.base)
    source.git('reset', '-q', '--hard', desk.base)
    source.commit({'mm/gup.c': numbered(60, line5='long five;', line30='char thirty;')}, 'one the same, one not')
    done = applied(source, shop, series, 'HEAD')
    assert done.conflict is not None and done.conflict.hunk.startswith('@@ -27,7 +27,7 @@')


def test_without_the_pre_image_the_hunk_is_found_by_trying(desk: Desk, tmp_path: Path, shop: Path) -> None:
    other = Source(tmp_path / 'other')
    other.commit(
        {'mm/gup.c': numbered(60, line2='x', line38='char c;', line39='char d;', line41='char e;')}, 'unrelated'
    )
    done = applied(other, shop, desk.series, 'HEAD')
    assert done.conflict is not None
    assert (done.conflict.position, done.conflict.path) == (2, 'mm/gup.c')
    assert done.conflict.hunk.startswith('@@ -37,7 +37,7 @@')
    assert 'no three-way merge' in done.conflict.reason
    assert 'the base that was named has 0 of 2 pre-images' in done.verdict.reason


@pytest.mark.parametrize(
    ('there', 'series', 'reason'),
    [
        ({'mm/gup.c': None}, 'series', 'the base has removed or renamed this file'),
        ({'mm/pin.c': 'int other;\n'}, 'series', 'both the patch and the base add this file'),
    ],
)
def test_files_that_came_or_went(
    desk: Desk, shop: Path, there: dict[str, str | None], series: str, reason: str
) -> None:
    desk.source.commit(there, 'elsewhere')
    done = applied(desk.source, shop, desk.series, 'HEAD')
    assert done.conflict is not None
    assert done.conflict.path == next(iter(there)) and done.conflict.reason == reason


def test_a_file_of_another_time(desk: Desk, shop: Path) -> None:
    source = desk.source
    base = source.commit({'mm/later.c': numbered(20)}, 'a new file')
    source.commit({'mm/later.c': numbered(20, line4='four;')}, 'change it')
    series = posted(source, base)
    early = Source(shop.parent / 'early')
    early.commit({'mm/first.c': 'int first;\n'}, 'start')
    done = applied(early, shop, series, 'HEAD')
    assert done.conflict is not None and done.conflict.reason == LATER


def test_a_file_that_was_never_there(desk: Desk, tmp_path: Path, shop: Path) -> None:
    other = Source(tmp_path / 'qemu')
    other.commit({'README': 'another project\n'}, 'start')
    done = applied(other, shop, desk.series, 'HEAD')
    assert done.conflict is not None
    assert (done.conflict.path, done.conflict.reason) == ('mm/gup.c', OTHER)
    assert done.attempts[0].missing == ('include/linux/mm.h', 'mm/gup.c')


def test_damaged_white_space_is_recognised(desk: Desk, shop: Path) -> None:
    desk.source.commit({'mm/tab.c': '\tint a;\n\tint b;\n\tint c;\n'}, 'tabs')
    base = desk.source.git('rev-parse', 'HEAD')
    desk.source.commit({'mm/tab.c': '\tint a;\n\tlong b;\n\tint c;\n'}, 'widen')
    whole = posted(desk.source, base).patches[0]
    diff = whole.diff.replace('\t', '        ')
    broken = replace(whole, diff=diff, am=whole.am.replace(b'\t', b'        '))
    done = applied(desk.source, shop, revision([broken]), base)
    assert done.conflict is not None and 'white space' in done.conflict.reason


def test_a_cut_off_patch_is_called_damaged(desk: Desk, shop: Path) -> None:
    patch = desk.series.patches[0]
    cut = patch.diff.index('+long ten;')
    whole = patch.am.decode()
    broken = replace(patch, diff=patch.diff[:cut], am=whole[: whole.index('+long ten;')].encode())
    done = applied(desk.source, shop, revision([broken]))
    assert done.conflict is not None
    assert 'damaged' in done.conflict.reason and done.conflict.path == 'mm/gup.c'
    assert done.conflict.hunk.startswith('@@ -7,7 +7,7 @@')


def test_a_series_that_is_in_already_is_said(desk: Desk, shop: Path) -> None:
    done = applied(desk.source, shop, desk.series, 'posted')
    assert done.verdict.outcome is Outcome.SKIPPED
    assert done.verdict.reason == 'already applied: posted has all changes of the series'


def test_a_patch_that_is_in_already_stands_aside(desk: Desk, shop: Path) -> None:
    done = applied(desk.source, shop, desk.series, 'posted~2')
    assert done.verdict.outcome is Outcome.PASSED
    assert 'patch 1 changes nothing: it is in the base already' in done.verdict.reason
    assert [p.position for p in done.patches] == [1, 2, 3]
    assert done.patches[0].commit == done.base


def test_a_patch_that_is_in_already_in_a_clone_without_its_pre_image(desk: Desk, tmp_path: Path, shop: Path) -> None:
    other = Source(tmp_path / 'other')
    changed = numbered(60, line10='long ten;', line60='more')
    other.commit({'mm/gup.c': changed, 'include/linux/mm.h': numbered(20)}, 'has patch 1')
    done = applied(other, shop, desk.series)
    assert done.verdict.outcome is Outcome.PASSED
    assert 'patch 1 changes nothing' in done.verdict.reason
    assert done.patches[0].commit == done.base and done.patches[1].commit != done.base


def test_more_patches_than_one_process_takes(desk: Desk, shop: Path) -> None:
    for n in range(1, 21):
        desk.source.commit({'mm/many.c': numbered(n)}, f'line {n}')
    series = posted(desk.source, desk.base)
    seen: list[tuple[int, int]] = []
    with open_tree(desk.source.path, shop) as tree:
        done = tree.apply(series, desk.base, 40, lambda what, at, of: seen.append((at, of)))
        assert done.tip is not None and tree.files.read(done.tip, 'mm/many.c') == numbered(20).encode()
    assert [p.subject for p in done.patches] == [f'line {n}' for n in range(1, 21)]
    assert seen[-1] == (20, 20) and seen == sorted(seen, key=lambda pair: pair[1])


@pytest.mark.parametrize(
    ('spoil', 'said'),
    [
        (lambda r: replace(r, missing=(2,), patches=r.patches[::2]), '1 of 3 patches are not at hand: 2'),
        (lambda r: replace(r, unusable='no text could be read'), 'no text could be read'),
        (lambda r: replace(r, patches=()), 'there is no patch in this posting'),
        (lambda r: replace(r, patches=(replace(r.patches[0], diff=''),)), 'patch 1 has no diff'),
    ],
)
def test_what_cannot_be_applied_is_skipped_with_the_reason(desk: Desk, shop: Path, spoil: object, said: str) -> None:
    assert callable(spoil)
    done = applied(desk.source, shop, spoil(desk.series))
    assert (done.verdict.outcome, done.verdict.reason) == (Outcome.SKIPPED, said)
    assert done.attempts == () and done.base is None


def test_a_base_that_names_nothing_is_the_users_mistake(desk: Desk, shop: Path) -> None:
    with pytest.raises(TreeError, match='no-such-tag'):
        applied(desk.source, shop, desk.series, 'no-such-tag')


def test_a_mail_stays_one_patch_whatever_its_text_says(desk: Desk, shop: Path) -> None:
    patch = desk.series.patches[0]
    line = 'From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001'
    trap = f'\n\n{line}\nFrom: Evil <e@example.org>\nSubject: [PATCH] evil\n\n>{line}\n\nSigned-off-by: A <a@b>\n---\n'
    mail = replace(patch, am=patch.am.replace(b'\n---\n', trap.encode(), 1))
    done = applied(desk.source, shop, revision([mail]))
    assert done.verdict.outcome is Outcome.PASSED and done.tip is not None
    (repo,) = shop.glob('*/repo.git')
    message = desk.source.git(f'--git-dir={repo}', 'log', '-1', '--format=%an%n%B', done.tip)
    assert message.startswith('A U Thor\nmm/gup: widen ten') and f'\n{line}\n' in message and f'\n>{line}\n' in message


@pytest.mark.parametrize(
    ('date', 'seconds'),
    [
        ('', '0 0'),
        ('Date: sometime soon\n', '0 0'),
        ('Date: Mon, 1 Jan 0001 00:00:00 +0000\n', '978307200 978307200'),
        ('Date: Thu, 1 Jan 1970 00:00:00 +0900\n', '0 0'),
        ('Date: Tue, 18 Jun 2024 17:05:07 -0700\n', '1718755507 1718755507'),
    ],
)
def test_a_mail_gives_one_commit_id_whatever_its_date(desk: Desk, tmp_path: Path, date: str, seconds: str) -> None:
    patch = desk.series.patches[0]
    lines = [line for line in patch.am.decode().split('\n') if not line.startswith('Date: ')]
    mail = replace(patch, am=(date + '\n'.join(lines)).encode(), date=None)
    done = [applied(desk.source, tmp_path / name, revision([mail]), desk.base) for name in ('a', 'b')]
    assert done[0].tip == done[1].tip != desk.base
    (repo,) = (tmp_path / 'a').glob('*/repo.git')
    assert desk.source.git(f'--git-dir={repo}', 'log', '-1', '--format=%at %ct', str(done[0].tip)) == seconds


def test_files_with_crlf_lines_keep_them_and_those_of_the_transport_go(desk: Desk, shop: Path) -> None:
    old, new = numbered(9).replace('\n', '\r\n'), numbered(9, line4='long;').replace('\n', '\r\n')
    base = desk.source.commit({'Documentation/dos.txt': old}, 'dos')
    desk.source.commit({'Documentation/dos.txt': new, 'mm/Kconfig': 'config NOMMU\n'}, 'dos too')
    raw = desk.source.git('format-patch', '-1', '--stdout', '--no-signature').encode() + b'\n'
    unix = posted(desk.source, base, 'HEAD').patches[0]
    for patch, content in ((mailed(raw), new.encode()), (unix, new.encode())):
        with open_tree(desk.source.path, shop) as tree:
            done = tree.apply(revision([patch]), base, 40, quiet)
            assert done.tip is not None and done.conflict is None, done.verdict
            assert tree.files.read(done.tip, 'Documentation/dos.txt') == content
    on_the_way = desk.series.patches[0]
    crlf = replace(on_the_way, am=on_the_way.am.replace(b'\n', b'\r\n'), diff=on_the_way.diff.replace('\n', '\r\n'))
    assert (
        applied(desk.source, shop, revision([crlf]), desk.base).tip
        == applied(desk.source, shop, revision([on_the_way]), desk.base).tip
    )


def test_the_authors_base_is_used_when_it_is_here(desk: Desk, shop: Path) -> None:
    desk.source.commit({'drivers/net/loop.c': 'int later;\n'}, 'later, elsewhere')
    done = applied(desk.source, shop, replace(desk.series, base_hints=(base_commit(desk.base),)))
    assert done.base == desk.base and done.base_how == 'base-commit trailer, 2 of 2 pre-images'
    assert len(done.attempts) == 1 and done.attempts[0].chosen
