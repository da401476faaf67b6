# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives every item its event when what it was asked on was applied, queued, or taken out again.

Promises the line that says so (bot/questions/taking.py reads it). Applying answers no question: it settles only what its
own asker applied, and what asked for nothing else than applying.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model import Event, Message
from bot.model.series import bare_subject
from bot.questions import cues
from bot.questions.asked import Asked
from bot.questions.conversation import EPOCH, Conversation
from bot.questions.people import same_person
from bot.questions.react import patch_above
from bot.questions.taking import Taking, taking


@dataclass(frozen=True, slots=True)
class _Told:
    """A mail that says that something was taken, and the posted mail that it is about."""

    message: Message
    said: Taking
    about: str


def applied(talk: Conversation, asked: Sequence[Asked]) -> list[tuple[int, Event]]:
    """Return the events, with the index of the item that each belongs to."""
    out: list[tuple[int, Event]] = []
    for told in _told(talk):
        for index, one in enumerate(asked):
            if (one.date or EPOCH) <= (told.message.date or EPOCH) and _holds(talk, told, one):
                out.append((index, _event(told, one)))
    return out


def _event(told: _Told, one: Asked) -> Event:
    message, said = told.message, told.said
    mine = same_person(message.author, one.asker) or (bool(one.asker.name) and one.asker.name in said.who)
    wanted = one.item.tier != 'possible' and cues.TO_APPLY.pattern.search(one.item.text) is not None
    rule = 'by-the-asker' if mine else 'as-asked' if wanted else 'by-others'
    lines = (said.line, said.line)
    return Event(said.kind, message.message_id, lines, rule, message.date, message.author.label, said.who)


def _told(talk: Conversation) -> Iterator[_Told]:
    for mid, message in talk.messages.items():
        about = patch_above(talk, mid)
        if mid in talk.patches or about is None:
            continue
        shape = talk.layouts[mid]
        lines = zip(shape.depths, shape.texts, strict=True)
        own = tuple((n, text.strip()) for n, (depth, text) in enumerate(lines, 1) if not depth and text.strip())
        said = taking(message, own)
        # An author's "applied" means a suggestion, unless he lists commits.
        if said is not None and (said.listed or message.author.email not in talk.authors):
            yield _Told(message, said, about)


def _holds(talk: Conversation, told: _Told, one: Asked) -> bool:
    """Tell whether the item was asked on what was taken: the same patch, or any patch of the posting for a cover."""
    patch = patch_above(talk, one.message_id)
    if patch is None or told.about not in (patch, talk.messages[patch].parent):
        return False
    listed = {bare_subject(p.title) for p in told.said.listed}
    named = bare_subject(talk.messages[patch].subject)
    return not listed or named in listed or patch == told.about
