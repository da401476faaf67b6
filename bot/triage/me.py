# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells who the list is for: all addresses of one person, and the names that mails give these addresses.

A ledger knows people as they are displayed, so an address alone would miss what waits on them. A first name alone
is nobody: it has to be written exactly as that person's own mails write it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.model import Message, Person


@dataclass(frozen=True, slots=True)
class Me:
    """Addresses in lower case, and names as displayed. Without any the list is nobody's own: then everybody is meant."""

    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def anybody(self) -> bool:
        return not self.addresses

    def named(self, label: str) -> bool:
        """Tell whether a name or address, as a ledger displays it, is this person."""
        return self.anybody or label in self.names or label.lower() in self.addresses

    def is_(self, person: Person) -> bool:
        return self.anybody or person.email.lower() in self.addresses or person.name in self.names


def known_as(addresses: Iterable[str], messages: Iterable[Message]) -> Me:
    """Return the person of these addresses with the names that the mails at hand give them."""
    mine = tuple(dict.fromkeys(a.strip().strip('<>').lower() for a in addresses if a.strip()))
    names = {
        p.name for m in messages for p in (m.author, *m.to, *m.cc) if p.name and p.email.lower() in mine and p.email
    }
    return Me(mine, tuple(sorted(n for n in names if '@' not in n)))
