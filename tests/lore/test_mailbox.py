# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails out of files: mbox dialects, gzip, directories, standard input, and limits."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Archive
from bot.errors import Bug, UnknownSource
from bot.lore import Source, locate, read
from bot.lore.mailbox import read_stream, split_mbox, unpack
from bot.model import GitRunner, Progress
from tests.lore.letters import letter
from tests.lore.public_inbox import mboxrd

TEXT = 'one\nFrom here on\n>From there\n>>From far\n> From no escape\n'


@given(st.lists(st.text(alphabet='>From \nab:@', max_size=60), min_size=1, max_size=4))
def test_mboxrd_comes_back_as_it_was(texts: list[str]) -> None:
    mails = [letter('x', text.rstrip('\n') + '\n', name=f'm{n}') for n, text in enumerate(texts)]
    assert [m.rstrip(b'\n') for m in split_mbox(mboxrd(mails))] == [m.rstrip(b'\n') for m in mails]


def test_mboxo_has_one_level_of_escapes() -> None:
    mail = letter('x', TEXT, name='a')
    mbox = b'From ada@example.org Fri Mar  1 09:00:00 2024\n' + mail.replace(b'\nFrom here', b'\n>From here') + b'\n'
    first, second = split_mbox(mbox + mbox)
    assert first == second
    assert b'\nFrom here on\nFrom there\n>>From far\n> From no' in first


def test_a_line_that_only_looks_like_a_separator() -> None:
    mail = letter('x', 'See:\nFrom what I saw at 10:30 in 2024\nno header here\n', name='a')
    assert list(split_mbox(b'From a Fri Mar  1 09:00:00 2024\n' + mail)) == [mail]


def test_crlf_and_no_blank_line_at_the_end() -> None:
    mails = [letter('x', 'a\n', name=n).replace(b'\n', b'\r\n') for n in 'ab']
    mbox = b''.join(b'From a Fri Mar  1 09:00:00 2024\r\n' + m for m in mails)
    assert len(list(split_mbox(mbox))) == 2


def test_gzip_whole_cut_and_too_large(quiet: Progress) -> None:
    data = gzip.compress(mboxrd([letter('x', name='a')])) + gzip.compress(mboxrd([letter('y', name='b')]))
    assert len(read_stream(io.BytesIO(data), 'x.gz', 1 << 20, quiet)) == 2
    with pytest.raises(UnknownSource, match='cut off or damaged'):
        read_stream(io.BytesIO(data[:-9]), 'x.gz', 1 << 20, quiet)
    bomb = gzip.compress(b'From a 09:00\nX: y\n\n' + b'\0' * (3 << 20))
    with pytest.raises(UnknownSource, match='more than 2 MiB'):
        unpack(bomb, 'x.gz', 2 << 20)
    with pytest.raises(UnknownSource, match='more than 0 MiB'):
        read_stream(io.BytesIO(b'A: b\n' * 100), 'x', 100, quiet)


def sources(tmp_path: Path) -> dict[str, Path]:
    mails = {f'{n}.eml': letter(n, name=n) for n in 'ab'}
    folder, maildir = tmp_path / 'folder', tmp_path / 'maildir'
    for path in (folder, maildir / 'cur', maildir / 'new', maildir / 'tmp'):
        path.mkdir(parents=True)
    for name, mail in mails.items():
        (folder / name).write_bytes(mail)
    (folder / 'index.json').write_text('{}')
    (maildir / 'new' / '2').write_bytes(mails['b.eml'])
    (maildir / 'cur' / '1:2,S').write_bytes(mails['a.eml'])
    (maildir / 'tmp' / '3').write_bytes(b'half a mail')
    (tmp_path / 'all.mbox').write_bytes(mboxrd(list(mails.values())))
    return {'folder': folder, 'maildir': maildir, 'mbox': tmp_path / 'all.mbox'}


@pytest.mark.parametrize('kind', ['folder', 'maildir', 'mbox'])
def test_local_kinds(kind: str, tmp_path: Path, settings: Archive, git: GitRunner) -> None:
    calls: list[tuple[str, int, int]] = []
    source = locate(str(sources(tmp_path)[kind]), settings.url)
    assert source.kind == kind
    found = read(source, settings, git, lambda *call: calls.append(call))
    assert [r.raw.rstrip(b'\n') for r in found] == [letter(n, name=n).rstrip(b'\n') for n in 'ab']
    assert calls[-1] == ('read', 2, 2)
    assert all(str(tmp_path) not in r.origin for r in found)


def test_stdin_and_what_is_not_read_here(settings: Archive, git: GitRunner, quiet: Progress) -> None:
    source = locate('-', settings.url)
    (mail,) = read(source, settings, git, quiet, stdin=io.BytesIO(letter('x', name='a')))
    assert mail.origin == 'stdin'
    with pytest.raises(UnknownSource, match='no mail in it'):
        read(source, settings, git, quiet, stdin=io.BytesIO(b''))
    with pytest.raises(Bug, match='kind range'):
        read(Source('range', 'range:a..b', None, 'a..b'), settings, git, quiet)


def test_an_unreadable_file(tmp_path: Path, settings: Archive, git: GitRunner, quiet: Progress) -> None:
    (tmp_path / 'x.eml').write_bytes(letter('x', name='a'))
    source = locate(str(tmp_path / 'x.eml'), settings.url)
    (tmp_path / 'x.eml').unlink()
    with pytest.raises(UnknownSource, match='cannot read the file'):
        read(source, settings, git, quiet)
