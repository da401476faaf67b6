# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads which mails say that a patch or a posting was applied, queued, or taken out again: by hand or by a program.

Promises one event for each item that was asked on what was applied, with the line that says so. Applying answers no
question: it settles only what its own asker applied, and what asked for nothing else than applying.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model import Event, Message
from bot.questions import cues
from bot.questions.asked import Asked
from bot.questions.bots import automatic
from bot.questions.conversation import EPOCH, Conversation
from bot.questions.link import same_person
from bot.questions.react import patch_above

_LOOKED_AT = 40
_BY = re.compile(r'\b(?:by|committer:?|from)\s+([A-Z][\w.-]+(?: [A-Z][\w.-]+){0,3})')


@dataclass(frozen=True, slots=True)
class Taking:
    """A mail that says that something was applied (or taken out), the line, what it is about, and who did it."""

    message: Message
    line: int
    kind: str
    about: str
    who: str


def applied(talk: Conversation, asked: Sequence[Asked]) -> list[tuple[int, Event]]:
    """Return the events, with the index of the item that each belongs to."""
    out: list[tuple[int, Event]] = []
    for taking in _takings(talk):
        for index, one in enumerate(asked):
            if (one.date or EPOCH) <= (taking.message.date or EPOCH) and _holds(talk, taking, one):
                out.append((index, _event(taking, one)))
    return out


def _event(taking: Taking, one: Asked) -> Event:
    message, kind = taking.message, taking.kind
    mine = same_person(message.author, one.asker) or (bool(one.asker.name) and one.asker.name in taking.who)
    wanted = one.item.tier != 'possible' and cues.TO_APPLY.pattern.search(one.item.text) is not None
    rule = 'by-the-asker' if mine else 'as-asked' if wanted else 'by-others'
    return Event(
        kind, message.message_id, (taking.line, taking.line), rule, message.date, message.author.label, taking.who
    )


def _takings(talk: Conversation) -> Iterator[Taking]:
    for mid, message in talk.messages.items():
        about = patch_above(talk, mid)
        if mid in talk.patches or about is None:
            continue
        shape = talk.layouts[mid]
        own = [n for n, depth in enumerate(shape.depths, 1) if not depth and shape.texts[n - 1].strip()][:_LOOKED_AT]
        for number in own:
            text = shape.texts[number - 1].strip()
            kind = _kind(text, automatic(message))
            if kind:
                near = ' '.join(shape.texts[number - 1 : number + 2])
                by = _BY.search(near) if automatic(message) else None
                yield Taking(message, number, kind, about, by[1] if by else '')
                break


def _kind(text: str, robot: bool) -> str:
    if cues.UNAPPLIED.pattern.search(text):
        return 'unapplied'
    rows = cues.APPLIED if robot else cues.APPLIED[:1]
    return 'applied' if cues.first_hit(rows, text) else ''


def _holds(talk: Conversation, taking: Taking, one: Asked) -> bool:
    """Tell whether the item was asked on what was applied: the same patch, or any patch of the posting for a cover."""
    patch = patch_above(talk, one.message_id)
    if patch is None:
        return False
    return taking.about in (patch, talk.messages[patch].parent)
