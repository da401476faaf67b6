# SPDX-License-Identifier: GPL-2.0-or-later
"""Says which mails of a conversation are about the series: items asked elsewhere are not in its ledger.

Promises that a mail counts when it stands in a thread that holds a posting of the series, unless the patch that it is
about belongs to other work. Mails left out are still read: what they say may answer, quote and apply.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Series, Thread
from bot.questions.conversation import Conversation
from bot.questions.react import patch_above


def about_series(talk: Conversation, threads: Sequence[Thread], series: Series | None) -> frozenset[str]:
    """Return the mails that are about the series; all when there is none, or no mail of it is at hand to tell them by."""
    if series is None:
        return frozenset(talk.messages)
    posted = {p.message_id for r in series.revisions for p in r.patches}
    posted |= {mid for r in series.revisions for mid in (r.cover, r.message_id) if mid}
    if not posted & talk.messages.keys():
        return frozenset(talk.messages)
    return frozenset(
        message.message_id
        for thread in threads
        if any(m.message_id in posted or posted.intersection(m.references) for m in thread.messages)
        for message in thread.messages
        if message.message_id in talk.messages and _ours(talk, message.message_id, posted)
    )


def _ours(talk: Conversation, mid: str, posted: set[str]) -> bool:
    """Tell whether a mail is below a posting of the series, or below none at all."""
    patch = patch_above(talk, mid)
    if patch is None or patch in posted:
        return True
    return _below(talk, patch, posted)


def _below(talk: Conversation, mid: str | None, posted: set[str]) -> bool:
    entered: set[str] = set()
    while mid in talk.messages and mid not in entered:
        if mid in posted:
            return True
        entered.add(mid)
        mid = talk.messages[mid].parent
    return False
