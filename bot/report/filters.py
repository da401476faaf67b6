# SPDX-License-Identifier: GPL-2.0-or-later
"""The filters and functions that templates of each format have; their docstrings are the manual (docs/templates.md)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bot.report import layout, markdown
from bot.report.places import MailPlace, Quote
from bot.report.words import counted

Reader = Callable[[Any, str], Any]


@dataclass(frozen=True, slots=True)
class Own:
    filters: dict[str, Callable[..., Any]]
    globals: dict[str, Callable[..., Any]]


def of(form: str, columns: int, read: Reader, source: Callable[[str], str]) -> Own:
    """Return what a format has; `read` is the sandbox's way to an attribute, `source` the text of another template."""
    if form in ('text', 'mail'):
        own = _text(columns, read)
    else:
        own = _markdown() if form == 'markdown' else _html(source)
    return Own({**own.filters, 'counted': counted}, own.globals)


def _text(columns: int, read: Reader) -> Own:
    links = layout.Links()

    def wrap(text: object, first: str = '', rest: str | None = None) -> str:
        """`text|wrap('  * ', '    ')`: wrap words; the first line starts with the first string, others with the second."""
        return layout.fill(str(text), columns, first, ' ' * layout.width(first) if rest is None else rest)

    def rows(items: Iterable[Any], *cells: tuple[str, str], indent: int = 2) -> str:
        """`items|rows(('#', 'posting'), ('date', 'date'))`: a table of fields below headings; the last column wraps."""
        lines = [[_cell(read(item, name)) for _, name in cells] for item in items]
        return layout.table(lines, [head for head, _ in cells], columns, indent)

    def _cell(value: Any) -> str:
        if value is None:
            return ''
        return links.ref(value) if isinstance(value, MailPlace) else str(value)

    def grid(lines: Iterable[Any], heads: Sequence[str], indent: int = 4) -> str:
        """`rows|grid(heads)`: a table of short cells with a name before each row; an inner row stands two columns in."""
        named = [
            ('', tuple(heads)),
            *(('  ' * read(at, 'inner') + read(at, 'name'), read(at, 'cells')) for at in lines),
        ]
        return layout.grid(named, indent)

    def under(heading: object) -> str:
        """`'Title'|under`: a heading with a rule below it."""
        return f'{heading}\n{"-" * layout.width(str(heading))}'

    def quoted(quote: Quote, prefix: str = '> ') -> str:
        """`quote|quoted('> ')`: lines of a patch behind a prefix, never wrapped."""
        return layout.prefixed(quote.lines, prefix)

    def ref(place: MailPlace | None) -> str:
        """`place|ref`: "[3] lines 4-9", where the number stands in `links()`."""
        return links.ref(place)

    def left(text: object, columns: int) -> str:
        """`text|left(34)`: blanks after the text up to so many columns."""
        return str(text) + ' ' * (columns - layout.width(str(text)))

    def right(text: object, columns: int) -> str:
        """`text|right(5)`: blanks before the text up to so many columns."""
        return ' ' * (columns - layout.width(str(text))) + str(text)

    def listed() -> list[tuple[int, str]]:
        """`links()`: number and address of every mail referred to so far; print it last."""
        return links.listed()

    own: dict[str, Callable[..., Any]] = {'wrap': wrap, 'rows': rows, 'grid': grid, 'under': under}
    return Own({**own, 'quoted': quoted, 'ref': ref, 'left': left, 'right': right}, {'links': listed})


def _markdown() -> Own:
    def code(text: object) -> Markup:
        """`text|code`: a code span."""
        return Markup(markdown.code(str(text)))

    def cell(text: object) -> Markup:
        """`text|cell`: a code span in a table."""
        return Markup(markdown.code(str(text), cell=True))

    def linked(place: MailPlace | None, text: str = '') -> Markup:
        """`place|linked('text')`: a link to a mail, named by its lines when no text is given."""
        return Markup(markdown.linked(place, text))

    def fenced(quote: Quote, language: str = '') -> Markup:
        """`quote|fenced('diff')`: lines of a patch as a block."""
        return Markup(markdown.fenced(quote.lines, language))

    def block(lines: Sequence[str], tail: str = '') -> Markup:
        """`lines|block(' \\\\')`: other lines as a block, all but the last with a tail."""
        return Markup(markdown.fenced((*(line + tail for line in lines[:-1]), *lines[-1:])))

    return Own({'code': code, 'cell': cell, 'linked': linked, 'fenced': fenced, 'block': block}, {})


def _html(source: Callable[[str], str]) -> Own:
    def style() -> Markup:
        """`style()`: the text of html/style.css, for a style element."""
        return Markup(source('html/style.css').replace('</', '<\\/'))

    def style_hash() -> str:
        """`style_hash()`: what a Content-Security-Policy needs to allow exactly that text."""
        return 'sha256-' + base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()

    return Own({}, {'style': style, 'style_hash': style_hash})
