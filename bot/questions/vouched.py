# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the askers who later gave their tag to what became of the patch they had asked about.

Promises the line of the tag. A tag says that its giver is content with the posting that it is given to, so it accepts what
he had asked on earlier ones; what he asks again afterwards is open again. Refuses other people's tags, tags on other
patches, and an Acked-by to the very posting that he asked on: he may have given it in spite of his question.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Event, Revision, Series
from bot.questions.asked import Asked
from bot.questions.conversation import Conversation
from bot.questions.patches import partner
from bot.questions.react import by_asker, later_than, patch_above, signed, tag_event

_CONTENT = ('Reviewed-by', 'Acked-by')


def vouched(talk: Conversation, asked: Sequence[Asked], series: Series | None) -> list[tuple[int, Event]]:
    """Return the event of each such tag, with the index of the item that it accepts."""
    heirs = _heirs(series.revisions if series else ())
    out: list[tuple[int, Event]] = []
    of = by_asker(asked)
    for message, number, tag in signed(talk):
        given = patch_above(talk, message.message_id)
        if tag not in _CONTENT or given is None:
            continue
        for index in of(message.author):
            patch = patch_above(talk, asked[index].message_id)
            if patch and later_than(asked[index], message) and given in heirs.get(patch, ()):
                out.append((index, tag_event('vouched', message, number, tag)))
    return out


def _heirs(postings: Sequence[Revision]) -> dict[str, frozenset[str]]:
    """Return for each posted mail the later ones whose tags speak for it: what its patch became, and later covers."""
    found: dict[str, frozenset[str]] = {}
    for n, posting in enumerate(postings):
        after = postings[n + 1 :]
        covers = {r.cover for r in after if r.cover} | {r.message_id for r in after if r.expected == 1}
        if posting.cover:
            found.setdefault(posting.cover, frozenset(covers))
        for patch in posting.patches:
            mine, now = set(covers), patch
            for later in after:
                now = partner(now, later) or now
                mine.add(now.message_id)
            found.setdefault(patch.message_id, frozenset(mine - {patch.message_id}))
    return found
