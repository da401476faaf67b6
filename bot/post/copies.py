# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells whether a mail that an archive has is a letter of ours, or somebody else's under the same id.

The id of a letter can be foretold, so it proves nothing. A copy is from our address and says all that the letter says, from
its first line on and in its order; lists may encode it anew, change blanks, write `>From`, and add lines at the end.
Anything else is left to a person: a letter that is wrongly taken for delivered is lost, one that waits is not.
"""

from __future__ import annotations

from bot.model import Draft, Message
from bot.post.fields import person

_LONGEST_FOOTER = 30  # lines that a list may add; Mailman's are below ten


def is_copy(found: Message, sent: Draft, own: str) -> bool:
    """Tell whether a mail with the id of a letter is that letter; `own` is lorebot's address.

    Where a list writes itself into From, the author it names is whom Reply-To names: the contact of the letter.
    """
    contact = person(dict(sent.headers).get('Reply-To', ''))
    ours = {own.lower(), *([contact.email.lower()] if contact else [])}
    if found.message_id != sent.id or found.author.email.lower() not in ours:
        return False
    said, there = _lines(sent.body), _lines(found.body)
    return bool(said) and there[: len(said)] == said and len(there) - len(said) <= _LONGEST_FOOTER


def _lines(body: str) -> list[str]:
    """Return what can be read of a text: blanks are one, empty lines and the escape of mailboxes are gone."""
    lines = (' '.join(line.split()) for line in body.split('\n'))
    return [line.removeprefix('>') if line.startswith('>From ') else line for line in lines if line]
