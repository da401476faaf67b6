# SPDX-License-Identifier: GPL-2.0-or-later
"""What each list allows, read from layered TOML files, and the strictest word of several lists.

Promises that nothing is allowed by silence, that an unknown key or a value out of range is a `ConfigError` naming file
and key, and that an opt-out in any file counts. Refuses an opt-in that does not say where the list agreed to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from bot.model import ReplyKind
from bot.post.fields import is_address

Scope = Literal['author', 'maintainers', 'list']
SCOPES: tuple[Scope, ...] = ('author', 'maintainers', 'list')
"""Who gets a mail, the fewest first."""


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Rule(Table, frozen=True):
    """What one list allows; the meaning of every field is told in config/policy.toml."""

    opt_in: bool
    agreed: str
    mute: bool
    left_out: bool
    reply: Scope
    add_maintainers: bool
    embargo_hours: float
    moderation: str
    kinds: tuple[ReplyKind, ...]
    per_hour: int
    per_day: int
    quiet_on_clean: bool
    approval: bool
    inline_per_patch: bool
    depth: int


class Overall(Table, frozen=True):
    per_hour: int
    per_day: int
    direct: bool


class People(Table, frozen=True):
    opted_out: tuple[str, ...]


class Bots(Table, frozen=True):
    addresses: tuple[str, ...]


class Policy(Table, frozen=True):
    """All that is allowed. `list` is by address in lower case; every table in it is whole."""

    every: Rule
    overall: Overall
    people: People
    bots: Bots
    list: dict[str, Rule] = {}

    def rule(self, address: str) -> Rule:
        return self.list.get(address.lower(), self.every)

    def has_say(self, address: str) -> bool:
        """Tell whether a list takes part: one that is left out is neither asked nor written to."""
        return not self.rule(address).left_out

    def opted_in(self, address: str) -> bool:
        rule = self.rule(address)
        return address.lower() in self.list and rule.opt_in and not rule.left_out

    def opted_out(self, address: str) -> bool:
        """Tell whether somebody wants no mail: by address, whatever follows a plus sign in either, or by host."""
        known, email = {mailbox(one) for one in self.people.opted_out}, mailbox(address)
        return email in known or f'@{email.rpartition("@")[2]}' in known

    def is_bot(self, address: str) -> bool:
        return any(fnmatchcase(address.lower(), pattern.lower()) for pattern in self.bots.addresses)

    def over(self, lists: Iterable[str]) -> Strictest:
        """Return what holds for a mail about a conversation on all these lists; on none, what holds for every list."""
        return strictest([(one, self.rule(one)) for one in sorted({a.lower() for a in lists}) if self.has_say(one)])


def mailbox(address: str) -> str:
    """Return an address in lower case without what follows a plus sign: that is the same mailbox."""
    local, _, host = address.lower().rpartition('@')
    return f'{local.partition("+")[0]}@{host}'


@dataclass(frozen=True, slots=True)
class Strictest:
    """The strictest word of several lists on every matter that is not a matter of each list alone."""

    lists: tuple[str, ...]
    mute: bool
    reply: Scope
    add_maintainers: bool
    embargo_hours: float
    moderation: tuple[str, ...]
    kinds: frozenset[ReplyKind]
    quiet_on_clean: bool
    approval: bool
    inline_per_patch: bool
    depth: int


def strictest(rules: Sequence[tuple[str, Rule]]) -> Strictest:
    """Fold rules; without any, what answers a person who wrote to lorebot alone is all there is."""
    lists, given = tuple(name for name, _ in rules), [rule for _, rule in rules]
    kinds: frozenset[ReplyKind] = frozenset(('transcript', 'status'))
    if given:
        kinds = frozenset.intersection(*(frozenset(r.kinds) for r in given))
    return Strictest(
        lists=lists,
        mute=any(r.mute for r in given),
        reply=min((r.reply for r in given), key=SCOPES.index, default='author'),
        add_maintainers=bool(given) and all(r.add_maintainers for r in given),
        embargo_hours=max((r.embargo_hours for r in given), default=0.0),
        moderation=tuple(dict.fromkeys(r.moderation for r in given if r.moderation)),
        kinds=kinds,
        quiet_on_clean=not given or any(r.quiet_on_clean for r in given),
        approval=not given or any(r.approval for r in given),
        inline_per_patch=bool(given) and all(r.inline_per_patch for r in given),
        depth=min((r.depth for r in given), default=1),
    )


def faults(policy: Policy) -> Iterable[tuple[str, str]]:
    """Yield what a type cannot say is wrong: the key and the sentence."""
    for key, rule in (('every', policy.every), *((f'list."{name}"', r) for name, r in sorted(policy.list.items()))):
        yield from ((f'{key}.{field}', why) for field, why in _faults(rule))
    if policy.every.opt_in:
        yield 'every.opt_in', 'no list can be opted in for another: say it in the table of each'
    for field in ('per_hour', 'per_day'):
        if getattr(policy.overall, field) < 0:
            yield f'overall.{field}', 'a number of mails is not below 0'
    for name in policy.list:
        if not is_address(name):
            yield f'list."{name}"', 'a table of a list is named by its address, name@host'
    for one in policy.people.opted_out:
        if not is_address(one) and not is_address(f'x{one}'):
            yield 'people.opted_out', f'{one!r} is neither an address nor @host'
    for one in policy.bots.addresses:
        if not one or any(c.isspace() for c in one) or '@' not in one:
            yield 'bots.addresses', f'{one!r} is no pattern of an address'


def _faults(rule: Rule) -> Iterable[tuple[str, str]]:
    if rule.opt_in and not rule.agreed.startswith(('https://', 'http://')):
        yield 'agreed', 'opt_in needs the web address of the mail in which the maintainers agreed'
    if rule.opt_in and rule.left_out:
        yield 'left_out', 'a list cannot be opted in and left out'
    if rule.moderation and not is_address(rule.moderation):
        yield 'moderation', 'write an address as name@host, without a name, or ""'
    if not 0 <= rule.embargo_hours <= 24 * 60:
        yield 'embargo_hours', 'hours are from 0 to 1440'
    for field in ('per_hour', 'per_day', 'depth'):
        if getattr(rule, field) < 0:
            yield field, 'a number of mails is not below 0'
