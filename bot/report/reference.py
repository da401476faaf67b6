# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes docs/templates.md from the contexts and filters themselves, so that the page cannot say anything else."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from bot.report import filters
from bot.report.contexts import TEMPLATES

_INTRODUCTION = """\
<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
# Templates

This page is made by `bot.report.document_contexts()`; a test holds it true. Do not edit it by hand.

Reports and mails are Jinja templates below `templates/`. A directory named by `templates` in the section `[report]` of
the configuration replaces single files of the same name; all others stay as shipped. A file there may build on the one
it replaces and change a block only:

    {% extends "shipped/text/review.txt.j2" %}
    {% block trailers %}{% endblock %}

An unknown name, a syntax error or a wrong filter ends the command with the file, the line and what to do. Templates run
in a sandbox. Every value is escaped for its format by itself: there is no `safe` and no `escape`. No string holds a line
break; text that has lines is a `Quote`. An empty string, list or None means that there is nothing to say.
"""
_FORMS = (('text/ and mail/', 'text'), ('markdown/', 'markdown'), ('html/', 'html'))


def document_contexts() -> str:
    """Return the reference of all templates, their contexts and filters as Markdown."""
    return '\n'.join([_INTRODUCTION, *_templates(), *_filters(), *_contexts()]).rstrip('\n') + '\n'


def _templates() -> Iterator[str]:
    yield '## Templates and what they are given\n'
    yield '| template | context |\n| --- | --- |'
    for name, context in TEMPLATES.items():
        yield f'| `{name}` | [{context.__name__}](#{context.__name__.lower()}) |'
    yield '\nOther files are parts that these include; they see the same names.\n'


def _filters() -> Iterator[str]:
    yield '## Filters and functions\n'
    yield "Besides Jinja's own, except those that would print a value unescaped or depend on chance.\n"
    for title, form in _FORMS:
        own = filters.of(form, 76, getattr, str)
        yield f'Below `{title}`:\n' if ' ' not in title else 'Below `text/` and `mail/`:\n'
        for function in (*own.filters.values(), *own.globals.values()):
            yield f'- {inspect.getdoc(function)}'
        yield ''


def _contexts() -> Iterator[str]:
    seen: list[type] = []
    for context in TEMPLATES.values():
        seen += [part for part in parts(context) if part not in seen]
    for part in seen:
        yield f'## {part.__name__}\n'
        doc = inspect.getdoc(part) or ''
        if doc and not doc.startswith(f'{part.__name__}('):
            yield doc + '\n'
        yield '| field | type | meaning |\n| --- | --- | --- |'
        for name, (type_, meaning) in documented(part).items():
            yield f'| `{name}` | {_named(type_)} | {meaning} |'
        yield ''


@cache
def documented(context: type) -> dict[str, tuple[Any, str]]:
    """Return type and meaning of every field of a context."""
    hints = get_type_hints(context, include_extras=True)
    return {f.name: get_args(hints[f.name])[:2] for f in fields(context)}


def parts(context: type) -> list[type]:
    """Return a context and all contexts within it, outermost first, each once."""
    found = [context]
    for part in found:
        for type_, _ in documented(part).values():
            found += [c for c in _classes(type_) if c not in found]
    return found


def _classes(type_: Any) -> Iterator[type]:
    if isinstance(type_, type) and is_dataclass(type_):
        yield type_
    for argument in get_args(type_):
        yield from _classes(argument)


def _named(type_: Any) -> str:
    """Return a type in words, contexts as links."""
    if get_origin(type_) is Annotated:
        return _named(get_args(type_)[0])
    arguments = [a for a in get_args(type_) if a not in (Ellipsis, NoneType)]
    if get_origin(type_) is tuple:
        return f'list of {_named(arguments[0])}'
    if arguments:
        return f'{_named(arguments[0])} or None'
    name = re.sub(r'^str$', 'text', re.sub(r'^int$', 'number', re.sub(r'^bool$', 'true or false', type_.__name__)))
    return f'[{name}](#{name.lower()})' if is_dataclass(type_) else name
