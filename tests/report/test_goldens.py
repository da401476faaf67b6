# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole reports compared with files that a person has read; --update-golden writes them anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import report
from bot.model import Report
from tests.report.example import poor, rich
from tests.report.example_queue import empty, queue
from tests.report.letters import KINDS, letter

Golden = Callable[[Path, str], None]
GOLDENS = Path(__file__).parents[1] / 'data' / 'report'
LINK = 'https://lore.kernel.org/r/'
META = {'GUP-F03': {'title': 'FOLL_LONGTERM needs FOLL_PIN', 'why': 'A long-term user has to pin.'}}
BOTH = [('rich', rich()), ('poor', poor())]


@pytest.mark.parametrize(('name', 'found'), BOTH)
@pytest.mark.parametrize(('form', 'suffix'), [('text', 'txt'), ('md', 'md'), ('html', 'html'), ('json', 'json')])
def test_review(name: str, found: Report, form: str, suffix: str, golden: Golden) -> None:
    golden(GOLDENS / f'{name}.{suffix}', report.render(found, form, link=LINK))


@pytest.mark.parametrize(('name', 'found'), BOTH)
def test_questions(name: str, found: Report, golden: Golden) -> None:
    golden(GOLDENS / f'{name}.questions.txt', report.render_questions(found, 'text', link=LINK))
    golden(GOLDENS / f'{name}.questions.json', report.render_questions(found, 'json', link=LINK))


@pytest.mark.parametrize(('form', 'suffix'), [('text', 'txt'), ('md', 'md'), ('html', 'html'), ('json', 'json')])
def test_points(form: str, suffix: str, golden: Golden) -> None:
    golden(GOLDENS / f'rich.points.{suffix}', report.render_points(rich(), form, link=LINK))


def test_reroll(golden: Golden) -> None:
    text = report.render_reroll(rich(), 'text', link=LINK, notes=('the patches name no version: taken for v2',))
    golden(GOLDENS / 'rich.reroll.txt', text)


def test_queue(golden: Golden) -> None:
    golden(GOLDENS / 'queue.txt', report.render_queue(queue(), 'text', link=LINK))
    golden(GOLDENS / 'queue.why.txt', report.render_queue(queue(), 'text', link=LINK, why=True))
    golden(GOLDENS / 'queue.json', report.render_queue(queue(), 'json', link=LINK, tool='lorebot 0.1.0'))
    golden(GOLDENS / 'queue.empty.txt', report.render_queue(empty(), 'text', link=LINK))


def test_findings(golden: Golden) -> None:
    check = rich().check
    assert check
    golden(GOLDENS / 'rich.findings.txt', report.render_findings(check, 'text'))
    golden(GOLDENS / 'rich.findings.json', report.render_findings(check, 'json'))
    sarif = report.render_findings(check, 'sarif', rules_meta=META, tool='lorebot 0.1.0')
    golden(GOLDENS / 'rich.sarif', sarif)


@pytest.mark.parametrize('found', [rich(), poor()])
@pytest.mark.parametrize('columns', [78, 100])
def test_own_text_keeps_two_columns_free(found: Report, columns: int) -> None:
    mail = letter(found, columns=columns)
    text = report.render(found, 'text', link=LINK, columns=columns)
    for line in (text + mail + report.render_questions(found, 'text', link=LINK, columns=columns)).split('\n'):
        quoted = re.match(r' *> [-+ ]', line)
        whole = 'https://' in line or 'lorebot review' in line or '--base' in line
        assert len(line) <= columns - 2 or quoted or whole, line


def test_the_first_fifteen_lines_tell_what_needs_somebody() -> None:
    top = report.render(rich(), 'text', link=LINK).split('\n')[:15]
    assert top[0] == 'mm/gup: Let drivers borrow pages of a guest'
    assert len([line for line in top if line.startswith('  * ')]) == 7
    assert any('new error' in line for line in top) and any('open questions' in line for line in top)


def test_mail_is_never_wider_than_mail() -> None:
    assert all(letter(rich(), kind, columns=200) == letter(rich(), kind) for kind in KINDS)


def test_no_clock_no_path_of_this_machine() -> None:
    text = ''.join(report.render(rich(), form, link=LINK) for form in ('text', 'md', 'html', 'json'))
    assert str(Path(__file__).parents[2]) not in text and 'seconds' not in text
