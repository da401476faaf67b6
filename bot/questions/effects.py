# SPDX-License-Identifier: GPL-2.0-or-later
"""What recorded commands do in a ledger: which of them are in force, the events they make, the states those set.

Promises that the order in which commands came in does not matter, only their times and ids, and that a command that was
taken back leaves nothing behind. A command beats what is read from mails: later evidence against it is a flag.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.model import Aim, Command, Event, Series
from bot.questions.verbs import EFFECTS, ROLES, VERBS

if TYPE_CHECKING:
    from bot.questions.state import Standing

CONTRADICTED = 'contradicted'

_FOR = frozenset(('accepted', 'withdrawn', 'reviewed', 'vouched', 'settled-by-revision'))
_AGAINST = frozenset(('contested', 'counter-question', 're-asked', 'nacked'))
_AFTER = re.compile(r'(?i)^after\b')
_LATER = re.compile(
    r'(?i)^(?:later|next time|follow[- ]?up)\b|\b(?:later|next|future|follow[- ]?up|separate|another|new)'
    r' (?:version|revision|series|patch(?:es|set)?|posting|reroll|cycle)\b'
)
_VERSION = re.compile(r'(?i)^v([1-9]\d{0,2})\b')
# How far behind the version named the posting is that ends the effect.
_UNTIL = {'deferred': 0, 'deferral-proposed': 0, 'carried': 1}


def in_time(commands: Iterable[Command], as_of: datetime | None) -> tuple[Command, ...]:
    """Return the log as it was known on a day, by time, in one mail by line, then by id; each command once."""
    known = {c.id: c for c in commands if as_of is None or c.at <= as_of}
    return tuple(sorted(known.values(), key=lambda c: (c.at, c.message_id, c.line, c.id)))


def undone(log: Sequence[Command]) -> frozenset[str]:
    """Return the ids that were taken back; an undo that was itself taken back counts for nothing."""
    gone: set[str] = set()
    for command in reversed(log):
        if command.verb == 'undo' and command.id not in gone:
            gone.add(command.text)
    return frozenset(gone)


def in_force(log: Sequence[Command]) -> list[Command]:
    gone = undone(log)
    return [c for c in log if c.id not in gone and c.verb != 'undo']


def event_of(command: Command, aim: Aim) -> Event:
    """Return the event of a command on one question: at its line in a mail, else at the question it is about."""
    place, lines = (
        (command.message_id, (command.line, command.line)) if command.message_id else (aim.seen_in, aim.lines)
    )
    note = f'as {ROLES[aim.role]}, by {command.origin}' + (f': {command.text}' if command.text else '')
    return Event(f'command:{command.verb}', place, lines, aim.effect, command.at, command.actor, note, command.id)


def did(command: Command) -> tuple[str, ...]:
    """Return what a command did, for who gave it: one sentence a question, one for the series."""
    told = (f'{aim.name if any(aim.lines) else "the series"}: {_done(command, aim)}' for aim in command.aims)
    return tuple(dict.fromkeys(told))


def _done(command: Command, aim: Aim) -> str:
    if aim.effect == 'noted' and command.verb != 'note':
        able = [ROLES[role] for role, effect in VERBS[command.verb].roles.items() if effect != 'noted']
        return f'recorded as a remark, the state stays; {" or ".join(able)} can {command.verb} it'
    if aim.effect == 'deferred' and not _VERSION.match(command.text):
        return 'deferred'
    return EFFECTS[aim.effect].says


def moves(event: Event) -> bool:
    """Tell whether the event of a command sets a state, so that the item cannot be called stale for its age."""
    return event.kind == 'woken' or bool(EFFECTS[event.rule].state)


def given(event: Event) -> tuple[str, int, str]:
    """Return by what commands of one moment are ordered, all after what stands in mails of that moment."""
    if event.kind == 'woken' or not event.command:
        return ('', 0, '')
    return (event.message_id, event.lines[0], event.command)


def woken(command: Command, aim: Aim, series: Series | None) -> Event | None:
    """Return the event of the posting that ends a deferral (to v3: v3) or a carry (into v3: v4), once it is there."""
    version = _VERSION.match(command.text) if aim.effect in _UNTIL else None
    if version is None or series is None:
        return None
    least = int(version[1]) + _UNTIL[aim.effect]
    later = (r for r in series.revisions if r.version >= least and r.date and r.date > command.at)
    posting = next(later, None)
    if posting is None:
        return None
    note = f'v{posting.version} ends what {command.id} said'
    who = posting.author.label
    return Event('woken', posting.message_id, (1, 1), 'version-posted', posting.date, who, note, command.id)


def commanded(now: Standing, event: Event, asker: str, waits: str) -> Standing:
    """Return the state after the event of a command, or after the posting that ends one."""
    if event.kind == 'woken':
        return _awake(now, waits) if now.by == event.command else now
    effect = EFFECTS[event.rule]
    flags = tuple(f for f in now.flags if f != CONTRADICTED or not effect.state)
    flagged = replace(now, flags=flags).flagged(*filter(None, [effect.flag]))
    if not effect.state:
        return flagged
    waiting = {'open': waits, 'answered': asker if effect.qualifier == 'unconfirmed' else ''}.get(effect.state, '')
    how = effect.qualifier or (_put_off(event.note) if effect.state == 'deferred' else '')
    return replace(flagged, state=effect.state, qualifier=how, waiting_on=waiting, by=event.command, held=effect.holds)


def _awake(now: Standing, waits: str) -> Standing:
    flags = ('woken',) if now.state == 'deferred' else ()
    return replace(now, state='open', qualifier='', waiting_on=waits, by='', held=False).flagged(*flags)


def _put_off(note: str) -> str:
    text = note.partition(': ')[2]
    if _VERSION.match(text) or _LATER.search(text):
        return 'version'
    return 'blocked-by' if _AFTER.match(text) else 'venue'


def beaten(now: Standing, event: Event, inferred: Standing) -> Standing:
    """Return the state after something read from a mail, where a command had set the state.

    What speaks against the command is flagged. A mere claim or proposal gives way to a protest; nothing else does.
    """
    against = event.kind in (_FOR if now.state == 'open' else _AGAINST)
    if now.held:
        return now.flagged(*inferred.flags, *((CONTRADICTED,) if against else ()))
    if against and now.state in ('resolved', 'deferred'):
        contested = replace(now, state='contested', qualifier='asker-insists', waiting_on='', by='')
        return contested.flagged(*inferred.flags, CONTRADICTED)
    same = (inferred.state, inferred.qualifier) == (now.state, now.qualifier)
    return inferred if same else replace(inferred, by='')


def muting(log: Sequence[Command], postings: Collection[str], silent: str = 'muted') -> Command | None:
    """Return the command by which nothing is mailed about these postings, None when there is none or it was lifted.

    `silent` is "muted" for what a maintainer said of the series, "muted-self" for what its author said of his own mail.
    """
    given = [c for c in in_force(in_time(log, None)) if any(a.message_id in postings for a in c.aims)]
    said = [c for c in given if c.aims[0].effect in (silent, f'un{silent}')]
    return said[-1] if said and said[-1].aims[0].effect == silent else None
