# SPDX-License-Identifier: GPL-2.0-or-later
"""The format of an area file: what a maintainer says of the names that all rules of one folder share.

Promises that no name of the kernel stands in the code: each word here is read from `area.toml`. Refuses unknown keys.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from bot.checks.c.facts import Counting


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
    the pages of an iterator, which are pins or not, as `asks` (parts of names of functions, fields and variables) tell; `kernel_memory` say that it is none of user memory. `puts` write a page down in a list
    of another form (`name/1`: it is their second argument), of which `looks` return one. `reference` take one more
    reference, `slab` allocate memory that has none, `by_folio` give back pages or folios one call at a time. `callbacks` (`name/1`: their second argument) and the fields
    `callback_fields` are given functions that may not sleep, `may_sleep` are parts of names of tests for that. `results` are conventions: zero-fails,
    errno (0 or negative), mapping (dma_mapping_error() tells), ERR_PTR, NULL. `page_lock` are the functions that lock one page.
    `fills` may fill an array that they are given with pages of their own. `settle` may give back whatever was charged to `accounts`. `ends`: fields of operations and
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
    fills: tuple[str, ...] = ()
    unmap: tuple[str, ...] = ()
    extract: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    kernel_memory: tuple[str, ...] = ()
    puts: tuple[str, ...] = ()
    looks: tuple[str, ...] = ()
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

    `pairs` are the words for taking and giving back in names of functions; names pair up when all other words are the same,
    those of `loose` left out, those of `alike` taken for another. `kinds` are tests by which folios are counted in different
    ways, `apart` tests for pages that are not counted at all.
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
    pairs: tuple[tuple[str, str], ...] = ()
    alike: dict[str, str] = {}
    loose: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    flow: FlowWords | None = None
    wrappers: dict[str, Wrapper] = {}
