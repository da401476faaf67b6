# SPDX-License-Identifier: GPL-2.0-or-later
"""Every shape a clone comes in: bare, linked, borrowed, shallow, without blobs, damaged, empty, none at all."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import TreeError
from bot.model import AppliedTree, Outcome
from bot.trees import open_tree, processes
from tests.trees.build import Source, base_commit, everything, git, mailed, numbered, quiet, revision
from tests.trees.conftest import Desk


def applied(path: Path, shop: Path, desk: Desk) -> AppliedTree:
    before = everything(path)
    with open_tree(path, shop) as tree:
        done = tree.apply(desk.series, None, 40, quiet)
    assert everything(path) == before
    return done


def lose(source: Path, name: str) -> str:
    """Remove the blob of a file in HEAD from the object database."""
    oid = git(source, 'rev-parse', f'HEAD:{name}')
    (source / '.git' / 'objects' / oid[:2] / oid[2:]).unlink()
    return oid


def test_a_bare_repository(desk: Desk, tmp_path: Path, shop: Path) -> None:
    git(tmp_path, 'clone', '-q', '--bare', str(desk.source.path), 'kernel.git')
    done = applied(tmp_path / 'kernel.git', shop, desk)
    assert done.tree == 'kernel' and done.verdict.outcome is Outcome.PASSED


def test_a_linked_worktree_has_its_own_head(desk: Desk, tmp_path: Path, shop: Path) -> None:
    desk.source.commit({'mm/gup.c': 'int gone;\n'}, 'the main worktree is elsewhere')
    git(desk.source.path, 'worktree', 'add', '-q', '--detach', str(tmp_path / 'linked'), desk.base)
    before = everything(desk.source.path)
    done = applied(tmp_path / 'linked', shop, desk)
    assert done.tree == 'linked' and done.base == desk.base and done.attempts[0].name == 'HEAD'
    assert everything(desk.source.path) == before
    applied(desk.source.path, shop, desk)
    assert len(list(shop.iterdir())) == 1, 'all worktrees of a clone share one workshop'


def test_the_git_directory_itself_and_a_link_to_the_tree(desk: Desk, tmp_path: Path, shop: Path) -> None:
    assert applied(desk.source.path / '.git', shop, desk).tree == 'linux'
    (tmp_path / 'also').symlink_to(desk.source.path)
    assert applied(tmp_path / 'also', shop, desk).verdict.outcome is Outcome.PASSED
    assert len(list(shop.iterdir())) == 1


def test_objects_borrowed_from_others_who_borrow(desk: Desk, tmp_path: Path, shop: Path) -> None:
    previous = desk.source.path
    for depth in range(5):
        git(tmp_path, 'clone', '-q', '--shared', '--no-checkout', str(previous), f'clone{depth}')
        previous = tmp_path / f'clone{depth}'
    relative = previous / '.git' / 'objects' / 'info' / 'alternates'
    relative.write_text('# a comment\n"../../../clone3/.git/obj\\145cts"\n')
    done = applied(previous, shop, desk)
    assert done.verdict.outcome is Outcome.PASSED, done.verdict


def test_a_shallow_clone_and_its_growth(desk: Desk, tmp_path: Path, shop: Path) -> None:
    git(tmp_path, 'clone', '-q', '--depth=1', f'file://{desk.source.path}', 'shallow')
    clone = tmp_path / 'shallow'
    done = applied(clone, shop, desk)
    assert done.verdict.outcome is Outcome.PASSED and done.base == desk.base
    with open_tree(clone, shop) as tree:
        assert tree.resolve('HEAD~1') is None
        before = tree.fingerprint()
        with pytest.raises(TreeError, match='common ancestor|names no commit'):
            tree.mails('HEAD~1..HEAD')
    git(clone, 'fetch', '-q', '--unshallow')
    with open_tree(clone, shop) as tree:
        assert tree.fingerprint() != before
        assert len(tree.mails('HEAD~1..HEAD')) == 1
    assert list(shop.glob('*/repo.git/shallow')) == []


def test_a_clone_without_blobs_works_where_the_series_is_and_fetches_nothing(
    desk: Desk, tmp_path: Path, shop: Path
) -> None:
    attributes = {'.gitattributes': '*.c diff=cpp\n', 'mm/.gitattributes': '*.h text\n'}
    desk = replace(desk, base=desk.source.commit(attributes, 'attributes, which git reads from the index'))
    git(desk.source.path, 'config', 'uploadpack.allowFilter', 'true')
    git(tmp_path, 'clone', '-q', '--filter=blob:none', '--no-checkout', f'file://{desk.source.path}', 'partial')
    clone = tmp_path / 'partial'
    done = applied(clone, shop, desk)
    assert done.verdict.outcome is Outcome.SKIPPED
    assert 'mm/gup.c (blob ' in done.verdict.reason and 'include/linux/mm.h (blob ' in done.verdict.reason
    assert 'drivers/net/loop.c' not in done.verdict.reason
    assert done.attempts[0].found == 2, 'ids are known without the blobs'
    with open_tree(clone, shop) as tree:
        before = tree.fingerprint()
        with pytest.raises(LookupError, match='drivers/net/loop.c'):
            tree.files.read(desk.base, 'drivers/net/loop.c')
        assert tree.files.blob_id(desk.base, 'drivers/net/loop.c')
    for name in ('mm/gup.c', 'include/linux/mm.h', 'mm/Kconfig'):
        git(clone, 'cat-file', '-e', f'HEAD:{name}')
    done = applied(clone, shop, desk)
    assert done.verdict.outcome is Outcome.PASSED and len(done.patches) == 3
    with open_tree(clone, shop) as tree:
        assert tree.fingerprint() != before, 'what is at hand counts where something is missing'
        assert done.tip is not None and tree.files.blob_id(done.tip, 'Makefile')
        with pytest.raises(LookupError, match='Makefile'):
            tree.files.read(done.tip, 'Makefile')
        found, unread = tree.files.containing(desk.base, ['value_3;'])
        told = r'partial: 4 files of [0-9a-f]{12} are not in it, .gitattributes first; fetch them: git fetch --refetch'
        with pytest.raises(LookupError, match=told), tree.at(desk.base):
            pass
    git(clone, 'fetch', '-q', '--refetch', '--no-filter')
    with open_tree(clone, shop) as tree, tree.at(desk.base) as files:
        assert (files / 'Makefile').is_file(), 'what the sentence advises helps'
    assert found == ['include/linux/mm.h', 'mm/gup.c']
    assert unread == ['.gitattributes', 'Makefile', 'drivers/net/loop.c', 'mm/.gitattributes']


def test_full_ids_of_absent_pre_images_are_just_absent(desk: Desk, tmp_path: Path, shop: Path) -> None:
    source = desk.source
    source.git('config', 'uploadpack.allowFilter', 'true')
    source.commit({'mm/gup.c': numbered(60, line10='other ten;')}, 'in the way')
    git(tmp_path, 'clone', '-q', '--filter=blob:none', '--no-checkout', '--depth=1', f'file://{source.path}', 'partial')
    git(tmp_path / 'partial', 'cat-file', '-e', 'HEAD:mm/gup.c')
    raw = source.git('format-patch', '-1', '--full-index', '--stdout', '--no-signature', 'posted~2') + '\n'
    with open_tree(tmp_path / 'partial', shop) as tree:
        done = tree.apply(revision([mailed(raw.encode())]), 'HEAD', 40, quiet)
    assert done.conflict is not None and 'no three-way merge' in done.conflict.reason
    assert done.conflict.hunk.startswith('@@ -7,7 +7,7 @@')


def test_a_directory_that_is_missing_is_named(desk: Desk, shop: Path) -> None:
    oid = git(desk.source.path, 'rev-parse', 'HEAD:drivers/net')
    (desk.source.path / '.git' / 'objects' / oid[:2] / oid[2:]).unlink()
    done = applied(desk.source.path, shop, desk)
    assert done.verdict.outcome is Outcome.SKIPPED
    assert 'the base is not whole in this clone' in done.verdict.reason and oid in done.verdict.reason


def test_unrelated_blobs_may_be_missing(desk: Desk, shop: Path) -> None:
    lose(desk.source.path, 'drivers/net/loop.c')
    assert applied(desk.source.path, shop, desk).verdict.outcome is Outcome.PASSED
    with open_tree(desk.source.path, shop) as tree:
        assert tree.files.containing(desk.base, ['value_3;'], ['mm']) == (['mm/gup.c'], [])
        assert tree.files.containing(desk.base, ['nowhere']) == ([], ['drivers/net/loop.c'])


def test_a_needed_blob_that_is_missing_is_named(desk: Desk, shop: Path) -> None:
    oid = lose(desk.source.path, 'mm/gup.c')
    done = applied(desk.source.path, shop, desk)
    assert done.verdict.outcome is Outcome.SKIPPED
    assert f'mm/gup.c (blob {oid[:12]})' in done.verdict.reason and 'mm.h' not in done.verdict.reason


def test_a_base_whose_directories_are_missing_is_no_base(desk: Desk, shop: Path) -> None:
    oid = git(desk.source.path, 'rev-parse', 'HEAD^{tree}')
    (desk.source.path / '.git' / 'objects' / oid[:2] / oid[2:]).unlink()
    git(desk.source.path, 'tag', '-d', 'posted')
    with open_tree(desk.source.path, shop) as tree:
        done = tree.apply(replace(desk.series, base_hints=(base_commit(desk.base),)), None, 40, quiet)
    assert done.verdict.outcome is Outcome.SKIPPED
    assert {a.reason for a in done.attempts} == {'not in this clone'}


def test_opening_and_the_fingerprint_take_no_process(desk: Desk, shop: Path) -> None:
    before = processes()
    with open_tree(desk.source.path, shop) as tree:
        assert len(tree.fingerprint()) == 64
    assert processes() == before
    assert not shop.exists()


def test_the_fingerprint_follows_the_refs_and_not_how_they_are_kept(desk: Desk, shop: Path) -> None:
    def print_of() -> str:
        with open_tree(desk.source.path, shop) as tree:
            return tree.fingerprint()

    seen = [print_of()]
    git(desk.source.path, 'tag', '-a', '-m', 'x', 'v6.10', desk.base)
    seen.append(print_of())
    git(desk.source.path, 'pack-refs', '--all')
    git(desk.source.path, 'gc', '-q')
    assert print_of() == seen[-1]
    git(desk.source.path, 'checkout', '-q', '-b', 'topic')
    seen.append(print_of())
    git(desk.source.path, 'checkout', '-q', '--detach')
    seen.append(print_of())
    desk.source.commit({'new': 'x'})
    seen.append(print_of())
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    'make', ['nothing', 'file', 'directory', 'inside', 'empty', 'dangling', 'sha256', 'no-objects']
)
def test_what_is_no_tree_is_refused_with_advice(desk: Desk, tmp_path: Path, shop: Path, make: str) -> None:
    path = tmp_path / 'asked'
    if make == 'file':
        path.write_text('x')
    elif make == 'directory':
        path.mkdir()
    elif make == 'inside':
        path = desk.source.path / 'mm'
    elif make in ('empty', 'sha256'):
        Source(path, *(['--object-format=sha256'] if make == 'sha256' else []))
        if make == 'sha256':
            git(path, 'commit', '-q', '--allow-empty', '-m', 'x')
    elif make == 'dangling':
        path.mkdir()
        (path / '.git').write_text('gitdir: /nowhere/at/all\n')
    elif make == 'no-objects':
        git(tmp_path, 'clone', '-q', str(desk.source.path), 'asked')
        (path / '.git' / 'objects').rename(tmp_path / 'gone')
    with pytest.raises(TreeError) as refused, open_tree(path, shop):
        pass
    assert refused.value.what and refused.value.where and refused.value.todo
    if make == 'inside':
        assert refused.value.todo == f'did you mean {desk.source.path}?'


def test_own_files_are_not_kept_inside_the_tree(desk: Desk) -> None:
    with (
        pytest.raises(TreeError, match='inside the tree'),
        open_tree(desk.source.path, desk.source.path / '.git' / 'x'),
    ):
        pass


def test_a_name_given_is_the_name_used(desk: Desk, shop: Path) -> None:
    with open_tree(desk.source.path, shop, 'mm-stable') as tree:
        assert tree.name == 'mm-stable' and tree.apply(desk.series, None, 0, quiet).tree == 'mm-stable'


def test_resolve_takes_words_of_the_user_and_nothing_else(desk: Desk, shop: Path) -> None:
    with open_tree(desk.source.path, shop) as tree:
        assert tree.resolve('HEAD') == tree.resolve('main') == tree.resolve(desk.base[:12]) == desk.base
        assert tree.resolve('posted~3') == desk.base
        for odd in (
            '',
            '--all',
            '-h',
            '--git-dir=/',
            'HEAD:mm',
            'a\0b',
            'HEAD\nmain',
            'HEAD..main',
            'nowhere',
            '@{-9}',
        ):
            assert tree.resolve(odd) is None, odd


def test_reftable(desk: Desk, tmp_path: Path, shop: Path) -> None:
    made = subprocess.run(
        ['git', 'clone', '-q', '--ref-format=reftable', str(desk.source.path), str(tmp_path / 'new')], check=False
    )
    if made.returncode:
        pytest.skip('this git knows no reftable')
    done = applied(tmp_path / 'new', shop, desk)
    assert done.base == desk.base
