# SPDX-License-Identifier: GPL-2.0-or-later
"""Cuts a reply into its author's blocks of text, each with the quoted lines that stand right above it.

Promises that a block answers only what is quoted above it (or, top-posted, nothing by position).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.model import Message, Segment
from bot.model.memory import recalled
from bot.questions.sentences import Sentence, paragraphs
from bot.questions.zones import Layout, Zone

_SAYS = (Zone.PROSE, Zone.CODE, Zone.DIFF, Zone.LOG, Zone.TRACE)
# Tags give consent and say nothing; other trailers below a colon ("we need this:") are what the block proposes.
_PROPOSED = re.compile(r'(?i)^\s*(?:fixes|closes|link|cc: *stable\b|cc: *<?stable@)')


@dataclass(frozen=True, slots=True)
class Block:
    """Text between two quotes: its lines, its sentences, and the quoted lines since the block before."""

    message: Message
    first: int
    last: int
    sentences: tuple[Sentence, ...]
    shows: bool
    above: tuple[int, ...]

    text: str


@recalled
def blocks(message: Message, layout: Layout) -> tuple[Block, ...]:
    """Return the blocks of a mail that say something; greetings and signatures are none."""
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for number, depth in enumerate((*layout.depths, 1), 1):
        if depth == 0 and start is None:
            start = number
        elif depth and start is not None:
            spans.append((start, number - 1))
            start = None
    said = sorted((s for p in paragraphs(layout) for s in p.sentences), key=lambda s: s.first)
    begins = [s.first for s in said]
    out: list[Block] = []
    quoted: list[int] = []
    at = 0
    for first, last in spans:
        quoted.extend(n for n in range(at + 1, first) if layout.depths[n - 1])
        at = last
        own = tuple(said[bisect_left(begins, first) : bisect_right(begins, last)])
        zones = layout.zones[first - 1 : last]
        if any(z in _SAYS for z in zones):
            proposed = _proposed(layout, first, last)
            lines = sorted([*(first + i for i, z in enumerate(zones) if z in _SAYS), *proposed])
            shows = bool(proposed) or any(z in _SAYS[1:] for z in zones)
            said_here = ' '.join(s.text for s in own)
            out.append(Block(message, lines[0], lines[-1], own, shows, tuple(quoted), said_here))
            quoted = []
    return tuple(out)


def _proposed(layout: Layout, first: int, last: int) -> list[int]:
    """Return the lines of trailers that the author wants to see in a patch: below a line that ends in a colon."""
    found = [n for n in range(first, last + 1) if layout.zones[n - 1] is Zone.TRAILERS]
    if not found or not any(_PROPOSED.match(layout.texts[n - 1]) for n in found):
        return []
    before = next((layout.texts[n - 1] for n in range(found[0] - 1, first - 1, -1) if layout.texts[n - 1].strip()), '')
    return found if before.rstrip().endswith(':') else []


class Sight(NamedTuple):
    """One quoted line of a mail: which line of which mail it shows."""

    line: int
    origin: str
    first: int
    last: int


@recalled
def sights_by_origin(segments: Sequence[Segment]) -> dict[str, list[Sight]]:
    """Return the quoted lines of one mail by the mail that wrote them."""
    found: dict[str, list[Sight]] = {}
    for sight in sights(segments):
        found.setdefault(sight.origin, []).append(sight)
    return found


def sights(segments: Sequence[Segment]) -> list[Sight]:
    """Return the quoted lines of one mail whose writer's mail is at hand."""
    out: list[Sight] = []
    for segment in segments:
        if segment.depth == 0 or segment.origin is None or segment.origin_lines is None:
            continue
        a, b = segment.origin_lines
        straight = b - a == segment.last - segment.first
        for number in range(segment.first, segment.last + 1):
            place = a + number - segment.first
            out.append(Sight(number, segment.origin, place if straight else a, place if straight else b))
    return out
