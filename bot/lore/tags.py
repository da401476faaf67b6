# SPDX-License-Identifier: GPL-2.0-or-later
"""Trailers with their places: those a patch was posted with, and those that replies gave to it.

Which line is a trailer is b4's rule, line by line, so that each keeps its line number. Quoted lines never count, nor do
lines below the signature, nor tags that a robot merely proposes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.lore import b4_adapter
from bot.lore.b4_adapter import Tag
from bot.lore.diff import find_diff
from bot.lore.postings import Piece, same_person
from bot.lore.threads import ancestors
from bot.model import Message, Person, Span, Trailer
from bot.model.memory import recalled

_TAG = re.compile(r'([A-Z][A-Za-z]*(?:-[A-Za-z]+)*-by|Fixes|Cc|CC|Link|Closes|BugLink):\s+\S')
# b4's patterns take time that grows with the square of a line.
_LONGEST_LINE = 500
# Who signs these speaks for himself; the others (Reported-by, Suggested-by, Cc) name somebody else by nature.
_OWN_WORD = ('reviewed-by', 'acked-by', 'tested-by', 'signed-off-by', 'nacked-by', 'reviewed-and-tested-by')
_REVIEW = ('reviewed-by', 'acked-by', 'tested-by', 'nacked-by', 'reviewed-and-tested-by')


@recalled
def carried(piece: Piece) -> tuple[Trailer, ...]:
    """Return the trailers in the message of a cover or patch as it was posted."""
    lines = piece.message.lines
    stop = next((i for i, line in enumerate(lines) if _ends_message(line)), len(lines))
    return tuple(
        Trailer(t.name, t.value, t.person, piece.message_id, span, carried=True, date=piece.message.date)
        for t, span in _tags(piece.message_id, lines[:stop])
    )


def _ends_message(line: str) -> bool:
    return line in ('---', '-- ') or line.startswith(('diff -', '--- a/'))


def given(messages: Sequence[Message], pieces: Mapping[str, Piece]) -> dict[str, list[Trailer]]:
    """Return the trailers that replies gave, by the id of the cover or patch that each one stands for."""
    by_id = {m.message_id: m for m in messages}
    found: dict[str, list[Trailer]] = {}
    said: set[tuple[str, str, str]] = set()
    for message in messages:
        if message.message_id in pieces or message.unusable:
            continue
        about = next((m.message_id for m in ancestors(message, by_id) if m.message_id in pieces), None)
        if about is None:
            continue
        for trailer in _given_in(message, about):
            key = (about, trailer.name.lower(), trailer.value.lower())
            if key not in said:  # a tag repeated in a later reply is the same tag
                said.add(key)
                found.setdefault(about, []).append(trailer)
    return found


@recalled
def _given_in(message: Message, about: str) -> tuple[Trailer, ...]:
    return tuple(_trailers_in(message, about))


def _trailers_in(message: Message, about: str) -> Iterator[Trailer]:
    proposes = find_diff(message.body) != ''
    for tag, span in _tags(message.message_id, message.lines):
        name = tag.name.lower()
        differs = name in _OWN_WORD and not _signs(tag.person, message.author)
        if message.automatic and name != 'tested-by':
            continue  # "if you fix this, kindly add Reported-by: ..."
        if proposes and (name not in _REVIEW or differs):
            continue  # the tags of a patch proposed in the reply
        yield Trailer(tag.name, tag.value, tag.person, about, span, carried=False, mismatch=differs, date=message.date)


def _signs(person: Person | None, sender: Person) -> bool:
    if person is None:
        return True
    return same_person(person, sender) or b4_adapter.same_address(person.email, sender.email)


def _tags(message_id: str, lines: Sequence[str]) -> Iterator[tuple[Tag, Span]]:
    for at, line in enumerate(lines):
        if line == '-- ':
            return
        bare = line.lstrip(' \t')
        if ':' not in line or len(line) > _LONGEST_LINE or not _TAG.match(bare if len(line) - len(bare) < 3 else line):
            continue
        last = at
        # `Reviewed-by: A very long name` with the address on a line of its own
        below = lines[at + 1] if at + 1 < len(lines) else ''
        if '@' not in line and len(below) <= _LONGEST_LINE and re.match(r'\s*<[^<>\s]+@[^<>\s]+>\s*$', below):
            last = at + 1
        for tag in b4_adapter.read_tags('\n'.join(part.strip() for part in lines[at : last + 1])):
            yield tag, Span(message_id, at + 1, last + 1)
