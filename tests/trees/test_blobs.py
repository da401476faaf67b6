# SPDX-License-Identifier: GPL-2.0-or-later
"""Files at commits: contents, searches and changed ranges, against what git itself holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import FileChange, FilesAt
from bot.trees import Tree, open_tree
from bot.trees.changes import read_changes
from tests.trees.build import Source, git, numbered
from tests.trees.conftest import Desk


@pytest.fixture
def tree(desk: Desk, shop: Path) -> Iterator[Tree]:
    with open_tree(desk.source.path, shop) as opened:
        yield opened


def test_it_is_what_the_other_rooms_ask_for(tree: Tree) -> None:
    files: FilesAt = tree.files
    assert files is tree.files


def test_reading(desk: Desk, tree: Tree) -> None:
    files, base = tree.files, desk.base
    assert files.read(base, 'mm/gup.c') == numbered(60).encode()
    assert files.blob_id(base, 'mm/gup.c') == git(desk.source.path, 'rev-parse', 'HEAD:mm/gup.c')
    for nothing in (
        'mm',
        'mm/',
        'nowhere',
        'mm/nowhere',
        'mm/gup.c/below',
        '',
        '/',
        '.',
        '..',
        '../linux/Makefile',
        '/mm/gup.c',
    ):
        assert files.read(base, nothing) is None, nothing
        assert files.blob_id(base, nothing) is None, nothing
    for commit in (
        'HEAD',
        'main',
        '',
        '--help',
        '12' * 20,
        desk.base[:12],
        git(desk.source.path, 'rev-parse', 'HEAD:mm'),
    ):
        with pytest.raises(LookupError):
            files.read(commit, 'Makefile')


def test_the_reading_process_ends_with_the_tree(desk: Desk, shop: Path) -> None:
    with open_tree(desk.source.path, shop) as tree:
        assert tree.files.read(desk.base, 'Makefile')
        reader = tree.files._opened.cat_file_all.proc
        assert reader.poll() is None
    assert reader.poll() is not None


def test_odd_names_and_odd_entries(desk: Desk, tree: Tree) -> None:
    names = [
        'a b.c',
        'tab\there.c',
        'line\nbreak.c',
        '"quoted".c',
        'back\\slash.c',
        'ümlaut.c',
        '-dash.c',
        ':(top)x.c',
        '*.c',
    ]
    source = desk.source
    source.commit({f'odd/{name}': f'int odd; /* {n} */\n' for n, name in enumerate(names)}, 'odd')
    (source.path / 'odd/link').symlink_to('/etc/passwd')
    source.git('add', '-A')
    source.git('update-index', '--add', '--cacheinfo', f'160000,{desk.base},odd/module')
    tip = source.git('rev-parse', 'HEAD')
    source.seal('link and module')
    tip = source.git('rev-parse', 'HEAD')
    for n, name in enumerate(names):
        assert tree.files.read(tip, f'odd/{name}') == f'int odd; /* {n} */\n'.encode()
    assert tree.files.read(tip, 'odd/link') == b'/etc/passwd'
    assert tree.files.read(tip, 'odd/module') is None
    assert tree.files.containing(tip, ['int odd;'])[0] == sorted(f'odd/{name}' for name in names)
    assert tree.files.containing(tip, ['int odd;'], ['odd/*.c', 'mm'])[0] == ['odd/*.c']
    assert tree.files.containing(tip, ['int odd;'], [':(top)odd']) == ([], [])


def test_searching(desk: Desk, tree: Tree) -> None:
    files = tree.files
    assert files.containing(desk.base, ['PATCHLEVEL', 'config MMU']) == (['Makefile', 'mm/Kconfig'], [])
    assert files.containing(desk.base, ['value_.*']) == ([], []), 'literals, not patterns'
    assert files.containing(desk.base, ['--help', '-e', '']) == ([], [])
    assert files.containing(desk.base, ['value_1;\nint'], ['mm']) == ([], [])
    assert files.containing(desk.base, []) == ([], [])
    with pytest.raises(LookupError):
        files.containing('12' * 20, ['x'])


def test_no_setting_of_the_user_or_the_tree_takes_part(
    desk: Desk, tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        'GIT_DIR',
        'GIT_OBJECT_DIRECTORY',
        'GIT_COMMON_DIR',
        'GIT_WORK_TREE',
        'GIT_ALTERNATE_OBJECT_DIRECTORIES',
    ):
        monkeypatch.setenv(name, str(tmp_path / 'astray'))
    monkeypatch.setenv('GIT_CONFIG_PARAMETERS', "'core.bare'='maybe'")
    monkeypatch.setenv('GIT_EXTERNAL_DIFF', 'false')
    assert tree.files.read(desk.base, 'mm/Kconfig') == b'config MMU\n'
    assert tree.files.containing(desk.base, ['config MMU']) == (['mm/Kconfig'], [])
    assert tree.files.changes(f'{desk.base}', desk.base) == ()


def changed(source: Source, tree: Tree) -> dict[str, FileChange]:
    found = tree.files.changes(source.git('rev-parse', 'HEAD~1'), source.git('rev-parse', 'HEAD'))
    return {change.path: change for change in found}


def test_changed_ranges(desk: Desk, tree: Tree) -> None:
    source = desk.source
    lines = numbered(60, line5='long five;\nlong more;', line40='long forty;').splitlines(keepends=True)
    del lines[50:53]
    source.commit({'mm/gup.c': ''.join(lines), 'mm/pin.c': 'int pin;\n', 'mm/Kconfig': None})
    found = changed(source, tree)
    gup = found['mm/gup.c']
    assert (gup.old_ranges, gup.new_ranges) == (((5, 5), (40, 40), (50, 52)), ((5, 6), (41, 41)))
    assert gup.old_blob == tree.files.blob_id(desk.base, 'mm/gup.c') != gup.new_blob
    assert (found['mm/pin.c'].old_blob, found['mm/pin.c'].old_ranges) == (None, ())
    assert found['mm/pin.c'].new_ranges == ((1, 1),)
    assert (found['mm/Kconfig'].new_blob, found['mm/Kconfig'].new_ranges) == (None, ())
    assert sorted(found) == ['mm/Kconfig', 'mm/gup.c', 'mm/pin.c']


def test_renames_modes_and_types(desk: Desk, tree: Tree) -> None:
    source = desk.source
    source.git('mv', 'mm/gup.c', 'mm/pup.c')
    (source.path / 'mm/pup.c').write_text(numbered(60, line3='three;'))
    (source.path / 'Makefile').chmod(0o755)
    (source.path / 'include/linux/mm.h').unlink()
    (source.path / 'include/linux/mm.h').symlink_to('elsewhere')
    source.git('mv', 'drivers/net/loop.c', 'drivers/net/lo.c')
    source.commit({'zlast.c': 'int z;\n'})
    found = changed(source, tree)
    assert (found['mm/pup.c'].old_path, found['mm/pup.c'].old_ranges) == ('mm/gup.c', ((3, 3),))
    assert (found['drivers/net/lo.c'].old_path, found['drivers/net/lo.c'].new_ranges) == ('drivers/net/loop.c', ())
    assert found['Makefile'].old_blob == found['Makefile'].new_blob
    assert found['include/linux/mm.h'].old_ranges == ((1, 20),) and found['include/linux/mm.h'].new_ranges == ((1, 1),)
    assert found['zlast.c'].new_ranges == ((1, 1),)


def test_text_that_looks_like_a_diff_and_bytes_that_are_no_text(desk: Desk, tree: Tree) -> None:
    trap = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n'
    attributes = '*.c -diff\n*.h diff=evil\n'
    desk.source.commit(
        {'trap.txt': trap * 3, 'no-end.c': 'one\ntwo', '.gitattributes': attributes, 'bin': b'\0\1\n\0\n'}
    )
    desk.source.commit(
        {'trap.txt': trap + 'x\n' + trap * 2, 'no-end.c': 'one\ntoo', 'bin': b'\0\2\n\0\n', 'z.c': 'z\n'}
    )
    found = changed(desk.source, tree)
    assert found['trap.txt'].new_ranges == ((5, 5),)
    assert (found['no-end.c'].old_ranges, found['no-end.c'].new_ranges) == (((2, 2),), ((2, 2),))
    assert found['bin'].new_ranges == ((1, 1),)
    assert found['z.c'].new_ranges == ((1, 1),)


TEXT = st.lists(
    st.sampled_from(['a\n', 'b\n', '\n', '@@ -1 +1 @@\n', 'diff --git a/f b/f\n', '+\n', '-- \n']), max_size=12
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(TEXT, min_size=3, max_size=3), st.lists(TEXT, min_size=3, max_size=3))
def test_lines_outside_the_ranges_are_the_same_on_both_sides(
    desk: Desk, tree: Tree, old: list[list[str]], new: list[list[str]]
) -> None:
    source = desk.source
    source.commit({f'f{n}': ''.join(lines) for n, lines in enumerate(old)})
    source.commit({f'f{n}': ''.join(lines) for n, lines in enumerate(new)})
    found = changed(source, tree)
    for n, (before, after) in enumerate(zip(old, new, strict=True)):
        change = found.get(f'f{n}')
        if change is None or change.old_path != f'f{n}':
            assert change is not None or before == after
            continue
        kept = [
            [line for at, line in enumerate(lines, 1) if not any(a <= at <= b for a, b in ranges)]
            for lines, ranges in ((before, change.old_ranges), (after, change.new_ranges))
        ]
        assert kept[0] == kept[1]
        touched = sum(b - a + 1 for a, b in change.old_ranges)
        assert touched == len(before) - len(kept[0])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
def test_ranges_of_a_patch_text_never_hang(noise: bytes) -> None:
    assert read_changes(b'') == ()
    raw = b':100644 100644 ' + b'1' * 40 + b' ' + b'2' * 40 + b' M\0f\0\0diff --git a/f b/f\n@@ -1 +1 @@\n-x\n+'
    (change,) = read_changes(raw + noise.replace(b'\n', b' '))
    assert change.new_ranges == ((1, 1),)
