# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches and repositories made to do harm: nothing changes outside the worktree, and nothing of theirs is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.model import AppliedTree, Outcome, Patch
from bot.trees import open_tree
from tests.trees.build import Source, everything, git, mailed, numbered, posted, quiet, revision
from tests.trees.conftest import Desk

MAIL = 'From: Eve <eve@example.org>\nDate: Sat, 1 Jun 2024 12:00:00 +0000\nSubject: [PATCH] harmless\n\ntext\n---\n'


def evil(diff: str, position: int = 1) -> Patch:
    return mailed((MAIL + diff).encode(), position)


def created(path: str, mode: str = '100644', text: str = 'pwned') -> str:
    quoted = path if '\n' not in path else '"' + path.replace('\n', '\\n') + '"'
    head = f'diff --git a/{quoted} b/{quoted}\nnew file mode {mode}\nindex 0000000..1111111\n'
    return f'{head}--- /dev/null\n+++ b/{quoted}\n@@ -0,0 +1 @@\n+{text}\n'


def attack(desk: Desk, shop: Path, *diffs: str) -> AppliedTree:
    """Apply, and hold everything against what was there before: beside the tree, in it, and in our own files."""
    top = desk.source.path.parent
    with open_tree(desk.source.path, shop) as tree:
        assert tree.files.read(desk.base, 'Makefile')  # the workshop is there
    before = _but_objects(top)
    series = revision([evil(diff, n + 1) for n, diff in enumerate(diffs)])
    with open_tree(desk.source.path, shop) as tree:
        done = tree.apply(series, desk.base, 0, quiet)
    after = _but_objects(top)
    assert {k: v for k, v in after.items() if before.get(k) != v} == {}
    assert before.keys() <= after.keys()
    return done


def _but_objects(top: Path) -> dict[str, str]:
    ours = ('/objects/', '/refs/lorebot/')
    return {k: v for k, v in everything(top).items() if not (k.startswith('shop/') and any(o in k for o in ours))}


@pytest.mark.parametrize(
    'path',
    [
        '../outside',
        'mm/../../outside',
        '.git/hooks/post-applypatch',
        'mm/.git/config',
        '.GIT/config',
        'git~1/config',
        '.git\u200c/config',
        '/etc/outside',
        '../mails/0002',
    ],
)
def test_paths_that_lead_out(desk: Desk, shop: Path, path: str) -> None:
    done = attack(desk, shop, created(path), created('mm/after.c'))
    if done.verdict.outcome is Outcome.PASSED:
        with open_tree(desk.source.path, shop) as tree:
            assert all(
                '..' not in c.path and '.git' not in c.path.lower()
                for c in tree.files.changes(desk.base, str(done.tip))
            )
    else:
        assert done.verdict.outcome is Outcome.FAILED and done.conflict is not None and done.conflict.reason


@pytest.mark.parametrize('target', ['/etc', '../..', 'TOP'])
def test_links_are_not_written_through(desk: Desk, shop: Path, target: str) -> None:
    where = str(desk.source.path) if target == 'TOP' else target
    link = created('mm/link', '120000', where).replace(f'+{where}\n', f'+{where}\n\\ No newline at end of file\n')
    done = attack(desk, shop, link, created('mm/link/Makefile'))
    assert done.verdict.outcome is Outcome.FAILED and done.conflict is not None
    assert done.conflict.position == 2 and len(done.patches) == 1


def test_a_link_instead_of_a_file_is_not_followed(desk: Desk, shop: Path) -> None:
    victim = desk.source.path.parent / 'victim.c'
    victim.write_text('int value_1;\n')
    source = desk.source
    source.commit({'mm/victim.c': 'int value_1;\n'}, 'victim')
    base = source.git('rev-parse', 'HEAD')
    (source.path / 'mm/victim.c').unlink()
    (source.path / 'mm/victim.c').symlink_to(victim)
    source.git('add', '-A')
    source.seal('turn it into a link')
    (source.path / 'mm/victim.c').unlink()
    source.commit({'mm/victim.c': 'int pwned;\n'}, 'write through it')
    series = posted(source, base)
    source.git('reset', '-q', '--hard', base)
    with open_tree(source.path, shop) as tree:
        done = tree.apply(series, base, 0, quiet)
        assert done.verdict.outcome is Outcome.PASSED and done.tip is not None
        assert tree.files.read(done.patches[0].commit, 'mm/victim.c') == str(victim).encode()
        assert tree.files.read(done.tip, 'mm/victim.c') == b'int pwned;\n'
    assert victim.read_text() == 'int value_1;\n'


def test_submodules_are_noted_and_not_fetched(desk: Desk, shop: Path) -> None:
    module = (
        'diff --git a/.gitmodules b/.gitmodules\nnew file mode 100644\nindex 0000000..1111111\n--- /dev/null\n'
        '+++ b/.gitmodules\n@@ -0,0 +1,3 @@\n+[submodule "x"]\n+\tpath = sub\n+\turl = ext::touch pwned\n'
        'diff --git a/sub b/sub\nnew file mode 160000\nindex 0000000..1111111\n--- /dev/null\n+++ b/sub\n'
        f'@@ -0,0 +1 @@\n+Subproject commit {"1" * 40}\n'
    )
    done = attack(desk, shop, module, created('mm/after.c'))
    assert done.verdict.outcome is Outcome.PASSED, done.verdict


@pytest.mark.parametrize('mode', ['104755', '100777', '040000', '777777', 'x'])
def test_absurd_modes(desk: Desk, shop: Path, mode: str) -> None:
    done = attack(desk, shop, created('mm/mode.c', mode), created('mm/after.c'))
    if done.verdict.outcome is Outcome.PASSED and done.tip is not None:
        with open_tree(desk.source.path, shop) as tree:
            entry = tree.files.entry(done.tip, 'mm/mode.c')
        assert entry is None or entry[0] in (0o100644, 0o100755)
    else:
        assert done.verdict.reason and (done.conflict is None or done.conflict.position == 1)


def test_attributes_of_a_patch_change_no_byte_and_run_nothing(desk: Desk, shop: Path, tmp_path: Path) -> None:
    mark = tmp_path / 'pwned'
    for key in (
        'filter.evil.clean',
        'filter.evil.smudge',
        'merge.evil.driver',
        'diff.evil.textconv',
        'core.sshCommand',
    ):
        git(desk.source.path, 'config', key, f'touch {mark}')
    wish = '* filter=evil merge=evil diff=evil text eol=crlf working-tree-encoding=UTF-16 ident'
    done = attack(desk, shop, created('.gitattributes', text=wish), created('mm/after.c', text='$Id$ plain'))
    assert done.verdict.outcome is Outcome.PASSED and done.tip is not None
    with open_tree(desk.source.path, shop) as tree:
        assert tree.files.read(done.tip, 'mm/after.c') == b'$Id$ plain\n'
        assert tree.files.changes(str(done.base), done.tip)
    assert not mark.exists()


def test_a_merge_does_not_ask_the_attributes_of_the_patch(desk: Desk, shop: Path) -> None:
    source = desk.source
    source.commit({'.gitattributes': '*.c merge=union\n'}, 'merge as you like')
    source.commit({'mm/gup.c': numbered(60, line40='char forty;')}, 'in the way')
    with open_tree(source.path, shop) as tree:
        done = tree.apply(desk.series, 'HEAD', 0, quiet)
    assert done.conflict is not None and done.conflict.position == 2


def test_what_a_repository_asks_to_be_run_is_not_run(desk: Desk, shop: Path, tmp_path: Path) -> None:
    mark, script = tmp_path / 'pwned', tmp_path / 'hook'
    script.write_text(f'#!/bin/sh\ntouch {mark}\n')
    script.chmod(0o755)
    for key in (
        'core.fsmonitor',
        'core.pager',
        'core.editor',
        'core.alternateRefsCommand',
        'diff.external',
        'gpg.program',
    ):
        git(desk.source.path, 'config', key, str(script))
    git(desk.source.path, 'config', 'commit.gpgSign', 'true')
    for name in (
        'post-checkout',
        'applypatch-msg',
        'pre-applypatch',
        'post-applypatch',
        'reference-transaction',
        'post-index-change',
    ):
        hook = desk.source.path / '.git' / 'hooks' / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_bytes(script.read_bytes())
        hook.chmod(0o755)
    with open_tree(desk.source.path, shop) as tree:
        assert tree.resolve('HEAD') == desk.base
        assert tree.apply(desk.series, None, 40, quiet).verdict.outcome is Outcome.PASSED
        assert len(tree.mails('HEAD~1..HEAD')) == 1
        tree.files.containing(desk.base, ['value_1'])
    assert not mark.exists()


def test_a_subject_cannot_pose_as_words_of_git(desk: Desk, shop: Path) -> None:
    source = desk.source
    source.commit({'mm/new.c': 'int new;\n'}, 'No changes -- Patch already applied.')
    source.commit({'mm/new.c': 'long new;\n'}, 'Falling back to patching base and 3-way merge...')
    series = posted(source, desk.base)
    source.git('reset', '-q', '--hard', desk.base)
    with open_tree(source.path, shop) as tree:
        done = tree.apply(series, desk.base, 0, quiet)
    assert done.verdict.outcome is Outcome.PASSED and done.verdict.reason == ''
    assert [p.three_way for p in done.patches] == [False, False]


def test_a_repository_owned_by_somebody_else(desk: Desk, shop: Path, tmp_path: Path) -> None:
    import os

    if os.geteuid() != 0:
        pytest.skip('only root can give a file away')
    for path in [desk.source.path, *desk.source.path.rglob('*')]:
        os.lchown(path, 12345, 12345)
    with open_tree(desk.source.path, shop) as tree:
        assert tree.resolve('HEAD') == desk.base
        assert tree.apply(desk.series, None, 40, quiet).verdict.outcome is Outcome.PASSED


def test_a_huge_hunk_count_and_noise_are_data(desk: Desk, shop: Path, tmp_path: Path) -> None:
    wild = 'diff --git a/mm/gup.c b/mm/gup.c\nindex 1..2\n--- a/mm/gup.c\n+++ b/mm/gup.c\n@@ -1,99999999 +1,99999999 @@\n x\n'
    done = attack(desk, shop, wild)
    assert done.verdict.outcome is Outcome.FAILED and done.conflict is not None
    assert done.conflict.path == 'mm/gup.c'


def test_own_source_fixture_is_honest(tmp_path: Path) -> None:
    source = Source(tmp_path / 'x')
    source.commit({'a': 'b'})
    before = everything(source.path)
    (source.path / 'a').write_text('c')
    assert everything(source.path) != before
