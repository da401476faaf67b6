# SPDX-License-Identifier: GPL-2.0-or-later
"""Where what was taken is written down, and which of it a value means.

Promises answers that depend on the state alone. Refuses to change anything.
"""

from __future__ import annotations

from dataclasses import replace

from bot.checks.flow.contents import same_slot
from bot.checks.flow.state import State, Token
from bot.checks.flow.values import ZERO, Value, base, leaves, owner, pointed


def written_down(token: Token, state: State) -> Token:
    """Return a token with the field that its array is kept in as its place, where there is one."""
    for (holder, field), value in state.mem.items():
        if value == token.base and token.base[0] == 's':
            return replace(token, base=('.', holder, field))
    return token


def placed(value: Value, field: str, state: State) -> Value:
    """Return what an argument, or a field of what it points to, is worth."""
    if not field:
        return value
    holder = pointed(value, state.env)
    return state.mem.get((holder, field), ('.', holder, field))


def is_failed(token: Token, value: Value, count: Value | None) -> bool:
    """Tell whether what is given back is what the last try did not get, not what an earlier round of a loop got."""
    if count is not None and value[0] != '[' and value == base(token.start):
        return _reaches(token, value, count)
    if token.prior:
        return (
            value[0] == '[' and token.start[:2] == ('f', '+') and same_slot(token, value) and 'f' not in token.outcome
        )
    return same_slot(token, value)


def slot_of(start: Value) -> Value:
    """Return the number of the element that an address in an array is of."""
    slot = start[3] if start[:2] == ('f', '+') and len(start) == 4 else ZERO
    return slot if isinstance(slot, tuple) else ZERO


def above(start: Value, state: State) -> frozenset[Value]:
    """Return the numbers that are surely greater than that of the element an address is of."""
    slot = slot_of(start)
    known = {key[2] for key, truth in state.related.items() if truth and key[:2] == ('<', slot)}
    if slot == ZERO:
        known |= {value for value, signs in state.facts.items() if signs == frozenset('+')}
    return frozenset(one for one in known if one[0] in ('i', '.'))


def _reaches(token: Token, array: Value, count: Value) -> bool:
    """Tell whether so many elements of an array hold the one that was asked for last: those before it were got earlier."""
    slot = slot_of(token.start)
    if count in (slot, ZERO):
        return False
    if slot == ZERO and token.start == array and not token.prior:
        return True
    if count[:2] == ('f', '+') and slot in count[2:]:
        return 'f' not in token.outcome or not token.prior
    return count in token.below and (not token.prior or 'f' not in token.outcome)


def is_foreign(one: Value, other: Value) -> bool:
    """Tell whether an account of the running task was taken for one that is written down, or the other way round."""
    current = [('i', 'current') in leaves(value) for value in (one, other)]
    fixed = [value[0] == '.' and value[-1] == one[-1] for value in (one, other)]
    return current[0] != current[1] and all(fixed)


def innermost(value: Value) -> Value:
    """Return the page or element itself, whatever it is wrapped in."""
    while value[0] == 'f' and len(value) == 3 and isinstance(value[2], tuple) and value[1] != 'addr':
        value = value[2]
    return value


def touches(value: Value, token: Token, state: State) -> bool:
    """Tell whether who is given a value can come to a token's pages through it."""
    if value[0] == 'f' and value[1] == 'addr':
        inner = value[2]
        assert isinstance(inner, tuple)
        return inner in (token.base, token.owner) or owner(inner) in (token.base, token.owner)
    reached = pointed(base(value), state.env)
    if value == token.value != token.base:
        return False
    if reached in (token.base, token.owner):
        return True
    whole = owner(token.base)
    return whole != token.base and reached == whole and reached[0] != 'k'


def leaves_with(value: Value, token: Token, state: State) -> bool:
    if base(value) in (token.base, token.owner) or owner(value) in (token.base, token.owner):
        return True
    has_result = token.value in leaves(value)
    return has_result and token.home == 'caller' and not (value == token.value and token.signs == frozenset('-'))
