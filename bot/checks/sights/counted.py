# SPDX-License-Identifier: GPL-2.0-or-later
"""Reference counts read as what they are not: a "maybe" as a yes, a pin as one reference, a tail page as a page with a count.

Promises to name the place where the count is believed. Refuses mm's own bookkeeping by itself; the rules' paths say where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.checks.c.facts import Function
from bot.checks.c.graph import Step, Term
from bot.checks.sights.shapes import Body, Shape, names, spelt

_MAYBE = re.compile(r'(?:folio|page)_maybe_dma_pinned')
_ASSERT = re.compile(r'(?:VM_)?(?:WARN|BUG)_ON\w*|WARN\w*')
_PUTS = re.compile(r'put_page|folio_put\w*|release_pages')
_RAW = re.compile(r'page_ref_(?:add|sub|inc|dec)\w*')
_READS = re.compile(r'page_count|page_ref_count|folio_ref_count')
_FREEZES = re.compile(r'(?:page|folio)_ref_freeze')
_PINS = re.compile(r'pin_user_pages\w*|memfd_pin_folios')
_BIASED = re.compile(r'BIAS|pincount|maybe_dma_pinned')
_GETS = frozenset({'get_page', 'folio_get', 'page_ref_inc', 'folio_ref_inc', 'page_ref_add', 'folio_ref_add'})
_TABLE = re.compile(rb'\bstruct\s+(\w+)\s+\w+\s*=\s*\{(.*?)(?:\n[ \t]*\}|\Z)', re.DOTALL)
_ENTRY = re.compile(rb'\.(\w+)\s*=\s*&?(\w+)')


def counted(body: Body) -> Iterator[Shape]:
    """Yield where a function believes a count."""
    yield from _chosen(body)
    yield from _tails(body)
    yield from _ones(body)


def _chosen(body: Body) -> Iterator[Shape]:
    """A page is unpinned on one arm of "maybe pinned" and put on the other."""
    maybe = {
        step.target.text: step for _, step in body.calls() if step.target is not None and _MAYBE.fullmatch(step.callee)
    }
    for nth, step in enumerate(body.graph.steps if maybe else ()):
        mine = names(step.terms[0]) & maybe.keys() if step.kind == 'test' else set()
        if not mine:
            continue
        arms = [_given(body, nth, slot) for slot in (0, 1)]
        only = [arms[0] - arms[1], arms[1] - arms[0]]
        if any('unpin' in one for one in only[0] | only[1]) and any(_PUTS.fullmatch(one) for one in only[0] | only[1]):
            call = maybe[min(mine)]
            yield Shape('maybe-chooses', body.name, step.line, step.text, call.callee, call.text)


def _given(body: Body, nth: int, slot: int) -> set[str]:
    """Return the functions called on one arm of a test before it is asked again."""
    steps, found, seen, waiting = body.graph.steps, set[str](), {nth, -1}, [body.graph.steps[nth].next[slot]]
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen.add(at)
            found |= {steps[at].callee} if steps[at].kind == 'call' else set()
            waiting += steps[at].next
    return found


def asserted(function: Function) -> Iterator[Shape]:
    """Yield assertions that a page is not pinned: many references look the same."""
    for call in function.calls:
        first = call.args[0] if call.args and _ASSERT.fullmatch(call.callee) else ''
        found = re.match(r'\(*\s*((?:folio|page)_maybe_dma_pinned)\s*\(', first)
        if found is not None:
            yield Shape('maybe-asserted', function.name, call.line, call.text, found[1], call.callee)


def _tails(body: Body) -> Iterator[Shape]:
    for _, step in body.calls():
        if _RAW.fullmatch(step.callee) and step.terms and _is_tail(body.whole(step.terms[0])):
            yield Shape('tail-counted', body.name, step.line, step.text, step.callee, spelt(body.whole(step.terms[0])))


def _is_tail(term: Term) -> bool:
    """Tell whether an expression names a page inside a larger one."""
    if term.op in ('f', 'call') and term.text in ('nth_page', 'folio_page'):
        return len(term.parts) > 1 and not (term.parts[1].op == 'k' and term.parts[1].text == '0')
    if term.op == 'call':
        return term.text == 'virt_to_page'
    if term.op == '&' and term.parts[0].op == '[':
        return not (term.parts[0].parts[1].op == 'k' and term.parts[0].parts[1].text == '0')
    return term.op == '+' and any('page' in name for name in names(term.parts[0]))


def _ones(body: Body) -> Iterator[Shape]:
    """A count compared with a small number, or frozen at it, behind a pin."""
    pins = [(nth, step) for nth, step in body.calls() if _PINS.fullmatch(step.callee)]
    pins += [
        (nth, step)
        for nth, step in enumerate(body.graph.steps)
        if step.kind == 'test' and 'FOLL_PIN' in names(step.terms[0])
    ]
    for nth, pin in pins:
        for at in sorted(body.after(nth, lambda one: one.kind == 'call' and one.callee.startswith('unpin_'))):
            step = body.graph.steps[at]
            expected = _expected(body, step)
            if expected is not None and not _BIASED.search(_all_given(body, expected)):
                yield Shape(
                    'pin-as-one',
                    body.name,
                    step.line,
                    step.text,
                    pin.callee or 'FOLL_PIN',
                    spelt(expected),
                    ((pin.line, f'`{pin.text}`'),),
                )
                return


def _expected(body: Body, step: Step) -> Term | None:
    """Return the number that a step takes for the whole count."""
    if step.kind == 'call' and _FREEZES.fullmatch(step.callee) and len(step.terms) > 1:
        return step.terms[1]
    test = step.terms[0] if step.kind == 'test' else None
    if test is None or test.op not in ('==', '!=') or len(test.parts) != 2:
        return None
    reads = [
        any(one.op == 'call' and _READS.fullmatch(one.text) for one in body.whole(part).inside()) for part in test.parts
    ]
    return test.parts[1] if reads[0] and not reads[1] else test.parts[0] if reads[1] and not reads[0] else None


def _all_given(body: Body, term: Term) -> str:
    """Return as text all that the names of a term were ever given."""
    found, waiting, seen = [spelt(term)], list(names(term)), set[str]()
    while waiting and len(seen) < 20:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            for _, value in body.given.get(name, ()):
                found.append(spelt(value))
                waiting += names(value)
    return ' '.join(found)


def repeatable(functions: dict[str, Function], text: bytes) -> Iterator[Shape]:
    """Yield references taken without a look at the count by functions that tables of operations name."""
    for table in _TABLE.finditer(text):
        for entry in _ENTRY.finditer(table[2]):
            handler = f'{table[1].decode()}.{entry[1].decode()}'
            function = functions.get(entry[2].decode())
            for call in function.calls if function is not None else ():
                if call.callee in _GETS and function is not None:
                    yield Shape('get-in-handler', function.name, call.line, call.text, call.callee, handler)
