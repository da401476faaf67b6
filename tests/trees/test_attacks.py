# SPDX-License-Identifier: GPL-2.0-or-later
"""Every attack of the table: nothing changes outside the worktree, and what goes in is data."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot import pipeline, replies, report
from bot.model import Outcome
from bot.request import Request
from bot.trees import open_tree
from tests.desk import desk as open_desk
from tests.docs import TOP
from tests.trees.attacks import ATTACKS, ELSEWHERE, POISON, PWNED, Attack, Elsewhere, new
from tests.trees.build import everything, git
from tests.trees.conftest import Desk
from tests.trees.test_hostile import attack

_BAD = re.compile(r'(^|/)(\.\.|\.git|git~1)(/|$)', re.IGNORECASE)


@pytest.mark.parametrize('case', ATTACKS, ids=lambda case: case.name)
def test_attack(case: Attack, desk: Desk, shop: Path) -> None:
    for key in ('filter.evil.clean', 'filter.evil.smudge', 'merge.evil.driver', 'diff.evil.textconv'):
        git(desk.source.path, 'config', key, f'touch /tmp/{PWNED}')
    done = attack(desk, shop, *case.diffs)
    assert not (Path('/tmp') / PWNED).exists()
    if case.ends == 'refused':
        assert done.verdict.outcome in (Outcome.FAILED, Outcome.SKIPPED), (done.verdict, done.patches)
    if case.ends == 'data':
        assert done.verdict.outcome is Outcome.PASSED, done.verdict
    if done.verdict.outcome is not Outcome.PASSED:
        assert done.verdict.reason
    if done.verdict.outcome is Outcome.FAILED:
        assert done.conflict is not None and done.conflict.reason
    if done.patches:
        with open_tree(desk.source.path, shop) as tree:
            changed = tree.files.changes(desk.base, done.patches[-1].commit)
        assert not [c.path for c in changed if _BAD.search(c.path)]


def test_text_of_files_is_what_the_patch_says(desk: Desk, shop: Path) -> None:
    for name, text in (('eol', b'one\ntwo\n'), ('encoding', b'pwned\n'), ('ident', b'$Id$\n'), ('filter', b'pwned\n')):
        done = attack(desk, shop, *next(a.diffs for a in ATTACKS if a.name == name))
        with open_tree(desk.source.path, shop) as tree:
            assert tree.files.read(str(done.tip), 'mm/a.c') == text


@pytest.mark.parametrize('row', ELSEWHERE, ids=lambda row: row.test.rpartition('::')[2])
def test_the_page_names_tests_that_exist(row: Elsewhere) -> None:
    path, _, name = row.test.partition('::')
    assert f'def {name}(' in (TOP / path).read_text()


@pytest.mark.long
def test_a_million_hunks(desk: Desk, shop: Path) -> None:
    hunks = ''.join(f'@@ -{n},1 +{n},1 @@\n-x\n+y\n' for n in range(1, 1_000_001))
    started = time.process_time()
    done = attack(desk, shop, f'diff --git a/mm/gup.c b/mm/gup.c\n--- a/mm/gup.c\n+++ b/mm/gup.c\n{hunks}')
    assert done.verdict.outcome is Outcome.FAILED and done.conflict is not None and done.conflict.path == 'mm/gup.c'
    assert time.process_time() - started < 120


def test_words_of_mails_reach_no_shell_ref_file_or_page(desk: Desk, tmp_path: Path) -> None:
    """One series in which every patch has poison as subject, author, message-id, change-id, base and path."""
    mails = tmp_path / 'mails'
    mails.mkdir()
    count = len(POISON)
    for n, poison in enumerate(POISON, 1):
        squeezed = re.sub(r'[\s<>]', '', poison)[:60]
        ident = f'{squeezed}-{n}@example.org' if n > 1 else 'top@example.org'
        above = 'In-Reply-To: <top@example.org>\nReferences: <top@example.org>\n' if n > 1 else ''
        head = (
            f'From: {poison} <eve{n}@example.org>\nDate: Sat, 1 Jun 2024 12:{n:02}:00 +0000\n'
            f'Subject: [PATCH {n}/{count}] x {poison}\nMessage-ID: <{ident}>\n{above}'
        )
        said = (
            f'change-id: {poison}\nbase-commit: {poison}\nprerequisite-message-id: {squeezed}@x\nDepends-on: {poison}\n'
        )
        body = f'{poison}\n\nSigned-off-by: {poison} <eve@example.org>\n---\n{said}\n{new(f"mm/{n}.c", poison)}'
        (mails / f'{n:02}.eml').write_text(f'{head}\n{body}')
    before = everything(desk.source.path)
    with open_desk(tmp_path / 'desk') as at:
        found = pipeline.review(
            Request(str(mails), trees=(('linux', desk.source.path),), stages=('apply', 'questions')), at
        )
        pages = {
            form: report.render(found.report, form, link='https://x.example/')
            for form in ('text', 'md', 'html', 'json')
        }
        draft = replies.write(found, 'review').raw
        refs = list(at.workshop.glob('*/repo.git/refs/lorebot/*'))
        held = at.store.sources()
    assert held and found.verdicts['apply'].outcome is Outcome.PASSED, found.verdicts
    assert everything(desk.source.path) == before and not (Path('/tmp') / PWNED).exists()
    assert [p.name for p in refs if not re.fullmatch('[0-9a-f]{40}', p.name)] == []
    assert b'\nbcc:' not in draft.partition(b'\n\n')[0].lower() and '{{ 7 * 7 }}' in pages['text']
    tags = _Tags()
    tags.feed(pages['html'])
    assert 'script' not in tags.seen and not [name for name in tags.attributes if name.startswith('on')]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
