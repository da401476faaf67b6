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
    flag that makes a page's count one of pins; what gives pages back is told by it.
    """

    prefix: str
    foreign: tuple[str, ...] = ()
    internal: tuple[str, ...] = ()
    pinned: str = ''


class Resource(Table, frozen=True, kw_only=True):
    """Something that functions take and others must give back, by names, globs and `@groups` (`!` takes a name away).

    `result` is the convention by which `take` tells success: count (how many, or negative), bytes (as count, all or nothing), zero (0), truth (not 0) or
    pointer (neither NULL nor an error). `object` is the argument that is taken when it is no array of pages. `home`: whether it must be given
    back on every way out (local) or only when the function fails (caller).
    """

    name: str
    take: tuple[str, ...] = ()
    give: tuple[str, ...] = ()
    result: Literal['count', 'bytes', 'zero', 'truth', 'pointer'] = 'count'
    object: int | None = None
    pages: int | None = None
    home: Literal['local', 'caller'] = 'local'


class Lock(Table, frozen=True, kw_only=True):
    """A context that functions enter and leave."""

    take: tuple[str, ...]
    give: tuple[str, ...]


class FlowWords(Table, frozen=True, kw_only=True):
    """What calls mean along a path. A function is followed when it mentions one of `words`, which are parts of names.

    `borrow` look at pages and keep none, `address` give a number by which a page can be found again, `offer` keep them
    if they return 0, `dirty` mark them written, `allocate` and `free` are for memory. Of those that borrow, `view` return an
    address of the contents; `writes` write to the address, `writes_page` to the page, that is their first argument (`name/1`: their second);
    `device` map pages for one, which writes to them when an argument is one of `from_device`; `unmap` end that. `extract` take
    the pages of an iterator, which are pins or not, as `asks` (parts of names of functions, fields and variables) tell. `reference` take one more
    reference, `slab` allocate memory that has none, `by_folio` give back pages or folios one call at a time. `callbacks` (`name/1`: their second argument) and the fields
    `callback_fields` are given functions that may not sleep, `may_sleep` are parts of names of tests for that. `results` are conventions: zero-fails,
    errno (0 or negative), mapping (dma_mapping_error() tells), ERR_PTR, NULL. `page_lock` are the functions that lock one page.
    """

    words: tuple[str, ...]
    borrow: tuple[str, ...] = ()
    view: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    writes_page: tuple[str, ...] = ()
    device: tuple[str, ...] = ()
    from_device: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    offer: tuple[str, ...] = ()
    unmap: tuple[str, ...] = ()
    extract: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    reference: tuple[str, ...] = ()
    slab: tuple[str, ...] = ()
    by_folio: tuple[str, ...] = ()
    may_sleep: tuple[str, ...] = ()
    callbacks: tuple[str, ...] = ()
    callback_fields: tuple[str, ...] = ()
    results: dict[str, tuple[str, ...]] = {}
    page_lock: Lock | None = None
    dirty: tuple[str, ...] = ()
    allocate: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    locks: dict[str, Lock] = {}


class Area(Table, frozen=True, kw_only=True):
    """What all rules of one folder share: names of functions by group (`@group` in a rule), parameters, gates.

    `home` is where its flags, prototypes and counters are declared. `parameters` maps a role (flags, pages) to parameter
    names, so that positions come from the tree's own prototypes. `gates` maps a name to the functions that turn flags
    away, `follow` lists parts of names of functions whose flag arguments are followed. `units` says of each counter
    what its lowest bit counts. The groups get, pin, fast (take pages) and unpin (give them back), the gates arguments and fast and
    the roles flags and pages are also what the sections about a series go by.
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
    without the context named in `lock`), written (written to while held), clean (given back unmarked after that; fact: cpu, device
    or never), unwritten (given back and never written), sparse (given back as an array with an element set to NULL), stale
    (a slot others can see keeps what a failed take left there), short (returned as if it were an error number; fact: part or none), unsure (looked
    at although taking may have failed; fact: error or none), overwritten (the next round of a loop is put in its place), overrun (as many again are asked for
    behind it), forgotten and unfit (the array itself is not freed, or not by what fits; fact: how it was allocated), unasked and referenced (given back, or
    referenced, without asking whether there is a pin), granular (given back by folio what was taken by page), unlocked-mark and asleep (marked as
    written without the page lock, where nobody may sleep; fact: lock or the kind of callback), unchecked and misjudged (a result is not looked
    at, or not as its function means it; fact: by what convention), mixed (one field of the file is given pins and references).
    resource: what was taken; given: what it was given back as; partial: only a part of what was asked for is held; home: where
    the pages are written down (a local array, the caller's, an object that lives on); flags: predicates on the flags value of the call that took; take: the functions that took, as globs.
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
        'written',
        'clean',
        'unwritten',
        'sparse',
        'stale',
        'short',
        'unsure',
        'overwritten',
        'overrun',
        'forgotten',
        'unfit',
        'unasked',
        'referenced',
        'granular',
        'unlocked-mark',
        'asleep',
        'unchecked',
        'misjudged',
        'mixed',
        'locked',
        'unlocked',
    ]
    resource: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    fact: tuple[str, ...] = ()
    partial: bool | None = None
    home: tuple[Literal['local', 'caller', 'object'], ...] = ()
    lock: str = ''
    take: tuple[str, ...] = ()
    flags: FlagsAre | None = None


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
    'own': frozenset({'function', 'take', 'take_line', 'here', 'line', 'text', 'lock', 'given', 'fact', 'taker'}),
}
