# SPDX-License-Identifier: GPL-2.0-or-later
"""Collects all items of a conversation: from mails at hand, and from text of absent mails that others quote.

Promises one item per origin, whoever quotes it. Never takes a quoted sentence for the quoter's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.model import Ghost, Message, Person, QuestionClass, QuoteGraph, Segment
from bot.model.memory import current, kept, recalled
from bot.questions.address import addressees, of_robot
from bot.questions.bots import automatic, form_letter, robot
from bot.questions.classify import classify
from bot.questions.conversation import EPOCH, Conversation, on_code
from bot.questions.find import Item, find
from bot.questions.overlap import fingerprint
from bot.questions.sentences import paragraphs
from bot.questions.zones import Layout, ghost_layout

NOBODY = Person('', '')
_OWN = re.compile(
    r"(?i)(?:(?:so|and|then|yes|ok(?:ay)?|sure|instead|perhaps|maybe),?\s+)*I(?:'d| would)\b(?!.*\byou\b)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """An item with its place: `message_id` wrote it, `seen_in` shows it (the same mail when it is at hand)."""

    item: Item
    message_id: str | None
    seen_in: str
    asker: Person
    date: datetime | None
    depth: int
    to: tuple[str, ...]
    class_: QuestionClass
    qhash: str
    group: tuple[str, int] | None
    lead: int | None
    places: tuple[tuple[str, int, int], ...]


def collect(talk: Conversation, graph: QuoteGraph) -> list[Asked]:
    """Return the items in the order in which they were asked."""
    found: dict[str, Asked] = {}
    for asked in _told_apart((*_own(talk), *_quoted(talk, graph))):
        old = found.get(asked.qhash)
        if old is None:
            found[asked.qhash] = asked
        elif asked.depth:
            found[asked.qhash] = replace(asked, date=old.date or asked.date, places=old.places + asked.places)
    stable = (current().same('asked', f'{a.qhash} {a.seen_in}', a) for a in found.values())
    return sorted(stable, key=lambda a: (a.date or EPOCH, a.message_id or '', a.seen_in, a.item.first, a.item.kind))


def _told_apart(items: Iterable[Asked]) -> Iterator[Asked]:
    """Give what one mail says twice in the same words two hashes: two places of a patch want the same done."""
    said: dict[tuple[str, str], int] = {}
    for one in items:
        times = said[one.seen_in, one.qhash] = said.get((one.seen_in, one.qhash), 0) + 1
        yield one if times == 1 else replace(one, qhash=fingerprint(one.qhash, f'again {times}'))


def _own(talk: Conversation) -> Iterator[Asked]:
    for mid, message in talk.messages.items():
        if automatic(message) or message.unusable or form_letter(message):
            continue
        shape = talk.layouts[mid]
        for item in _own_items(shape, 0 if _letter(message) else shape.commit_text_to, mid in talk.patches):
            if not _intention(talk, message, item) and not _to_himself(message, item):
                yield _asked(talk, message, item, mid, message.author, message.date, 0)


def _to_himself(message: Message, item: Item) -> bool:
    """Tell whether an item calls its own writer by name: he jests, or the words are another's without their marks."""
    called = re.match(r'@?([A-Z][\w-]{1,30}),\s', item.text)
    return called is not None and called[1].casefold() in re.findall(r'\w+', message.author.name.casefold())


def _intention(talk: Conversation, message: Message, item: Item) -> bool:
    """Tell whether what reads as a wish is what the author of the series is going to do himself, or asks of a program."""
    if item.kind != 'request' or message.author.email not in talk.authors:
        return False
    own = item.tier == 'possible' or _OWN.match(item.text) is not None
    return own or of_robot(talk, message, item.first)


@recalled
def _own_items(shape: Layout, commit_text_to: int, posted: bool) -> list[Item]:
    about = shape.name and (shape.name, commit_text_to, posted)
    return kept('items', list[Item], about, lambda: find(paragraphs(shape), commit_text_to, posted))


@recalled
def _letter(message: Message) -> bool:
    """Tell whether a posted mail is a cover letter: it holds no diff, so its text is addressed to people."""
    return 'diff --git' not in message.body and '\n@@ ' not in message.body


def _quoted(talk: Conversation, graph: QuoteGraph) -> Iterator[Asked]:
    """Return items in text whose writer's mail is not at hand, from every mail that shows it."""
    ghosts = {g.message_id: g for g in graph.ghosts if g.message_id}
    for mid, message in talk.messages.items():
        for depth, origin, speaker in _absent(talk, mid):
            ghost = ghosts.get(origin) if origin else None
            who = (ghost.author if ghost else None) or speaker or NOBODY
            if robot(who):
                continue
            for item in _quoted_items(talk.layouts[mid], talk.segments[mid], depth, origin, speaker):
                yield _asked(talk, message, item, origin, who, ghost.date if ghost else None, depth)


@recalled
def _quoted_items(
    layout: Layout, segments: tuple[Segment, ...], depth: int, origin: str | None, speaker: Person | None
) -> list[Item]:
    shape = ghost_layout(layout, _lines(segments, depth, origin, speaker))
    return find(paragraphs(shape), shape.commit_text_to, shape.patch)


@recalled
def _claimed(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    return tuple(s for s in segments if s.how == 'claimed')


def _absent(talk: Conversation, mid: str) -> list[tuple[int, str | None, Person | None]]:
    out: dict[tuple[int, str | None, Person | None], None] = {}
    for s in _claimed(talk.segments[mid]):
        if s.how == 'claimed' and s.depth and (s.origin not in talk.messages):
            out[(s.depth, s.origin, s.speaker if s.origin is None else None)] = None
    return list(out)


def _lines(segments: tuple[Segment, ...], depth: int, origin: str | None, speaker: Person | None) -> set[int]:
    return {
        n
        for s in segments
        if s.depth == depth and s.origin == origin and s.how == 'claimed' and (origin or s.speaker == speaker)
        for n in range(s.first, s.last + 1)
    }


def _asked(
    talk: Conversation, message: Message, item: Item, origin: str | None, who: Person, date: datetime | None, depth: int
) -> Asked:
    mid = message.message_id
    to = addressees(talk, message, item.first, item.text) if depth == 0 else _ghost_to(talk, mid, item.first, depth)
    class_ = classify(item.text, on_code(talk, mid, item.first) if depth == 0 else False)
    qhash = fingerprint(origin or f'{mid}/{who.email or who.name}', f'{item.text} {item.kind}')
    group = (origin or mid, item.group) if item.group is not None else None
    places = ((mid, item.first, item.last),)
    return Asked(item, origin, mid, who, date, depth, to, class_, qhash, group, item.lead, places)


def _ghost_to(talk: Conversation, mid: str, line: int, depth: int) -> tuple[str, ...]:
    """Return who wrote the text that the absent asker had quoted above his question: one level deeper in this mail."""
    for segment in reversed(talk.segments[mid]):
        if segment.last < line and segment.depth > depth:
            who = talk.person(segment.origin) or segment.speaker
            if who:
                return (who.label,)
    return ('the list',)


def ghosts_seen(talk: Conversation, graph: QuoteGraph) -> tuple[Ghost, ...]:
    """Return the absent mails that are quoted in the mails read."""
    return tuple(g for g in graph.ghosts if g.seen_in in talk.messages and g.message_id not in talk.messages)
