# SPDX-License-Identifier: GPL-2.0-or-later
"""Says whom a question is put to: a name in the text, else the writer of what is quoted above, else of the parent."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from bot.model import Message, Person
from bot.model.memory import recalled
from bot.questions.bots import robot
from bot.questions.conversation import Conversation
from bot.questions.people import same_person

THE_LIST = 'the list'
_CALLED = re.compile(
    r'^(?:(?:so|but|and|hi|hey|hello|sorry|thanks|also|ok|well|yes|'
    r'no),?\s+)?@?([A-Z][\w-]{1,30}(?: [A-Z][\w-]{1,30})?)[,:]\s'
)
_AT = re.compile(r'(?:^|\s)@([A-Z][\w-]{1,30})')
_GREETING = re.compile(
    r'^(?:(?i:hi|hello|hey|dear)\s+)?((?:@?[A-Z][\w-]{1,30})(?:(?:,\s*|\s+and\s+|\s+&\s+|/)@?[A-Z][\w-]{1,30}){0,4})[\s,:!.]*$'
)
_ANYBODY = re.compile(r'(?i)\b(?:anyone|anybody|any of you|somebody|someone|other people|others|folks|maintainers?)\b')


def addressees(talk: Conversation, message: Message, line: int, text: str) -> tuple[str, ...]:
    """Return the names of the people asked, never empty; never the asker himself, nor a program."""
    called = [_named(talk, message, name) for name in _called(text)]
    named = tuple(dict.fromkeys(p.label for p in called if p and not same_person(p, message.author)))
    if named:
        return named
    above = _writer_above(talk, message, line)
    if above and _answers(above, message):
        return (above.label,)
    if greeted := _greeted(talk, message):
        return greeted
    parent = talk.person(message.parent)
    if parent and _answers(parent, message):
        return (parent.label,)
    if message.message_id in talk.patches or _ANYBODY.search(text):
        return (THE_LIST,)
    return next(((p.label,) for p in _onward(talk, message) if _answers(p, message)), (THE_LIST,))


def of_robot(talk: Conversation, message: Message, line: int) -> bool:
    """Tell whether what stands in a line is said to a program alone: below its words, in an answer to it."""
    above, parent = _writer_above(talk, message, line), talk.person(message.parent)
    return all(robot(p) for p in (above or parent, parent) if p) and parent is not None


def _answers(person: Person, message: Message) -> bool:
    return not same_person(person, message.author) and not robot(person)


def _onward(talk: Conversation, message: Message) -> Iterator[Person]:
    """Yield the writers of the mails above a mail, nearest first."""
    entered: set[str] = set()
    mid = message.parent
    while mid in talk.messages and mid not in entered:
        entered.add(mid)
        yield talk.messages[mid].author
        mid = talk.messages[mid].parent


def _greeted(talk: Conversation, message: Message) -> tuple[str, ...]:
    """Return whom the first line of a mail names, when it holds nothing but names ("Hi Martin, Christoph")."""
    shape = talk.layouts[message.message_id]
    lines = zip(shape.depths, shape.texts, strict=True)
    first = next(((depth, text.strip()) for depth, text in lines if text.strip()), (1, ''))
    found = None if first[0] else _GREETING.match(first[1])
    people = [_named(talk, message, name) for name in re.split(r',\s*|\s+(?:and|&)\s+|/', found[1])] if found else []
    if not all(people):
        return ()
    return tuple(dict.fromkeys(p.label for p in people if p and _answers(p, message)))


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
    segments = talk.segments[message.message_id]
    for at in reversed(range(bisect_left(segments, line, key=lambda segment: segment.last))):
        if segments[at].depth:
            return talk.person(segments[at].origin) or segments[at].speaker
    return None
