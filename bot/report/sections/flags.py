# SPDX-License-Identifier: GPL-2.0-or-later
"""A flag that the series adds or changes, with every place that has to do with it, by what is done there."""

from __future__ import annotations

from collections.abc import Mapping

from bot.model import FlagChange, FlagSite
from bot.report.check_contexts import FlagItem, RoleGroup, SiteItem
from bot.report.order import sites_in_order
from bot.report.sections.frame import Ground
from bot.report.words import anchor, grouped

# What needs a look first.
_ROLES = {
    'releases-unaware': 'releases such pages and does not know the flag',
    'must-learn': 'has to learn about the flag',
    'sets': 'sets the flag itself',
    'passes': 'passes the flag',
    'tests': 'tests the flag',
    'defines': 'defines the flag',
}
_ORDER = tuple(_ROLES)

Known = Mapping[tuple[str, int], str]


def flag_item(ground: Ground, flag: FlagChange, known: Known) -> FlagItem:
    """Return the flag; `known` maps lines that a finding is about to its rule: what it says is not said twice."""
    by_role = grouped(sites_in_order(flag.sites), lambda s: s.role)
    roles = sorted(by_role, key=lambda role: (_ORDER.index(role) if role in _ORDER else len(_ORDER), role))
    return FlagItem(
        flag=flag.flag,
        change=flag.change,
        value=_value(flag),
        patch=ground.label(flag.patch),
        roles=tuple(RoleGroup(r, _ROLES.get(r, r), _sites(ground, by_role[r], known)) for r in roles),
        anchor=anchor('flag', flag.flag),
    )


def _sites(ground: Ground, sites: list[FlagSite], known: Known) -> tuple[SiteItem, ...]:
    alike = grouped(sites, lambda s: (s.file, s.function, s.patch, s.note, known.get((s.file, s.line), '')))
    return tuple(_site(ground, those, known) for those in alike.values())


def _site(ground: Ground, those: list[FlagSite], known: Known) -> SiteItem:
    s = those[0]
    return SiteItem(
        where=ground.places.code(s.file, [one.line for one in those], None),
        function=s.function,
        code=tuple(dict.fromkeys(one.text for one in those)),
        patch=ground.label(s.patch),
        note=s.note,
        finding=known.get((s.file, s.line), ''),
    )


def _value(flag: FlagChange) -> str:
    if flag.before is not None and flag.after is not None and flag.before != flag.after:
        return f'{_bits(flag.after)}, before the series {_bits(flag.before)}'
    value = flag.after if flag.after is not None else flag.before
    return '' if value is None else _bits(value)


def _bits(value: int) -> str:
    """Return "bit 13 (0x2000)" for a power of two, else the number alone."""
    return f'bit {value.bit_length() - 1} (0x{value:x})' if value > 0 and value & (value - 1) == 0 else f'0x{value:x}'
