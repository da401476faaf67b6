# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a diff starts and ends, and what it names."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lore.diff import changed_lines, files, find_diff, preimages
from bot.model import Preimage
from tests.lore.letters import diff

PLAIN = '--- a.c\t2024-01-01\n+++ a.c\t2024-01-02\n@@ -1 +1 @@\n-x\n+y\n'
RENAME = 'diff --git a/old b/new\nsimilarity index 90%\nrename from old\nrename to new\nindex 1111111..2222222 100644\n'
MODE = 'diff --git a/x.sh b/x.sh\nold mode 100644\nnew mode 100755\n'
NEW = 'diff --git a/n b/n\nnew file mode 100644\nindex 0000000..3333333\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+one\n'
GONE = 'diff --git a/g b/g\ndeleted file mode 100644\nindex 4444444..0000000\n--- a/g\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n'
BINARY = 'diff --git a/b.bin b/b.bin\nindex 5555555..6666666 100644\nGIT binary patch\nliteral 3\nKcmZQzU|?i`U|@g%0\n\nliteral 0\nHcmV?d00001\n\n'
NO_NEWLINE = 'diff --git a/q b/q\nindex 1..2 100644\n--- a/q\n+++ b/q\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n'


@pytest.mark.parametrize('change', [diff(), PLAIN, RENAME, MODE, NEW, GONE, BINARY, NO_NEWLINE, diff() + RENAME + NEW])
@pytest.mark.parametrize('after', ['', '-- \n2.39.5\n', '\n_______\na list footer\n', 'Thanks,\nAda\n', '\n'])
@pytest.mark.parametrize('before', ['', 'Why.\n\n---\n x | 2 +-\n\n'])
def test_only_the_diff(change: str, after: str, before: str) -> None:
    assert find_diff(before + change + after).rstrip('\n') == change.rstrip('\n')


def test_a_deleted_line_that_looks_like_a_signature() -> None:
    change = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1 @@\n--- \n-- \n x\n'
    assert find_diff(f'm\n{change}-- \n2.39\n') == change


def test_a_damaged_hunk_keeps_what_follows() -> None:
    """Cut at the damage, half of the patch would apply without a word."""
    broken = diff().replace(' third line\n', ' third\nline\n') + diff('b.c')
    assert find_diff(f'm\n---\n{broken}-- \n2.39\n') == broken


def test_a_damaged_last_hunk_is_kept_whole() -> None:
    broken = diff('b.c') + diff().replace('+new\n', '+new and some words that a mailer\nwrapped\n')
    assert find_diff(f'm\n---\n{broken}-- \n2.39\n') == broken


def test_context_lines_that_lost_their_blank() -> None:
    change = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n\n-a\n+b\n\n'
    assert find_diff(f'{change}-- \n2.39\n') == change


@pytest.mark.parametrize(
    'text',
    [
        '',
        'diff of opinion\n',
        '> diff --git a/x b/x\n',
        '---\n x | 2 +-\n',
        '--- a\nno plus\n',
        ' diff --git a/x b/x\n',
    ],
)
def test_no_diff(text: str) -> None:
    assert find_diff(text) == ''


def test_files_and_blobs() -> None:
    change = diff('mm/a.c') + RENAME + MODE + NEW + GONE + BINARY + 'diff -u z.c z.c\n' + PLAIN
    assert files(change) == ('mm/a.c', 'new', 'x.sh', 'n', 'g', 'b.bin', 'a.c')
    assert preimages(change) == (
        Preimage('mm/a.c', '1111111', '2222222'),
        Preimage('old', '1111111', '2222222'),
        Preimage('n', '0000000', '3333333'),
        Preimage('g', '4444444', '0000000'),
        Preimage('b.bin', '5555555', '6666666'),
    )


def test_names_with_blanks_and_quotes() -> None:
    change = 'diff --git a/one two b/one two\nold mode 100644\nnew mode 100755\n'
    assert files(change) == ('one two',)
    quoted = 'diff --git "a/\\303\\244\\tx" "b/\\303\\244\\tx"\n--- "a/\\303\\244\\tx"\n+++ "b/\\303\\244\\tx"\n@@ -1 +1 @@\n-a\n+b\n'
    assert files(quoted) == ('ä\tx',)


def test_lines_inside_hunks_name_no_files() -> None:
    change = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a/y\n+++ b/y\n diff --git a/z b/z\n'
    assert files(change) == ('x',)
    assert files(PLAIN + PLAIN.replace('a.c', 'b.c')) == ('a.c', 'b.c')


def test_changed_lines() -> None:
    assert changed_lines(diff(old='int  a;', new='int\tbb;') + '+}\n') == {'-inta;', '+intbb;'}


@given(
    st.lists(
        st.sampled_from(
            [*diff().split('\n'), *NEW.split('\n'), *BINARY.split('\n'), '@@ -1,9 +1,9 @@', '\\', '-- ', 'x']
        ),
        max_size=60,
    )
)
def test_any_lines(lines: list[str]) -> None:
    text = '\n'.join(lines)
    change = find_diff(text)
    assert change.rstrip('\n') in text
    assert all(files(change)) and all(p.path for p in preimages(change))


@pytest.mark.parametrize(
    'unit',
    [
        'diff --git a/x b/x\n',
        '@@ -1,999999999 +1,999999999 @@\n',
        '--- a\n+++ b\n',
        'GIT binary patch\nliteral 1\n',
        '-',
    ],
)
def test_long_hostile_text_takes_no_time(unit: str) -> None:
    start = time.process_time()
    change = find_diff(f'diff --git a/x b/x\n{unit * 30000}')
    files(change), preimages(change)
    assert time.process_time() - start < 10
