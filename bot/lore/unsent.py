# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches that were not sent yet, made into mails as they would be: `git format-patch` writes no id and an old date.

Promises that text and diff stay as they are, to the byte. Refuses nothing: what is no patch is left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bot.lore.headers import from_raw, message_ids
from bot.lore.hints import change_id, mentions
from bot.lore.parse import parse
from bot.lore.postings import Posting, plain_title, split
from bot.model import Person, RawMail

DOMAIN = 'unsent.lorebot.invalid'
_MANY = 1000
_ONE_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_PREFIX = re.compile(rb'^(Subject:[ \t]*)\[((?>[^\]\n]*\bPATCH\b))([^\]\n]*)\]', re.IGNORECASE | re.MULTILINE)
_BLANK = re.compile(rb'\r?\n\r?\n')


@dataclass(frozen=True, slots=True)
class Unsent:
    """The newest posting of what was given. `version` is None when no subject names one; `named` are mails it refers to."""

    subject: str
    author: Person
    version: int | None
    rfc: bool
    resend: bool
    change_id: str | None
    named: frozenset[str]
    pieces: tuple[RawMail, ...]

    @property
    def title(self) -> str:
        return plain_title(self.subject)


def unsent(raws: Sequence[RawMail]) -> Unsent | None:
    """Return the newest posting among these mails, None when none of them is a patch."""
    once = [_with_id(raw, number) for number, raw in enumerate(raws)]
    by_id = {m.message_id: raw for raw in once for m in parse([raw], ())}
    # Commits of one series may be years apart; their mails are sent within minutes.
    postings = split([replace(m, date_claimed=_ONE_DAY, date_archived=None) for m in parse(once, ())])
    if not postings:
        return None
    newest = max(enumerate(postings), key=lambda p: (p[1].version or 1, p[0]))[1]
    told = change_id(newest)
    return Unsent(
        subject=newest.title,
        author=newest.author,
        version=newest.version,
        rfc=newest.rfc,
        resend=newest.resend,
        change_id=told[0] if told else None,
        named=frozenset(_named(newest)),
        pieces=tuple(by_id[p.message_id] for p in newest.pieces),
    )


def _named(posting: Posting) -> set[str]:
    own = {p.message_id for p in posting.pieces}
    head = posting.head.message
    found = {*head.references, *([head.parent] if head.parent else []), *(m.message_id for m in mentions(posting))}
    return found - own


def as_sent(posting: Unsent, version: int, answers: str, after: datetime) -> tuple[RawMail, ...]:
    """Return the mails as they would be sent: as that version, in reply to `answers`, a second apart after a moment.

    Ids the author gave are kept, so that what his cover calls by id is found.
    """
    ids = [m.message_id for raw in posting.pieces for m in parse([raw], ())]
    sent = []
    for number, (raw, own) in enumerate(zip(posting.pieces, ids, strict=True)):
        above = [answers] if number == 0 else [answers, ids[0]]
        date = after + timedelta(minutes=1, seconds=number)
        sent.append(RawMail(_sent(raw.raw, own, above, date, version, posting.version is None), None, raw.origin))
    return tuple(sent)


def _sent(mail: bytes, own: str, above: Sequence[str], date: datetime, version: int, name_it: bool) -> bytes:
    head, body = _parted(mail)
    for name in ('Message-ID', 'Date', 'In-Reply-To', 'References', 'Received'):
        head = _without(head, name)
    if name_it:
        head = _PREFIX.sub(rb'\1[\2 v%d\3]' % version, head, count=1)
    lines = [
        f'Message-ID: <{own}>',
        f'Date: {format_datetime(date)}',
        f'In-Reply-To: <{above[-1]}>',
        f'References: {" ".join(f"<{i}>" for i in above)}',
    ]
    return head.rstrip(b'\r\n') + b'\n' + '\n'.join(lines).encode() + body


def _with_id(raw: RawMail, number: int) -> RawMail:
    """Give a mail without an id one that is made of its contents: the same patches are the same mails."""
    mail = re.sub(rb'\A(?:From [^\n]*\n|\r?\n)+', b'', raw.raw[:4096]) + raw.raw[4096:]
    head, body = _parted(mail)
    if any('@' in one for one in message_ids(from_raw(mail, 'Message-ID'))):
        return RawMail(mail, None, raw.origin)
    made = f'{hashlib.sha256(mail).hexdigest()[:16]}-{number % _MANY}@{DOMAIN}'
    head = _without(head, 'Message-ID').rstrip(b'\r\n')
    return RawMail(head + f'\nMessage-ID: <{made}>'.encode() + body, None, raw.origin)


def _parted(mail: bytes) -> tuple[bytes, bytes]:
    """Return the header and, with the blank line before it, the rest."""
    blank = _BLANK.search(mail)
    return (mail[: blank.start()] + b'\n', mail[blank.start() :]) if blank else (mail + b'\n', b'\n\n')


def _without(head: bytes, name: str) -> bytes:
    return re.sub(rb'(?im)^%s:.*\n(?:[ \t].*\n)*' % re.escape(name.encode()), b'', head)
