# SPDX-License-Identifier: GPL-2.0-or-later
"""Searching the user's work tree says what the commit says, whatever was done to the files since."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.trees.blobs import Files
from bot.trees.checked_out import CheckedOut
from bot.trees.clone import find_clone
from bot.trees.runner import Runner
from tests.trees.build import Source
from tests.trees.conftest import Desk

_GUP, _LOOP, _HEADER = 'mm/gup.c', 'drivers/net/loop.c', 'include/linux/mm.h'
_WORDS = ['value_3;', 'PATCHLEVEL', 'marker']


def _edit(source: Source, path: str) -> None:
    (source.path / path).write_text('int marker;\n')


def _same_size(source: Source, path: str) -> None:
    at = source.path / path
    at.write_bytes(at.read_bytes().replace(b'value_3;', b'value_X;') if at.is_file() else b'x')


def _remove(source: Source, path: str) -> None:
    (source.path / path).unlink(missing_ok=True)


def _stage(source: Source, path: str) -> None:
    source.git('add', '-A')


def _unstage(source: Source, path: str) -> None:
    source.git('rm', '-q', '--cached', '--ignore-unmatch', path)


def _link(source: Source, path: str) -> None:
    _remove(source, path)
    (source.path / path).symlink_to('/etc/passwd')


def _directory(source: Source, path: str) -> None:
    _remove(source, path)
    (source.path / path).mkdir(exist_ok=True)
    (source.path / path / 'marker.c').write_text('int marker;\n')


def _intended(source: Source, path: str) -> None:
    (source.path / 'new.c').write_text('int marker;\n')
    source.git('add', '-N', 'new.c')


def _touch(source: Source, path: str) -> None:
    if (source.path / path).is_file():
        os.utime(source.path / path, (1, 1))


def _rename(source: Source, path: str) -> None:
    if (source.path / path).is_file():
        (source.path / path).rename(source.path / 'mm' / 'moved.c')


def _assumed(source: Source, path: str) -> None:
    if source.git('ls-files', path):
        source.git('update-index', '--assume-unchanged', path)


def _skipped(source: Source, path: str) -> None:
    if source.git('ls-files', path):
        source.git('update-index', '--skip-worktree', path)


def _committed(source: Source, path: str) -> None:
    source.git('add', '-A')
    source.git('commit', '-q', '--allow-empty', '-m', 'later')


def _filtered(source: Source, path: str) -> None:
    """Settings of the clone under which git itself would take the changed file for the committed one."""
    (source.path / '.gitattributes').write_text('*.c filter=lost\n')
    source.git('config', 'filter.lost.clean', f'echo {source.path}/ran; cat')


_DEEDS: list[Callable[[Source, str], None]] = [
    _edit, _same_size, _remove, _stage, _unstage, _link, _intended, _touch, _rename, _assumed, _skipped, _committed,
    _filtered,
]  # fmt: skip


def _both(source: Source, commit: str, words: list[str], under: list[str]) -> tuple[list[str], list[str], bool]:
    """Return what a search that may look at the work tree finds, what one of blobs finds, and whether the first looked."""
    clone, run = find_clone(source.path), Runner()
    checked_out = CheckedOut(clone, clone.git_dir, run)
    with Files(clone.git_dir, run) as blobs, Files(clone.git_dir, run, checked_out) as either:
        looked = checked_out.containing(blobs.tree_id(commit), words, under) is not None
        return either.containing(commit, words, under)[0], blobs.containing(commit, words, under)[0], looked


@pytest.fixture
def source(desk: Desk) -> Source:
    """Return a repository whose index knows its files: those of a copy all look changed."""
    desk.source.git('update-index', '-q', '--refresh')
    return desk.source


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(_DEEDS), st.sampled_from([_GUP, _LOOP, _HEADER])), max_size=5),
    st.sampled_from([[], ['mm'], ['mm', 'include']]),
)
def test_it_finds_what_the_commit_holds(
    original: Desk, deeds: list[tuple[Callable[[Source, str], None], str]], under: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        source = original.source.copied(Path(name) / 'linux')
        source.git('update-index', '-q', '--refresh')
        for deed, path in deeds:
            deed(source, path)
        seen, held, _ = _both(source, original.base, _WORDS, under)
    assert seen == held
    assert not (source.path / 'ran').exists()


@pytest.mark.parametrize('deed', [None, _edit, _remove, _intended, _link, _directory, _committed])
def test_the_work_tree_is_what_is_searched(
    desk: Desk, source: Source, deed: Callable[[Source, str], None] | None
) -> None:
    if deed is not None:
        deed(source, _GUP)
    seen, held, looked = _both(source, desk.base, _WORDS, [])
    assert looked
    assert seen == held == ['Makefile', _LOOP, _HEADER, _GUP]


@pytest.mark.parametrize('deed', [_assumed, _skipped])
def test_files_that_git_does_not_look_at_are_not_trusted(
    desk: Desk, source: Source, deed: Callable[[Source, str], None]
) -> None:
    deed(source, _GUP)
    _same_size(source, _GUP)
    seen, held, looked = _both(source, desk.base, _WORDS, [])
    assert not looked
    assert seen == held


def test_a_work_tree_far_from_the_commit_is_left_alone(
    desk: Desk, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('bot.trees.checked_out._FAR', 1)
    _edit(source, _GUP)
    assert _both(source, desk.base, _WORDS, [])[2]
    _edit(source, _LOOP)
    assert not _both(source, desk.base, _WORDS, [])[2]


def test_an_edit_during_the_search_is_noticed(desk: Desk, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    clone, run = find_clone(source.path), Runner()
    checked_out = CheckedOut(clone, clone.git_dir, run)
    git = checked_out._git

    def meanwhile(*args: str) -> object:
        if args[0] == 'grep':
            _same_size(source, _GUP)
        return git(*args)

    monkeypatch.setattr(checked_out, '_git', meanwhile)
    with Files(clone.git_dir, run, checked_out) as files:
        assert _GUP in files.containing(desk.base, ['value_3;'])[0]


def test_a_bare_clone_has_no_work_tree(desk: Desk, source: Source, tmp_path: Path) -> None:
    source.git('clone', '-q', '--bare', '.', str(tmp_path / 'bare.git'))
    clone, run = find_clone(tmp_path / 'bare.git'), Runner()
    with Files(clone.git_dir, run) as files:
        assert CheckedOut(clone, clone.git_dir, run).containing(files.tree_id(desk.base), _WORDS, []) is None
