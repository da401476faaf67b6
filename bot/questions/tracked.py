# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes questions of what a person points at: lines of a mail that are to be one, sentences of one that is cut.

Promises the same hash as finding would give the same words. Follows a quote to the mail that wrote it, as far as known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.model import Message, Person
from bot.questions.address import addressees
from bot.questions.asked import NOBODY, Asked
from bot.questions.classify import classify
from bot.questions.conversation import Conversation, on_code
from bot.questions.find import Item
from bot.questions.overlap import fingerprint
from bot.questions.sentences import Sentence, split


def tracked(talk: Conversation, message_id: str, lines: tuple[int, int]) -> Asked | None:
    """Return lines of a mail at hand as a question of whoever wrote them; None when there is no text in them."""
    message, shape = talk.messages.get(message_id), talk.layouts.get(message_id)
    if message is None or shape is None or lines[1] > len(shape.texts):
        return None
    depth = shape.depths[lines[0] - 1]
    within = [n for n in range(lines[0], lines[1] + 1) if shape.depths[n - 1] == depth and shape.texts[n - 1].strip()]
    text = ' '.join(' '.join(shape.texts[n - 1].split()) for n in within)
    if not text:
        return None
    item = Item('question', 'sure', text, within[0], within[-1], '', None, 0, 0.0, ('command:track',))
    if depth == 0:
        return _placed(talk, message, item, message_id, message.author, message.date, 0)
    return _tracked_quote(talk, message, item, depth)


def _tracked_quote(talk: Conversation, message: Message, item: Item, depth: int) -> Asked | None:
    """Follow quoted lines to the mail that wrote them, as far as it is known."""
    segment = next(s for s in talk.segments[message.message_id] if s.first <= item.first <= s.last)
    if segment.origin in talk.messages and segment.origin and segment.origin_lines:
        start, end = segment.origin_lines
        if end - start == segment.last - segment.first:
            start, end = start + item.first - segment.first, min(end, start + item.last - segment.first)
        written = talk.messages[segment.origin]
        own = replace(item, first=start, last=end)
        return _placed(talk, written, own, written.message_id, written.author, written.date, 0)
    who = talk.person(segment.origin) or segment.speaker or NOBODY
    return _placed(talk, message, item, segment.origin, who, None, depth)


def parts(talk: Conversation, one: Asked) -> list[Asked]:
    """Return a question cut into its sentences; fewer than two when it cannot be cut."""
    shape = talk.layouts[one.seen_in]
    lines = [
        (n, shape.texts[n - 1])
        for n in range(one.item.first, one.item.last + 1)
        if shape.depths[n - 1] == one.depth and shape.texts[n - 1].strip()
    ]
    whole = split(lines)
    found = [_at_home(s, whole, one) for s in split([(one.item.first, one.item.text)])]
    origin = one.message_id or f'{one.seen_in}/{one.asker.email or one.asker.name}'
    return [
        replace(
            one,
            item=replace(one.item, text=s.text, first=s.first, last=s.last, group=None, lead=None),
            qhash=fingerprint(origin, f'{s.text} {one.item.kind}'),
            places=((one.seen_in, s.first, s.last),),
            group=None,
            lead=None,
        )
        for s in found
    ]


def _at_home(piece: Sentence, whole: Sequence[Sentence], one: Asked) -> Sentence:
    """Return a sentence of an item with its lines in the mail, those of the item where it is not to be found."""
    home = next((s for s in whole if s.text.endswith(piece.text)), None)
    return Sentence(piece.text, home.first if home else one.item.first, home.last if home else one.item.last)


def _placed(
    talk: Conversation, message: Message, item: Item, origin: str | None, who: Person, date: datetime | None, depth: int
) -> Asked:
    mid = message.message_id
    to = ('the list',) if depth else addressees(talk, message, item.first, item.text)
    class_ = classify(item.text, not depth and on_code(talk, mid, item.first))
    qhash = fingerprint(origin or f'{mid}/{who.email or who.name}', f'{item.text} {item.kind}')
    places = ((mid, item.first, item.last),)
    return Asked(item, origin, mid, who, date, depth, to, class_, qhash, None, None, places)
