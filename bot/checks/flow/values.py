# SPDX-License-Identifier: GPL-2.0-or-later
"""Values of C expressions along one path, as far as ownership needs them.

Promises that equal values are equal tuples, so that a count compared is the count that was asked for. Refuses
arithmetic beyond that: a value has a form, perhaps a sign, never a range.

A value is ('k', number or text), ('i', name) for what a name was when the function began, ('s', step, what) for what a
step produced, ('.', base, field), ('[', base, index), ('&', name), or ('f', operator, operands...).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from bot.checks.c.graph import Term

Value = tuple[object, ...]
Signs = frozenset[str]
ANY: Signs = frozenset('-0+')
ZERO: Value = ('k', 0)
_NUMBER = re.compile(r'(-?)(0[xX][0-9a-fA-F]+|\d+)[uUlL]*\Z')
_SAME = frozenset({'as', 'page_folio', 'compound_head', 'folio_page', 'nth_page', 'READ_ONCE', 'ERR_CAST'})
_MAX_SIZE = 16


def constant(text: str) -> Value:
    found = _NUMBER.match(text)
    if found is None:
        return ('k', text)
    digits = found[2]
    base = 16 if digits[:2].lower() == '0x' else 8 if digits[0] == '0' and len(digits) > 1 and digits.isdigit() else 10
    try:
        return ('k', int(found[1] + digits, base))
    except ValueError:
        return ('k', text)


def evaluate(term: Term, env: Mapping[str, Value], mem: Mapping[tuple[Value, str], Value]) -> Value:
    """Return what a term is worth where names and memory are as given."""
    if term.op == 'n':
        return env.get(term.text, ('i', term.text))
    if term.op == 'k':
        return constant(term.text)
    if term.op in ('.', '*', '&') and len(term.parts) == 1:
        return _place(term, env, mem)
    if term.op == '[':
        return ('[', evaluate(term.parts[0], env, mem), bounded(evaluate(term.parts[1], env, mem)))
    parts = tuple(evaluate(part, env, mem) for part in term.parts)
    return bounded(_computed(term, parts))


def _place(term: Term, env: Mapping[str, Value], mem: Mapping[tuple[Value, str], Value]) -> Value:
    """Return what a field, what is pointed to, or an address is worth."""
    if term.op == '&':
        return _address(term.parts[0], env, mem)
    inner = evaluate(term.parts[0], env, mem)
    if term.op == '.':
        inner = pointed(inner, env)
        return mem.get((inner, term.text), ZERO if inner[-1] == 'zeroed' else ('.', inner, term.text))
    return pointed(inner, env) if inner[0] == '&' else mem.get((inner, '*'), ('.', inner, '*'))


def _address(term: Term, env: Mapping[str, Value], mem: Mapping[tuple[Value, str], Value]) -> Value:
    if term.op == 'n':
        return ('&', term.text)
    if term.op == '.' and term.text == 'page' and 'folio' in term.parts[0].text:
        return ('f', 'folio_page', _of(term, env, mem))  # a folio is its first page
    inner = evaluate(term, env, mem) if term.op != '.' else ('.', _of(term, env, mem), term.text)
    return ('f', '+', inner[1], inner[2]) if inner[0] == '[' else ('f', 'addr', inner)


def _of(term: Term, env: Mapping[str, Value], mem: Mapping[tuple[Value, str], Value]) -> Value:
    return pointed(evaluate(term.parts[0], env, mem), env)


def pointed(value: Value, env: Mapping[str, Value]) -> Value:
    """Return what a pointer to a local stands for: the local itself."""
    return env.get(str(value[1]), ('i', value[1])) if value[0] == '&' else value


def _computed(term: Term, parts: tuple[Value, ...]) -> Value:
    numbers = [part[1] for part in parts if part[0] == 'k' and isinstance(part[1], int)]
    if len(parts) == 2 and len(numbers) == 2 and term.op in '+-*':
        one, other = int(str(numbers[0])), int(str(numbers[1]))
        small = abs(one) < 1 << 40 and abs(other) < 1 << 20
        return (
            ('k', one + other if term.op == '+' else one - other if term.op == '-' else one * other)
            if small
            else ('?',)
        )
    if len(parts) == 2 and term.op in '+-' and parts[1] == ZERO:
        return parts[0]
    if term.op == 'f' and term.text in _SAME and parts:
        return ('f', term.text, parts[0])
    return ('f', term.text if term.op == 'f' else term.op + term.text, *parts)


def replaced(value: Value, old: Value, new: Value, whole: bool = False) -> Value:
    """Return a value in which one value stands for another; with `whole` only inside, not in place of all of it."""
    if value == old and not whole:
        return new
    return tuple(replaced(part, old, new) if isinstance(part, tuple) else part for part in value)


@lru_cache(maxsize=1 << 16)
def leaves(value: Value) -> tuple[Value, ...]:
    """Return the symbols in a value."""
    found, waiting = list[Value](), [value]
    while waiting:
        at = waiting.pop()
        if at[0] in ('i', 's', '&'):
            found.append(at)
        else:
            waiting.extend(part for part in at[1:] if isinstance(part, tuple))
    return tuple(found)


def bounded(value: Value) -> Value:
    """Return the value, or an opaque one when it has grown beyond use."""
    count, waiting = 0, [value]
    while waiting:
        count += 1
        if count > _MAX_SIZE:
            return ('?',)
        waiting.extend(part for part in waiting.pop()[1:] if isinstance(part, tuple))
    return value


def base(value: Value) -> Value:
    """Return the array, or the page, that an element, an address in it or its folio belongs to."""
    while True:
        if value[0] == '[' or (value[0] == 'f' and value[1] in ('+', '-')):
            value = _tuple(value[1] if value[0] == '[' else value[2])
        elif value[0] == 'f' and value[1] in _SAME and len(value) > 2:
            value = _tuple(value[2])
        else:
            return value


def owner(value: Value) -> Value:
    """Return the object that a field, at any depth, belongs to."""
    while value[0] in ('.', '[') or (value[0] == 'f' and value[1] in ('+', '-', 'addr') and len(value) > 2):
        value = _tuple(value[2] if value[0] == 'f' else value[1])
    return value


def _tuple(value: object) -> Value:
    assert isinstance(value, tuple)
    return value
