# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads one mail that says that patches were applied, queued, or taken out again: by hand, by a form, or by a program.

Promises the line that says so and, where the mail lists patches, which; the queue, the ledger and the report all read
through this module. Refuses who only tried the patches, proposes it, or speaks of one day; and a line that is quoted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.model import Message
from bot.model.memory import recalled
from bot.questions import cues
from bot.questions.bots import automatic

Own = tuple[tuple[int, str], ...]
"""Numbers and texts of the lines that the sender wrote himself."""

_LOOKED_AT = 40
_MOST = 999
_SENTENCE = re.compile(r'(?<=[.!?])\s+(?=[A-Z])')
_NOT_DONE = re.compile(
    r'(?i)\b(?:test(?:ed|ing)?|locally|(?:one|a single|single) patch|cleanly|if|once|when|unless|v\d+ will|(?:not|never|nothing)\b'
    # A fix-up is taken "against" the patch that it mends, or as what it is: that patch itself was taken before.
    r'|against\s+["“]|(?:this|that|the|your|it as an?|as an?)\s+(?:fix-?up|fixlet)\b(?!\s+(?:folded|squashed|included))'
    r'|will be|(?:should|can|could|would|may|might|must|to) be)\b|\?'
)
_BY = re.compile(r'\b(?:by|committer:?|from)\s+([A-Z][\w.-]+(?: [A-Z][\w.-]+){0,3})')
_LISTED = re.compile(r'^\s{0,4}(?:- )?\[(?:[^\]]{0,80}?[ ,])?(?:v\d+[ ,])?(?:(\d{1,4})/(\d{1,4}))?\]\s+(\S.*)$')
_COMMIT = re.compile(r'^\s+(?:commit:\s+|https?://\S+/(?:c|commit)/(?:\?id=)?)([0-9a-f]{8,40})\b')
_NO_COMMIT = re.compile(r'(?i)^\s+\(no (?:matching )?commit|^\s+\((?:not applied|no commit)')
_WHOLE = re.compile(r'(?i)\b(?:series|both|all|whole|patches|everything)\b')
_NUMBERS = re.compile(
    r'(?i)\bpatch(?:es)?\s+#?(?P<a>\d{1,3}(?:\s*(?:-|to|,|and|&)\s*\d{1,3})*)\b'
    r'|(?<![\w./-])(?P<b>\d{1,3})/\d{1,3}(?![\w/.])'
    r'|^(?P<c>\d{1,3}(?:\s*(?:-|to|,|and|&)\s*\d{1,3})*)\s+(?:applied|queued|merged|are|is)\b'
)
_PART = re.compile(
    r'(?i)^\W*(?:\w+[\s,]+){0,4}(?:applied|queued|merged|picked|took|pushed)\s+(?:up\s+)?(?:the|only|just)\s'
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A patch in the list of a form: its number and total (0 where there is none), its title, the commit it became."""

    number: int
    total: int
    title: str
    commit: str


@dataclass(frozen=True, slots=True)
class Taking:
    """What one mail says: the line, the patches it lists or numbers, and whether it speaks of the series as a whole.

    `who` is the person a program names. `part` tells that only some patches went in and the mail does not say which.
    """

    kind: Literal['applied', 'unapplied']
    line: int
    said: str
    who: str = ''
    listed: tuple[Listed, ...] = ()
    numbers: tuple[int, ...] = ()
    whole: bool = False
    part: bool = False


@recalled
def unquoted(message: Message) -> Own:
    """Return the lines that no mark shows as quoted, for those who have no quote graph at hand."""
    return tuple((n, line.strip()) for n, line in enumerate(message.lines, 1) if line.strip() and line[:1] not in '>|')


def taking(message: Message, own: Own) -> Taking | None:
    """Return what the mail says was taken, None when it says nothing of the kind."""
    robot = automatic(message)
    for at, (number, text) in enumerate(own[:_LOOKED_AT]):
        if text[:1].islower() and at and own[at - 1][0] == number - 1 and own[at - 1][1][-1:] not in '.!?:':
            continue  # the middle of a sentence: "if this is / merged in."
        for sentence in _SENTENCE.split(text):
            kind = _kind(sentence, robot)
            if kind:
                near = ' '.join(line for _, line in own[at : at + 3])
                return _taking(message, kind, number, sentence, near if robot else '')
    return None


def _taking(message: Message, kind: Literal['applied', 'unapplied'], line: int, said: str, near: str) -> Taking:
    by = _BY.search(near)
    listed, left_out = _list(message)
    subset = '(subset)' in message.subject.lower()  # b4 ty: some of the patches, and the rest was not taken
    return Taking(
        kind,
        line,
        said,
        who=by[1] if by else '',
        listed=listed,
        numbers=_numbers(said),
        whole=bool(_WHOLE.search(said)) and not _numbers(said),
        part=subset or left_out or bool(_PART.search(said) and not _WHOLE.search(said)),
    )


def _kind(text: str, robot: bool) -> Literal['applied', 'unapplied', '']:
    if cues.UNAPPLIED.pattern.search(text):
        return 'unapplied'
    rows = cues.APPLIED if robot else cues.APPLIED[:1]
    return 'applied' if cues.first_hit(rows, text) and not _NOT_DONE.search(text) else ''


def _list(message: Message) -> tuple[tuple[Listed, ...], bool]:
    """Return the patches that a form lists with their commits, and whether it lists one that became none."""
    found: list[Listed] = []
    left_out = False
    lines = message.lines
    for at, line in enumerate(lines):
        head = _LISTED.match(line)
        below = lines[at + 1 : at + 4] if head else []
        commit = next((c[1] for text in below if (c := _COMMIT.match(text))), '')
        if head and commit:
            found.append(Listed(int(head[1] or 0), int(head[2] or 0), head[3].rstrip(), commit))
        left_out = left_out or any(_NO_COMMIT.match(text) for text in below)
    return tuple(found), left_out


def _numbers(said: str) -> tuple[int, ...]:
    """Return the patches that a sentence names by number: "patches 1-3", "1/4 applied"."""
    found: set[int] = set()
    for match in _NUMBERS.finditer(said):
        text = match['a'] or match['b'] or match['c']
        for first, _, last in re.findall(r'(\d+)(\s*(?:-|to)\s*(\d+))?', text):
            found |= set(range(int(first), min(int(last or first), _MOST) + 1))
    return tuple(sorted(found))
