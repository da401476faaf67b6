# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes the commands of one mail whose sender somebody has made sure of: what would go into the log, line by line.

Promises the same entries for the same mail, however often it is read. Refuses to make sure of the sender: who calls this
has done so. Nothing calls it yet but tests: until senders can be told, commands in mails are only shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Command, Message, Segment
from bot.questions.commands import Written, commands_in
from bot.questions.conversation import EPOCH
from bot.questions.grammar import Refusal
from bot.questions.roles import Actor
from bot.questions.take import take
from bot.questions.targets import Given, Known, quoted
from bot.questions.zones import layout

Taken = tuple[Written, tuple[Command, ...] | Refusal]


def mailed(
    message: Message, segments: Sequence[Segment], known: Known, actor: Actor, own: str = ''
) -> tuple[Taken, ...]:
    """Return every command that stands in a mail with its entries for the log, or why there are none.

    They are given on the day of the mail: its date, capped by when the archive took it in.
    """
    found = commands_in(message, layout(message, segments), own)
    return tuple((one, _taken(one, message, segments, known, actor)) for one in found)


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
