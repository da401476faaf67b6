# SPDX-License-Identifier: GPL-2.0-or-later
"""The rule format: what a maintainer may write in `rules/<area>/<name>.toml` and in the area's own `area.toml`.

Promises that a rule of a known kind needs no Python: each key here is a predicate or a text. Refuses unknown keys,
kinds and placeholders (see `reading.py`, which names the file, the key and the nearest known one).

All `[[where]]` tables of a rule are alternatives; inside one, every key given must hold.
"""

from __future__ import annotations

from typing import Literal

from bot.checks.c.facts import Watch
from bot.checks.rulebook.areas import Area, Table
from bot.model import Certainty, Severity


class Paths(Table, frozen=True, kw_only=True):
    """Where a rule looks: below any of `within` (everywhere if empty) and below none of `outside`; globs are allowed."""

    within: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


class FlagsAre(Table, frozen=True, kw_only=True):
    """Predicates on the flags value of a call; all of them must hold on one and the same path.

    may: any of these may be set; together: all of these may be set; lacks: one of these is not set, surely;
    outside: a bit that this mask does not hold may be set; form: `truth` (a comparison, a bool) or `literal` (a bare
    number) stands for flags; names: a constant of such a name stands in the value. `@gate` is what that gate rejects
    (in may) or accepts (in outside). refused: that gate, or the function called, turns a call with those flags away at
    this commit; where that cannot be read the finding is less sure.
    """

    may: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    outside: str = ''
    form: tuple[Literal['truth', 'literal'], ...] = ()
    names: tuple[str, ...] = ()
    refused: str = ''


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


class BalanceWhere(Table, frozen=True, kw_only=True):
    """A pair of functions, by their words for taking and giving (`grab:put`), that leaves something in one of these counters."""

    counters: tuple[str, ...]
    pairs: tuple[str, ...]


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


class BalanceRule(Rule, frozen=True, kw_only=True):
    where: tuple[BalanceWhere, ...]


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
    'balance': BalanceRule,
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
    'balance': frozenset({'function', 'release', 'counter', 'taken', 'given', 'when'}),
    'own': frozenset(
        {
            'function',
            'take',
            'take_line',
            'here',
            'line',
            'text',
            'lock',
            'given',
            'fact',
            'taker',
            'where',
            'reason',
            'ends',
        }
    ),
}
