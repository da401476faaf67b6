# SPDX-License-Identifier: GPL-2.0-or-later
"""Cuts the lines of one mail into quote depth and text, and finds its attribution lines.

Promises one entry a line. Refuses to say who wrote a line: `quotes` decides that for all mails together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from bot.lore.quote_claims import Claim, parse_claim
from bot.model import Person

MARKS = re.compile(r'^ ?(?:>[ \t]?)+')
_HUNK = re.compile(r'^@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@')
_ODD_MARK = re.compile(r'(?:[A-Za-z]{1,4}>+|\s?[|:](?=\s|$)|\s?[}#](?=\s))[ \t]?')
_OUTLOOK = re.compile(
    r'(?i)^\s*\*?-{3,}\s*(?:original message|original-nachricht|message d.origine|forwarded message)\b'
)
_HEADER = re.compile(
    r'(?i)^\s*\*?(from|sent|date|to|cc|subject|von|gesendet|an|betreff|发件人|发送时间|收件人|抄送|主题)\s*+(?:\*\s*+)?[:：]'
)
_RECEIVED = frozenset(('sent', 'to', 'gesendet', 'an', '发送时间', '收件人'))
_FLAT_LENGTH = 600
_FLAT_MARKS = 4
_SPACES = str.maketrans({'\u00a0': ' ', '\u202f': ' ', '\u200b': None, '\ufeff': None, '\t': ' '})
_PUNCTUATION = str.maketrans(
    {'\u2018': "'", '\u2019': "'", '\u201c': '"', '\u201d': '"', '\u2026': '...', '\u2013': '-'}
)
_ASCII = re.compile(r'^[\x00-\x7f]*$')


@dataclass(slots=True)
class View:
    """One mail as quoting sees it; all lists have one entry a line and indices are 0-based."""

    depths: list[int]
    texts: list[str]
    keys: list[str]
    claims: list[Claim]
    outlook: int | None
    odd: dict[int, str]

    def __len__(self) -> int:
        return len(self.depths)


def normal(text: str) -> str:
    """Return the text with white space and typographic marks made plain: what mail programs change on the way."""
    if not _ASCII.match(text):
        text = text.translate(_SPACES).translate(_PUNCTUATION)
    return ' '.join(text.split())


def view(body: str) -> View:
    """Parse the decoded text of one mail."""
    depths: list[int] = []
    texts: list[str] = []
    lines = body.split('\n')
    inside = _own_diff(lines)
    for number, line in enumerate(lines):
        marks = None if number in inside else MARKS.match(line)
        depths.append(marks[0].count('>') if marks else 0)
        texts.append(line[marks.end() :] if marks else line)
    keys = [normal(t) for t in texts]
    outlook = _outlook(depths, texts)
    return View(depths, texts, keys, _claims(depths, keys), outlook, _odd(depths, texts))


def _own_diff(lines: list[str]) -> set[int]:
    """Return the lines of unquoted hunks: a `>` in their context lines is C, not a quote."""
    inside: set[int] = set()
    old = new = 0
    for number, line in enumerate(lines):
        if old > 0 or new > 0:
            if line[:1] not in ('+', '-', ' ', '\\', ''):
                old = new = 0
                continue
            inside.add(number)
            old -= line[:1] in ('-', ' ', '')
            new -= line[:1] in ('+', ' ', '')
        elif head := _HUNK.match(line):
            old, new = int(head[1] or 1), int(head[2] or 1)
    return inside


def _outlook(depths: list[int], texts: list[str]) -> int | None:
    """Return the first line of an Outlook header block: what follows is a copy of the parent without marks."""
    for number, text in enumerate(texts):
        if depths[number]:
            continue
        if _OUTLOOK.match(text) or _mail_head(texts, number):
            return number
    return None


def flattened(text: str) -> bool:
    """Tell whether a line holds a whole mail whose line breaks were lost: nobody can say where its quotes end."""
    return len(text) > _FLAT_LENGTH and text.count(' > ') >= _FLAT_MARKS


def _mail_head(texts: list[str], number: int) -> bool:
    """Tell whether headers as Outlook copies them begin here; those of a patch written by git have no To or Sent."""
    if not _HEADER.match(texts[number]):
        return False
    names = [h[1].lower() for t in texts[number : number + 6] if (h := _HEADER.match(t))]
    from_git = number > 0 and re.match(r'^From [0-9a-f]{7,64} ', texts[number - 1])
    return bool(not from_git and len(names) >= 3 and set(names) & _RECEIVED)


def _odd(depths: list[int], texts: list[str]) -> dict[int, str]:
    """Return unquoted lines that may be quotes in another style (`|`, `: `, initials), without that mark."""
    odd: dict[int, str] = {}
    for number, text in enumerate(texts):
        at = 0
        while depths[number] == 0 and (mark := _ODD_MARK.match(text, at)):
            at = mark.end()
        if at:
            odd[number] = text[at:]
    return odd


def pseudo_header(text: str) -> bool:
    """Tell whether the line is a header that Outlook writes into the text, or its rule."""
    return bool(_HEADER.match(text) or _OUTLOOK.match(text) or re.match(r'^_{10,}\s*$', text))


def _claims(depths: list[int], keys: list[str]) -> list[Claim]:
    found: list[Claim] = []
    for number, depth in enumerate(depths):
        key = keys[number]
        hint = key.endswith((':', ':]', '：')) or 'wrote:>' in key or key.startswith('Quoting ')
        if hint and _deeper_next(depths, keys, number):
            for first in range(number, max(number - 4, -1), -1):
                if depths[first] != depth or not keys[first]:
                    break
                claim = parse_claim(' '.join(keys[first : number + 1]))
                if claim and (_whole(claim) or first == number - 3 or not _open_ended(keys, depths, first)):
                    found.append(Claim(claim[0], claim[1], first + 1, number + 1, depth))
                    break
    return found


def _whole(claim: tuple[Person, datetime | None]) -> bool:
    """Tell whether a claim lacks nothing that a line above it could hold."""
    person, date = claim
    return bool(person.name and (date or person.email))


def _open_ended(keys: list[str], depths: list[int], first: int) -> bool:
    """Tell whether the line above may begin the attribution ("On DATE," / "X wrote:")."""
    return first > 0 and depths[first - 1] == depths[first] and bool(re.search(r'\d', keys[first - 1]))


def _deeper_next(depths: list[int], keys: list[str], number: int) -> bool:
    for later in range(number + 1, min(number + 4, len(depths))):
        if depths[later] > depths[number]:
            return True
        if keys[later]:
            return False
    return False
