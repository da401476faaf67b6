# SPDX-License-Identifier: GPL-2.0-or-later
"""The values all documents share: people, times, verdicts, places; and how a document becomes text."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from bot.model import Person, Span, Verdict
from bot.report.inert import acting

Json = dict[str, Any]

_HALF = re.compile('[\ud800-\udfff]')


def person(who: Person | None) -> Json | None:
    return {'name': who.name, 'email': who.email} if who else None


def time(moment: datetime | None) -> str | None:
    """Return ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ') if moment else None


def verdict(of: Verdict) -> Json:
    return {'outcome': str(of.outcome), 'reason': of.reason}


def span(of: Span | None) -> Json | None:
    return {'message_id': of.message_id, 'lines': [of.first, of.last]} if of else None


def dump(document: Json) -> str:
    """Return the document as text: keys in the order of the contract, UTF-8, nothing in it that acts on a terminal."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    # Half surrogates are no text at all: strict readers refuse a document that has them, even escaped.
    text = _HALF.sub('\ufffd', text)
    return ''.join(_escaped(c) if c != '\n' and acting(c) else c for c in text) + '\n'


def _escaped(char: str) -> str:
    units = char.encode('utf-16-be')
    return ''.join(f'\\u{units[n]:02x}{units[n + 1]:02x}' for n in range(0, len(units), 2))
