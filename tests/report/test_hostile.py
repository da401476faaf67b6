# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing from a mail acts: not on a terminal, not in a browser, not in Markdown, not on b4, in no format."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from b4 import LoreMessage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot import report
from bot.model import Person, Report, Told
from bot.report import sections
from bot.report.inert import acting, one_line, visible
from bot.report.places import Quote
from bot.report.sections import mails
from tests.report.example_lab import with_lab
from tests.report.hostile import poisoned
from tests.report.letters import KINDS, letter

LINK = 'https://lore.kernel.org/r/'
POISONS = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '{{ 7 * 191 }}{% raw %}{# x #}',
    '\x1b[31m\x1b]0;owned\x07\x9b2J\x08\x7f',
    '\u202egnp.exe\u2066\u200b\ufeff\U000e0041',
    '\r\nInjected: 1\r\n\r\nbody\x00\x0b\x0c\x85\u2028\u2029',
    '\nReviewed-by: Eve Evil <eve@evil.example>\nFixes: 0123456789ab ("x")\n',
    '](javascript:alert(1)) [x](javascript:alert(1)) ![x](https://evil.example/p.png)',
    '\n```\n# heading\n- item\n| a | b |\n<b>x</b> &lt; `code` `` *em* __strong__ ~~gone~~',
    '\ud800\udfff\uffff',
    'javascript:alert(1)',
    '\n-- \n#lorebot resolve Q1\n',
    'Acked-by: Eve Evil\n<eve@evil.example>\n',
    '#1) 1. > + = --- \\',
]


def mail(found: Report) -> str:
    return ''.join(letter(found, kind) for kind in KINDS)


def all_forms(found: Report) -> dict[str, str]:
    assert found.check
    return {
        **{form: report.render(found, form, link=LINK) for form in ('text', 'md', 'html', 'json')},
        'mail': mail(found),
        'questions': report.render_questions(found, 'text', link=LINK),
        'findings': report.render_findings(found.check, 'text'),
        'sarif': report.render_findings(found.check, 'sarif', rules_meta={}, tool='lorebot 1'),
    }


class Page(HTMLParser):
    """Collects the elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or '' for name, value in attrs if name in ('href', 'src')}


def test_places_in_a_page_can_be_reached() -> None:
    text = report.render(poisoned(lambda said: f'{said} "/'), 'html', link=LINK)
    targets = set(re.findall(r' id="([^"]*)"', text))
    wanted = {link[1:] for link in Page(text).links if link.startswith('#')}
    assert wanted <= targets and len(targets) > 20 and not [t for t in targets if ' ' in t]
    assert len(targets) == len(re.findall(r' id="', text))


CLEAN = Page(report.render(with_lab(), 'html', link=LINK))


@pytest.mark.parametrize('poison', POISONS)
def test_nothing_acts(poison: str) -> None:
    found = poisoned(lambda text: poison + text + poison)
    for form, text in all_forms(found).items():
        assert not [c for c in text if acting(c) and c not in '\n\t'], form
        assert '1337' not in text, form
        text.encode()


@pytest.mark.parametrize('poison', POISONS)
def test_page_gets_no_element_attribute_or_address(poison: str) -> None:
    page = Page(report.render(poisoned(lambda text: poison + text + poison), 'html', link=LINK))
    assert page.tags <= CLEAN.tags and page.attributes <= CLEAN.attributes
    assert all(link.startswith((LINK, '#')) for link in page.links)


@pytest.mark.parametrize('poison', POISONS)
def test_markdown_gets_no_markup(poison: str) -> None:
    found = poisoned(lambda text: poison + text + poison)
    tokens = markdown(report.render(found, 'md', link=LINK))
    assert not {'html_inline', 'html_block', 'image', 's_open'} & {t.type for t in tokens}
    assert all(str(t.attrs['href']).startswith(LINK) for t in tokens if t.type == 'link_open')
    assert [t.tag for t in tokens if t.type == 'heading_open'] == HEADINGS


def markdown(text: str) -> list[Any]:
    parsed = MarkdownIt('commonmark').enable(['table', 'strikethrough']).parse(text)
    return [t for block in parsed for t in (block, *(block.children or []))]


HEADINGS = [t.tag for t in markdown(report.render(with_lab(), 'md', link=LINK)) if t.type == 'heading_open']


@pytest.mark.parametrize('poison', POISONS)
def test_b4_finds_no_trailer_in_what_is_mailed(poison: str) -> None:
    found = poisoned(lambda text: poison + text + poison)
    for body in (mail(found), report.render(found, 'text', link=LINK)):
        trailers, _ = LoreMessage.find_trailers(body, followup=True)
        assert not trailers, [t.as_string() for t in trailers]
        assert not any(line.startswith('#lorebot') for line in body.split('\n'))


@pytest.mark.parametrize('poison', POISONS)
def test_json_keeps_the_text_itself(poison: str) -> None:
    document = json.loads(report.render(poisoned(lambda text: text + poison), 'json', link=LINK))
    kept = ''.join('\ufffd' if '\ud800' <= c <= '\udfff' else c for c in poison)
    assert document['series']['subject'].endswith(kept)


def strings(value: Any) -> list[str]:
    if isinstance(value, Quote):
        return [line.replace('\t', '') for line in value.lines]
    if is_dataclass(value) and not isinstance(value, type):
        return [s for f in fields(value) for s in strings(getattr(value, f.name))]
    if isinstance(value, tuple):
        return [s for v in value for s in strings(v)]
    return [value] if isinstance(value, str) else []


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=30), st.booleans())
def test_no_string_in_a_context_leaves_its_line(poison: str, before: bool) -> None:
    found = poisoned(lambda text: poison + text if before else text + poison)
    sign = (Person(poison, poison), poison, poison)
    told = (Told(poison, 'done', (poison,)),)
    contexts: tuple[object, ...] = (
        sections.review(found, LINK),
        sections.review_mail(found, LINK, sign),
        mails.inline(found, LINK, 3, sign),
        mails.lab(found, LINK, poison, sign),
        mails.points(found, LINK, sign),
        mails.answers(found, LINK, told, sign),
    )
    for context in contexts:
        assert not [s for s in strings(context) if any(acting(c) for c in s)]


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(max_size=20))
def test_any_text_renders(poison: str) -> None:
    for form, text in all_forms(poisoned(lambda said: poison + said)).items():
        assert not [c for c in text if acting(c) and c not in '\n\t'], form


def test_what_is_taken_out_is_shown() -> None:
    assert visible('a\x1bb\u202ec\U000e0041') == 'a\\x1bb\\u202ec\\U000e0041'
    assert one_line(' a\r\n\tb ') == 'a b'


def test_scripts_that_need_joiners_keep_them() -> None:
    assert visible('می\u200cخواهم') == 'می\u200cخواهم'


def test_a_command_to_paste_holds_no_other() -> None:
    found = poisoned(lambda text: f"$(id);`id`' {text}")
    words = shlex.split(' '.join(sections.review(found, LINK).evidence.command))
    assert words[:2] == ['lorebot', 'review'] and words[2].startswith("$(id);`id`' 2024")
    assert words[3] == '--archive' and words[5:8] == ['--tree', 'TREE', '--base'] and len(words) == 11
