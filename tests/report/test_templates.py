# SPDX-License-Identifier: GPL-2.0-or-later
"""A user's templates: one replaces one, builds on the shipped ones, and every mistake names file, line and cure."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot import report
from bot.errors import ConfigError, TemplateError
from tests.report.example import rich

LINK = 'https://lore.kernel.org/r/'


def rendered(tmp_path: Path, text: str, name: str = 'text/review.txt.j2', form: str = 'text') -> str:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    return report.render(rich(), form, link=LINK, templates=tmp_path)


def wrong(tmp_path: Path, text: str, **more: str) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        rendered(tmp_path, text, **more)
    return caught.value


def test_one_template_is_replaced_and_others_stay(tmp_path: Path) -> None:
    assert rendered(tmp_path, '{{ headline.version }} by {{ headline.author }}') == (
        'v2 by Mara Lindqvist <mara@lindqvist.example>\n'
    )
    shipped = report.render(rich(), 'md', link=LINK)
    assert report.render(rich(), 'md', link=LINK, templates=tmp_path) == shipped


def test_a_part_is_replaced(tmp_path: Path) -> None:
    text = rendered(tmp_path, 'FINDINGS\n', name='text/findings_part.txt.j2')
    assert 'FINDINGS' in text and 'Revisions' in text and 'GUP-F03 longterm-without-pin, patch' not in text


def test_one_block_is_replaced(tmp_path: Path) -> None:
    before = report.render(rich(), 'text', link=LINK)
    after = rendered(
        tmp_path, '{% extends "shipped/text/review.txt.j2" %}{% block trailers %}no tags here\n{% endblock %}'
    )
    assert 'no tags here' in after and 'Tested-by' in before and 'Tested-by' not in after


def test_unknown_variable(tmp_path: Path) -> None:
    error = wrong(tmp_path, 'one\ntwo {{ headlin.version }}\n')
    assert error.where == f'{tmp_path}/text/review.txt.j2:2'
    assert "'headlin' is undefined" in error.what and error.todo.startswith('did you mean headline?')


def test_unknown_field(tmp_path: Path) -> None:
    error = wrong(tmp_path, '{% for q in questions.groups[0].questions %}\n{{ q.text }}\n{{ q.waits_on }}{% endfor %}')
    assert error.where.endswith('text/review.txt.j2:3') and 'waiting_on' in error.todo


def test_unknown_in_a_part(tmp_path: Path) -> None:
    error = wrong(tmp_path, '\n\n{{ nothing }}', name='text/findings_part.txt.j2')
    assert error.where == f'{tmp_path}/text/findings_part.txt.j2:3'


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('a\n{% if %}', 'Expected an expression'),
        ('a\n{{ headline.version|wrapp }}', "No filter named 'wrapp'"),
        ('a\n{{ headline.version|safe }}', "No filter named 'safe'"),
        ('a\n{{ headline.version|e }}', "No filter named 'e'"),
        ('a\n{{ [1, 2]|random }}', "No filter named 'random'"),
        ('a\n{{ 1 + "x" }}', 'unsupported operand'),
        ('a\n{{ 1 // 0 }}', 'by zero'),
        ('a\n{% for x in range(999999999) %}{% endfor %}', 'Range too big'),
        ('a\n{{ lipsum() }}', "'lipsum' is undefined"),
        ('a\n{{ headline.__class__.__mro__ }}', 'unsafe'),
        ('a\n{{ headline.stages|rows(("x", "__class__")) }}', 'unsafe'),
        ('a\n{% set _ = headline.needs.append(1) %}', 'has no attribute'),
        ('a\n{{ (headline.version|wrap).format.__globals__ }}', 'unsafe'),
    ],
)
def test_mistakes_and_tricks_end_in_a_clear_error(tmp_path: Path, text: str, said: str) -> None:
    error = wrong(tmp_path, text)
    assert said in error.what and error.todo, str(error)
    assert error.where == f'{tmp_path}/text/review.txt.j2:2'


@pytest.mark.parametrize('name', ['text/absent.txt', '../secret', '/etc/passwd'])
def test_include_stays_inside(tmp_path: Path, name: str) -> None:
    (tmp_path.parent / 'secret').write_text('secret')
    error = wrong(tmp_path, f'\n{{% include "{name}" %}}')
    assert 'there is no template' in error.what and error.where.endswith(':2')


@pytest.mark.parametrize(
    'text', ['{% autoescape false %}{{ headline.subject }}{% endautoescape %}', '{{ headline.subject }}']
)
def test_html_is_escaped_whatever_the_template_says(tmp_path: Path, text: str) -> None:

    found = replace(rich(), series=replace(rich().series, subject='<script>alert(1)</script>'))
    (tmp_path / 'html').mkdir()
    (tmp_path / 'html' / 'review.html.j2').write_text(text)
    assert report.render(found, 'html', link=LINK, templates=tmp_path) == '&lt;script&gt;alert(1)&lt;/script&gt;\n'


def test_no_such_directory(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='no such template directory'):
        report.render(rich(), 'text', link=LINK, templates=tmp_path / 'absent')


@pytest.mark.parametrize('link', ['javascript:alert(1)//', '/r/', ''])
def test_links_need_a_web_address(link: str) -> None:
    with pytest.raises(ConfigError, match='archive.link'):
        report.render(rich(), 'html', link=link)


def test_too_narrow() -> None:
    with pytest.raises(ConfigError, match='columns'):
        report.render(rich(), 'text', link=LINK, columns=20)


def test_own_style_is_allowed_by_its_hash(tmp_path: Path) -> None:

    (tmp_path / 'html').mkdir()
    (tmp_path / 'html' / 'style.css').write_text('p { color: red }\n')
    page = report.render(rich(), 'html', link=LINK, templates=tmp_path)
    found = re.search(r"style-src 'sha256-([^']+)'", page.replace('&#39;', "'"))
    style = re.search(r'<style>(.*?)</style>', page, re.DOTALL)
    assert found and style and style[1].startswith('p { color: red }')
    assert found[1] == base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
