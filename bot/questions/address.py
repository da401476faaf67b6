# SPDX-License-Identifier: GPL-2.0-or-later
"""Says whom a question is put to: a name in the text, else the writer of what is quoted above, else of the parent."""

from __future__ import annotations

import re

from bot.model import Message, Person
from bot.model.memory import recalled
from bot.questions.conversation import Conversation

THE_LIST = 'the list'
_CALLED = re.compile(
    r'^(?:(?:so|but|and|hi|hey|hello|sorry|thanks|also|ok|well|yes|'
    r'no),?\s+)?@?([A-Z][\w-]{1,30}(?: [A-Z][\w-]{1,30})?)[,:]\s'
)
_AT = re.compile(r'(?:^|\s)@([A-Z][\w-]{1,30})')
_ANYBODY = re.compile(r'(?i)\b(?:anyone|anybody|any of you|somebody|someone|other people|others|folks|maintainers?)\b')


def addressees(talk: Conversation, message: Message, line: int, text: str) -> tuple[str, ...]:
    """Return the names of the people asked, never empty."""
    called = [_named(talk, message, name) for name in _called(text)]
    named = tuple(dict.fromkeys(p.label for p in called if p and p != message.author))
    if named:
        return named
    above = _writer_above(talk, message, line)
    if above and above != message.author:
        return (above.label,)
    parent = talk.person(message.parent)
    if parent and parent != message.author:
        return (parent.label,)
    if message.message_id in talk.patches or _ANYBODY.search(text):
        return (THE_LIST,)
    return (parent.label if parent else THE_LIST,)


@recalled
def _called(text: str) -> tuple[str, ...]:
    return (*_CALLED.findall(text), *_AT.findall(text))


def _named(talk: Conversation, message: Message, name: str) -> Person | None:
    """Return the person of the conversation with that first or last name; nobody when two bear it."""
    wanted = name.lower().split()[0]
    near = [p for p in (*message.to, *message.cc) if wanted in re.findall(r'\w+', p.name.lower())]
    found = {p.email or p.name: p for p in (*talk.named.get(wanted, ()), *near)}
    return next(iter(found.values())) if len(found) == 1 else None


def _writer_above(talk: Conversation, message: Message, line: int) -> Person | None:
    """Return who wrote the quoted line nearest above, as the mail at hand or the attribution line says."""
    for segment in reversed(talk.segments[message.message_id]):
        if segment.last < line and segment.depth:
            return talk.person(segment.origin) or segment.speaker
    return None
