# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes the commands of one mail whose sender somebody has made sure of: what would go into the log, line by line.

Promises the same entries for the same mail, however often it is read. Refuses to make sure of the sender: who calls this
has done so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.model import Command, Ledger, Message, Segment
from bot.questions.commands import Written, commands_in
from bot.questions.conversation import EPOCH
from bot.questions.effects import in_time, undone
from bot.questions.grammar import Refusal
from bot.questions.roles import Actor
from bot.questions.take import take
from bot.questions.targets import Given, Known, quoted
from bot.questions.zones import layout

Taken = tuple[Written, tuple[Command, ...] | Refusal]


def mailed(
    message: Message,
    segments: Sequence[Segment],
    known: Known,
    actor: Actor,
    own: str = '',
    refused: Callable[[Written], str] = lambda one: '',
) -> tuple[Taken, ...]:
    """Return every command that stands in a mail with its entries for the log, or why there are none.

    They are given on the day of the mail: its date, capped by when the archive took it in. An `undo` sees what stands above
    it. `refused` gives a reason for what shall not be taken.
    """
    out: list[Taken] = []
    for one in commands_in(message, layout(message, segments), own):
        why = refused(one)
        if why:
            out.append(
                (one, Refusal(why.partition(': ')[0], f'{message.message_id} line {one.first}', why.partition(': ')[2]))
            )
            continue
        done = _taken(one, message, segments, known, actor)
        out.append((one, done))
        known = replace(known, ledger=_with(known.ledger, done))
    return tuple(out)


def _with(ledger: Ledger, done: tuple[Command, ...] | Refusal) -> Ledger:
    if isinstance(done, Refusal) or not done:
        return ledger
    log = in_time((*ledger.commands, *done), None)
    return replace(ledger, commands=log, undone=tuple(sorted(undone(log))))


def _taken(
    one: Written, message: Message, segments: Sequence[Segment], known: Known, actor: Actor
) -> tuple[Command, ...] | Refusal:
    if isinstance(one.read, Refusal):
        return one.read
    if one.read.verb.about == 'read':
        return ()
    mid = message.message_id
    above = quoted(segments, one.above, known.ledger, mid)
    at = message.date or EPOCH
    return take(Given(one.read, actor, at, mid, one.first, above, one.above, message.parent or ''), known)
