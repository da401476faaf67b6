# SPDX-License-Identifier: GPL-2.0-or-later
"""How many pages a range has: sums that can wrap, counts cut to a narrower type, and offsets that are left out.

Promises to speak only of counts that a call takes pages by, and of lengths that nothing in this function, nor in all its
callers of the file, compares with a limit. Refuses ranges: a test against anything but 0 and 1 is a limit, however wide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.checks.c.graph import Graph, Step, Term
from bot.checks.sights.shapes import Body, Shape, names, spelt

_WIDE = re.compile(
    r'(?:__)?u64|(?:unsigned )?long(?: long)?(?: unsigned)?(?: int)?|size_t|uint64_t|__aligned_u64|__virtaddr'
)
_NARROW = re.compile(r'int|unsigned(?: int)?|(?:__)?[us]32|u?int32_t|(?:__)?[us]16|short|unsigned short')
_ROUNDING = frozenset(
    {'PFN_UP', 'PFN_DOWN', 'PAGE_ALIGN', 'DIV_ROUND_UP', 'DIV_ROUND_UP_ULL', 'round_up', 'roundup', 'ALIGN'}
)
_OFFSET = frozenset({'offset_in_page', 'PAGE_ALIGNED', 'IS_ALIGNED', 'offset_in_folio'})
_LIMITING = frozenset({
    'access_ok', 'check_add_overflow', 'check_mul_overflow', 'check_shl_overflow', 'range_overflows', 'overflows_type',
    'size_add', 'size_mul', 'min', 'min_t', 'min3', 'clamp', 'clamp_t', 'min_not_zero', 'memdup_user', 'array_size',
})  # fmt: skip
_ALLOCATING = re.compile(r'(?:devm_)?kv?[mzc]alloc\w*|kmalloc\w*|kcalloc\w*|sock_kmalloc')
_SHIFT, _SIZE, _MASK = 'PAGE_SHIFT', 'PAGE_SIZE', 'PAGE_MASK'
_DEPTH = 2


@dataclass(frozen=True, slots=True)
class _Count:
    """The number of pages at a call, with what stands behind its names."""

    step: Step
    term: Term
    whole: Term


def page_counts(body: Body) -> Iterator[Shape]:
    """Yield what is wrong with the counts by which a function takes pages."""
    seen = set()
    for _, step in body.takes():
        term = body.argument(step, 'count')
        if term is None:
            continue
        count = _Count(step, term, _spread(body, term))
        for shape in (*_wraps(body, count), *_narrowed(body, count), *_without_offset(body, count)):
            key = shape.what, shape.line, shape.given
            if key not in seen:
                seen.add(key)
                yield shape
    yield from _late(body)


def _spread(body: Body, term: Term, depth: int = 0) -> Term:
    """Return a count with all that its names may be worth: of several values that compute something, the first."""
    if term.op == 'n' and depth < 6:
        given = [value for _, value in body.given.get(term.text, ()) if value.op not in ('k', 'each', 'call')]
        own = [value for value in given if term.text not in names(value)]
        if len(own) == 1 or (own and term.text[:1] == '%'):
            return _spread(body, own[0], depth + 1)
        return term
    stored = body.stored.get(spelt(term), ()) if term.op == '.' else ()
    if len(stored) == 1 and depth < 6:
        return _spread(body, stored[0], depth + 1)
    return Term(term.op, term.text, tuple(_spread(body, part, depth + 1) for part in term.parts)) if depth < 6 else term


def _wraps(body: Body, count: _Count) -> Iterator[Shape]:
    """A sum of an address and a length that is rounded to pages before anybody asked whether it wraps."""
    for rounded in count.whole.inside():
        inside = _rounded(rounded)
        total = _sum(inside) if inside is not None else None
        if total is None:
            continue
        parts = [one for one in _addends(total) if one.op != 'k' and not _is_constant(one)]
        long = [one for one in parts if not _small(one) and _is_wide(body.graph, one)]
        lengths = [one for one in long if _is_length(one)]
        fields = all(one.op == '.' for one in lengths)
        if any(_small(one) for one in parts) and fields and len(parts) == len(lengths) + 1:
            continue  # a field whose type nobody here knows, and an offset in a page
        if len(parts) < 2 or not lengths or any(_is_limited(body, one, 0) for one in lengths):
            continue
        if all(_small(one) or _is_wide(body.graph, one) for one in parts):
            yield _shape(body, 'count-wraps', count, spelt(total))


def _rounded(term: Term) -> Term | None:
    """Return what is rounded or cut to pages by a term."""
    if term.op == 'f' and term.text in _ROUNDING and term.parts:
        return term.parts[0]
    if term.op in ('>>', '/') and any(one.text in (_SHIFT, _SIZE) for one in term.parts[1].inside()):
        return term.parts[0]
    return term.parts[0] if term.op == '&' and len(term.parts) == 2 and _is_mask(term.parts[1]) else None


def _is_mask(term: Term) -> bool:
    return any(one.text == _MASK for one in term.inside()) and not any(one.op == '~' for one in term.inside())


def _sum(term: Term) -> Term | None:
    while (term.op == 'f' and term.text in _ROUNDING) or (term.op == '-' and len(term.parts) == 2):
        if not term.parts or (term.op == '-' and not _is_constant(term.parts[1])):
            break
        term = term.parts[0]
    return term if term.op == '+' and len(term.parts) == 2 else None


def _addends(term: Term) -> list[Term]:
    """Return what is added up; what is taken away is left out."""
    if term.op == '+' and len(term.parts) == 2:
        return [*_addends(term.parts[0]), *_addends(term.parts[1])]
    return _addends(term.parts[0]) if term.op == '-' and len(term.parts) == 2 else [term]


def _is_constant(term: Term) -> bool:
    return not any(one.op in ('n', '.', '[', '*', '?', 'call') and not one.text.isupper() for one in term.inside())


def _small(term: Term) -> bool:
    """An offset in a page cannot make a sum wrap by itself."""
    if term.op == 'f' and term.text in _OFFSET:
        return True
    return term.op in ('&', '%') and len(term.parts) == 2 and (not _is_mask(term.parts[1]) or term.op == '%')


def _is_wide(graph: Graph, term: Term) -> bool:
    """Tell whether a value can fill 64 bits, as far as its declared type says so."""
    if term.op == 'n':
        return _WIDE.fullmatch(_bare(graph.types.get(term.text, ''))) is not None
    if term.op == '.':
        return True
    return any(_is_wide(graph, part) for part in term.parts) and term.op in ('+', '-', '*', '&', '|', '<<')


def _bare(kind: str) -> str:
    return re.sub(r'\b(?:const|volatile|static|register)\b', '', kind).strip()


def _is_length(term: Term) -> bool:
    """Tell a length from an address: of two sums with the same risk the length is what user space makes large."""
    last = term.text if term.op in ('n', '.') else ''
    return not re.search(r'addr|start|base|ptr|iova|offset|\boff', last, re.IGNORECASE) and bool(last)


def _is_limited(body: Body, term: Term, depth: int) -> bool:
    """Tell whether anything compares a value with a limit: this function, what gave the value, or every caller here."""
    keys = _keys(term)
    if _from_vfs(body.graph, term):
        return True
    if not keys or any(_limits(body, step, keys) for step in body.graph.steps) or _written_by_others(body, term):
        return True
    for name in sorted(names(term)):
        for _, value in body.given.get(name, ()):
            if value.op in ('call', 'each', '&', '%', '?') or any(one.text in _LIMITING for one in value.inside()):
                return True
            if value.op not in ('n', '.') and depth < _DEPTH and not _is_constant(value) and name not in names(value):
                inner = [one for one in value.inside() if one.op in ('n', '.') and not one.text.isupper()]
                return bool(inner) and any(_is_limited(body, one, depth + 1) for one in inner)
    return _by_callers(body, term, depth)


def _written_by_others(body: Body, term: Term) -> bool:
    """Tell whether a function is given the address of a field, here or elsewhere in the file: the limit is in there."""
    return term.op == '.' and any(
        one.op == '&' and one.parts[0].op == '.' and one.parts[0].text == term.text
        for graph in (body.graph, *body.file.values())
        for step in graph.steps
        if step.kind == 'call'
        for one in step.terms
    )


def _from_vfs(graph: Graph, term: Term) -> bool:
    """The size that read() and write() hand on with a position is at most MAX_RW_COUNT, which an int holds."""
    kinds = [graph.types.get(name, '') for name in graph.params]
    return (
        term.op == 'n'
        and term.text in graph.params
        and graph.types.get(term.text, '').endswith('size_t')
        and any(kind.startswith('loff_t') or 'kiocb' in kind for kind in kinds)
    )


def _keys(term: Term) -> set[str]:
    """Return the words by which a value is recognised in a test: its own name, or the field's."""
    if term.op in ('n', '.'):
        return {term.text}
    return {one.text for one in term.inside() if one.op in ('n', '.') and one.text and not one.text.isupper()}


def _limits(body: Body, step: Step, keys: set[str]) -> bool:
    if step.kind == 'call':
        given = {one.text for term in step.terms for one in term.inside() if one.op in ('n', '.')}
        named = step.callee in _LIMITING or re.search(r'valid|check|verify|limit|overflow', step.callee) is not None
        return bool(keys & given) and (named or _ALLOCATING.fullmatch(step.callee) is not None)
    if step.kind == 'set':
        inside = [one for term in step.terms for one in term.inside()]
        return any(one.op == 'f' and one.text in _LIMITING and keys & _keys(one) for one in inside)
    if step.kind != 'test' or step.loop != (0, 0):
        return False
    return any(_compares(body, one, keys) for one in step.terms[0].inside())


def _compares(body: Body, term: Term, keys: set[str]) -> bool:
    if term.op == 'f' and term.text in _LIMITING:
        return bool(keys & _keys(term))
    if term.op not in ('<', '>', '<=', '>=') or len(term.parts) != 2:
        return False
    sides = [_keys(body.whole(part)) for part in term.parts]
    trivial = any(part.op == 'k' and part.text in ('0', '1', '0UL', '1UL', '0U') for part in term.parts)
    return bool(keys & (sides[0] | sides[1])) and not trivial


def _by_callers(body: Body, term: Term, depth: int) -> bool:
    """Tell whether every caller in the file limits what it gives for a parameter; without callers here nobody knows."""
    at = [nth for nth, name in enumerate(body.graph.params) if name in names(term)]
    if not at or depth >= _DEPTH:
        return False
    found = []
    for name, graph in body.file.items():
        caller = Body(name, graph, body.words, {})
        for _, step in caller.calls():
            if step.callee == body.name and name != body.name:
                given = [step.terms[nth] for nth in at if nth < len(step.terms)]
                found.append(all(_is_constant(one) or _is_limited(caller, one, depth + 1) for one in given))
    return all(found) if found else False


def _narrowed(body: Body, count: _Count) -> Iterator[Shape]:
    """A wide count that a narrow variable, or the parameter of the function that takes the pages, cuts off."""
    kind = _declared(body, count.step)
    if _NARROW.fullmatch(kind) and _is_open(body, count.term):
        yield _shape(body, 'count-cut-by-call', count, spelt(count.term), kind)
    if count.term.op == 'n' and _NARROW.fullmatch(_bare(body.graph.types.get(count.term.text, ''))):
        for nth, value in body.given.get(count.term.text, ()):
            if _is_pages(value) and _is_open(body, value):
                own = _bare(body.graph.types[count.term.text])
                line = body.graph.steps[nth].line
                yield _shape(body, 'count-cut', count, spelt(value), own, line)


def _declared(body: Body, step: Step) -> str:
    """Return the type that this tree's prototype gives the count."""
    kernel = body.words.kernel
    at = kernel.position(step.callee, 'count')
    return next((_bare(one[at].type) for one in kernel.prototypes(step.callee) if at is not None and at < len(one)), '')


def _is_pages(term: Term) -> bool:
    return any(_rounded(one) is not None for one in term.inside())


def _is_open(body: Body, term: Term) -> bool:
    """Tell whether a value is wide and nothing limits it: by its own name or by those it is computed from."""
    whole = _spread(body, term)
    wide = [one for one in whole.inside() if one.op == 'n' and _is_wide(body.graph, one)]
    if not _is_pages(whole) and not _is_called(body):
        return False
    known = [one for one in term.inside() if one.op in ('n', '.') and not one.text.isupper()]
    if not wide or any(one.op == 'f' and one.text in _LIMITING for one in whole.inside()) or _kept_small(whole):
        return False
    return not any(_is_limited(body, one, 0) for one in (*wide, *known))


def _is_called(body: Body) -> bool:
    """A number of pages that others hand in is theirs to limit: only callers at hand can be asked."""
    return any(step.callee == body.name for graph in body.file.values() for step in graph.steps)


def _kept_small(term: Term) -> bool:
    """A value that a mask cuts, or the number of elements of something that is in memory."""
    if any(one.op == '/' and one.parts[1].text.startswith('sizeof') for one in term.inside() if len(one.parts) == 2):
        return True
    return any(one.op in ('&', '%') and len(one.parts) == 2 and not _is_mask(one.parts[1]) for one in [term])


def _without_offset(body: Body, count: _Count) -> Iterator[Shape]:
    """A length in bytes made pages although the address need not begin a page."""
    start = body.argument(count.step, 'start')
    rounded = [inside for one in count.whole.inside() if (inside := _rounded(one)) is not None]
    if start is None or not rounded or not _is_cut(_spread(body, start)):
        return
    parts = [one for term in rounded for one in term.inside()]
    address = {one.text for one in _spread(body, start).inside() if one.op in ('n', '.') and not one.text.isupper()}
    plain = all(one.op in ('n', '.', 'k', '+', '-', 'f') for one in rounded) and len(rounded) == 1
    knows = any(_small(one) or (one.op in ('n', '.') and one.text in address) for one in parts)
    if (
        plain
        and not knows
        and not any(re.search('off|rem|pad', one.text) for one in parts)
        and not _aligned(body, address)
    ):
        yield _shape(body, 'offset-left-out', count, spelt(rounded[0]), spelt(start))


def _is_cut(term: Term) -> bool:
    """Tell whether an address is brought down to the beginning of its page."""
    return any(
        (one.op == '&' and len(one.parts) == 2 and _is_mask(one.parts[1]))
        or one.text in ('PAGE_ALIGN_DOWN', 'round_down')
        for one in term.inside()
    )


def _aligned(body: Body, address: set[str]) -> bool:
    """Tell whether a test asks for the offset of an address in its page."""
    return any(
        _small(one) and address & _keys(one)
        for step in body.graph.steps
        if step.kind == 'test'
        for one in body.whole(step.terms[0]).inside()
    )


def _late(body: Body) -> Iterator[Shape]:
    """access_ok() of an address after pages were taken by it, and not before."""
    checks = [(nth, step) for nth, step in body.calls() if step.callee == 'access_ok' and step.terms]
    for take, step in body.takes() if checks else ():
        start = body.argument(step, 'start')
        behind = set(body.after(take, lambda one: False))
        mine = [(nth, one) for nth, one in checks if start is not None and _shares(body, one.terms[0], start)]
        if mine and all(nth in behind and take not in set(body.after(nth, lambda one: False)) for nth, one in mine):
            at = mine[0][1]
            yield Shape('checked-late', body.name, at.line, at.text, step.callee, '', ((step.line, f'`{step.text}`'),))


def _shares(body: Body, one: Term, other: Term) -> bool:
    return bool({name for name in names(body.whole(one)) if not name.isupper()} & names(body.whole(other)))


def _shape(body: Body, what: str, count: _Count, given: str, kind: str = '', line: int = 0) -> Shape:
    at = line or _line_of(body, count, given)
    notes = ((count.step.line, f'the count of `{count.step.text}`'),)
    words = f'{given}|{kind}' if kind else given
    return Shape(what, body.name, at, count.step.text, count.step.callee, words, notes)


def _line_of(body: Body, count: _Count, given: str) -> int:
    """Return the line on which a value is computed, the call's when it stands in the call."""
    for step in body.graph.steps:
        if step.kind == 'set' and any(
            given in (spelt(one), spelt(_spread(body, one))) for one in step.terms[0].inside()
        ):
            return step.line
    return count.step.line
