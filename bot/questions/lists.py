# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells which paragraphs are the items of one list, and what the line above the list wants of them.

Promises one group a list, however many paragraphs an item has. Refuses lists that the author's own text does not hold
together: what stands below another quotation is another list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.questions import features
from bot.questions.sentences import Paragraph

BULLETS = '*-+•o'
# More text than this between two items, and the second begins a list of its own.
_FURTHEST = 6
_ASKING = re.compile(
    r'(?i)\b(?:questions?|unclear|wonder\w*|curious|(?:you|please|anyone|somebody|kindly) (?:\w+ ){0,3}?(?:clarify|explain|'
    r'comment|confirm|elaborate|shed|tell|help)|(?:like|want|love|need) to (?:know|understand|hear)|not understand)\b'
    r'[^.?]{0,500}:\s*$'
)
_ORDERING = re.compile(
    r'(?i)^(?:\W*(?:(?:a )?(?:few|some|couple of|minor|small|more|other|further|additional|two|three|four|tiny|and)\s+)*'
    r'(?:nits?|nit-?picks?|(?:style|coding|minor|small) (?:issues?|comments?|remarks?|things?)|requests?|to-?dos?)\b'
    r'[^.?]{0,40}:\s*$)|\bplease\b[^.?]{0,500}:\s*$|'
    # The last clause has to order: "it must not leak, and for that the rules are:" tells.
    r'\b(?:need to|should|must|have to)\b[^.?,;]{0,500}:\s*$'
)


@dataclass(frozen=True, slots=True)
class Lists:
    """By number of paragraph: `group` gives the paragraph that heads the list of an item (the line above it, else its
    first item); `asks` and `orders` are the items below a line that asks or orders, `told` those below another one."""

    group: dict[int, int]
    asks: frozenset[int]
    orders: frozenset[int]
    told: frozenset[int]


def lists(found: Sequence[Paragraph]) -> Lists:
    """Return the lists of at least two items among the paragraphs of one text."""
    group: dict[int, int] = {}
    asks: set[int] = set()
    orders: set[int] = set()
    told: set[int] = set()
    for items in _runs(found):
        above = _above(found, items[0])
        numbered = found[items[0]].marker not in BULLETS
        text = found[above].text if above is not None else ''
        asking = above is not None and (bool(_ASKING.search(text)) or (numbered and _asks(found[above])))
        ordering = bool(_ORDERING.search(text))
        told.update(items if above is not None and not asking and not ordering else ())
        if not (asking or ordering or (numbered and len(items) > 1)):
            continue
        head = above if above is not None else items[0]
        group.update(dict.fromkeys(items, head))
        asks.update(items if asking else ())
        orders.update(items if ordering and not asking else ())
    return Lists(group, frozenset(asks), frozenset(orders), frozenset(told))


def _runs(found: Sequence[Paragraph]) -> Iterator[list[int]]:
    """Yield the items of each list: bullets that follow each other, numbers that go on."""
    run: list[int] = []
    for at, paragraph in enumerate(found):
        if not paragraph.marker:
            continue
        if run and not _goes_on(found, run[-1], at):
            yield run
            run = []
        run.append(at)
    if run:
        yield run


def _goes_on(found: Sequence[Paragraph], last: int, at: int) -> bool:
    before, now = found[last], found[at]
    if before.block != now.block or at - last > _FURTHEST or (before.marker in BULLETS) != (now.marker in BULLETS):
        return False
    if now.marker in BULLETS:
        return at - last == 1 and before.marker == now.marker
    return _value(now.marker) == _value(before.marker) + 1


def _value(marker: str) -> int:
    return int(marker) if marker.isdigit() else ord(marker.lower())


def _above(found: Sequence[Paragraph], at: int) -> int | None:
    """Return the line right above a list if it leads in to it."""
    if at == 0 or found[at - 1].block != found[at].block or found[at - 1].marker:
        return None
    return at - 1 if found[at - 1].text.rstrip().endswith(':') else None


def _asks(paragraph: Paragraph) -> bool:
    """Tell whether what ends in the colon asks, or what leads up to it ("Can you comment? In particular:")."""
    *before, last = [s.text for s in paragraph.sentences]
    return features.weigh(last)[0] > 0 or (
        bool(before) and len(last.split()) <= 4 and features.weigh(before[-1])[0] > 0
    )
