# SPDX-License-Identifier: GPL-2.0-or-later
"""What covers and first patches say of their base, with the lines that say it."""

from __future__ import annotations

from bot.lore import assemble
from bot.model import BaseHint, GitRunner, Span
from tests.lore.letters import diff, letter, patch_text, posting, read

SHA = '6ba59ff4227927d3a8530fc2973b80e94b54d58f'


def hints(git: GitRunner, *mails: bytes) -> tuple[BaseHint, ...]:
    return assemble(read(*mails), None, git).series[0].newest.base_hints


def test_all_kinds_from_the_cover(git: GitRunner) -> None:
    told = (
        f'About.\n---\nbase-commit: {SHA}\nprerequisite-patch-id: {SHA[::-1]}\nprerequisite-patch-id: {SHA}\n'
        'prerequisite-message-id: <x-1@host>\nprerequisite-change-id: 20240301-x-1:v2\n'
    )
    at = [Span('a-0@test', n, n) for n in range(8)]
    assert hints(git, *posting('a', ['one'], prefix='PATCH net-next v1', cover_text=told)) == (
        BaseHint('base-commit', SHA, at[3]),
        BaseHint('prerequisite-patch-id', SHA[::-1], at[4]),
        BaseHint('prerequisite-patch-id', SHA, at[5]),
        BaseHint('prerequisite-message-id', 'x-1@host', at[6]),
        BaseHint('prerequisite-change-id', '20240301-x-1:v2', at[7]),
        BaseHint('subject-tag', 'net-next', Span('a-0@test', 0, 0)),
    )


def test_from_the_first_patch_below_its_diff(git: GitRunner) -> None:
    mail = letter('[PATCH -next] x', patch_text('m', diff() + f'\nbase-commit: {SHA}\n'), name='a')
    found = hints(git, mail)
    assert [(h.kind, h.value) for h in found] == [('base-commit', SHA), ('subject-tag', 'next')]
    assert read(mail)[0].lines[found[0].span.first - 1] == f'base-commit: {SHA}'


def test_what_is_no_hint(git: GitRunner) -> None:
    told = (
        f'> base-commit: {SHA}\n base-commit: {SHA}\nbase-commit: v6.10\nbase-commit: --upload-pack=x\n'
        'prerequisite-message-id: nothing\nprerequisite-patch-id: xyz\nbase-commit: none\n'
    )
    assert hints(git, *posting('a', ['one'], cover_text=told)) == ()
    second = letter('[PATCH 2/2] two', patch_text('m', diff('b') + f'base-commit: {SHA}\n'), name='a-2', answers='a-0')
    assert hints(git, *posting('a', ['one', 'two'])[:2], second) == ()
