# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads off the ways out of a function what it leaves with its caller.

Promises a `Taken` only when every success leaves the same kind of pages in the same place and says so alike. Refuses to
choose: what differs from one success to the next is told in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.checks.c.graph import Graph
from bot.checks.flow.state import Token
from bot.checks.flow.summaries import Taken
from bot.checks.flow.values import Value, base, owner
from bot.checks.flow.writes import Exit

_FIELDS_DEEP = 4


@dataclass(frozen=True, slots=True)
class _Place:
    into: str
    argument: int = -1
    field: str = ''


def handed_on(graph: Graph, exits: Sequence[Exit]) -> tuple[Taken | None, str]:
    """Return what a function leaves with its caller, and in words why a caller cannot rely on it."""
    good = [one for one in exits if not one.failed]
    left = [(one, token, place) for one in good for token in one.tokens if (place := _place(graph, one, token))]
    if not left:
        return None, ''
    kinds = {token.resource for _, token, _ in left}
    holding = {id(one) for one, _, _ in left}
    told = {_told(one, token) for one, token, _ in left}
    places = {place for _, _, place in left}
    result, place = min(told), min(places, key=repr)
    top = ''
    if any(token.vague for _, token, _ in left):
        top = 'what it takes by cannot be relied on'
    elif any('told' in token.seen for _, token, _ in left):
        top = 'the pages are written down in a second place'
    elif len(kinds) > 1:
        top = f'either of {", ".join(sorted(kinds))}'
    elif len(places) > 1:
        top = 'not always in the same place'
    elif '' in told or len(told) > 1:
        top = 'success cannot be told from a part'
    elif result != 'count' and any(id(one) not in holding for one in good):
        top = 'some successes take nothing'
    elif place.into == 'result' and result != 'pointer':
        top = 'the result is no pointer'
    return _taken(graph, exits, [token for _, token, _ in left], result, place), top


def _taken(graph: Graph, exits: Sequence[Exit], tokens: Sequence[Token], result: str, place: _Place) -> Taken:
    token = tokens[0]
    steps = [graph.steps[nth] for nth in sorted({one.step for one in tokens})]
    params: dict[Value, int] = {('i', name): nth for nth, name in enumerate(graph.params)}
    count = params.get(token.count, -1) if token.count is not None and result in ('count', 'zero') else -1
    fails = {sign for one in exits if one.failed for sign in one.signs}
    return Taken(
        token.resource,
        result,
        place.into,
        place.argument,
        place.field,
        count,
        tuple(sorted(fails)),
        None,
        tuple((step.callee, step.line) for step in steps),
    )


def _place(graph: Graph, one: Exit, token: Token) -> _Place | None:
    """Return where a caller finds what is still held at a way out."""
    if token.object is not None:  # a charge, not pages
        return None
    moved = token.held == 'escaped' and token.moved is not None
    if not moved and not token.has and not (token.held == 'escaped' and token.home == 'object'):
        return None
    if one.value is not None and one.value[0] != 'k':
        here = base(one.value)
        if here in (token.base, token.owner) or (moved and here == token.moved):
            return _Place('result', field='' if here == token.base else 'its pages')
        if owner(token.base) == here != token.base:
            return _Place('result', field=_fields(token.base))
    return _in_argument(graph, token, token.moved if moved else token.base)


def _in_argument(graph: Graph, token: Token, where: Value | None) -> _Place | None:
    if where is None:
        return None
    root, field = owner(where), _fields(where)
    if root[0] != 'i' or root[1] not in graph.params:
        return None
    nth = graph.params.index(str(root[1]))
    if where == root and token.held != 'escaped':
        return _Place('argument', nth) if not token.field else _Place('object', nth, token.field)
    return _Place('object', nth, field or 'its pages')


def _fields(value: Value) -> str:
    """Return the fields that lead from an object to what it holds."""
    names = list[str]()
    while value[0] in ('.', '[') and len(names) < _FIELDS_DEEP:
        if value[0] == '.':
            names.append(str(value[2]))
        value = value[1]  # type: ignore[assignment]
    return '.'.join(reversed([name for name in names if name != '*'])) or '*'


def _told(one: Exit, token: Token) -> str:
    """Return by which result a caller sees that the pages are there, '' when a part of them looks the same."""
    if one.value == token.value and token.result == 'count':
        return 'count'
    part = 'p' in token.outcome and not token.prior and token.held == 'held'
    if part or not one.signs:
        return ''
    if one.value is not None and one.signs == {'0'}:
        return 'zero'
    if one.signs == {'+'}:
        return 'pointer' if one.value is not None and one.value[0] != 'k' else 'truth'
    return 'pointer' if '-' not in one.signs else ''
