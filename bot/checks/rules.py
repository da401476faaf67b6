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

    `result` is the convention by which `take` tells success: count (how many, or negative), bytes (as count, all or
    nothing), zero (0), truth (not 0), pointer (neither NULL nor an error) or always. `amount` is the argument that says how
    much of a number is taken or given back, of which account is kept then. `object` is the argument that is taken when it
    is no array of pages, `pages` where an array is that no prototype names. `home`: whether it must be given
    back on every way out (local) or only when the function fails (caller). `common`: what gives it back is called all over
    the tree, so that files are not searched for who calls those that do.
    """

    name: str
    take: tuple[str, ...] = ()
    give: tuple[str, ...] = ()
    result: Literal['count', 'bytes', 'zero', 'truth', 'pointer', 'always'] = 'count'
    object: int | None = None
    pages: int | None = None
    amount: int | None = None
    home: Literal['local', 'caller'] = 'local'
    common: bool = False


class Account(Table, frozen=True, kw_only=True):
    """A number that pages are charged to: `fields` that hold it, functions that change it.

    `both` take (object, count, charge or not) and return 0; `charge` take (object, count) and return 0; `uncharge` take
    the object and give all of it back.
    """

    name: str
    fields: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    charge: tuple[str, ...] = ()
    uncharge: tuple[str, ...] = ()


class Lock(Table, frozen=True, kw_only=True):
    """A context that functions enter and leave; `asserted` are functions that only say it is entered.

    `told` is the role of the argument by which a call that may leave it says so. A function that others
    reach by a pointer is entered with it when a parameter's type has one of `held_with`, without it when one has one of `free_with`.
    `named` are words for it in comments at functions that are for callers who hold it.
    """

    take: tuple[str, ...]
    give: tuple[str, ...]
    asserted: tuple[str, ...] = ()
    told: str = ''
    held_with: tuple[str, ...] = ()
    free_with: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class FlowWords(Table, frozen=True, kw_only=True):
    """What calls mean along a path. A function is followed when it mentions one of `words`, which are parts of names.

    `borrow` look at pages and keep none, `address` give a number by which a page can be found again, `offer` keep them
    if they return 0, `dirty` mark them written, `allocate` and `free` are for memory. Of those that borrow, `view` return an
    address of the contents; `writes` write to the address, `writes_page` to the page, that is their first argument (`name/1`: their second);
    `device` map pages for one, which writes to them when an argument is one of `from_device`; `unmap` end that. `extract` take
    the pages of an iterator, which are pins or not, as `asks` (parts of names of functions, fields and variables) tell; `kernel_memory` say that it is none of user memory. `reference` take one more
    reference, `slab` allocate memory that has none, `by_folio` give back pages or folios one call at a time. `callbacks` (`name/1`: their second argument) and the fields
    `callback_fields` are given functions that may not sleep, `may_sleep` are parts of names of tests for that. `results` are conventions: zero-fails,
    errno (0 or negative), mapping (dma_mapping_error() tells), ERR_PTR, NULL. `page_lock` are the functions that lock one page.
    `settle` may give back whatever was charged to `accounts`. `ends`: fields of operations and
    functions by which a user, or a device that is done, comes to give back what an object holds.
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
    kernel_memory: tuple[str, ...] = ()
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
    accounts: tuple[Account, ...] = ()
    settle: tuple[str, ...] = ()
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
    """A counter's value compared with a constant, or an overflow check on it, in a type that cannot see the sign bit.

    Among `counters`, `` (no name) is any atomic_t that is compared with a constant named a bias.
    """

    counters: tuple[str, ...]
    comparison: Literal['signed'] | None = None
    overflow: Literal['unsigned'] | None = None


class BiasWhere(Table, frozen=True, kw_only=True):
    """A bias (a constant that counts in units of its own inside a counter) in what is added to or taken from it by hand."""

    counter: str


class BudgetWhere(Table, frozen=True, kw_only=True):
    """The account of a counter's bits; filled: code in the tree adds a constant that reaches a flag's bit."""

    counter: str
    pin_bits_below: int = 0
    filled: bool = False


class ReleaseWhere(Table, frozen=True, kw_only=True):
    """Pages that can carry a flag, given back by a function that does not know it; `flags` limits which, as globs.

    Only flags count that the tree's own release path tests: for any other, giving back is the same with and without.
    """

    flags: tuple[str, ...] = ()


class OwnWhere(Table, frozen=True, kw_only=True):
    """Something that happens to what was taken, on a path that can be gone.

    event: lost (the path ends, or its array is freed, and nobody gives it back), mismatch (given back as another kind),
    uncounted (a part counts as a success, and nobody learns how many there are),
    negative (an error number is used as a count), miscount (more is given back than was surely taken), again (given back
    twice), failed (given back although taking may have failed), used (used after it was given back), dirtied (marked
    written after that), marked (marked written while held), outlives (still held, in an object, when the function succeeds), locked and unlocked (taken with,
    without the context named in `lock`), dropped (taken without it, after the function itself had left it; for locks that can be asserted), written (written to while held), clean (given back unmarked after that; fact: cpu, device
    or never), unwritten (given back and never written), sparse (given back as an array with an element set to NULL), stale
    (a slot others can see keeps what a failed take left there), short (returned as if it were an error number; fact: part or none), unsure (looked
    at although taking may have failed; fact: error or none), overwritten (the next round of a loop is put in its place), overrun (as many again are asked for
    behind it), forgotten and unfit (the array itself is not freed, or not by what fits; fact: how it was allocated), unasked and referenced (given back, or
    referenced, without asking whether there is a pin), granular (given back by folio what was taken by page), unlocked-mark and asleep (marked as
    written without the page lock, where nobody may sleep; fact: lock or the kind of callback), unchecked and misjudged (a result is not looked
    at, or not as its function means it; fact: by what convention), mixed (one field of the file is given pins and references).
    split: an account is tested in one step and charged in another; foreign: what was charged is given back to another.
    callers: a caller, or a caller's caller, surely comes without that context.
    resource: what was taken; given: what it was given back as; partial: only a part of what was asked for is held; home: where
    the pages are written down (a local array, the caller's, an object that lives on); flags: predicates on the flags value of the call that took; take: the functions that took, as globs; ends: who gives back later what outlives the function: its callers
    before they return, a device that is done, a user's action, or nobody that was found.
    """

    event: Literal[
        'lost',
        'uncounted',
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
        'dropped',
        'split',
        'foreign',
    ]
    resource: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    fact: tuple[str, ...] = ()
    partial: bool | None = None
    home: tuple[Literal['local', 'caller', 'object'], ...] = ()
    lock: str = ''
    take: tuple[str, ...] = ()
    callers: Literal['', 'unlocked'] = ''
    flags: FlagsAre | None = None
    ends: tuple[Literal['call', 'device', 'user', 'unknown'], ...] = ()


class ExchangeWhere(Table, frozen=True, kw_only=True):
    """A compare-and-exchange on one of these counters that stores another value than the one computed and checked."""

    counters: tuple[str, ...]


class ShapeWhere(Table, frozen=True, kw_only=True):
    """A shape in the steps of one function; `shapes.py` and the modules it calls say which there are.

    handlers: entries of tables of operations, as "struct.field", for shapes about functions that stand there;
    calls: the function the shape is about, as names or globs; flags: predicates on the flags it is called with;
    zero_pins: whether this tree counts pins of the zero page, so that they must be given back.
    """

    shape: str
    handlers: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    zero_pins: bool | None = None
    flags: FlagsAre | None = None


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


class ShapeRule(Rule, frozen=True, kw_only=True):
    """`literals`: one of these stands in any file that can have the shape; without them, a function that takes pages."""

    where: tuple[ShapeWhere, ...]
    literals: tuple[str, ...] = ()


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
    'shape': ShapeRule,
}
PLACEHOLDERS: dict[str, frozenset[str]] = {
    'call': frozenset({'function', 'flags', 'value', 'argument', 'prototype', 'reason', 'gate'}),
    'flag': frozenset({'flag', 'value', 'other', 'bit', 'reason', 'gate'}),
    'access': frozenset({'field', 'how', 'text'}),
    'compare': frozenset({'counter', 'text', 'other'}),
    'bias': frozenset({'macro', 'counter', 'function', 'text'}),
    'budget': frozenset({'macro', 'counter', 'bits', 'pin_bits', 'max_pins', 'bias', 'amount', 'filler', 'phantom'}),
    'release': frozenset({'flag', 'function', 'release', 'from', 'why'}),
    'exchange': frozenset({'function', 'counter', 'stored', 'checked', 'text'}),
    'shape': frozenset({'function', 'call', 'given', 'type', 'text', 'reason'}),
    'own': frozenset(
        {'function', 'take', 'take_line', 'here', 'line', 'text', 'lock', 'given', 'fact', 'taker', 'reason', 'ends'}
    ),
}
