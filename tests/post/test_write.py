# SPDX-License-Identifier: GPL-2.0-or-later
"""A draft becomes a file that only its owner can read, whole or not at all."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from bot import post
from bot.errors import Bug, UserError
from tests.post.example import drafted

DRAFT = drafted()


def test_file(tmp_path: Path) -> None:
    path = tmp_path / 'reply.eml'
    path.write_text('older')
    post.write(DRAFT, path)
    assert path.read_bytes() == post.mail(DRAFT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ['reply.eml']


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / 'other').write_text('untouched')
    (tmp_path / 'reply.eml').symlink_to(tmp_path / 'other')
    post.write(DRAFT, tmp_path / 'reply.eml')
    assert (tmp_path / 'other').read_text() == 'untouched'


def test_no_such_directory(tmp_path: Path) -> None:
    with pytest.raises(UserError, match='cannot write the draft'):
        post.write(DRAFT, tmp_path / 'absent' / 'reply.eml')


def test_a_directory_in_the_way_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / 'reply.eml').mkdir()
    with pytest.raises(UserError):
        post.write(DRAFT, tmp_path / 'reply.eml')
    assert [p.name for p in tmp_path.iterdir()] == ['reply.eml']


@pytest.mark.parametrize('field', [('X-Evil', 'a\nBcc: b'), ('X Evil', 'a'), ('X-Evil', 'é'), ('X-Evil', 'a\rb')])
def test_an_unclean_field_is_refused_at_the_last_door(field: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(Bug):
        post.write(replace(DRAFT, headers=(*DRAFT.headers, field)), tmp_path / 'reply.eml')
    assert not list(tmp_path.iterdir())


def test_long_fields_are_folded_at_blanks_only() -> None:
    found = drafted(target__references=tuple(f'{n}@chain.example' for n in range(9)))
    folded = post.mail(found).decode().split('References:')[1].split('\nMIME-Version')[0]
    assert folded.count('\n') >= 2 and folded.replace('\n', '') == ' ' + dict(found.headers)['References']
