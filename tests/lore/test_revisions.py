# SPDX-License-Identifier: GPL-2.0-or-later
"""`Patch.am` through a real `git am`, and the parts of a patch as git sees them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.lore import assemble
from bot.model import GitRunner, Patch
from tests.lore.letters import diff, letter, patch_text, read

BEFORE = 'first line\nold\nthird line\n'


@pytest.fixture
def tree(tmp_path: Path, git: GitRunner) -> Path:
    git('init', '-q', str(tmp_path))
    for key, value in (('user.name', 'Committer'), ('user.email', 'c@x')):
        git('config', key, value, cwd=tmp_path)
    (tmp_path / 'mm').mkdir()
    (tmp_path / 'mm' / 'gup.c').write_text(BEFORE)
    git('add', '.', cwd=tmp_path)
    git('commit', '-q', '-m', 'base', cwd=tmp_path)
    return tmp_path


def only(git: GitRunner, mail: bytes) -> Patch:
    (patch,) = assemble(read(mail), None, git).series[0].newest.patches
    return patch


def committed(git: GitRunner, tree: Path, patch: Patch) -> tuple[str, ...]:
    """Apply a patch and return author, date, subject and body of each commit made."""
    done = git('am', '-q', cwd=tree, stdin=patch.am)
    assert done.status == 0, done.stderr
    log = git(
        'log', '--reverse', '--format=%an <%ae>%x01%ad%x01%s%x01%b%x02', '--date=iso', 'HEAD', '^HEAD~1', cwd=tree
    )
    (commit,) = log.stdout.decode().split('\x02\n')[:-1]
    return tuple(commit.split('\x01'))


def test_a_patch_applies_as_it_was_meant(tree: Path, git: GitRunner) -> None:
    text = patch_text(
        'Why: because.\n\nMore of it.', diff(), 'v2: renamed\n\n rename a => b (97%)\n create mode 100644 c\n'
    )
    patch = only(git, letter('[PATCH mm v2 1/1] mm/gup: pin [less]', text, name='a', headers=['Cc: x@y']))
    author, date, subject, body = committed(git, tree, patch)
    assert (author, date, subject) == (
        'Ada Author <ada@example.org>',
        '2024-03-01 09:00:00 +0000',
        'mm/gup: pin [less]',
    )
    assert (
        body.strip()
        == patch.commit_message
        == 'Why: because.\n\nMore of it.\n\nSigned-off-by: Ada Author <ada@example.org>'
    )
    assert patch.notes == 'v2: renamed'
    assert patch.diff == diff()
    assert patch.patch_id == git('patch-id', '--stable', stdin=text.encode()).stdout.split()[0].decode()
    assert sorted(re.findall(rb'(?m)^[\w-]+(?=: )', patch.am.split(b'\n\n')[0])) == [
        b'Content-Transfer-Encoding', b'Content-Type', b'Date', b'From', b'Subject',
    ]  # fmt: skip
    assert (tree / 'mm' / 'gup.c').read_text() == BEFORE.replace('old', 'new')


@pytest.mark.parametrize(
    'sender',
    [
        'Ada "The Pin" Author <ada@x>',
        'Åda Åuthor <ada@x>',
        'Author, Ada (Org) <ada@x>',
        "O'Ada <ada@x>",
        'ada@x',
        '=?utf-8?q?=C3=85da?= <ada@x>',
        'Ada <b> Author <ada@x>',
    ],
)
def test_names(sender: str, tree: Path, git: GitRunner) -> None:
    patch = only(git, letter('[PATCH] x', patch_text('m', diff()), name='a', sender=sender))
    assert committed(git, tree, patch)[0] == f'{patch.author.name or patch.author.email} <{patch.author.email}>'
    assert patch.author.email in ('ada@x', 'b')


def test_another_author_and_date_in_the_text(tree: Path, git: GitRunner) -> None:
    text = (
        'From: Bob Builder <bob@x>\nDate: Mon, 1 Jan 2024 10:00:00 +0500\nSubject: [PATCH] its own title\n\n'
        + patch_text('m', diff())
    )
    patch = only(git, letter('[PATCH] x', text, name='a'))
    assert committed(git, tree, patch)[:3] == ('Bob Builder <bob@x>', '2024-01-01 10:00:00 +0500', 'its own title')
    assert (patch.author.name, patch.subject) == ('Bob Builder', 'its own title')


def test_a_message_that_starts_like_a_header(tree: Path, git: GitRunner) -> None:
    """Once git mailinfo has taken the real headers off, git am must not take more."""
    patch = only(
        git, letter('[PATCH] x', 'From: Bob <bob@x>\n\n' + patch_text('From: Eve <eve@x>\n\nm', diff()), name='a')
    )
    author, _, _, body = committed(git, tree, patch)
    assert author == 'Bob <bob@x>'
    assert body.startswith('From: Eve <eve@x>')


def test_a_second_mail_hidden_in_the_message_is_no_second_commit(tree: Path, git: GitRunner) -> None:
    hidden = 'm\n\nFrom 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: Eve <e@x>\nSubject: [PATCH] evil\n\nevil'
    patch = only(git, letter('[PATCH] x', patch_text(hidden, diff()), name='a'))
    author, _, subject, body = committed(git, tree, patch)
    assert (author, subject) == ('Ada Author <ada@example.org>', 'x')
    assert 'Subject: [PATCH] evil' in body


@pytest.mark.parametrize('encoding', ['quoted-printable', 'base64', '8bit'])
def test_encodings(encoding: str, tree: Path, git: GitRunner) -> None:
    import base64
    import quopri

    text = patch_text('Grüße.', diff(new='größer')).encode('iso-8859-1').replace(b'\n', b'\r\n')
    data = {'quoted-printable': quopri.encodestring(text), 'base64': base64.encodebytes(text), '8bit': text}[encoding]
    kind = ['Content-Type: text/plain; charset=iso-8859-1', f'Content-Transfer-Encoding: {encoding}']
    patch = only(git, letter('[PATCH] x', '', name='a', headers=kind) + data)
    assert committed(git, tree, patch)[3].startswith('Grüße.')
    assert (tree / 'mm' / 'gup.c').read_text() == BEFORE.replace('old', 'größer')


def test_a_damaged_patch_does_not_apply(tree: Path, git: GitRunner) -> None:
    broken = diff().replace(' third line', ' third\nline')
    patch = only(git, letter('[PATCH] x', patch_text('m', broken), name='a'))
    assert git('am', '-q', cwd=tree, stdin=patch.am).status != 0


@pytest.mark.parametrize('headers', [['Date: some day'], []])
def test_no_date_is_the_same_date_every_time(headers: list[str], tree: Path, git: GitRunner) -> None:
    mail = re.sub(
        rb'\nDate: [^\n]*', b'', letter('[PATCH] x', patch_text('m', diff()), name='a', headers=headers), count=1
    )
    assert committed(git, tree, only(git, mail))[1] == '1970-01-01 00:00:00 +0000'


def test_no_title(tree: Path, git: GitRunner) -> None:
    assert committed(git, tree, only(git, letter('[PATCH]', patch_text('m', diff()), name='a')))[2] == '(no subject)'
