# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what an author says that changed: "Changes in v2", "v1 -> v2:", below `---` and in covers.

Promises items with their lines in the mail. Items of older steps are left out: they were news then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.model.memory import recalled

_HEAD = re.compile(
    r"""(?ix)^[\s*#>=\-\[(]{0,6}
    (?:change\s?logs?\b|changes?\b|changed\b|diff(?:erences)?\b|history\b|since\b|
    updates?\b|new\b|revision\b|modifications?\b|what's\s|
       (?:patch\s+)?\(?v\d+\b|rfc\b)
    .{0,70}$"""
)
_VERSIONS = re.compile(r'(?i)\bv(?:ersion\s)?(\d{1,4})\b|\brfc\b')
_BULLET = re.compile(r'^\s*(?:[-*+•o]|\d+[.)])\s+\S')
_POINTER = re.compile(r'(?i)^(?:link to |link:|https?://)')
_LINKS = re.compile(r'(?:\[?v?(?<!\d)\d+\]?:?\s*)?https?://\S+|==.{0,40}==')
_WORDS = re.compile(r'[A-Za-z]{2,}')
_CALLED = re.compile(r'^([A-Z][a-z]{2,})(?: [A-Z][a-z]+)?,\s')
_SENTENCE = re.compile(r'(?<=[.!?])\s+(?=[A-Z])')
_STAT_SUM = re.compile(r'\s*\d+ files? changed(?:, \d+ (?:insertion|deletion)s?\([-+]\))+$')
_DIFF = re.compile(r'^(?:diff --git |--- a/| \S.* \| +\d+| \d+ files? changed)')
_TITLE = re.compile(r'^\s*(?:[-*+•o]\s+)?\[?(?:PATCH\b[^\]]*\]|patch\s+#?\d+(?:/\d+)?\b)\s*:?\s*(.*)$', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Change:
    """One item of a changelog; `about` is the title of the patch that it stands under in a cover, '' elsewhere.

    `note` tells that it is a sentence of a free note below `---`, `to` is the name that such a note addresses.
    """

    text: str
    message_id: str
    first: int
    last: int
    about: str = ''
    note: bool = False
    to: str = ''


@recalled
def changes(message_id: str, body: str, version: int) -> tuple[Change, ...]:
    """Return the changelog items of the step to `version` in a posted mail."""
    lines = body.split('\n')
    found: list[Change] = []
    current: bool | None = None
    for number, line in enumerate(lines, 1):
        if _STAT_SUM.match(line):
            current = False
            continue
        if _DIFF.match(line) and 'changed' not in line:
            if line.startswith(('diff', '--- a/')):
                break
            continue
        step = _step(line, version)
        if step is not None:
            current = step
            tail = line.split(':', 1)[1].strip() if ':' in line else ''
            if current and len(tail.split()) >= 3:
                found.append(Change(tail, message_id, number, number))
        elif current:
            current = _item(found, message_id, number, line, lines)
    found = [c for c in found if not _POINTER.match(c.text) and _WORDS.search(_LINKS.sub('', c.text))]
    return tuple(_under_titles(found)) or tuple(_notes(message_id, lines))


def _notes(message_id: str, lines: Sequence[str]) -> Iterator[Change]:
    """Yield the sentences between `---` and the diffstat of a patch that has no changelog: they are news, too."""
    start = next((n for n, t in enumerate(lines) if t.rstrip() == '---'), len(lines))
    text: list[str] = []
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if line.strip() and not _DIFF.match(line):
            text.append(line.strip())
            continue
        if text:
            whole = ' '.join(text)
            called = _CALLED.match(whole)
            for said in _SENTENCE.split(whole):
                yield Change(said, message_id, number - len(text) + 1, number, '', True, called[1] if called else '')
            text = []
        if line.strip():
            return


def _under_titles(found: Sequence[Change]) -> list[Change]:
    """Turn items that only name a patch into the heading of those that follow."""
    out: list[Change] = []
    about = ''
    for change in found:
        if title := _TITLE.match(change.text):
            about = title[1]
        else:
            out.append(replace(change, about=about))
    return out


def _step(line: str, version: int) -> bool | None:
    """Tell whether a heading opens the step to `version` (True), another one (False), or is none (None)."""
    if not _HEAD.match(line) or _BULLET.match(line) and not re.search(r'(?i)\bv\d+\s*(?::|->|=>|→)', line):
        return None
    numbers = [int(n) for n in _VERSIONS.findall(line) if n]
    opener = re.search(r'(?i)change|since|diff|history|update|->|=>|→|what|:\s*$|^\s*v\d+\s*:|revision', line)
    if not opener or (
        not numbers and not re.search(r'(?i)rfc|last|previous|changes?\s*:?\s*$|change\s?log\s*:?\s*$', line)
    ):
        return None
    if not numbers:
        return True if re.search(r'(?i)since|from|last|previous|rfc', line) else None
    since = re.search(r'(?i)\b(?:since|from|compared to|vs\.?|over|relative to|after)\b', line) and len(numbers) == 1
    return numbers[0] == version - 1 if since else max(numbers) == version


def _item(found: list[Change], message_id: str, number: int, line: str, lines: Sequence[str]) -> bool:
    """Take in one line below a heading; return whether the section goes on."""
    if not line.strip():
        rest = next((t for t in lines[number : number + 2] if t.strip()), '')
        return bool(_BULLET.match(rest) or rest[:1] in (' ', '\t') or (not found or found[-1].last < number - 2))
    if re.match(r'^(?:---|-- ?$|[A-Z][a-z]+(?:-[A-Za-z]+)+: |\[\d+\] ?http|https?://)', line):
        return not line.startswith('--')
    if found and found[-1].last == number - 1 and not _BULLET.match(line):
        last = found[-1]
        found[-1] = Change(f'{last.text} {line.strip()}', message_id, last.first, number)
    else:
        found.append(Change(line.strip(' -*+•\t'), message_id, number, number))
    return True
