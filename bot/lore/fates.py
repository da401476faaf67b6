# SPDX-License-Identifier: GPL-2.0-or-later
"""What authors say became of a posting: that they take it back, or that another one takes its place.

Promises the mail and line where the author of the posting says so himself, in his own words and not in a quotation.
Refuses to take a wish of somebody else, a condition or a question for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.lore.postings import Piece, same_person
from bot.lore.threads import ancestors
from bot.model import Message

_WHAT = r'(?:this|the|that|my|these)\s+(?:\w+\s+){0,2}(?:series|patch(?:es|set|-set)?|version|posting|thread|one|mail|email|v\d+)'
_WITHDRAWN = re.compile(
    rf"(?i)(?:^|[.,;:!]\s+|\bplease\s+|\blet'?s\s+|\bI(?:'ll|\s+will|'d\s+like\s+to|'m|\s+am)?\s+)"
    rf'(?:(?:just|simply|also|now)\s+)?(?:ignor(?:e|ing)|disregard(?:ing)?|drop(?:ping)?|discard(?:ing)?|withdraw(?:ing)?|scrap(?:ping)?)\s+{_WHAT}\b'
    rf'|(?i:^\s*self[- ]?nac?k\b|\bwithdrawn\b[.!]?\s*$)'
)
_SUPERSEDED = re.compile(
    rf'(?i)\b(?:{_WHAT}|it)\s+(?:is|was|has\s+been)\s+(?:now\s+)?(?:superseded|replaced|obsoleted)\s+by\b|^\s*superseded\s+by\b'
)
_NOT_SO = re.compile(r"(?i)\b(?:if|unless|should\s+(?:i|we)|could|would|don't|do\s+not|not\s+to)\b|\?\s*$")
_LONGEST_LINE = 300


def fate(own: Sequence[Piece], messages: Sequence[Message], by_id: Mapping[str, Message]) -> str:
    """Return a sentence about the posting made of these mails, '' when its author said nothing of the kind.

    A word about one patch of several counts for that patch alone and is told so.
    """
    pieces = {p.message_id: p for p in own}
    author, head = own[0].message.author, own[0].message_id
    for message in messages:
        if message.message_id in pieces or message.automatic or not same_person(message.author, author):
            continue
        above = next((m for m in ancestors(message, by_id) if m.message_id in pieces), None)
        if above is None:
            continue
        what, line = _said(message)
        if what:
            piece = pieces[above.message_id]
            alone = above.message_id != head and len(pieces) > 1
            about = f'patch {piece.subject.position} is {what}' if alone else what
            return f'{about} by its author: <{message.message_id}> line {line}'
    return ''


def _said(message: Message) -> tuple[str, int]:
    for at, line in enumerate(message.lines, 1):
        if line.startswith('>') or len(line) > _LONGEST_LINE:
            continue
        if line == '-- ' or line.startswith(('diff -', '--- a/')):
            break
        if _SUPERSEDED.search(line) and not _NOT_SO.search(line):
            return 'superseded', at
        if _WITHDRAWN.search(line) and not _NOT_SO.search(line):
            return 'withdrawn', at
    return '', 0
