# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/templates.md says what templates have: it is made of the contexts, and templates use nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from jinja2 import meta

from bot import report, resources
from bot.report.contexts import TEMPLATES
from bot.report.reference import documented, parts
from bot.report.render import _environment

Golden = Callable[[Path, str], None]
DOCS = Path(__file__).parents[2] / 'docs'
CONTEXTS = sorted({part for context in TEMPLATES.values() for part in parts(context)}, key=lambda c: c.__name__)


def test_page_is_what_the_code_says(golden: Golden) -> None:
    golden(DOCS / 'templates.md', report.document_contexts())


@pytest.mark.parametrize('context', CONTEXTS)
def test_every_field_is_said_in_words(context: type) -> None:
    for name, (_, meaning) in documented(context).items():
        assert len(meaning) > 4 and not meaning.endswith('.'), f'{context.__name__}.{name}'
    assert set(documented(context)) == {f.name for f in fields(context)}


def test_every_shipped_template_is_rendered_or_included() -> None:
    top = resources.shipped('templates')
    names = {str(p.relative_to(top)) for p in top.rglob('*') if p.is_file()}
    text = '\n'.join(p.read_text(encoding='utf-8') for p in top.rglob('*.j2'))
    included = set(re.findall(r"(?:include|import) '([^']+)'", text)) | {'html/style.css'}
    assert names == set(TEMPLATES) | included


@pytest.mark.parametrize('name', sorted(TEMPLATES))
def test_templates_use_every_part_of_their_context(name: str) -> None:
    """A part of a context that no template shows is a fact that is lost."""
    source = (resources.shipped('templates') / name).read_text(encoding='utf-8')
    included = re.findall(r"include '([^']+)'", source)
    for part in included:
        source += (resources.shipped('templates') / part).read_text(encoding='utf-8')
    source = re.sub(r'{% (include|import|extends)[^%]*%}', '', source)
    environment = _environment(name.split('/')[0], 76, None)
    used = meta.find_undeclared_variables(environment.parse(source))
    assert {f.name for f in fields(TEMPLATES[name])} <= used
