# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading diffs as mailed: any text, odd names, and agreement with git about what a patch touches."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.trees.diffs import Hunk, read_diff
from bot.trees.quoting import pattern, unquote
from tests.trees.build import Source, git, numbered

LINES = st.sampled_from(
    [
        'diff --git a/x b/x',
        'diff --git "a/\\303" b/x',
        'diff --git',
        'index 1..2',
        '--- a/x',
        '+++ b/x',
        '+++ ',
        '--- "',
        '@@ -1 +1 @@',
        '@@ -1,3 +0,0 @@ void f()',
        '@@ -99999999999999999999,9 +1 @@',
        'rename from "',
        'rename to y',
        'new file mode',
        'deleted file mode 1',
        ' x',
        '-x',
        '+x',
        '\\ No newline at end of file',
        '',
        '\r',
        '-- ',
        '\0',
    ]
)
NAMES = st.text(st.characters(exclude_characters='/\0', exclude_categories=['Cs']), min_size=1, max_size=12).filter(
    lambda name: (
        name not in ('.', '..') and '.git' not in name.lower() and 'git~' not in name.lower() and '\\' not in name
    )
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=300), st.lists(LINES, max_size=30).map('\n'.join)))
@example('diff --git \n@@ -0 +0 @@\n\\\n-')
def test_any_text_is_read(text: str) -> None:
    for file in read_diff(text):
        for hunk in file.hunks:
            assert text.split('\n')[hunk.line].rstrip('\r') == hunk.header
            assert all(first <= last + 1 for first, last in hunk.old_ranges())
    unquote(text)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(names=st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_names_are_those_git_means(tmp_path_factory: object, names: list[str]) -> None:
    assert hasattr(tmp_path_factory, 'mktemp')
    source = Source(tmp_path_factory.mktemp('names') / 'x')
    entries = []
    oid = git(source.path, 'hash-object', '-w', '--stdin', stdin=b'x\n')
    for name in names:
        entries.append(b'100644 blob ' + oid.encode() + b'\t' + name.encode() + b'\0')
    tree = git(source.path, 'mktree', '-z', stdin=b''.join(sorted(entries)))
    empty = git(source.path, 'mktree', stdin=b'')
    raw = subprocess.run(
        ['git', 'diff-tree', '-p', empty, tree], cwd=source.path, capture_output=True, check=True
    ).stdout
    found = read_diff(raw.decode())
    assert sorted(file.new for file in found) == sorted(names)
    assert {file.old for file in found} == {''}
    listed = git(source.path, 'ls-tree', '-r', '--name-only', tree).split('\n')
    assert sorted(map(unquote, listed)) == sorted(names)


def test_renames_modes_and_removals() -> None:
    diff = (
        'diff --git a/old name.c b/new name.c\nsimilarity index 90%\nrename from old name.c\nrename to new name.c\n'
        'index 1111111..2222222 100644\n--- a/old name.c\n+++ b/new name.c\n@@ -1 +1 @@\n-a\n+b\n'
        'diff --git a/script b/script\nold mode 100644\nnew mode 100755\n'
        'diff --git a/gone.c b/gone.c\ndeleted file mode 100644\nindex 1111111..0000000\n--- a/gone.c\n+++ /dev/null\n'
        '@@ -1,2 +0,0 @@\n--- a/not a header\n-+++ b/neither\n'
        'diff --git a/empty b/empty\nnew file mode 100644\nindex 0000000..e69de29\n'
    )
    found = [(file.old, file.new, file.moved, len(file.hunks)) for file in read_diff(diff)]
    assert found == [
        ('old name.c', 'new name.c', True, 1),
        ('script', 'script', False, 0),
        ('gone.c', '', False, 1),
        ('', 'empty', False, 0),
    ]


def test_diffs_of_other_tools() -> None:
    diff = '--- linux-6.9/mm/gup.c\t2024-06-01\n+++ linux/mm/gup.c\t2024-06-02\n@@ -3,1 +3,1 @@\n-a\n+b\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n'
    assert [file.path for file in read_diff(diff)] == ['mm/gup.c', 'x']


def test_changed_lines_of_a_hunk() -> None:
    body = (' a', '-b', '-c', '+x', ' d', '', '+y', '\\ No newline at end of file', ' e', '-f')
    assert Hunk('@@ -10,7 +10,6 @@', 10, 0, body).old_ranges() == [(11, 12), (15, 14), (16, 16)]


def test_patterns_match_one_path_and_no_other(tmp_path: Path) -> None:
    source = Source(tmp_path / 'x')
    names = ['a*', 'ab', 'a?', '[a]', 'a', '!a', '#a', 'sp ', 'sp', 'b\\c', 'bc', 'dir/a', 'ü']
    source.commit({name: numbered(1) for name in names})
    for name in names:
        git(source.path, 'config', 'core.sparseCheckout', 'true')
        (source.path / '.git/info').mkdir(exist_ok=True)
        (source.path / '.git/info/sparse-checkout').write_text(pattern(name) + '\n')
        git(source.path, 'read-tree', '-mu', 'HEAD')
        found = [
            p.relative_to(source.path).as_posix()
            for p in source.path.rglob('*')
            if p.is_file() and '.git' not in p.parts
        ]
        assert found == [name]
    assert pattern('a\nb') == ''
