# SPDX-License-Identifier: GPL-2.0-or-later
"""What one file says, independent of the tree around it: the unit that is cached by blob id.

Promises plain data that survives a round trip through the cache byte for byte; flag values stay symbolic here,
because what `FOLL_X` is worth depends on the commit and not on this file. Refuses nothing: odd files give odd facts.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import msgspec

MAKERS = ('blank', 'counting', 'cparse', 'extract', 'facts', 'gates', 'items', 'kept', 'reach', 'symbolic', 'uses')
"""The modules that decide what facts a file has: facts made by other code are other facts."""


@cache
def _made_by() -> bytes:
    here = Path(__file__).resolve().parent
    return hashlib.sha256(b''.join((here / f'{name}.py').read_bytes() for name in MAKERS)).digest()


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of all facts: compact, immutable, comparable."""


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """What extraction looks for; comes from the area files of the rules, so no kernel name stands in the code.

    `prefixes` start the names of flags, `calls` are parts of names of functions whose flag arguments are followed,
    `counters` maps a field to the functions that read it and to those that change it.
    """

    prefixes: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    counters: dict[str, Counting] = {}

    @property
    def version(self) -> str:
        """Return the cache version: facts made for another watch list, or by other code, are other facts."""
        return hashlib.sha256(_made_by() + msgspec.json.encode(self)).hexdigest()[:16]


class Counting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Functions that read a counter field and functions that change it, as names or globs."""

    read: tuple[str, ...] = ()
    change: tuple[str, ...] = ()


class Expr(Fact, frozen=True):
    """A flags value as text says it.

    `kind` is `const` (text to be folded at a commit), `|`, `&`, `^`, `~`, `join` (one of the parts, path unknown),
    `truth` (0 or 1), or the reason why nothing is known: `parameter` (index), `field`, `call`, `variable`, `address`,
    `arithmetic`, `complex`; `text` then names it.
    """

    kind: str
    text: str = ''
    parts: tuple[Expr, ...] = ()
    index: int = -1


class Param(Fact, frozen=True):
    name: str
    type: str


class Call(Fact, frozen=True):
    """A call by name; `values` are the flag values of arguments by position, where they are more than their text."""

    callee: str
    line: int
    end_line: int
    args: tuple[str, ...]
    values: dict[int, Expr]
    damaged: bool

    @property
    def text(self) -> str:
        """The call as a statement is compared: comments gone, blanks squeezed."""
        return f'{self.callee}({", ".join(self.args)})'


class Use(Fact, frozen=True):
    """A flag's name in a function; `how` is tests, sets, clears, passes, or other; `where` the expression it goes with."""

    name: str
    how: str
    line: int
    text: str
    where: str


class Store(Fact, frozen=True):
    """An assignment to a structure's field of a flags-like value."""

    field: str
    line: int


class Setting(Fact, frozen=True):
    """A field that flags are kept in gets a value: `operator` is `=`, `|=`, `&=`, or any other C assignment."""

    field: str
    operator: str
    value: Expr
    line: int


class Allowed(Fact, frozen=True):
    """A comment `lorebot: allow GUP-F03 because ...` that keeps a rule quiet about its line and the next."""

    rule: str
    line: int
    reason: str


class Assign(Fact, frozen=True):
    """`to` got a value in which the roots `sources` stand: what a pointer may stand for."""

    to: str
    sources: tuple[str, ...]


class Access(Fact, frozen=True):
    """A counter field touched by name; `how` is modify, read or address."""

    field: str
    how: str
    line: int
    text: str


class Change(Fact, frozen=True):
    """A call that changes a counter; `names` are the constants in its amount, `scaled` those that are multiplied.

    `amounts` is how much as text: as written, and what a plain variable there was given before.
    """

    counter: str
    callee: str
    line: int
    text: str
    names: tuple[str, ...]
    scaled: tuple[str, ...]
    amounts: tuple[str, ...] = ()


class Compare(Fact, frozen=True):
    """A counter's value compared (`counter` is '' for one off the watch list that has a bias); `unsigned` tells how the counter's side of the comparison is typed."""

    counter: str
    operator: str
    other: str
    names: tuple[str, ...]
    unsigned: bool
    line: int
    text: str


class Guard(Fact, frozen=True):
    """An overflow check (`check_add_overflow` and kin) on a value read from a counter."""

    counter: str
    unsigned: bool
    line: int
    text: str


class Clause(Fact, frozen=True):
    """A condition under which a function refuses flags.

    `kind` is rejects (any of `first`), accepts (nothing but `first`), requires (`first` without `second` is refused),
    excludes (`first` together with `second`), argument (`first` while `second` is NULL), or unread (in `text` alone).
    """

    kind: str
    first: str
    second: str
    line: int
    text: str


class Function(Fact, frozen=True):
    """A function with its calls; what follows them is there where the watch list is mentioned.

    `factors` are constants that its counter arithmetic computes with; `returns` is the type of the result, pointers end in `*`.
    """

    name: str
    line: int
    end_line: int
    params: tuple[Param, ...]
    static: bool
    damaged: bool
    macro: bool
    calls: tuple[Call, ...] = ()
    uses: tuple[Use, ...] = ()
    stores: tuple[Store, ...] = ()
    assigns: tuple[Assign, ...] = ()
    accesses: tuple[Access, ...] = ()
    changes: tuple[Change, ...] = ()
    compares: tuple[Compare, ...] = ()
    guards: tuple[Guard, ...] = ()
    clauses: tuple[Clause, ...] = ()
    factors: tuple[str, ...] = ()
    returns: str = ''


class Prototype(Fact, frozen=True):
    name: str
    params: tuple[Param, ...]
    line: int


class Define(Fact, frozen=True):
    """A `#define`; `params` is None for an object-like macro."""

    name: str
    params: tuple[str, ...] | None
    body: str
    line: int


class Enumerator(Fact, frozen=True):
    """A member of an enum: `value` as written, or, where none is, `offset` places after the member `after`."""

    name: str
    value: str
    after: str
    offset: int
    line: int
    comment: str


class Member(Fact, frozen=True):
    """A counter field's declaration in a structure."""

    name: str
    type: str
    line: int


class FileFacts(Fact, frozen=True):
    """`settings` are those of fields that some call takes its flags from; `addressed` names static functions that are
    mentioned other than by a call: not all of their callers are known."""

    functions: tuple[Function, ...] = ()
    prototypes: tuple[Prototype, ...] = ()
    defines: tuple[Define, ...] = ()
    enumerators: tuple[Enumerator, ...] = ()
    members: tuple[Member, ...] = ()
    variables: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    addressed: tuple[str, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    unread: str = ''

    @property
    def damaged(self) -> int:
        return sum(function.damaged for function in self.functions)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(FileFacts)


def encode(facts: FileFacts) -> bytes:
    return _ENCODER.encode(facts)


def decode(data: bytes) -> FileFacts | None:
    """Return the facts, None when the bytes are none: a cache may hold anything."""
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
