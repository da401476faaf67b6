# SPDX-License-Identifier: GPL-2.0-or-later
"""Plain text comes out of Markdown as it went in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.report import markdown
from bot.report.places import MailPlace

PARSER = MarkdownIt('commonmark').enable(['table', 'strikethrough'])
LINE = st.text(alphabet='ab1_*`[]()<>!&#;|~\\-+=.:@$"\'/ 山', min_size=1, max_size=30).map(
    lambda s: ' '.join(s.split())
)


def shown(text: str) -> str:
    [_, inline, _] = PARSER.parse(text)
    assert inline.children is not None
    assert {t.type for t in inline.children} <= {'text', 'text_special', 'code_inline'}
    return ''.join(t.content for t in inline.children)


@given(LINE.filter(bool))
def test_text_stays_text(line: str) -> None:
    assert shown(markdown.escaped(line)) == line


@given(LINE.filter(bool))
def test_code_stays_code(line: str) -> None:
    assert shown('x ' + markdown.code(line)) == 'x ' + line


@given(LINE.filter(bool))
def test_a_cell_stays_one_cell(line: str) -> None:
    tokens = PARSER.parse(
        f'| a | b |\n| --- | --- |\n| {markdown.escaped(line)} | {markdown.code(line, cell=True)} |\n'
    )
    cells = [t.content for t in tokens if t.type == 'inline']
    assert len(cells) == 4


@given(st.lists(LINE, min_size=1, max_size=4))
def test_a_block_keeps_its_lines(lines: list[str]) -> None:
    [fence] = PARSER.parse(markdown.fenced(tuple(lines), 'diff'))
    assert fence.type == 'fence' and fence.content.split('\n')[:-1] == [line or ' ' for line in lines]


def test_identifiers_stay_readable_in_the_source() -> None:
    assert markdown.escaped('FOLL_PIN in try_grab_folio()') == 'FOLL_PIN in try_grab_folio()'


def test_links_cannot_be_left() -> None:
    place = MailPlace('a', 'https://x.example/a)b(c', '')
    [_, inline, _] = PARSER.parse(markdown.linked(place, 'text](javascript:x) `'))
    assert inline.children and inline.children[0].attrs['href'] == 'https://x.example/a%29b%28c'
    assert markdown.linked(None) == '' and markdown.code('') == ''
