# SPDX-License-Identifier: GPL-2.0-or-later
"""Says what is wrong with a template: the file, the line and the nearest name there is. A fault of our own is not one."""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from jinja2 import TemplateError as JinjaError
from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError

from bot.errors import TemplateError
from bot.report.contexts import TEMPLATES
from bot.report.reference import parts


def explained(wrong: Exception, name: str, given: Mapping[str, Any], tops: Sequence[Path]) -> TemplateError | None:
    """Say what is wrong in which line of which file; None when it did not happen in a template."""
    if isinstance(wrong, TemplateSyntaxError):
        where = f'{wrong.filename or wrong.name or name}:{wrong.lineno}'
        return TemplateError(f'template: {wrong.message}', where=where, todo='correct that line')
    if isinstance(wrong, TemplateNotFound):
        todo = 'correct the name' if wrong.name != name else 'install lorebot again'
        return TemplateError(f'there is no template {wrong.name}', where=_line(wrong, tops) or name, todo=todo)
    line = _line(wrong, tops)
    if line is None and not isinstance(wrong, JinjaError):
        return None
    todo = _suggestion(str(wrong), given) if isinstance(wrong, UndefinedError) else 'correct that line'
    return TemplateError(f'template: {wrong}', where=line or name, todo=todo)


def _line(wrong: Exception, tops: Sequence[Path]) -> str | None:
    """Return the innermost template line of a traceback: Jinja gives its frames the template's file and line."""
    below = tuple(str(top) for top in tops)
    found = [f for f in traceback.extract_tb(wrong.__traceback__) if f.filename.startswith(below)]
    return f'{found[-1].filename}:{found[-1].lineno}' if found else None


def _suggestion(said: str, given: Mapping[str, Any]) -> str:
    """Name the nearest thing there is."""
    unknown = said.split("'")[-2] if said.count("'") >= 2 else ''
    if "has no attribute '" not in said:
        unknown = said.split("'")[1] if "'" in said else ''
    near = difflib.get_close_matches(unknown, sorted({*given, *_names()}), n=1)
    return f'did you mean {near[0]}? docs/templates.md has all names' if near else 'see docs/templates.md for the names'


def _names() -> set[str]:
    """Return the names of all fields of all contexts."""
    return {f.name for context in TEMPLATES.values() for part in parts(context) for f in fields(part)}
