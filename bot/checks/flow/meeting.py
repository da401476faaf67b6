# SPDX-License-Identifier: GPL-2.0-or-later
"""Joins what is known at a step where paths meet, for functions with too many paths to be walked one by one.

Promises to over-approximate: what may be so on one of the paths may be so after they met. Paths that differ in what was
taken, in the locks they hold, or in a name that stands for something taken, are not joined. Refuses to keep how two
names go together when both differ: each is a number of its own then, of which the sign alone is known, and that as many are
given back as were asked for may go unnoticed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace

from bot.checks.flow.state import State, Token
from bot.checks.flow.values import ANY, Signs, Value, base, leaves

BY_SIGN, BY_TAKEN, BY_HELD = 1, 2, 3
"""How much is joined: paths on which no name that a test or the result depends on has another sign; all that took the
same, with the same results, and have the same to return; or all that hold the same, whatever the results were."""

_New = Callable[[str, Value, Value], Value]


def meeting_key(state: State, deciding: frozenset[str], level: int) -> Hashable:
    """Return what two paths must agree on to be joined; `deciding` are the names of which the sign must be the same."""
    alike = _alike if level >= BY_TAKEN else _derived
    tied = frozenset(alike(state, state.env.items()))
    kept = frozenset(alike(state, state.mem.items()))
    locks = frozenset(state.locks.items())
    signs = frozenset((name, state.signs(value)) for name, value in state.env.items() if name in deciding)
    if level >= BY_TAKEN:
        tokens = frozenset(_kind(one, level) for one in state.tokens.values())
        return (tokens, locks, state.arrays, tied, kept, signs)
    tokens = frozenset(state.tokens.values())
    return (tokens, locks, state.arrays, tied, kept, state.gone, state.views, signs, state.sums)


def _kind(token: Token, level: int) -> Token:
    """Return what was taken without what paths may disagree on: how many and from where in an array, or by which result."""
    same = replace(token, count=None, start=(), seen=token.seen - {'moved'}, below=frozenset())
    if level < BY_HELD:
        return same
    return replace(same, outcome=frozenset('f') if token.has else token.outcome, prior=False, tested=False)


def _derived(state: State, named: object) -> Iterator[tuple[object, Value]]:
    """Yield the names whose values have to do with something taken."""
    taken = {value for one in state.tokens.values() for value in (one.value, one.base, one.owner, one.offered)}
    taken |= {one[0] for one in state.arrays}
    symbols = {leaf for value in taken if value is not None for leaf in leaves(value)}
    yield from ((name, value) for name, value in named if not symbols.isdisjoint(leaves(value)))  # type: ignore[attr-defined]


def _alike(state: State, named: object) -> Iterator[tuple[object, Value]]:
    """Yield the names that are a result, or point into what was taken or will hold it, with that."""
    results = {one.value for one in state.tokens.values()} | {one.offered for one in state.tokens.values()}
    places = {value for one in state.tokens.values() for value in (one.base, one.owner)} | {
        one[0] for one in state.arrays
    }
    for name, value in named:  # type: ignore[attr-defined]
        if value in results:
            yield name, value
        elif base(value) in places:
            yield name, base(value)


def met(nth: int, one: State, other: State) -> State:
    """Return what is known where two paths meet at a step; both must have the same key."""
    one, other = one.copy(), other.copy()
    after, signs = one.copy(), dict[Value, Signs]()

    def new(what: str, mine: Value, others: Value) -> Value:
        number: Value = ('s', nth, f'met {what}')
        where = base(mine)
        made = ('f', '+', where, number) if where == base(others) and where not in (mine, others) else number
        signs[number] = one.signs(mine) | other.signs(others) if made == number else ANY
        for state, value in ((one, mine), (other, others), (after, None)):
            if value != made:  # what was known of an earlier meeting's number is not known of this one's
                state.forget(number)
        return made

    for name in sorted(one.env.keys() | other.env.keys()):
        mine, others = one.env.get(name, ('i', name)), other.env.get(name, ('i', name))
        after.env[name] = mine if mine == others else new(name, mine, others)
    for place in sorted(one.mem.keys() | other.mem.keys(), key=repr):
        mine, others = _stored(one, place), _stored(other, place)
        after.mem[place] = mine if mine == others else new(repr(place), mine, others)
    for step in sorted(one.tokens):
        after.tokens[step] = _token(one.tokens[step], other.tokens[step], new)
    facts = {value: one.signs(value) | other.signs(value) for value in (*one.facts, *other.facts)} | signs
    after.facts = {value: known for value, known in facts.items() if known != ANY}
    after.related = {key: truth for key, truth in one.related.items() if other.related.get(key) is truth}
    after.shared, after.sums = (one.shared | other.shared) & _named(after), one.sums | other.sums
    after.gone, after.views = one.gone | other.gone, one.views | other.views
    return after


def _token(mine: Token, others: Token, new: _New) -> Token:
    """Return what was taken once, where two paths took as many as differ, or to different places of one array."""
    count, start = mine.count, mine.start
    if count != others.count:
        count = None if count is None or others.count is None else new(f'count {mine.step}', count, others.count)
    if start != others.start:
        start = new(f'start {mine.step}', start, others.start)
    return replace(
        mine,
        count=count,
        start=start,
        seen=mine.seen | others.seen,
        outcome=mine.outcome | others.outcome,
        below=mine.below & others.below,
        prior=mine.prior or others.prior,
        tested=mine.tested and others.tested,
    )


def _named(state: State) -> frozenset[Value]:
    """Return the symbols by which anything can still be reached."""
    values = [*state.env.values(), *state.mem.values(), *(place for place, _ in state.mem)]
    values += [
        value for one in state.tokens.values() for value in (one.base, one.owner, one.moved) if value is not None
    ]
    values += [value for one in state.arrays for value in (one[0], one[3]) if value is not None]
    return frozenset(leaf for value in values for leaf in leaves(value))


def _stored(state: State, place: tuple[Value, str]) -> Value:
    return state.mem.get(place, ('.', place[0], place[1]))
