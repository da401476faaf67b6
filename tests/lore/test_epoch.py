# SPDX-License-Identifier: GPL-2.0-or-later
"""A real epoch, made by a real public-inbox: order, archive time, removal, limits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from bot.config import Archive
from bot.errors import UnknownSource
from bot.lore import assemble, locate, parse, read
from bot.model import GitRunner, Progress
from tests.lore.letters import letter, posting
from tests.lore.public_inbox import PublicInbox


def test_an_epoch(inbox: PublicInbox, settings: Archive, git: GitRunner, quiet: Progress) -> None:
    series = posting('ep', ['one', 'two'])
    extra = [letter('[PATCH] spam', f'spam {n}\n', name=f'ep-s{n}') for n in range(2)]
    dated = letter('x', name='ep-d', minutes=600, headers=['Received: by x; Fri, 01 Mar 2024 20:00:00 +0000'])
    inbox.add('epoch', [*series, *extra, dated])
    inbox.remove(extra[0])
    source = locate(str(inbox.epoch('epoch')), settings.url)
    assert source.kind == 'epoch'
    raws = read(source, settings, git, quiet)
    assert [m.message_id for m in parse(raws, ())] == ['ep-0@test', 'ep-s1@test', 'ep-1@test', 'ep-2@test', 'ep-d@test']
    times = {m.message_id: m.date_archived for m in parse(raws, ())}
    assert times['ep-d@test'] is not None
    assert f'{times["ep-d@test"]:%H:%M}' == '20:00'
    (first, *_) = assemble(parse(raws, ()), 'ep-0@test', git).series
    assert [r.message_id for r in first.revisions] == ['ep-0@test']
    since = times['ep-d@test'] - timedelta(minutes=1)
    newer = read(source, settings, git, quiet, since=since)
    assert [m.message_id for m in parse(newer, ())] == ['ep-d@test']
    with pytest.raises(UnknownSource, match='more mail than archive.max_answer_mib allows'):
        read(source, msgspec.structs.replace(settings, max_answer_mib=0), git, quiet)


def test_a_repository_that_is_no_epoch(tmp_path: Path, settings: Archive, git: GitRunner, quiet: Progress) -> None:
    git('init', '-q', '--bare', str(tmp_path / 'x.git'))
    source = locate(str(tmp_path / 'x.git'), settings.url)
    with pytest.raises(UnknownSource, match='no public-inbox epoch'):
        read(source, settings, git, quiet)
    tree = git('--git-dir', str(tmp_path / 'x.git'), 'mktree').stdout.decode().strip()
    name = ('-c', 'user.name=x', '-c', 'user.email=x@y')
    commit = git('--git-dir', str(tmp_path / 'x.git'), *name, 'commit-tree', '-m', 'x', tree).stdout.decode().strip()
    git('--git-dir', str(tmp_path / 'x.git'), 'update-ref', 'HEAD', commit)
    with pytest.raises(UnknownSource, match='neither `m` nor `d`'):
        read(source, settings, git, quiet)
