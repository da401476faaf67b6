# SPDX-License-Identifier: GPL-2.0-or-later
"""Who a reply goes to: the author of the mail and the lists it was sent to; nobody else is written to.

The author is always to be reached: where From is not theirs (B4 Relay, a list that rewrites From), Reply-To says who is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from bot.model import Message, Person
from bot.post.fields import is_address

# Hosts that carry lists only, or nearly so; beside them, an address is a list when the mail came through that list.
_LIST_HOSTS = re.compile(r'(vger\.kernel\.org|lists?\..+|kvack\.org|googlegroups\.com)')
_RELAY = re.compile(r'devnull\+.*@kernel\.org')


def is_list(email: str, list_ids: tuple[str, ...]) -> bool:
    """Tell whether an address is a mailing list, by its host or by the List-Ids of the mail's copies."""
    _, _, host = email.lower().partition('@')
    known = {i.lower() for i in list_ids}
    return _LIST_HOSTS.fullmatch(host) is not None or email.lower().replace('@', '.', 1) in known


def author(target: Message) -> Person | None:
    """Return who wrote the mail, None when no address of theirs is in it."""
    hidden = _RELAY.fullmatch(target.author.email.lower()) or is_list(target.author.email, target.lists)
    if not hidden:
        return target.author if is_address(target.author.email) else None
    return next((p for p in _reply_to(target) if is_address(p.email) and not is_list(p.email, target.lists)), None)


def lists(target: Message, but: set[str]) -> list[Person]:
    """Return the lists among To and Cc of the mail, in its order, each once, without the addresses in `but`."""
    found: dict[str, Person] = {}
    for person in (*target.to, *target.cc):
        address = person.email.lower()
        if is_address(person.email) and address not in but and is_list(person.email, target.lists):
            found.setdefault(address, person)
    return list(found.values())


def _reply_to(target: Message) -> Iterator[Person]:
    header = BytesHeaderParser(policy=policy.compat32).parsebytes(target.raw)
    for name, address in getaddresses([str(value) for value in header.get_all('Reply-To', [])]):
        yield Person(name, address.lower())
