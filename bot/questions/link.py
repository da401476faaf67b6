# SPDX-License-Identifier: GPL-2.0-or-later
"""Ties blocks of replies to the items they respond to: by the quoted lines above them, else by their words.

Promises evidence lines for every tie and how direct it is. Refuses to judge what the block says: `state` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.questions import cues
from bot.questions.asked import Asked
from bot.questions.blocks import Block, Sight
from bot.questions.conversation import Conversation
from bot.questions.overlap import Weights, content_words
from bot.questions.people import same_person

Relation = Literal['answers', 'reacts', 'continues', 'around', 'all', 'unquoted', 'silent']
"""What a block does: stands below the item; below somebody's words on it; below what the asker then added
without showing the item again; where it was trimmed; consents to all of the mail; quotes nothing of it."""

_NEAR = 6
_AROUND = 8
_SHARED = 0.2
_COVER = 0.35
_MARGIN = 0.15


@dataclass(frozen=True, slots=True)
class Response:
    """A block that responds to the item with index `item`.

    `gap` counts quoted lines in between, `later` other questions of the asker there, `beyond` those of them that he
    asked in another text than the item, `share` the item's words in the block; `firm` tells that somebody speaks who
    was asked.
    """

    item: int
    block: Block
    relation: Relation
    directness: Literal['direct', 'near', 'weak']
    gap: int
    share: float
    later: int
    firm: bool = False
    beyond: int = 0


def link(talk: Conversation, asked: Sequence[Asked], rare: Weights) -> list[Response]:
    """Return all responses, in the order of their mails."""
    at = {mid: n for n, mid in enumerate(talk.messages)}
    found: list[Response] = []
    mails = _by_mail(asked)
    siblings = {mid: [asked[i] for i in items if _firm(asked[i])] for mid, items in mails.items()}
    for index, one in enumerate(asked):
        found.extend(_below_quotes(talk, one, index, siblings.get(one.message_id or '', []), rare))
    linked = _Linked({(r.item, r.block.message.message_id) for r in found}, _taken(asked, found))
    for mid, items in mails.items():
        found.extend(_by_words(talk, asked, items, mid, linked, rare))
    found.extend(_continued(talk, asked, found))
    return sorted(found, key=lambda r: (at[r.block.message.message_id], r.block.first, r.item))


@dataclass(frozen=True, slots=True)
class _Linked:
    """What quotations have tied: items to mails; and blocks (asker's mail, mail, line) that answer a question shown."""

    mails: set[tuple[int, str]]
    blocks: set[tuple[str | None, str, int]]


def _taken(asked: Sequence[Asked], found: Sequence[Response]) -> set[tuple[str | None, str, int]]:
    near = (r for r in found if r.relation == 'answers' and r.directness != 'weak')
    return {
        (asked[r.item].message_id, r.block.message.message_id, r.block.first)
        for r in near
        if asked[r.item].item.tier != 'possible'
    }


def _by_mail(asked: Sequence[Asked]) -> dict[str, list[int]]:
    mails: dict[str, list[int]] = {}
    for index, one in enumerate(asked):
        if one.message_id:
            mails.setdefault(one.message_id, []).append(index)
    return mails


def shown(talk: Conversation, one: Asked) -> dict[str, list[int]]:
    """Return for each other mail the lines in which it shows the item."""
    lines: dict[str, list[int]] = {}
    if one.depth == 0 and one.message_id:
        for mid, seen in talk.seen.get(one.message_id, {}).items():
            hit = [s.line for s in seen if s.first <= one.item.last and s.last >= one.item.first]
            if hit:
                lines[mid] = hit
    for mid, first, last in one.places if one.depth else ():
        lines[mid] = list(range(first, last + 1))
    return lines


def _firm(one: Asked) -> bool:
    return one.item.kind == 'question' and one.item.tier != 'possible'


def _below_quotes(
    talk: Conversation, one: Asked, index: int, siblings: Sequence[Asked], rare: Weights
) -> Iterator[Response]:
    """Yield the blocks that stand below a quotation of the item; `siblings` are all questions of its mail."""
    for mid, lines in shown(talk, one).items():
        visible = set(lines)
        found = talk.blocks.get(mid, ()) if not talk.layouts[mid].patch else ()
        for at, block in enumerate(found):
            above = [n for n in block.above if n in visible]
            if above:
                answer = _response(talk, one, index, block, max(above), siblings, rare)
                yield answer
                if at + 1 < len(found) and cues.SEE_BELOW.fires(block.text):
                    yield replace(answer, block=found[at + 1], directness='near')


def _response(
    talk: Conversation, one: Asked, index: int, block: Block, last: int, siblings: Sequence[Asked], rare: Weights
) -> Response:
    shape = talk.layouts[block.message.message_id]
    depth = shape.depths[last - 1]
    between = [n for n in block.above if n > last and shape.texts[n - 1].strip()]
    others = [n for n in between if shape.depths[n - 1] < depth]
    gap = len([n for n in between if shape.depths[n - 1] >= depth])
    directness: Literal['direct', 'near', 'weak'] = 'direct' if gap == 0 else 'near' if gap <= _NEAR else 'weak'
    relation: Relation = 'reacts' if others else 'answers'
    later, beyond = _nearer(talk, one, block, last, siblings)
    firm = _is_asked(talk, one, block.message.message_id)
    share = rare.coverage(one.item.text, block.text)
    return Response(index, block, relation, directness, gap, share, later, firm, beyond)


def _nearer(talk: Conversation, one: Asked, block: Block, last: int, siblings: Sequence[Asked]) -> tuple[int, int]:
    """Return how many other questions of the same mail stand between the last line of the item and the block.

    The second number counts those that the asker asked in another text than the item.
    """
    mid = block.message.message_id
    if one.depth:
        places = (p for s in siblings for p in s.places if s.qhash != one.qhash)
        return sum(where == mid and last < first < block.first for where, first, _ in places), 0
    seen = talk.seen.get(one.message_id or '', {}).get(mid, ())
    below = {s.first for s in seen if last < s.line < block.first}
    nearer = [s for s in siblings if s.item.first in below]
    if not nearer:
        return 0, 0
    own = next((b for b in talk.blocks.get(one.seen_in, ()) if b.first <= one.item.first <= b.last), None)
    return len(nearer), sum(own is not None and not own.first <= s.item.first <= own.last for s in nearer)


def _by_words(
    talk: Conversation,
    asked: Sequence[Asked],
    items: Sequence[int],
    mid: str,
    linked: _Linked,
    rare: Weights,
) -> Iterator[Response]:
    """Tie replies that quote the mail elsewhere, or not at all, by nearness of the quotation and by words."""
    for child in talk.children.get(mid, ()):
        if talk.layouts[child].patch:
            continue
        open_ = [i for i in items if (i, child) not in linked.mails]
        if not talk.seen.get(mid, {}).get(child):
            yield from _unquoted(talk, asked, open_, child, rare)
        elif open_:
            places = _places(talk, mid, child)
            for index in open_:
                yield from _around(talk, asked[index], index, child, places, linked, rare)


def _places(talk: Conversation, mid: str, child: str) -> dict[int, Sight]:
    """Return for each quoted line of a reply where it stands in the mail replied to, as its text or quoted there."""
    quoted = {(s.origin, s.first): s.line for s in reversed(talk.shows[mid])}
    places: dict[int, Sight] = {}
    for sight in talk.shows[child]:
        if sight.origin == mid:
            places[sight.line] = sight
        elif (sight.origin, sight.first) in quoted:
            line = quoted[sight.origin, sight.first]
            places[sight.line] = Sight(sight.line, mid, line, line)
    return places


def _around(
    talk: Conversation,
    one: Asked,
    index: int,
    child: str,
    shown_at: dict[int, Sight],
    linked: _Linked,
    rare: Weights,
) -> Iterator[Response]:
    """Yield the block that stands where the item was trimmed: right below the last line before it that is shown."""
    found = talk.blocks.get(child, ())
    asked_of = _is_asked(talk, one, child)
    for block in found:
        mine = [shown_at[n] for n in block.above if n in shown_at]
        share = rare.coverage(one.item.text, block.text)
        if cues.COVERS_ALL.pattern.search(block.text) and asked_of and cues.first_hit(cues.PROMISED, block.text):
            yield Response(index, block, 'all', 'weak', 99, share, 0, True)
            return
        if not mine:
            continue
        gap = _lines_between(talk, one, mine)
        rest = (sight for line, sight in shown_at.items() if line > block.last)
        mine_is_taken = (one.message_id, child, block.first) in linked.blocks
        if gap <= _AROUND and not any(s.first < one.item.first for s in rest):
            yield Response(
                index, block, 'around', 'weak', gap, share, 0, share >= _SHARED or (asked_of and not mine_is_taken)
            )
            return


def _lines_between(talk: Conversation, one: Asked, above: Sequence[Sight]) -> int:
    """Return how many lines with text lie between what a block shows of a mail and the trimmed item."""
    last, first = max(s.last for s in above), min(s.first for s in above)
    if first > one.item.last:
        low, high = one.item.last, first
    elif last < one.item.first:
        low, high = last, one.item.first
    else:
        return 0
    texts = talk.layouts[one.message_id or ''].texts
    return sum(bool(t.strip()) for t in texts[low : high - 1])


_TURNS = 4


def _continued(talk: Conversation, asked: Sequence[Asked], found: Sequence[Response]) -> list[Response]:
    """Return the blocks that stand right below what the asker added to his item, and so on, turn by turn."""
    known = {(r.item, r.block.message.message_id, r.block.first) for r in found}
    out: list[Response] = []
    turn = [r for r in found if r.relation == 'reacts' and same_person(r.block.message.author, asked[r.item].asker)]
    for _ in range(_TURNS):
        fresh = {
            (r.item, block.message.message_id, block.first): Response(r.item, block, 'continues', 'weak', 99, 0.0, 0)
            for r in turn
            for block in _right_below(talk, r.block)
        }
        turn = [r for place, r in fresh.items() if place not in known]
        known |= fresh.keys()
        out += turn
    return out


def _right_below(talk: Conversation, block: Block) -> Iterator[Block]:
    """Yield the blocks of other people that stand right below lines of a block."""
    for mid, sights in talk.seen.get(block.message.message_id, {}).items():
        lines = {s.line for s in sights if s.first <= block.last and s.last >= block.first}
        if talk.layouts[mid].patch or same_person(talk.messages[mid].author, block.message.author):
            continue
        for other in talk.blocks.get(mid, ()):
            nearest = next((n for n in reversed(other.above) if talk.layouts[mid].texts[n - 1].strip()), None)
            if nearest in lines:
                yield other


def _is_asked(talk: Conversation, one: Asked, child: str) -> bool:
    """Tell whether the mail is from somebody who was asked, or from the series' authors."""
    author = talk.messages[child].author
    return author.label in one.to or author.email in talk.authors


def _unquoted(
    talk: Conversation, asked: Sequence[Asked], items: Sequence[int], child: str, rare: Weights
) -> Iterator[Response]:
    found = talk.blocks.get(child, ())
    firm = [i for i in items if _firm(asked[i])]
    if not found or talk.messages[child].author == asked[items[0]].asker if items else True:
        return
    for block in found:
        if block.above and not _top_posted(block, found):
            continue
        shares = sorted(((rare.coverage(asked[i].item.text, block.text), i) for i in items), reverse=True)
        for share, index in shares:
            only = len(firm) == 1 and index in firm and content_words([s.text for s in block.sentences]) >= 4
            second = max((s for s, i in shares if i != index), default=0.0)
            if only or (share >= _COVER and share >= second + _MARGIN):
                yield Response(index, block, 'unquoted', 'weak', 99, share, 0)
            elif index in firm:
                yield Response(index, block, 'silent', 'weak', 99, share, 0)


def _top_posted(block: Block, found: Sequence[Block]) -> bool:
    return block is found[0] and len(found) == 1
