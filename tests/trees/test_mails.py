# SPDX-License-Identifier: GPL-2.0-or-later
"""A git range written as the series it would be on a list, and what is no series."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import TreeError
from bot.model import Outcome
from bot.trees import open_tree
from tests.trees.build import base_commit, git, mailed, quiet, revision
from tests.trees.conftest import Desk


def test_a_range_becomes_a_thread_that_applies_again(desk: Desk, shop: Path) -> None:
    with open_tree(desk.source.path, shop) as tree:
        mails = tree.mails(f'{desk.base}..posted')
        assert [m.raw for m in mails] == [m.raw for m in tree.mails('..posted')]
        parsed = [email.message_from_bytes(m.raw, policy=email.policy.default) for m in mails]
        assert [p['subject'] for p in parsed] == [
            '[PATCH 1/3] mm/gup: widen ten',
            '[PATCH 2/3] mm/gup: widen forty',
            '[PATCH 3/3] mm: add pin.c',
        ]
        commits = git(desk.source.path, 'rev-list', '--reverse', f'{desk.base}..posted').split()
        first = f'<{commits[0]}@range.lorebot.invalid>'
        assert [p['message-id'] for p in parsed] == [f'<{c}@range.lorebot.invalid>' for c in commits]
        assert [p['in-reply-to'] for p in parsed] == [None, first, first]
        assert {str(p['from']) for p in parsed} == {'A U Thor <author@example.org>'}
        assert mails[0].raw.endswith(f'\nbase-commit: {desk.base}\n'.encode())
        assert all(m.archived is None and str(shop) not in m.origin for m in mails)
        series = revision([mailed(m.raw, n + 1, 3) for n, m in enumerate(mails)])
        done = tree.apply(replace(series, base_hints=(base_commit(desk.base),)), None, 0, quiet)
        assert done.verdict.outcome is Outcome.PASSED and done.tip is not None
        assert tree.files.changes(done.tip, commits[-1]) == ()


def test_the_same_range_gives_the_same_bytes(desk: Desk, tmp_path: Path) -> None:
    def raw(shop: str) -> list[bytes]:
        with open_tree(desk.source.path, tmp_path / shop) as tree:
            return [m.raw for m in tree.mails('main..posted')]

    assert raw('one') == raw('other')


def test_odd_text_survives(desk: Desk, shop: Path) -> None:
    line = 'From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001'
    name = 'J\u00f6rg \u00c4'
    desk.source.git('config', 'i18n.commitEncoding', 'utf-8')
    (desk.source.path / 'mm/new.c').write_text('/* \u00fc */\n\n')
    desk.source.git('add', '-A')
    desk.source.git('commit', '-q', '-m', f'mm: \u00fcber\n\n{line}\n\nend', GIT_AUTHOR_NAME=name)
    with open_tree(desk.source.path, shop) as tree:
        (mail,) = tree.mails('HEAD~1..')
        parsed = email.message_from_bytes(mail.raw, policy=email.policy.default)
        assert parsed['subject'] == '[PATCH] mm: \u00fcber' and name in str(parsed['from'])
        done = tree.apply(revision([mailed(mail.raw)]), 'HEAD~1', 0, quiet)
        assert done.tip is not None and done.conflict is None
        assert tree.files.read(done.tip, 'mm/new.c') == '/* \u00fc */\n\n'.encode()


@pytest.mark.parametrize(
    ('asked', 'why'),
    [
        ('HEAD', 'not of the form'),
        ('HEAD...posted', 'not of the form'),
        ('posted..HEAD', '0 commits'),
        ('nowhere..HEAD', 'nowhere names no commit'),
        ('HEAD..--all', '--all names no commit'),
        ('HEAD..side', 'merges'),
        ('lonely..HEAD', 'common ancestor'),
        ('HEAD..posted\n--output=/tmp/x', 'names no commit'),
    ],
)
def test_what_is_no_series_is_refused(desk: Desk, shop: Path, asked: str, why: str) -> None:
    source = desk.source
    source.git('checkout', '-q', '-b', 'side', desk.base)
    source.commit({'a': 'a'}, 'side')
    source.git('merge', '-q', '--no-ff', '-m', 'merge', 'posted')
    source.git('checkout', '-q', '--orphan', 'lonely')
    source.seal('lonely')
    source.git('checkout', '-q', 'main')
    with open_tree(source.path, shop) as tree, pytest.raises(TreeError, match=why) as refused:
        tree.mails(asked)
    assert refused.value.todo
