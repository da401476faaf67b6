# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages that are freed as if nobody else could have them, or by the number of something that is no memory of theirs.

Promises to know the two by the call and what it is given. Refuses a free behind a test that the count came to nothing:
that is what the function is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.checks.c.graph import Step, Term
from bot.checks.sights.shapes import Body, Shape, spelt

_FORCED = re.compile('__folio_put')
_CAME_TO_NOTHING = re.compile(r'\w*(?:_testzero|_and_test|_ref_freeze|_(?:sub|dec)_return|put_refs)')
_BY_ADDRESS = re.compile('free_pages?|free_pages_exact')
_PAGE = re.compile(r'\bstruct\s+(page|folio)\b\s*(?:const\s*)?(\*+)')


def frees(body: Body) -> Iterator[Shape]:
    """Yield frees that do not look at the count, and frees of a page's descriptor."""
    counted = {nth for nth, step in body.calls() if _CAME_TO_NOTHING.fullmatch(step.callee)}
    behind = {at for nth in counted for at in body.after(nth, lambda _: False)}
    for nth, step in body.calls():
        if not step.terms:
            continue
        if _FORCED.fullmatch(step.callee) and nth not in behind:
            yield _shape('freed-uncounted', body, step, spelt(step.terms[0]))
        elif _BY_ADDRESS.fullmatch(step.callee) and (kind := _descriptor(body, step.terms[0])):
            yield _shape('descriptor-freed', body, step, f'{spelt(step.terms[0])}|{kind}')


def _shape(what: str, body: Body, step: Step, given: str) -> Shape:
    return Shape(what, body.name, step.line, step.text, step.callee, given)


def _descriptor(body: Body, term: Term) -> str:
    """Return the type of what is freed where it is a pointer to a page or folio, not to what it holds."""
    deep = 0
    while term.op == '[' and term.parts:
        deep, term = deep + 1, term.parts[0]
    found = _PAGE.search(body.graph.types.get(term.text, '')) if term.op == 'n' else None
    return f'struct {found[1]} *' if found is not None and len(found[2]) == deep + 1 else ''
