# SPDX-License-Identifier: GPL-2.0-or-later
"""Lays out a conversation once: zones, blocks, who shows whose lines, and who is who.

Promises the same layout whatever the order of the mails. Refuses mails later than the day that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.model import Message, Patch, Person, QuoteGraph, Segment, Series, Thread
from bot.model.memory import current, recalled
from bot.questions.blocks import Block, Sight, blocks, sights, sights_by_origin
from bot.questions.bots import automatic
from bot.questions.zones import Layout, layout

EPOCH = datetime.min.replace(tzinfo=UTC)
_CO_AUTHOR = re.compile(r'(?mi)^[^\S\n]*(?:Co-developed-by|Signed-off-by):[^<\n]{0,80}<([^>\s]{3,128})>')


@dataclass(slots=True)
class Conversation:
    """All mails by id in the order of their dates, and what was found in each.

    `shows` are the quoted lines of each mail, `seen` the same by the mail that wrote them and the one that shows them.
    """

    messages: dict[str, Message]
    layouts: dict[str, Layout]
    segments: dict[str, tuple[Segment, ...]]
    blocks: dict[str, tuple[Block, ...]]
    seen: dict[str, dict[str, list[Sight]]]
    shows: dict[str, tuple[Sight, ...]]
    authors: frozenset[str]
    patches: frozenset[str]
    children: dict[str, list[str]] = field(default_factory=dict)
    named: dict[str, list[Person]] = field(default_factory=dict)
    scene: object = None
    """Stands for posted mails, authors and people in `recalled` things: the same object while none of these changed."""

    def person(self, message_id: str | None) -> Person | None:
        message = self.messages.get(message_id) if message_id else None
        return message.author if message else None


def converse(
    threads: Sequence[Thread], series: Series | None, graph: QuoteGraph, as_of: datetime | None
) -> Conversation:
    """Lay out every mail dated up to `as_of`."""
    mails = {m.message_id: m for m in _dated((m for t in threads for m in t.messages), as_of)}
    segments = {mid: graph.segments.get(mid) or _plain(m) for mid, m in mails.items()}
    layouts = {mid: layout(m, segments[mid]) for mid, m in mails.items()}
    seen: dict[str, dict[str, list[Sight]]] = {}
    for mid in mails:
        for origin, found in sights_by_origin(segments[mid]).items():
            seen.setdefault(origin, {})[mid] = found
    shows = {mid: tuple(sights(segments[mid])) for mid in mails}
    children: dict[str, list[str]] = {}
    for mid, message in mails.items():
        if message.parent:
            children.setdefault(message.parent, []).append(mid)
    people = {mid: blocks(m, layouts[mid]) for mid, m in mails.items() if not automatic(m)}
    posted = frozenset(mid for mid in mails if layouts[mid].patch) | _posted(series)
    authors, named = _authors(series, mails, posted), _names(mails)
    scene = current().same('scene', '', (tuple(mails[m] for m in mails if m in posted), authors, named))
    return Conversation(mails, layouts, segments, people, seen, shows, authors, posted, children, named, scene)


def _dated(messages: Iterable[Message], as_of: datetime | None) -> list[Message]:
    unique: dict[str, Message] = {}
    for message in sorted(messages, key=lambda m: (m.date or EPOCH, m.message_id, m.raw)):
        if as_of is None or (message.date or EPOCH) <= as_of:
            unique.setdefault(message.message_id, message)
    return list(unique.values())


def _plain(message: Message) -> tuple[Segment, ...]:
    """Return segments by the marks alone, for a mail that the quote graph does not know."""
    out = []
    for number, line in enumerate(message.lines, 1):
        marks = re.match(r'^ ?(?:>[ \t]?)+', line)
        depth = marks[0].count('>') if marks else 0
        origin = None if depth else message.message_id
        lines = None if depth else (number, number)
        out.append(Segment(number, number, depth, origin, lines, 'unattributed' if depth else 'own'))
    return tuple(out)


def _names(mails: dict[str, Message]) -> dict[str, list[Person]]:
    """Return the people who write here by each word of their names."""
    named: dict[str, list[Person]] = {}
    for person in dict.fromkeys(m.author for m in mails.values()):
        for word in set(re.findall(r'\w+', person.name.lower())):
            named.setdefault(word, []).append(person)
    return named


def _posted(series: Series | None) -> frozenset[str]:
    if series is None:
        return frozenset()
    ids = {p.message_id for r in series.revisions for p in r.patches}
    return frozenset(ids | {r.cover for r in series.revisions if r.cover})


def _authors(series: Series | None, mails: dict[str, Message], posted: frozenset[str]) -> frozenset[str]:
    """Return the addresses of the series' authors: senders of its mails and those who signed its patches."""
    found: set[str] = set()
    if series is not None:
        found |= {r.author.email for r in series.revisions} | {
            p.author.email for r in series.revisions for p in r.patches
        }
        for revision in series.revisions:
            for patch in revision.patches:
                found |= makers(patch)
    else:
        found |= {mails[m].author.email for m in posted if m in mails}
        if not found and mails:
            found.add(next(iter(mails.values())).author.email)
    return frozenset(found - {''})


def makers(patch: Patch) -> frozenset[str]:
    """Return the addresses of those who signed a patch or developed it together."""
    return frozenset(a.lower() for a in _CO_AUTHOR.findall(patch.commit_message))


def on_code(talk: Conversation, message_id: str, line: int) -> bool:
    """Tell whether the nearest quoted text above a line is code or diff."""
    return _on_code(talk.layouts[message_id], line)


@recalled
def _on_code(shape: Layout, line: int) -> bool:
    for number in range(line - 1, max(line - 12, 0), -1):
        if shape.depths[number - 1]:
            for back in range(number, max(number - 5, 0), -1):
                text = shape.texts[back - 1]
                if (
                    shape.depths[back - 1]
                    and re.match(r'^(?:[+-]|@@|diff )', text)
                    and not re.match(r'^[-+] ?\w+ ', text[:1] + text[1:3])
                ):
                    return True
                if shape.depths[back - 1] and re.match(r'^\s*(?:[+-]\s*)?\S.*[;{}]\s*$|^\s*[+-]\s', text):
                    return True
            return False
    return False
