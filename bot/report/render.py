# SPDX-License-Identifier: GPL-2.0-or-later
"""Renders contexts with Jinja: shipped templates, single ones replaced by files of the same name in a user's directory.

Every printed value is escaped for its format whether the template asks for it or not, unknown names are errors, and the
environment is sandboxed and without chance or clock: templates may be shared, and the same facts give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar

from jinja2 import (
    BaseLoader,
    BytecodeCache,
    ChoiceLoader,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
)
from jinja2.bccache import Bucket
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from bot import resources
from bot.errors import ConfigError
from bot.report import filters, layout, markdown
from bot.report.inert import verbatim
from bot.report.mistakes import explained

# Chance gives other bytes every time; the others would let a template print a value unescaped.
_NO_FILTERS = ('random', 'safe', 'e', 'escape', 'forceescape', 'xmlattr', 'urlize', 'tojson', 'pprint')
_NO_GLOBALS = ('lipsum', 'cycler', 'joiner')
_NARROWEST = 40
_SPARE = re.compile(r'\n{3,}')


def render(name: str, context: object, *, columns: int = 78, templates: Path | None = None) -> str:
    """Render one template of `TEMPLATES`; raise `TemplateError` for whatever is wrong with it.

    Own text is wrapped two columns short of `columns`, as quoting the report in a reply takes two.
    """
    if columns < _NARROWEST:
        raise ConfigError(
            f'a report needs {_NARROWEST} columns', where=f'report.columns = {columns}', todo='allow more of them'
        )
    environment = _environment(name.split('/')[0], columns - 2, templates)
    given = {f.name: getattr(context, f.name) for f in fields(context)}  # type: ignore[arg-type]
    try:
        text = environment.get_template(name).render(given)
    except Exception as wrong:
        mistake = explained(wrong, name, given, [top for top in (templates, resources.shipped('templates')) if top])
        if mistake is None:
            raise
        raise mistake from wrong
    return _tidy(text.strip('\n'), name.split('/')[0]) + '\n'


def _tidy(text: str, form: str) -> str:
    """Sections that say nothing leave empty lines behind; in HTML those may belong to a quotation."""
    if form == 'html':
        return text
    folded = _SPARE.sub('\n\n', text)
    return layout.without_tags(folded) if form in ('text', 'mail') else folded


def _environment(form: str, columns: int, templates: Path | None) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=_loader(templates),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=_ESCAPES[form],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        bytecode_cache=_Compiled(form, columns),
    )
    for name in _NO_FILTERS:
        environment.filters.pop(name, None)
    for name in _NO_GLOBALS:
        environment.globals.pop(name, None)
    own = filters.of(form, columns, environment.getattr, lambda part: _source(environment, part))
    environment.filters.update(own.filters)
    environment.globals.update(own.globals)
    return environment


class _Compiled(BytecodeCache):
    """Keeps compiled templates for the life of the process; constants in them are laid out already, hence `columns`."""

    kept: ClassVar[dict[tuple[str, int, str], tuple[str, CodeType | None]]] = {}

    def __init__(self, form: str, columns: int) -> None:
        self._form, self._columns = form, columns

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self.kept.get((self._form, self._columns, bucket.key), ('', None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[self._form, self._columns, bucket.key] = (bucket.checksum, bucket.code)


def _loader(templates: Path | None) -> BaseLoader:
    """A user's template may extend the one it replaces, as `shipped/NAME`."""
    shipped = FileSystemLoader(resources.shipped('templates'))
    own: list[BaseLoader] = []
    if templates is not None:
        if not templates.is_dir():
            raise ConfigError('no such template directory', where=str(templates), todo='correct report.templates')
        own.append(FileSystemLoader(templates))
    return ChoiceLoader([*own, shipped, PrefixLoader({'shipped': shipped})])


def _source(environment: ImmutableSandboxedEnvironment, name: str) -> str:
    loader = environment.loader
    assert loader is not None
    return loader.get_source(environment, name)[0]


def _plain(value: Any) -> Markup:
    return value if isinstance(value, Markup) else Markup('\n'.join(verbatim(line) for line in str(value).split('\n')))


def _markdown(value: Any) -> Markup:
    return value if isinstance(value, Markup) else Markup(markdown.escaped(str(value)))


_ESCAPES: Mapping[str, Callable[[Any], Markup]] = {
    'text': _plain,
    'mail': _plain,
    'markdown': _markdown,
    'html': escape,
}
