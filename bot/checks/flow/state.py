# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known at one point of one path: names, memory, signs, relations, locks, and what was taken.

Promises that two states that differ in nothing that can matter later are equal. Refuses to merge states that differ:
that is `meeting.py`'s, for functions that cannot be walked otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from bot.checks.flow.values import ANY, Signs, Value, leaves

Held = Literal['held', 'released', 'escaped', 'lost']
Home = Literal['local', 'caller', 'object']


@dataclass(frozen=True, slots=True)
class Token:
    """Something taken at a step.

    `outcome` holds the results still possible: n failed, z nothing, p a part, f all. `prior`: an earlier round of a loop
    took some too. `home` is where the pages are written down: a local array, the caller's, or an object that lives on.
    `object`: for an amount, whose account it was charged to; `count` is then what is left of it and `spent` the step that gave
    some of it back.
    `counted`: how many there are was written to memory. `offered`: the result of a call that keeps the pages if it is 0.
    `field`: where in the object `base` they are, when a function put them there. `moved`: the object that has them now.
    `below` are numbers surely greater than the element a single page was taken into.
    `seen` is what became of the contents, see `contents.py`.
    """

    step: int
    resource: str
    result: str
    value: Value
    base: Value
    count: Value | None
    outcome: frozenset[str]
    home: Home = 'local'
    owner: Value | None = None
    held: Held = 'held'
    prior: bool = False
    counted: bool = False
    single: bool = False
    tested: bool = False
    start: Value = ()
    offered: Value | None = None
    field: str = ''
    moved: Value | None = None
    seen: frozenset[str] = frozenset()
    object: Value | None = None
    spent: int = 0
    vague: bool = False
    below: frozenset[Value] = frozenset()

    @property
    def has(self) -> bool:
        """Tell whether pages may be held."""
        return self.held == 'held' and (self.prior or bool(self.outcome & {'p', 'f'}))

    @property
    def signs(self) -> Signs:
        return frozenset(sign for one in self.outcome for sign in _SIGNS[self.result][one])


_SIGNS = {
    'count': {'n': '-', 'z': '0', 'p': '+', 'f': '+'},
    'bytes': {'n': '-', 'z': '0', 'p': '+', 'f': '+'},
    'always': {'n': '+', 'z': '+', 'p': '+', 'f': '-0+'},
    'zero': {'n': '-', 'z': '+', 'p': '+', 'f': '0'},
    'truth': {'n': '0', 'z': '0', 'p': '+', 'f': '+'},
    'pointer': {'n': '-', 'z': '0', 'p': '+', 'f': '+'},
}


@dataclass(slots=True)
class State:
    """`views` are addresses of pages' contents, `sums` numbers a result was added to, both with the token's step; `arrays`
    is memory for page pointers: what it is, how it was allocated, where, and the object it is written down in.
    """

    env: dict[str, Value] = field(default_factory=dict)
    mem: dict[tuple[Value, str], Value] = field(default_factory=dict)
    facts: dict[Value, Signs] = field(default_factory=dict)
    related: dict[tuple[str, Value, Value], bool] = field(default_factory=dict)
    tokens: dict[int, Token] = field(default_factory=dict)
    locks: dict[str, int] = field(default_factory=dict)
    shared: frozenset[Value] = frozenset()
    gone: frozenset[tuple[Value, int]] = frozenset()
    views: frozenset[tuple[Value, int]] = frozenset()
    sums: frozenset[tuple[Value, int]] = frozenset()
    arrays: frozenset[tuple[Value, str, int, Value | None]] = frozenset()

    def copy(self) -> State:
        return State(
            dict(self.env),
            dict(self.mem),
            dict(self.facts),
            dict(self.related),
            dict(self.tokens),
            dict(self.locks),
            self.shared,
            self.gone,
            self.views,
            self.sums,
            self.arrays,
        )

    def key(self) -> tuple[object, ...]:
        return (
            frozenset(self.env.items()),
            frozenset(self.mem.items()),
            frozenset(self.facts.items()),
            frozenset(self.related.items()),
            frozenset(self.tokens.items()),
            frozenset(self.locks.items()),
            self.shared,
            self.gone,
            self.views,
            self.sums,
            self.arrays,
        )

    def token_of(self, value: Value) -> Token | None:
        """Return the token whose result a value is."""
        return next((one for one in self.tokens.values() if one.value == value), None)

    def signs(self, value: Value) -> Signs:
        token = self.token_of(value)
        if token is not None:
            return token.signs
        if value[0] == 'k':
            return _constant_signs(value[1])
        if value[-1] == 'page' and any(one.base == value and one.outcome <= {'p', 'f'} for one in self.tokens.values()):
            return frozenset('+')
        if value[0] == '&' or (value[0] == 'f' and value[1] == 'addr'):
            return frozenset('+')
        return self.facts.get(value, _unasked(value))

    def narrowed(self, value: Value, keep: Signs) -> State | None:
        """Return the state in which a value has one of some signs, None when it cannot."""
        left = self.signs(value) & keep
        if not left:
            return None
        after, token = self.copy(), self.token_of(value)
        if token is not None:
            signs = _SIGNS[token.result]
            outcome = frozenset(one for one in token.outcome if left & frozenset(signs[one]))
            after.tokens[token.step] = replace(token, outcome=outcome, tested=True)
            after.something_in(token)
        elif value[0] != 'k':
            after.facts[value] = left
            if left == {'0'}:
                after.nothing_in(value)
        return after

    def nothing_in(self, total: Value) -> None:
        """Take it that a sum of what was taken is nothing: then nothing was taken, this time or before."""
        for kind, whole, part in self.related:
            token = self.token_of(part) if kind == 'sum' and whole == total else None
            if token is not None:
                self.tokens[token.step] = replace(token, outcome=token.outcome & {'n', 'z'}, prior=False)

    def outcomes(self, token: Token, keep: str) -> State | None:
        left = token.outcome & frozenset(keep)
        if not left:
            return None
        after = self.copy()
        after.tokens[token.step] = replace(token, outcome=left, tested=True)
        after.something_in(token)
        return after

    def something_in(self, token: Token) -> None:
        """A sum to which something was surely added is not nothing."""
        if self.tokens[token.step].signs == {'+'}:
            for kind, whole, part in list(self.related):
                if kind == 'sum' and part == token.value:
                    self.facts[whole] = frozenset('+')

    def forget(self, symbol: Value) -> None:
        """Drop what was known of a symbol that is made anew."""
        self.facts = {value: signs for value, signs in self.facts.items() if symbol not in leaves(value)}
        self.related = {
            key: truth
            for key, truth in self.related.items()
            if symbol not in leaves(key[1]) and symbol not in leaves(key[2])
        }
        self.gone = frozenset(one for one in self.gone if symbol not in leaves(one[0]))
        self.views = frozenset(one for one in self.views if one[0] != symbol)
        self.sums = frozenset(one for one in self.sums if one[0] != symbol)
        for token in list(self.tokens.values()):
            if symbol in leaves(token.start):
                self.tokens[token.step] = replace(token, seen=token.seen | {'moved'})

    def keep_live(self, names: frozenset[str], deciding: frozenset[str]) -> None:
        """Drop what no later step can ask for: `names` are read later, on those of `deciding` a test or the result depends."""
        self.env = {name: value for name, value in self.env.items() if name in names}
        if not (self.facts or self.related or self.views or self.sums):
            return
        alive = {leaf for name, value in self.env.items() if name in deciding for leaf in leaves(value)}
        alive.update(*map(leaves, self.mem.values()))
        for token in self.tokens.values():
            for value in (token.base, token.count, token.owner, token.offered):
                alive.update(leaves(value) if value is not None else ())
        named = alive.union(*map(leaves, self.env.values()), (('i', name) for name in names))
        alive |= {('i', name) for name in deciding} | {token.value for token in self.tokens.values()}
        alive |= {one[0] for one in self.arrays}

        def lives(value: Value) -> bool:
            return alive.issuperset(leaves(value))

        self.facts = {value: signs for value, signs in self.facts.items() if lives(value)}
        self.related = {key: truth for key, truth in self.related.items() if lives(key[1]) and lives(key[2])}
        self.views = frozenset(one for one in self.views if one[0] in named)
        self.sums = frozenset(one for one in self.sums if one[0] in named)


def _unasked(value: Value) -> Signs:
    """Return the signs of a value of which nothing was found out: memory is there or not, an error is one, kmap() works."""
    if value[0] == 's' and str(value[-1]).startswith('kmap'):
        return frozenset('+')
    if value[-1] in ('new', 'zeroed'):
        return frozenset('0+')
    return frozenset('-') if value[0] == 'f' and value[1] in ('PTR_ERR', 'ERR_PTR', 'ERR_CAST') else ANY


def _constant_signs(value: object) -> Signs:
    if isinstance(value, int):
        return frozenset('-' if value < 0 else '+' if value else '0')
    return frozenset('-') if str(value).startswith('-E') else ANY
