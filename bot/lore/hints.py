# SPDX-License-Identifier: GPL-2.0-or-later
"""What an author says of a posting in its cover and first patch: change-id, base, prerequisites, earlier postings.

Read by ourselves from unquoted lines and with their spans: b4 0.16 overlooks them in a v2 cover that answers v1, and
keeps no lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from bot.lore.headers import from_raw, is_message_id
from bot.lore.postings import Piece, Posting
from bot.model import BaseHint, Span
from bot.model.memory import recalled

# It comes from a mail and goes into searches and branch names: nothing that could mean something there.
_CHANGE_ID = re.compile(r'[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}')
_HINT = re.compile(
    r'(base-commit|prerequisite-patch-id|prerequisite-message-id|prerequisite-change-id):\s*(?:commit\s+)?(\S{1,520})'
)
_DEPENDS = re.compile(r'(?i)depends[- ]on:\s*(\S.{0,400})')
_SHA = re.compile(r'[0-9a-f]{7,64}')
_URL_ID = re.compile(r'https?://[^\s<>"@]{1,200}/([^\s<>"/@]{1,200}(?:@|%40)[^\s<>"/]{1,200})', re.I)
_PLAIN_ID = re.compile(r'<([^\s<>@]{1,250}@[^\s<>@]{1,250})>')
# The head of a changelog entry ("v3:", "Changes since RFC:", "- Link to v2: ..."): what it links to is an earlier posting.
_ENTRY = re.compile(
    r'(?i)(?:\W|\d+[).])*(?:(?:link|links|changes?|change\s?log|differences?|diff|since|from|between|in|for|to|on|log|old|the'
    r'|patch|series|posted|original|previously|rev|revision|of|discussion|was|is|here|kvm|rfc)[\s:.,-]+)*'
    r'(?:rfc\s*\(?(?:v(?P<rfc>\d{1,3}))?|v(?:ersion\s*)?(?P<version>\d{1,3})|previous\w*|prior|earlier|history|first\s+posting)\b'
)
_POSTED = re.compile(
    r'(?i)\b(?:first|previously|originally|last|earlier) (?:posted|sent)\b|\b(?:previous|prior|earlier|last|first|original) '
    r'(?:version|posting|series|revision|iteration|submission)s?\b'
)
_LONGEST_LINE = 1000
_FOOTNOTE = re.compile(r'\s*(\[\d{1,3}\])')


@dataclass(frozen=True, slots=True)
class Mention:
    """A mail named in the text of a posting; `history` tells that a changelog names it, `version` as what."""

    message_id: str
    span: Span
    history: bool
    version: int | None


def _told(posting: Posting) -> Iterator[tuple[Piece, list[str]]]:
    """Yield the cover and the first patch with their lines above the diff's text."""
    for piece in posting.pieces[: 2 if posting.cover else 1]:
        if piece.subject.position <= 1:
            yield piece, piece.message.lines


def change_id(posting: Posting) -> tuple[str, Span] | None:
    """Return the posting's change-id and where it stands; 0-0 is the header."""
    return next((found for piece, _ in _told(posting) if (found := _change_id(piece))), None)


@recalled
def _change_id(piece: Piece) -> tuple[str, Span] | None:
    for at, line in enumerate(piece.message.lines, 1):
        found = re.match(r'change-id:\s+(\S+)\s*$', line)
        if found and _CHANGE_ID.fullmatch(found[1]):
            return found[1], Span(piece.message_id, at, at)
    header = from_raw(piece.message.raw, 'X-Change-ID')
    return (header, Span(piece.message_id, 0, 0)) if _CHANGE_ID.fullmatch(header) else None


def base_hints(posting: Posting) -> tuple[BaseHint, ...]:
    """Return what the posting says of its base; a subject tag stands in no body line and has the span 0-0."""
    return _base_hints(posting.head, *(piece for piece, _ in _told(posting)))


@recalled
def _base_hints(top: Piece, *told: Piece) -> tuple[BaseHint, ...]:
    found: dict[tuple[str, str], BaseHint] = {}
    for piece in told:
        for at, line in enumerate(piece.message.lines, 1):
            said = _HINT.match(line)
            value = _checked(said[1], said[2]) if said else ''
            if said and value:
                hint = BaseHint(said[1], value, Span(piece.message_id, at, at))
                found.setdefault((hint.kind, hint.value), hint)
            other = _depends(line)
            if other:
                found.setdefault(('depends-on', other), BaseHint('depends-on', other, Span(piece.message_id, at, at)))
    for tag in top.subject.tags:
        tree = tag.lstrip('-')  # `[PATCH -next]`
        if re.fullmatch(r'\w[\w.+/-]{0,60}', tree):
            found.setdefault(('', tree), BaseHint('subject-tag', tree, Span(top.message_id, 0, 0)))
    return tuple(found.values())


def _depends(line: str) -> str:
    """Return what `Depends-on:` names: a message-id where there is one, else its words."""
    said = _DEPENDS.match(line)
    if said is None:
        return ''
    bare = said[1].strip().strip('<>')
    plain = bare if is_message_id(bare) and re.fullmatch(r'[^\s/@]+@[^\s/@]+', bare) else ''
    return plain or next(_ids_in(said[1]), '') or ' '.join(said[1].split())[:200]


def _checked(kind: str, value: str) -> str:
    if kind == 'prerequisite-message-id':
        plain = value.strip('<>')
        return plain if is_message_id(plain) and '@' in plain else ''
    if kind == 'prerequisite-change-id':
        return value if re.fullmatch(r'[\w.+-]{1,128}(?::v?\d{1,4})?', value) else ''
    found = _SHA.match(value.lower())
    return found[0] if found else ''


def mentions(posting: Posting) -> tuple[Mention, ...]:
    """Return the mails that the cover, or the text below the first patch's ---, names by URL or by id."""
    own = {p.message_id for p in posting.pieces}
    return tuple(m for m in _mentions(*(piece for piece, _ in _told(posting))) if m.message_id not in own)


@recalled
def _mentions(*told: Piece) -> tuple[Mention, ...]:
    found: dict[str, Mention] = {}
    for piece in told:
        lines = piece.message.lines
        start, stop = _prose(piece, lines)
        for at in range(start, stop):
            for message_id in _ids_in(lines[at]):
                history, version = _entry(lines[start:stop], at - start)
                mention = Mention(message_id, Span(piece.message_id, at + 1, at + 1), history, version)
                if mention.history or message_id not in found:
                    found[message_id] = mention
    return tuple(found.values())


def _entry(lines: list[str], at: int) -> tuple[bool, int | None]:
    """Tell whether a line with a link belongs to a changelog, and the version named there.

    Looked at are the line itself, those just above, and for a footnote the lines that use it.
    """
    note = _FOOTNOTE.match(lines[at])
    if note:
        near = [line for i, line in enumerate(lines) if note[1] in line and i != at]
    else:
        near = lines[max(0, at - 2) : at + 1][::-1]
    for line in near:
        entry = _ENTRY.match(line)
        if entry:
            return True, int(entry['version'] or entry['rfc'] or 0) or None
    return any(_POSTED.search(line) for line in near), None


def _prose(piece: Piece, lines: list[str]) -> tuple[int, int]:
    if piece.subject.position == 0 or not piece.diff:
        return 0, len(lines)
    below = next((i for i, line in enumerate(lines) if re.match(r'---\s*$', line)), len(lines))
    end = next((i for i in range(below, len(lines)) if lines[i].startswith('diff -')), len(lines))
    return below, end


def _ids_in(line: str) -> Iterator[str]:
    if line.startswith('>') or len(line) > _LONGEST_LINE:
        return
    for found in _URL_ID.findall(line):
        plain = unquote(found).rstrip('.,;:)]\'"')
        if is_message_id(plain):
            yield plain
    yield from (i for i in _PLAIN_ID.findall(line) if is_message_id(i))
