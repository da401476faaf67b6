# SPDX-License-Identifier: GPL-2.0-or-later
"""Says what an item hangs on: posting and patch under discussion, quoted lines above, names that it brings in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Patch, Revision
from bot.model.memory import current, recalled
from bot.questions.asked import Asked
from bot.questions.conversation import Conversation
from bot.questions.patches import code, plain
from bot.questions.zones import Layout

_NAME = re.compile(
    r'\b[A-Za-z]*(?:_+[A-Za-z0-9]+)+\b|\b[A-Z][A-Z0-9]{3,}\b|\b[A-Za-z_]\w+(?=\(\))|(?<=`)[A-Za-z_]\w+(?=`)|'
    r'\b[a-z]+[A-Z]\w+\b'
)
_LINES = 3
_LOOKED_AT = 12


@dataclass(frozen=True, slots=True)
class Anchor:
    """`lines` are new lines of the patch (normalised) nearest first; `prose` are sentences of its text.

    `names` are identifiers in the asker's text, `brought` those that stand in nothing that he quotes,
    `code_words` all words of the quoted code; `quoted` are the quoted lines above, nearest first, as they stand;
    `own` is the item with the line it hangs on, `context` his whole text with what he quoted above it.
    """

    posting: Revision
    patch: Patch | None
    lines: tuple[str, ...]
    prose: tuple[str, ...]
    names: frozenset[str]
    brought: frozenset[str]
    code_words: frozenset[str]
    quoted: tuple[str, ...]
    own: str
    context: str


def anchor(talk: Conversation, one: Asked, postings: Sequence[Revision]) -> Anchor | None:
    """Return what the item hangs on, None when no posting of the series stands above it."""
    mid: str | None = one.seen_in
    homes = _homes(*postings)
    entered: set[str] = set()
    while mid in talk.messages and mid not in entered:
        entered.add(mid)
        if mid in homes:
            return _anchored(talk, one, *homes[mid])
        mid = talk.messages[mid].parent
    dated = [p for p in postings if p.date and one.date and p.date <= one.date]
    return _anchored(talk, one, dated[-1], None) if dated else None


@recalled
def _homes(*postings: Revision) -> dict[str | None, tuple[Revision, Patch | None]]:
    """Return posting and patch of every posted mail; a patch that was taken over belongs to the first that has it."""
    homes: dict[str | None, tuple[Revision, Patch | None]] = {}
    for posting in postings:
        for patch in posting.patches:
            homes.setdefault(patch.message_id, (posting, patch))
        for mid in (posting.cover, posting.message_id):
            homes.setdefault(mid, (posting, None))
    homes.pop(None, None)
    return homes


def _anchored(talk: Conversation, one: Asked, posting: Revision, patch: Patch | None) -> Anchor:
    mid = one.seen_in
    depends = (talk.layouts[mid], talk.blocks.get(mid), one, posting, patch, talk.messages.get(posting.cover or ''))
    return current().of('anchor', lambda *_: _anchor_at(talk, one, posting, patch), depends)


def _anchor_at(talk: Conversation, one: Asked, posting: Revision, patch: Patch | None) -> Anchor:
    above = _quoted_above(talk, one)
    mine = code([patch] if patch else posting.patches)
    added = [plain(t[1:]) for t in above if t[:1] == '+' and plain(t[1:]) in mine.added]
    told = [s for s in added if len(re.sub(r'\W', '', s)) >= 3]
    text = ' '.join(((patch.commit_message if patch else ''), _cover(talk, posting))).split()
    whole = ' '.join(text)
    prose = [' '.join(t.split()) for t in above[:3] if len(t.split()) >= 4]
    said = asker_text(talk, one)
    shape = talk.layouts[one.seen_in]
    quoted = _quoted_words(shape)
    names = frozenset(_NAME.findall(_proposal(talk, one)))
    words = frozenset(w for t in above if t[:1] in '+- ' for w in re.findall(r'[A-Za-z_]\w+', t))
    return Anchor(
        posting,
        patch,
        tuple((told or added)[:_LINES]),
        tuple(p for p in prose if p in whole),
        names,
        names - quoted,
        words if added else frozenset(),
        tuple(above),
        f'{one.item.text} {" ".join(above[:2])}',
        f'{said} {" ".join(above[:6])}',
    )


@recalled
def _quoted_words(shape: Layout) -> frozenset[str]:
    return frozenset(w for t, d in zip(shape.texts, shape.depths, strict=True) if d for w in re.findall(r'\w+', t))


def _cover(talk: Conversation, posting: Revision) -> str:
    message = talk.messages.get(posting.cover or '')
    return message.body if message else ''


def _quoted_above(talk: Conversation, one: Asked) -> list[str]:
    """Return the quoted lines that stand above the item, nearest first, up to the asker's text before them."""
    shape = talk.layouts[one.seen_in]
    above: list[str] = []
    for number in range(one.item.first - 1, max(one.item.first - 60, 0), -1):
        if shape.depths[number - 1]:
            if shape.texts[number - 1].strip():
                above.append(shape.texts[number - 1])
            if len(above) >= _LOOKED_AT:
                break
        elif above and shape.texts[number - 1].strip():
            break
    return above


def _proposal(talk: Conversation, one: Asked) -> str:
    """Return the item with the paragraph that it stands in and what follows, up to the next question."""
    block = next((b for b in talk.blocks.get(one.seen_in, ()) if b.first <= one.item.first <= b.last), None)
    if one.depth or block is None:
        return one.item.text
    texts = talk.layouts[one.seen_in].texts
    first, last = one.item.first, one.item.last
    while first > block.first and texts[first - 2].strip():
        first -= 1
    while last < block.last and not ('?' in texts[last] and not texts[last - 1].strip()):
        last += 1
    return '\n'.join(texts[first - 1 : last])


def asker_text(talk: Conversation, one: Asked) -> str:
    """Return the asker's whole text around the item, up to the quotes on either side."""
    if one.depth == 0:
        for block in talk.blocks.get(one.seen_in, ()):
            if block.first <= one.item.first <= block.last:
                return '\n'.join(talk.layouts[one.seen_in].texts[block.first - 1 : block.last])
    return one.item.text
