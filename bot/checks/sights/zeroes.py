# SPDX-License-Identifier: GPL-2.0-or-later
"""The shared zero page: releases that leave it out, and writes to what may be it.

Promises only releases that one arm of a test reaches and the other does not. Refuses to know whether pins of the zero
page are counted; that is the tree's, and the rule asks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.checks.c.graph import Step, Term
from bot.checks.sights.shapes import Body, Shape, names

_ZERO = re.compile(r'is_zero_(?:page|folio|pfn)|is_huge_zero_\w+')
_RESERVED = re.compile(r'PageReserved|folio_test_reserved')
_MAPS = re.compile(r'kmap\w*|page_address|folio_address|kmap_local_\w+|page_to_virt')
_FILLS = re.compile(
    r'(?:raw_)?mem(?:cpy|set|move|zero\w*)|(?:__)?copy_from_user\w*|copy_page|clear_page|str\w*cpy|get_user_\w+_bytes'
)
_FILLS_PAGE = re.compile(
    r'memcpy_to_(?:page|folio)|memset_page|memzero_page|clear_(?:user_)?highpage|copy_(?:user_)?highpage|zero_user\w*|folio_zero_\w+'
)


def zeroes(body: Body) -> Iterator[Shape]:
    """Yield what a function does to the zero page that it should not."""
    yield from _skipped(body)
    if not any(_ZERO.fullmatch(step.callee) for _, step in body.calls()):
        yield from _written(body)


def _skipped(body: Body) -> Iterator[Shape]:
    asked = {step.target.text: step for _, step in body.calls() if step.target is not None and _kind(body, step)}
    seen = set()
    for nth, step in enumerate(body.graph.steps if asked else ()):
        call = (
            next((asked[name] for name in names(step.terms[0]) & asked.keys()), None) if step.kind == 'test' else None
        )
        if call is None:
            continue
        arms = [_gives(body, nth, slot) for slot in (0, 1)]
        for at in sorted(arms[0] ^ arms[1]):
            one = body.graph.steps[at]
            if not _about(body, call) & _about(body, one):
                continue
            if one.line not in seen and not arms[0] & arms[1] and not (arms[0] and arms[1]):
                seen.add(one.line)
                notes = ((step.line, f'`{step.text}` decides'),)
                kind = _kind(body, call) if arms[1] else _only(_kind(body, call))
                yield Shape(kind, body.name, one.line, one.text, one.callee, call.text, notes)


def _only(kind: str) -> str:
    """Return the shape of a release for those pages alone that a test asks for."""
    return kind.replace('-skipped', '-only')


def _about(body: Body, step: Step) -> set[str]:
    """Return the names behind what a call is given: question and release must be about the same page."""
    return {name for term in step.terms for name in (*names(term), *names(body.whole(term)))}


def _kind(body: Body, step: Step) -> str:
    """Return which question a call asks about a page: by itself, or through a function of the file."""
    graph = body.file.get(step.callee)
    called = [one.callee for one in graph.steps if one.kind == 'call'] if graph is not None else [step.callee]
    if any(_ZERO.fullmatch(one) for one in called):
        return 'zero-skipped' if graph is None else ''
    return 'reserved-skipped' if any(_RESERVED.fullmatch(one) for one in called) else ''


def _gives(body: Body, nth: int, slot: int) -> set[int]:
    """Return the unpinning steps that an arm of a test leads to before the test is asked again."""
    steps, found, seen, waiting = body.graph.steps, set[int](), {nth, -1}, [body.graph.steps[nth].next[slot]]
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        if steps[at].kind == 'call' and steps[at].callee.startswith('unpin_'):
            found.add(at)
        waiting += steps[at].next
    return found


def _written(body: Body) -> Iterator[Shape]:
    for take, step in body.takes():
        pages = body.argument(step, 'pages')
        mine = names(pages) & body.graph.types.keys() if pages is not None else set()
        seen = _derived(body, mine)
        for at in sorted(body.after(take, lambda one: False)) if mine else ():
            one = body.graph.steps[at]
            if _writes(one, mine, seen):
                notes = ((step.line, f'taken by `{step.text}`'),)
                yield Shape(
                    'zero-written',
                    body.name,
                    one.line,
                    one.text or 'a store',
                    step.callee,
                    ', '.join(sorted(mine)),
                    notes,
                )
                break


def _derived(body: Body, pages: set[str]) -> set[str]:
    """Return the names of addresses at which some pages are mapped."""
    found: set[str] = set()
    pages = set(pages)
    for _ in range(3):
        for step in body.graph.steps:
            if step.target is None or step.target.op != 'n':
                continue
            inside = {name for term in step.terms for name in names(term)}
            if (
                step.kind == 'call'
                and _MAPS.fullmatch(step.callee)
                and inside & pages
                or step.kind == 'set'
                and inside & found
            ):
                found.add(step.target.text)
            elif (
                step.kind == 'set'
                and step.terms[0].op in ('[', '*', 'n')
                and inside & pages
                and 'page' in body.graph.types.get(step.target.text, '')
            ):
                pages.add(step.target.text)
    return found


def _writes(step: Step, pages: set[str], mapped: set[str]) -> bool:
    if step.kind == 'set' and step.target is not None and step.target.op in ('*', '['):
        return bool(_root(step.target) & mapped)
    if step.kind != 'call' or not step.terms:
        return False
    first = names(step.terms[0])
    return bool(
        (_FILLS.fullmatch(step.callee) and first & mapped) or (_FILLS_PAGE.fullmatch(step.callee) and first & pages)
    )


def _root(term: Term) -> set[str]:
    return names(term.parts[0]) if term.parts else set()
