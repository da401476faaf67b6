# SPDX-License-Identifier: GPL-2.0-or-later
"""The demo's input: what its mails say of the tree is true, patches apply and compile, and nobody real is in it."""

from __future__ import annotations

import mailbox
import re
import subprocess
from collections.abc import Callable
from email.message import Message
from email.utils import getaddresses
from pathlib import Path

import pytest

from bot import resources, trees
from bot.errors import UserError
from bot.fakes import Demo, build_demo

STORY = resources.shipped('config') / 'demo'
POSTINGS = {'RFC PATCH': 'v7.1-rc1', 'PATCH v2': 'v7.1-rc2'}
Need = Callable[..., None]


@pytest.fixture(scope='module')
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return build_demo(STORY, tmp_path_factory.mktemp('demo'), trees.run)


@pytest.fixture(scope='module')
def mails(demo: Demo) -> list[Message]:
    return list(mailbox.mbox(demo.mbox, create=False))


def git(tree: Path, *args: str, stdin: bytes = b'') -> str:
    done = trees.run(*args, cwd=tree, stdin=stdin)
    assert done.status == 0, done.stderr
    return done.stdout.decode()


def body(mail: Message) -> str:
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def patches(mails: list[Message], prefix: str) -> list[Message]:
    return [m for m in mails if re.match(rf'\[{prefix} [1-3]/3\]', m['Subject'])]


def cover(mails: list[Message], prefix: str) -> Message:
    return next(m for m in mails if m['Subject'].startswith(f'[{prefix} 0/3]'))


def test_the_same_files_give_the_same_bytes(demo: Demo, tmp_path: Path) -> None:
    again = build_demo(STORY, tmp_path, trees.run)
    assert again.mbox.read_bytes() == demo.mbox.read_bytes()
    assert git(again.tree, 'show-ref') == git(demo.tree, 'show-ref')
    assert build_demo(STORY, tmp_path, trees.run).mbox.read_bytes() == demo.mbox.read_bytes()


def test_a_foreign_directory_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / 'tree').mkdir()
    (tmp_path / 'tree/precious').write_text('work of weeks\n', encoding='utf-8')
    with pytest.raises(UserError, match='will not overwrite'):
        build_demo(STORY, tmp_path, trees.run)
    assert (tmp_path / 'tree/precious').read_text(encoding='utf-8') == 'work of weeks\n'


def test_two_postings_and_the_talk_about_them(demo: Demo, mails: list[Message]) -> None:
    ids = [m['Message-ID'] for m in mails]
    assert len(ids) == len(set(ids)) == 20
    assert f'<{demo.message_id}>' == cover(mails, 'PATCH v2')['Message-ID']
    assert all(m['In-Reply-To'] in ids for m in mails if m['In-Reply-To'])
    assert [m['Subject'] for m in mails if not m['In-Reply-To']] == [
        '[RFC PATCH 0/3] mm, misc: pins that stay, and a driver that needs them',
        '[PATCH v2 0/3] mm, misc: pins that stay, and a driver that needs them',
    ]
    changes = {re.findall(r'^change-id: (.*)$', body(cover(mails, p)), re.MULTILINE)[0] for p in POSTINGS}
    assert len(changes) == 1


@pytest.mark.parametrize('prefix', POSTINGS)
def test_what_the_mails_say_of_the_tree_is_true(
    demo: Demo, mails: list[Message], prefix: str, tmp_path: Path, need: Need
) -> None:
    need('make', 'gcc')
    [base] = re.findall(r'^base-commit: ([0-9a-f]{40})$', body(cover(mails, prefix)), re.MULTILINE)
    assert base == git(demo.tree, 'rev-parse', POSTINGS[prefix]).strip()
    git(demo.tree, 'worktree', 'add', '--quiet', '--detach', str(tmp_path / 'w'), base)
    for mail in patches(mails, prefix):
        git(tmp_path / 'w', 'am', '--quiet', stdin=mail.as_bytes())
        for path, before, after in index_lines(body(mail)):
            assert git(tmp_path / 'w', 'rev-parse', f'HEAD:{path}').startswith(after)
            if set(before) != {'0'}:
                assert git(tmp_path / 'w', 'rev-parse', f'HEAD~:{path}').startswith(before)
        built = subprocess.run(['make', '-s', 'all'], cwd=tmp_path / 'w', capture_output=True, text=True)
        assert (built.returncode, built.stderr) == (0, '')
    git(demo.tree, 'worktree', 'remove', '--force', str(tmp_path / 'w'))


def index_lines(text: str) -> list[tuple[str, str, str]]:
    found = re.findall(
        r'^diff --git a/(\S+) b/\S+\n(?:new file mode \d+\n)?index ([0-9a-f]{12})\.\.([0-9a-f]{12})', text, re.MULTILINE
    )
    assert found
    return found


def test_the_tree_holds_no_patch_of_the_series(tmp_path: Path) -> None:
    fresh = build_demo(STORY, tmp_path, trees.run)
    assert git(fresh.tree, 'status', '--porcelain', '--ignored') == ''
    assert git(fresh.tree, 'log', '--format=%s').count('\n') == 2
    for mail in mailbox.mbox(fresh.mbox, create=False):
        if 'diff --git' in body(mail):
            for _, _, after in index_lines(body(mail)):
                assert trees.run('cat-file', '-e', after, cwd=fresh.tree).status != 0


def test_replies_quote_what_their_parents_say(mails: list[Message]) -> None:
    by_id = {m['Message-ID']: m for m in mails}
    replies = [m for m in mails if m['Subject'].startswith('Re: ')]
    assert len(replies) == 12
    for reply in replies:
        parent = by_id[reply['In-Reply-To']]
        said = set(body(parent).splitlines())
        assert parent['Subject'] == reply['Subject'] or f'Re: {parent["Subject"]}' == reply['Subject']
        quoted = [line[2:] for line in body(reply).splitlines() if line.startswith('> ')]
        assert quoted
        assert [line for line in quoted if line not in said] == []


def test_everybody_in_it_is_made_up(mails: list[Message]) -> None:
    people = {address for m in mails for _, address in getaddresses([m['From'], m['To'] or '', m['Cc'] or ''])}
    assert {address.rpartition('@')[2] for address in people} == {'example.org', 'lists.example.org'}
    assert all(m['X-Lorebot-Demo'] for m in mails)
    for path in STORY.rglob('*'):
        if path.is_file():
            named = re.findall(r'[\w.+-]+@[\w.-]+\w', path.read_text(encoding='utf-8'))
            assert {a for a in named if not a.endswith('example.org')} == set(), path
