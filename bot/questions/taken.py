# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the reply that says a posting was applied: a maintainer's own words, or the notice of his tools.

Promises the mail and line that say so. Refuses an author's "applied": he means a suggestion; and a tester's, who goes on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.model import Message, Revision, Span

_LEAD = r"(?:(?:thanks?|thank you|thx|great|nice|ok(?:ay)?|good|both|all|now|series|patch(?:es)?|\d+(?:/\d+)?|i(?:'ve| have)?|it|this|the|whole|and|so|now|lgtm)\b[\s,.!:;-]*){0,8}"
_DONE = re.compile(
    rf'(?i)^\s*{_LEAD}(?:'
    r'applied(?:\s+(?:it|this|these|them|both|all)(?:\s+(?:series|patch(?:es)?))?)?'
    r'(?=\s*(?:[,.!]|$)|\s+(?:to|for|with|as|in|thanks)\b)|'
    r'queued(?:\s+up)?(?=\s*(?:[,.!]|$)|\s+(?:for|in|to|as)\b)|'
    r'(?:merged|pushed)\s+(?:into|to|for)\b|merged(?=\s*[,.!])|'
    r'(?:series|patch|commit)\s+(?:was|were|has been|have been)\s+(?:applied|merged)\s+(?:to|into)\b|'
    r'has been added to the -mm\b)'
)
# "Applied to my tree and it booted", "applied for testing", "merged into one patch": somebody who only tries or proposes.
_NOT_DONE = re.compile(r'(?i)\b(?:test(?:ed|ing)?|locally|one patch|single patch|cleanly|if|once|when|v\d+ will|not)\b')
_START = datetime.min.replace(tzinfo=UTC)
_LOOKED_AT = 40


def taken(posting: Revision, mails: Sequence[Message]) -> Span | None:
    """Return the line of a mail after the posting that says it was applied, None when none does."""
    since = posting.date or _START
    for mail in mails_after(mails, since):
        if (
            mail.author in (posting.author, *(p.author for p in posting.patches))
            or mail.author.name == posting.author.name
        ):
            continue
        if '(subset)' in mail.subject.lower():  # b4 ty: some of the patches, and the rest was not taken
            continue
        for number, line in enumerate(mail.lines[:_LOOKED_AT], 1):
            if not line.startswith('>') and _DONE.match(line) and not _NOT_DONE.search(line):
                return Span(mail.message_id, number, number)
    return None


def mails_after(mails: Sequence[Message], since: datetime) -> list[Message]:
    """Return the replies after a moment, by date."""
    later = [m for m in mails if (m.date or _START) > since and m.parent]
    return sorted(later, key=lambda m: (m.date or _START, m.message_id))
