# SPDX-License-Identifier: GPL-2.0-or-later
"""What people said by hand of which posting follows which: entries for the log of commands, and what of it is in force.

Promises that the last word on a pair of postings counts and that taking an entry back leaves no trace. Refuses ids that
no mail could have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from bot.errors import UserError
from bot.lore.headers import is_message_id
from bot.model import Aim, Command, Tie

LINK, UNLINK, UNDO = 'series-link', 'series-unlink', 'series-undo'
VERBS = frozenset((LINK, UNLINK, UNDO))


def entry(verb: str, postings: Iterable[str], text: str, actor: str, at: datetime) -> Command:
    """Return the entry for the log; `text` is the reason, of an undo the id that is taken back."""
    mails = tuple(one.strip().removeprefix('<').removesuffix('>') for one in postings)
    for one in mails:
        if not is_message_id(one) or '@' not in one:
            raise UserError(f'{ascii(one[:80])} is no message-id', where='series', todo='give one mail of each posting')
    if verb != UNDO and len(set(mails)) != 2:
        raise UserError('a posting does not follow itself', where=mails[0], todo='name two postings')
    about = '\0'.join((verb, *mails, text, actor, at.isoformat()))
    name = hashlib.sha256(about.encode()).hexdigest()[:12]
    aims = tuple(Aim('', one, one, (0, 0), '', 'O', verb) for one in mails)
    return Command(name, at, actor, verb, text, aims)


def in_force(commands: Iterable[Command]) -> tuple[Tie, ...]:
    """Return what holds after all these entries, by pair."""
    said = sorted((c for c in commands if c.verb in VERBS), key=lambda c: (c.at, c.id))
    gone = {c.text for c in said if c.verb == UNDO}
    last: dict[frozenset[str], Tie] = {}
    for one in said:
        if one.verb != UNDO and one.id not in gone:
            first, second = (aim.message_id for aim in one.aims)
            tie = Tie(first, second, one.verb == LINK, one.actor, one.id, one.text)
            pair = frozenset((first, second))
            last.pop(pair, None)
            last[pair] = tie
    return tuple(sorted(last.values(), key=lambda t: (t.one, t.other)))
