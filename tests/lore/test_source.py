# SPDX-License-Identifier: GPL-2.0-or-later
"""Every form of SOURCE, and one helpful sentence for everything that is none."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UnknownSource
from bot.lore import Source, locate
from tests.lore.letters import letter

BASE = 'http://archive.example.org/all/'
LORE = 'https://lore.kernel.org/all'


@pytest.mark.parametrize(
    ('given_source', 'base', 'message_id'),
    [
        ('a.b-1@host', 'http://archive.example.org/all', 'a.b-1@host'),
        ('<a.b-1@host>', 'http://archive.example.org/all', 'a.b-1@host'),
        ('<no-at-sign>', 'http://archive.example.org/all', 'no-at-sign'),
        ('YqYz+xDsXr/tNaNu@Sun', 'http://archive.example.org/all', 'YqYz+xDsXr/tNaNu@Sun'),
        ('https://lore.kernel.org/r/a@host', LORE, 'a@host'),
        ('https://lore.kernel.org/all/a@host/', LORE, 'a@host'),
        ('https://lore.kernel.org/linux-mm/a@host/T/#u', 'https://lore.kernel.org/linux-mm', 'a@host'),
        ('https://lore.kernel.org/linux-mm/a@host/t.mbox.gz', 'https://lore.kernel.org/linux-mm', 'a@host'),
        ('https://lore.kernel.org/all/a%2Bb%2Fc%40host/raw', LORE, 'a+b/c@host'),
        ('https://lore.kernel.org/all/YqYz+xDsXr/tNaNu@Sun/#mffff', LORE, 'YqYz+xDsXr/tNaNu@Sun'),
        ('https://lkml.kernel.org/r/a@host', LORE, 'a@host'),
        ('https://patch.msgid.link/a@host', LORE, 'a@host'),
        ('http://127.0.0.1:8080/kvmarm/a@host/', 'http://127.0.0.1:8080/kvmarm', 'a@host'),
        ('https://inbox.example.org/pub/list/r/a@host', 'https://inbox.example.org/pub/list', 'a@host'),
        (
            'https://patchwork.kernel.org/project/linux-mm/patch/a@host/',
            'http://archive.example.org/all',
            'a@host',
        ),
    ],
)
def test_archive_forms(given_source: str, base: str, message_id: str) -> None:
    found = locate(given_source, BASE)
    assert found == Source('archive', f'archive:{base}#{message_id}', message_id, base)


@pytest.mark.parametrize(
    ('wrong', 'says'),
    [
        ('a b@host', 'not a message-id'),
        ('a\x07@host', 'not a message-id'),
        ('x' * 600 + '@host', 'not a message-id'),
        ('https://lore.kernel.org/linux-mm/', 'no part of its path is a message-id'),
        ('https://user:word@lore.kernel.org/all/a@host/', 'user name'),
        ('https://lore.kernel.org/all/a%0a@host/', 'not a message-id'),
        ('http://[::1/a@host', 'cannot be read'),
        ('nonsense', 'names nothing known'),
        ('', 'names nothing known'),
        ('--output=x..HEAD', 'names nothing known'),
        ('..', 'this directory|no mail'),
    ],
)
def test_refused(wrong: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / 'empty').mkdir()
    monkeypatch.chdir(tmp_path / 'empty')
    with pytest.raises(UnknownSource, match=says) as caught:
        locate(wrong, BASE)
    assert caught.value.todo


def test_an_archive_that_is_no_url() -> None:
    with pytest.raises(UnknownSource, match='no http URL'):
        locate('a@host', 'localhost:8080/list')


@pytest.mark.parametrize('text', ['v6.9..v6.10', 'HEAD~3..HEAD', 'mm/fixes..', 'main@{u}..HEAD', '1234567...89abcde'])
def test_ranges(text: str) -> None:
    assert locate(text, BASE) == Source('range', f'range:{text}', None, text)


def test_stdin() -> None:
    assert locate('-', BASE).kind == 'stdin'


def test_files_by_what_they_hold(tmp_path: Path) -> None:
    mail = letter('[PATCH] x', name='one')
    mbox = b'From mboxrd@z Thu Jan  1 00:00:00 1970\n' + mail
    for name, data, kind in [
        ('one.eml', mail, 'mail'),
        ('two.mbox', mbox, 'mbox'),
        ('three.mbox.gz', gzip.compress(mbox), 'mbox'),
        ('0001-x.patch', b'From 1234567 Mon Sep 17 00:00:00 2001\n' + mail, 'mbox'),
    ]:
        (tmp_path / name).write_bytes(data)
        found = locate(str(tmp_path / name), BASE)
        assert (found.kind, found.where, found.message_id) == (kind, str(tmp_path / name), None)
    (tmp_path / 'page.html').write_text('<html>')
    with pytest.raises(UnknownSource, match='no mail and no mbox'):
        locate(str(tmp_path / 'page.html'), BASE)


def test_a_file_named_like_a_message_id_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path('me@home.mbox').write_bytes(b'From a Thu Jan  1 00:00:00 1970\n' + letter('x', name='one'))
    assert locate('me@home.mbox', BASE).kind == 'mbox'


def test_the_key_changes_with_the_contents(tmp_path: Path) -> None:
    folder = tmp_path / 'thread'
    folder.mkdir()
    (folder / '1.eml').write_bytes(letter('x', name='one'))
    before = locate(str(folder), BASE)
    assert before.kind == 'folder'
    assert locate(str(folder), BASE) == before
    (folder / '2.eml').write_bytes(letter('y', name='two'))
    assert locate(str(folder), BASE).key != before.key
    os.utime(folder / '1.eml', ns=(1, 1))
    assert locate(str(folder / '1.eml'), BASE).key.endswith('-1')


def test_directories(tmp_path: Path) -> None:
    for part in ('cur', 'new', 'tmp'):
        (tmp_path / 'maildir' / part).mkdir(parents=True)
    assert locate(str(tmp_path / 'maildir'), BASE).kind == 'maildir'
    for part in ('objects', 'refs'):
        (tmp_path / 'list' / 'git' / '0.git' / part).mkdir(parents=True)
    (tmp_path / 'list' / 'git' / '0.git' / 'HEAD').write_text('ref: refs/heads/master\n')
    assert locate(str(tmp_path / 'list' / 'git' / '0.git'), BASE).kind == 'epoch'
    with pytest.raises(UnknownSource, match='one of its epochs'):
        locate(str(tmp_path / 'list'), BASE)
    with pytest.raises(UnknownSource, match='no mail in this directory'):
        locate(str(tmp_path), BASE)


@given(st.text(max_size=200) | st.from_regex(r'https?://[a-z@:/%.\[\]#?]{0,80}', fullmatch=True))
def test_any_text_is_a_source_or_refused(text: str) -> None:
    try:
        found = locate(text, BASE)
    except UnknownSource as refused:
        assert refused.what and refused.todo
    else:
        assert found.key.startswith(found.kind)


def test_directories_of_mboxes_and_of_directories_say_what_to_give(tmp_path: Path) -> None:
    boxes = tmp_path / 'boxes'
    boxes.mkdir()
    for name in ('b.mbox', 'a.mbox.gz'):
        (boxes / name).write_bytes(b'x')
    with pytest.raises(
        UnknownSource, match=r'a directory of mboxes is no one conversation; it has 2.*such as boxes/a\.mbox\.gz'
    ):
        locate(str(boxes), BASE)
    below = tmp_path / 'threads' / 'one'
    below.mkdir(parents=True)
    (below / '1.eml').write_bytes(b'x')
    with pytest.raises(UnknownSource, match=r'but in 1 below it.*such as threads/one'):
        locate(str(tmp_path / 'threads'), BASE)
