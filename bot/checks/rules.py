# SPDX-License-Identifier: GPL-2.0-or-later
"""The rule format: what a maintainer may write in `rules/<area>/<name>.toml` and in the area's own `area.toml`.

Promises that a rule of a known kind needs no Python: each key here is a predicate or a text. Refuses unknown keys,
kinds and placeholders (see `reading.py`, which names the file, the key and the nearest known one).

All `[[where]]` tables of a rule are alternatives; inside one, every key given must hold.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bot.checks.facts import Counting, Watch
from bot.model import Certainty, Severity


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every table of a rule file: an unknown key is an error."""


class FlagWords(Table, frozen=True, kw_only=True):
    """How flags of the area are called; flags defined below `internal` are not for callers elsewhere.

    `foreign` are prefixes of other families that travel the same way and must not be mixed with these. `pinned` is the
    flag that makes a page's count one of pins; what gives pages back is told by it. `lasting` asks for a long stay.
    """

    prefix: str
    foreign: tuple[str, ...] = ()
    internal: tuple[str, ...] = ()
    pinned: str = ''
    lasting: str = ''


class Resource(Table, frozen=True, kw_only=True):
    """Something that functions take and others must give back, by names, globs and `@groups` (`!` takes a name away).

    `result` is the convention by which `take` tells success: count (how many, or negative), zero (0), truth (not 0) or
    pointer (neither NULL nor an error). `object` is the argument that is taken when it is no array of pages. `home`: whether it must be given
    back on every way out (local) or only when the function fails (caller). `common`: what gives it back is called all over
    the tree, so that files are not searched for who calls those that do.
    """

    name: str
    take: tuple[str, ...] = ()
    give: tuple[str, ...] = ()
    result: Literal['count', 'zero', 'truth', 'pointer'] = 'count'
    object: int | None = None
    home: Literal['local', 'caller'] = 'local'
    common: bool = False


class Lock(Table, frozen=True, kw_only=True):
    """A context that functions enter and leave."""

    take: tuple[str, ...]
    give: tuple[str, ...]


class FlowWords(Table, frozen=True, kw_only=True):
    """What calls mean along a path. A function is followed when it mentions one of `words`, which are parts of names.

    `borrow` look at pages and keep none, `address` give a number by which a page can be found again, `offer` keep them
    if they return 0, `dirty` mark them written, `allocate` and `free` are for memory. `ends`: fields of operations and
    functions by which a user, or a device that is done, comes to give back what an object holds.
    """

    words: tuple[str, ...]
    borrow: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    offer: tuple[str, ...] = ()
    dirty: tuple[str, ...] = ()
    allocate: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    locks: dict[str, Lock] = {}
    ends: dict[Literal['user', 'device'], tuple[str, ...]] = {}


class Gives(Table, frozen=True, kw_only=True):
    """A call gives back what an argument, or the named field of it (`?` for something in it), holds of a resource."""

    argument: int
    resource: str
    field: str = ''


class Wrapper(Table, frozen=True, kw_only=True):
    """What a maintainer says of a function, in `wrappers.toml` beside the rules: it goes before what the code shows.

    `takes` is a resource, `into` where its pages are then (an array given as `argument`, a `field` of that object, the
    result), `count` the argument that says how many, `result` as in `Resource`. One that neither takes nor gives means
    nothing. `why` is shown wherever the function is.
    """

    why: str
    takes: str = ''
    into: Literal['argument', 'object', 'result'] = 'argument'
    argument: int = -1
    field: str = ''
    count: int = -1
    result: Literal['count', 'zero', 'truth', 'pointer'] = 'count'
    gives: tuple[Gives, ...] = ()
    frees: tuple[int, ...] = ()
    keeps: tuple[int, ...] = ()


class Area(Table, frozen=True, kw_only=True):
    """What all rules of one folder share: names of functions by group (`@group` in a rule), parameters, gates.

    `home` is where its flags, prototypes and counters are declared. `parameters` maps a role (flags, pages) to parameter
    names, so that positions come from the tree's own prototypes. `gates` maps a name to the functions that turn flags
    away, `follow` lists parts of names of functions whose flag arguments are followed. `units` says of each counter
    what its lowest bit counts. The groups get, pin, fast (take pages) and unpin (give them back), the gates arguments and fast and
    the roles flags and pages are also what the sections about a series go by. `wrappers` come from `wrappers.toml`.
    """

    title: str
    document: str = ''
    home: tuple[str, ...] = ()
    flags: FlagWords | None = None
    follow: tuple[str, ...] = ()
    groups: dict[str, tuple[str, ...]] = {}
    parameters: dict[str, tuple[str, ...]] = {}
    gates: dict[str, tuple[str, ...]] = {}
    counters: dict[str, Counting] = {}
    units: dict[str, str] = {}
    flow: FlowWords | None = None
    wrappers: dict[str, Wrapper] = {}


class Paths(Table, frozen=True, kw_only=True):
    """Where a rule looks: below any of `within` (everywhere if empty) and below none of `outside`; globs are allowed."""

    within: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


class FlagsAre(Table, frozen=True, kw_only=True):
    """Predicates on the flags value of a call; all of them must hold on one and the same path.

    may: any of these may be set; together: all of these may be set; lacks: one of these is not set, surely;
    outside: a bit that this mask does not hold may be set; form: `truth` (a comparison, a bool) or `literal` (a bare
    number) stands for flags; names: a constant of such a name stands in the value. `@gate` is what that gate rejects
    (in may) or accepts (in outside).
    """

    may: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    outside: str = ''
    form: tuple[Literal['truth', 'literal'], ...] = ()
    names: tuple[str, ...] = ()


class CallWhere(Table, frozen=True, kw_only=True):
    """A call of one of `functions`; `argument` maps a role to `null`, `signature` is about the tree's prototype."""

    functions: tuple[str, ...]
    flags: FlagsAre | None = None
    argument: dict[str, Literal['null']] = {}
    signature: Literal['count', 'order'] | None = None


class FlagWhere(Table, frozen=True, kw_only=True):
    """A flag's definition. collides: another flag has its bit; internal: it is (not) defined below `internal`;
    internal_range: its bit is (not) at or above the lowest internal one; unlisted: a gate does not reject it;
    unknown_to: that gate does not name it; new: the base has no such flag; silent_on: its comment has none of these words.
    """

    collides: bool = False
    internal: bool | None = None
    internal_range: bool | None = None
    unlisted: str = ''
    unknown_to: str = ''
    new: bool = False
    silent_on: tuple[str, ...] = ()


class AccessWhere(Table, frozen=True, kw_only=True):
    """A counter field touched by name."""

    fields: tuple[str, ...]
    how: tuple[Literal['modify', 'read', 'address'], ...] = ()


class CompareWhere(Table, frozen=True, kw_only=True):
    """A counter's value compared with a constant, or an overflow check on it, in a type that cannot see the sign bit."""

    counters: tuple[str, ...]
    comparison: Literal['signed'] | None = None
    overflow: Literal['unsigned'] | None = None


class BiasWhere(Table, frozen=True, kw_only=True):
    """A bias (a constant that counts in units of its own inside a counter) in what is added to or taken from it by hand."""

    counter: str


class BudgetWhere(Table, frozen=True, kw_only=True):
    """The account of a counter's bits."""

    counter: str
    pin_bits_below: int


class ReleaseWhere(Table, frozen=True, kw_only=True):
    """Pages that can carry a flag, given back by a function that does not know it; `flags` limits which, as globs.

    Only flags count that the tree's own release path tests: for any other, giving back is the same with and without.
    """

    flags: tuple[str, ...] = ()


class OwnWhere(Table, frozen=True, kw_only=True):
    """Something that happens to what was taken, on a path that can be gone.

    event: lost (the path ends, or its array is freed, and nobody gives it back), mismatch (given back as another kind),
    negative (an error number is used as a count), miscount (more is given back than was surely taken), again (given back
    twice), failed (given back although taking may have failed), used (used after it was given back), dirtied (marked
    written after that), marked (marked written while held), outlives (still held, in an object, when the function succeeds), locked and unlocked (taken with,
    without the context named in `lock`).
    resource: what was taken; given: what it was given back as; partial: only a part of what was asked for is held; home: where
    the pages are written down (a local array, the caller's, an object that lives on); flags: predicates on the flags value of the call that took; take: the functions that took, as globs; ends: who gives back later what outlives the function: its callers
    before they return, a device that is done, a user's action, or nobody that was found.
    """

    event: Literal[
        'lost',
        'mismatch',
        'negative',
        'miscount',
        'again',
        'failed',
        'used',
        'dirtied',
        'marked',
        'outlives',
        'locked',
        'unlocked',
    ]
    resource: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    partial: bool | None = None
    home: tuple[Literal['local', 'caller', 'object'], ...] = ()
    lock: str = ''
    take: tuple[str, ...] = ()
    flags: FlagsAre | None = None
    ends: tuple[Literal['call', 'device', 'user', 'unknown'], ...] = ()


class ExchangeWhere(Table, frozen=True, kw_only=True):
    """A compare-and-exchange on one of these counters that stores another value than the one computed and checked."""

    counters: tuple[str, ...]


class Rule(Table, frozen=True, kw_only=True):
    """The head every rule has; `area` is filled in from the folder and never written in the file."""

    id: str
    name: str
    title: str
    severity: Severity
    confidence: Certainty
    message: str
    why: str
    references: tuple[str, ...]
    paths: Paths = Paths()
    kind: str
    area: str = ''
    words: Area = Area(title='')
    watch: Watch = Watch()
    source: str = ''
    example: str = ''


class CallRule(Rule, frozen=True, kw_only=True):
    where: tuple[CallWhere, ...]


class FlagRule(Rule, frozen=True, kw_only=True):
    where: tuple[FlagWhere, ...]


class AccessRule(Rule, frozen=True, kw_only=True):
    where: tuple[AccessWhere, ...]


class CompareRule(Rule, frozen=True, kw_only=True):
    where: tuple[CompareWhere, ...]


class BiasRule(Rule, frozen=True, kw_only=True):
    where: tuple[BiasWhere, ...]


class BudgetRule(Rule, frozen=True, kw_only=True):
    where: tuple[BudgetWhere, ...]


class ReleaseRule(Rule, frozen=True, kw_only=True):
    where: tuple[ReleaseWhere, ...]


class OwnRule(Rule, frozen=True, kw_only=True):
    where: tuple[OwnWhere, ...]


class ExchangeRule(Rule, frozen=True, kw_only=True):
    where: tuple[ExchangeWhere, ...]


KINDS: dict[str, type[Rule]] = {
    'call': CallRule,
    'flag': FlagRule,
    'access': AccessRule,
    'compare': CompareRule,
    'bias': BiasRule,
    'budget': BudgetRule,
    'release': ReleaseRule,
    'own': OwnRule,
    'exchange': ExchangeRule,
}
PLACEHOLDERS: dict[str, frozenset[str]] = {
    'call': frozenset({'function', 'flags', 'value', 'argument', 'prototype', 'reason', 'gate'}),
    'flag': frozenset({'flag', 'value', 'other', 'bit', 'reason', 'gate'}),
    'access': frozenset({'field', 'how', 'text'}),
    'compare': frozenset({'counter', 'text', 'other'}),
    'bias': frozenset({'macro', 'counter', 'function', 'text'}),
    'budget': frozenset({'macro', 'counter', 'bits', 'pin_bits', 'max_pins', 'bias'}),
    'release': frozenset({'flag', 'function', 'release', 'from', 'why'}),
    'exchange': frozenset({'function', 'counter', 'stored', 'checked', 'text'}),
    'own': frozenset({'function', 'take', 'take_line', 'here', 'line', 'text', 'lock', 'given', 'ends'}),
}
