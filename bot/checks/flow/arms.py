# SPDX-License-Identifier: GPL-2.0-or-later
"""Splits a state at a test: what must be so where the test holds, and where it does not.

Promises that an arm is left out only when it cannot be reached with what is known. Refuses to solve arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.checks.c.graph import Term
from bot.checks.flow.state import State, Token
from bot.checks.flow.values import ZERO, Value, evaluate

Split = tuple[State | None, State | None]
_COMPARED = frozenset({'==', '!=', '<', '>', '<=', '>='})
_SWAPPED = {'<': '>', '>': '<', '<=': '>=', '>=': '<=', '==': '==', '!=': '!='}
_AGAINST_ZERO = {'==': '0', '!=': '-+', '<': '-', '>': '+', '<=': '-0', '>=': '0+'}
_AGAINST_COUNT = {'==': 'f', '!=': 'nzp', '<': 'nzp', '>': '', '<=': 'nzpf', '>=': 'f'}
_AGAINST_COUNT_UNSIGNED = {'==': 'f', '!=': 'nzp', '<': 'zp', '>': 'n', '<=': 'zpf', '>=': 'nf'}
_UNSIGNED = re.compile(
    r'\bunsigned\b(?! (?:char|short))|\b(?:__)?u(?:32|64)\b|\buint(?:32|64|ptr)?_t\b|\buint\b|\bsize_t\b|\bpgoff_t\b'
)
_WIDE = re.compile(r'\blong\b|64|\bs?size_t\b|\bpgoff_t\b|\bloff_t\b|ptr_t\b|\*')


def split(state: State, term: Term, types: Mapping[str, str]) -> Split:
    """Return the states for the test being true and false, None for one that cannot be."""
    if term.op in _COMPARED:
        one, other = (evaluate(part, state.env, state.mem) for part in term.parts)
        unsigned = _unsigned([types.get(part.text, '') if part.op == 'n' else '' for part in term.parts])
        return compared(state, term.op, one, other, unsigned)
    if term.op == 'f' and (term.text.startswith('IS_ERR') or term.text == 'xa_is_value') and term.parts:
        return _error(state, term.text, evaluate(term.parts[0], state.env, state.mem))
    if term.op == '!':
        yes, no = split(state, term.parts[0], types)
        return no, yes
    return compared(state, '!=', evaluate(term, state.env, state.mem), ZERO, False)


def _unsigned(kinds: list[str]) -> bool:
    """Tell whether C compares two values of some types as unsigned numbers: small ones are int, a wider signed one wins."""
    signed = [_width(kind) for kind in kinds if kind and not _UNSIGNED.search(kind)]
    return any(_UNSIGNED.search(kind) and _width(kind) >= max(signed, default=0) for kind in kinds)


def _width(kind: str) -> int:
    return 64 if _WIDE.search(kind) else 32


def _error(state: State, macro: str, value: Value) -> Split:
    keep = '-0' if macro == 'IS_ERR_OR_NULL' else '-'
    rest = ''.join(sign for sign in '-0+' if sign not in keep)
    return state.narrowed(value, frozenset(keep)), state.narrowed(value, frozenset(rest))


def compared(state: State, operator: str, one: Value, other: Value, unsigned: bool) -> Split:
    """Return the states for `one operator other` being true and false."""
    if one[0] == 'k' and other[0] != 'k':
        operator, one, other = _SWAPPED[operator], other, one
    token = state.token_of(one)
    if token is None and (token := state.token_of(other)) is not None:
        operator, one, other = _SWAPPED[operator], other, one
    if one == other and one[0] != '?':
        return (state, None) if operator in ('==', '<=', '>=') else (None, state)
    if one[0] == 'k' and other[0] == 'k':
        return _constants(state, operator, one[1], other[1])
    if other == ZERO and operator in ('==', '!=') and one[0] == 'f' and one[1] in _COMPARED and len(one) == 4:
        yes, no = compared(state, str(one[1]), one[2], one[3], unsigned)  # type: ignore[arg-type]
        return (yes, no) if operator == '!=' else (no, yes)
    if other == ZERO:
        return _with_zero(state, operator, one, unsigned, token)
    if token is not None:
        against = _token(state, operator, token, other, unsigned)
        if against is not None:
            return against
    return _related(state, operator, one, other)


def _constants(state: State, operator: str, one: object, other: object) -> Split:
    if isinstance(one, int) and isinstance(other, int):
        truths = {
            '==': one == other,
            '!=': one != other,
            '<': one < other,
            '>': one > other,
            '<=': one <= other,
            '>=': one >= other,
        }
        return (state, None) if truths[operator] else (None, state)
    one_signs, other_signs = state.signs(('k', one)), state.signs(('k', other))
    if not one_signs & other_signs and operator in ('==', '!='):
        return (state, None) if operator == '!=' else (None, state)
    order = [{'-': -1, '0': 0, '+': 1}[next(iter(signs))] for signs in (one_signs, other_signs) if len(signs) == 1]
    if len(order) == 2 and order[0] != order[1] and operator not in ('==', '!='):
        return (state, None) if (order[0] < order[1]) == (operator in ('<', '<=')) else (None, state)
    return state, state


def _with_zero(state: State, operator: str, one: Value, unsigned: bool, token: Token | None) -> Split:
    keep = _AGAINST_ZERO[operator]
    if unsigned:
        keep = {'<': '', '>=': '-0+', '>': '-+', '<=': '0'}.get(operator, keep)
    rest = ''.join(sign for sign in '-0+' if sign not in keep)
    return state.narrowed(one, frozenset(keep)), state.narrowed(one, frozenset(rest))


def _token(state: State, operator: str, token: Token, other: Value, unsigned: bool) -> Split | None:
    """Compare a result with the count that was asked for, with one, or with an error number."""
    table = _AGAINST_COUNT_UNSIGNED if unsigned else _AGAINST_COUNT
    if token.result == 'count' and token.count is not None and other == token.count:
        keep = table[operator]
    elif other == ('k', 1) and token.result == 'count':
        keep = {'<': 'nz', '<=': 'nzpf', '>': 'pf', '>=': 'pf', '==': 'pf', '!=': 'nzpf'}[operator]
        if operator in ('==', '!=', '>', '<='):
            yes = {'==': 'pf', '!=': 'nzpf', '>': 'pf', '<=': 'nzpf'}[operator]
            no = {'==': 'nzpf', '!=': 'pf', '>': 'nzpf', '<=': 'pf'}[operator]
            return state.outcomes(token, yes), state.outcomes(token, no)
    elif other[0] == 'k' and state.signs(other) == frozenset('-') and operator in ('==', '!='):
        signs = frozenset('-')
        equal = state.narrowed(token.value, signs)
        return (equal, state) if operator == '==' else (state, equal)
    else:
        return None
    rest = ''.join(one for one in 'nzpf' if one not in keep)
    return _asked_for(token, state.outcomes(token, keep)), _asked_for(token, state.outcomes(token, rest))


def _asked_for(token: Token, state: State | None) -> State | None:
    """All that was asked for was taken: then something was asked for."""
    left = state.tokens.get(token.step) if state is not None else None
    if state is None or left is None or left.outcome != {'f'} or token.count is None or token.count[0] == 'k':
        return state
    return state.narrowed(token.count, frozenset('+')) or state


def _related(state: State, operator: str, one: Value, other: Value) -> Split:
    """Remember how two values compare: the same test later goes the same way."""
    signs = state.signs(other)
    if '?' in (one[0], other[0]):
        return state, state
    negated = operator in ('!=', '>=', '<=')
    if operator in ('>', '<='):
        key = ('<', other, one)
    elif operator in ('<', '>='):
        key = ('<', one, other)
    else:
        key = ('==', *sorted((one, other), key=repr))  # type: ignore[assignment]
    known = state.related.get(key)
    if known is not None:
        return (state, None) if known != negated else (None, state)
    yes, no = state.copy(), state.copy()
    yes.related[key], no.related[key] = not negated, negated
    if operator == '==' and signs < frozenset('-0+'):
        narrowed = yes.narrowed(one, signs)
        return narrowed, no
    if operator in ('>', '>=') and signs == frozenset('+'):
        return yes.narrowed(one, frozenset('+')), no
    if operator == '!=' and signs < frozenset('-0+'):
        return yes, no.narrowed(one, signs)
    return yes, no
