# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes to messages: one Message for each message-id, whatever number of lists carried a copy.

Promises never to raise and never to lose a mail: what cannot be understood comes out with `unusable` or `notes` set.
Threads are not its business: `parent` is what the mail itself says.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import Message as Part
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32

from bot.lore import headers
from bot.lore.body import Body, read_body
from bot.lore.flat import NOTE, flattened, with_header_lines
from bot.model import Message, Person, Progress, RawMail
from bot.model.memory import kept, recalled

# More ancestors than any thread has; a References header longer than this is damage or an attack.
_MOST_REFERENCES = 500
_LONGEST_SUBJECT = 4000
_TOLD = 250  # mails between two words about progress: a second or so
# Clocks are set wrong by hours, moderators let mails wait for weeks; beyond that a Date is not meant.
_AHEAD, _LATE = timedelta(days=2), timedelta(days=366)
# Senders that no person stands behind (addresses as seen on kernel lists).
_BOTS = re.compile(
    r'lkp@intel\.com$|patchwork-bot|tip-bot|syzbot\b|syzkaller\b|buildbot|autobuild|ktest\b|kernelci|sashiko|bpf-ci'
    r'|zuul@|sourceware-bot|-bot@|^bot[+@-]|^(no-?reply|mailer-daemon|postmaster)@'
)
_BY_PROGRAMS = ('X-Patchwork-Bot', 'X-Autoreply', 'X-Autorespond', 'X-Failed-Recipients')
# What programs that say nothing in their header put before a subject while somebody is away, or when a mail bounces.
_AWAY = re.compile(
    r'(?i)\s*(?:auto(?:matic|mated|[ -]?reply|[ -]?response)?(?:[ -](?:reply|response|answer))?\s*:|out[ -]of[ -](?:the[ -])?office'
    r'|vacation:|abwesenheit|automatische antwort|r[ée]ponse automatique|undeliver(?:ed|able)|delivery status notification'
    r'|mail delivery (?:failed|subsystem)|returned mail:)'
)


def parse(
    raws: Sequence[RawMail], prefer_lists: Sequence[str], progress: Progress = lambda what, done, total: None
) -> tuple[Message, ...]:
    """Return the mails by date, then id; of several copies that from the first list of `prefer_lists` is kept."""
    copies: dict[str, list[Message]] = {}
    for number, raw in enumerate(raws):
        if number % _TOLD == 0:
            progress('parsing mails', number, len(raws))
        message = _read(raw.raw, raw.archived)
        copies.setdefault(message.message_id, []).append(message)
    merged = (same[0] if len(same) == 1 else _merge(' '.join(prefer_lists), *same) for same in copies.values())
    return tuple(sorted(merged, key=lambda m: (m.date is None, m.date and m.date.timestamp(), m.message_id)))


@recalled
def _read(data: bytes, archived: datetime | None) -> Message:
    bare = kept('mail', Message, (data, archived), lambda: replace(_parse(RawMail(data, archived, '')), raw=b''))
    return replace(bare, raw=data)


def _parse(raw: RawMail) -> Message:
    if flattened(raw.raw[:65536]):
        flat = _parsed(raw, with_header_lines(raw.raw))
        return replace(flat, notes=(*flat.notes, NOTE))
    return _parsed(raw, re.sub(rb'\A(?:From [^\n]*\n|\r?\n)+', b'', raw.raw[:4096]) + raw.raw[4096:])


def _parsed(raw: RawMail, data: bytes) -> Message:
    try:
        mail: Part = BytesParser(policy=compat32).parsebytes(data)
        return _message(raw, mail, read_body(mail))
    except (Exception, RecursionError) as failure:  # `email` raises all sorts of things on hostile MIME
        sentence = f'the mail cannot be parsed ({type(failure).__name__})'
        try:
            return _message(raw, BytesHeaderParser(policy=compat32).parsebytes(data), Body('', unusable=sentence))
        except Exception:
            return _message(raw, Part(policy=compat32), Body('', unusable=sentence))


def _message(raw: RawMail, mail: Part, body: Body) -> Message:
    notes = list(body.notes)
    message_id = _own_id(raw, mail, notes)
    arrived = raw.archived or _arrival(mail)
    claimed = _claimed(mail, arrived, notes)
    replied = tuple(i for i in _ids(mail, 'In-Reply-To') if i != message_id)
    references = tuple(i for i in _ids(mail, 'References') if i != message_id)[-_MOST_REFERENCES:]
    parent = replied[0] if replied else references[-1] if references else None
    author = _author(mail)
    return Message(
        message_id=message_id,
        subject=headers.text(mail['Subject'] or '')[:_LONGEST_SUBJECT],
        author=author,
        to=headers.people(mail.get_all('To', [])),
        cc=headers.people(mail.get_all('Cc', [])),
        date_claimed=claimed,
        date_archived=arrived,
        in_reply_to=replied[0] if replied else None,
        references=references,
        parent=parent,
        body=body.text,
        raw=raw.raw,
        lists=_lists(mail),
        automatic=_is_automatic(mail, author),
        flowed=body.flowed,
        notes=tuple(notes),
        unusable=body.unusable,
    )


def _claimed(mail: Part, arrived: datetime | None, notes: list[str]) -> datetime | None:
    """Return the time that the sender claims, None when it cannot be meant: an archive's clock is better."""
    if not mail['Date']:
        notes.append('no Date header')
        return None
    claimed = headers.when(mail['Date'])
    if claimed is None:
        notes.append('no usable Date header: the time of arrival counts')
        return None
    if arrived is not None and not -_AHEAD <= arrived - claimed <= _LATE:
        days = (arrived - claimed).days
        where = f'{days} days before' if days > 0 else f'{-days} days after'
        notes.append(f'its Date is {where} its arrival: the time of arrival counts')
        return None
    return claimed


def _own_id(raw: RawMail, mail: Part, notes: list[str]) -> str:
    found = _ids(mail, 'Message-ID')
    if len(found) > 1:
        notes.append(f'the mail has {len(found)} Message-IDs: the first counts')
    if found:
        return found[0]
    notes.append('no valid Message-ID: one was made of the contents')
    return f'{hashlib.sha256(raw.raw).hexdigest()[:32]}@no-message-id.invalid'


def _ids(mail: Part, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i for value in mail.get_all(name, []) for i in headers.message_ids(value)))


def _author(mail: Part) -> Person:
    named = headers.people(mail.get_all('From', [])[:1])
    if not named:
        return Person(headers.text(mail['From'] or ''), '')
    sender = named[0]
    via = re.fullmatch(r"'?(.+?)'? via .+", sender.name)
    if not via and not sender.email.startswith('devnull+'):
        return sender
    # Lists and relays that must rewrite From: keep the author in another header.
    said = headers.people([*mail.get_all('X-Original-From', []), *mail.get_all('Reply-To', [])])
    real = next((p for p in said if p.email != sender.email), None)
    return Person(real.name or (via[1] if via else sender.name), real.email) if real else sender


def _arrival(mail: Part) -> datetime | None:
    return next((t for t in map(headers.received, mail.get_all('Received', [])[:1]) if t), None)


def _lists(mail: Part) -> tuple[str, ...]:
    plain = (headers.text(value)[:500] for value in mail.get_all('List-Id', []))
    found = (re.search(r'<([^<>\s]+)>', p) or re.search(r'(\S+)\s*$', p) for p in plain)
    return tuple(dict.fromkeys(f[1].lower()[:200] for f in found if f))


def _is_automatic(mail: Part, author: Person) -> bool:
    submitted = str(mail['Auto-Submitted'] or 'no').strip().lower()
    said = not submitted.startswith('no') or any(name in mail for name in _BY_PROGRAMS)
    away = str(mail['Precedence'] or '').strip().lower() == 'auto_reply' or bool(
        _AWAY.match(headers.text(mail['Subject'] or ''))
    )
    bounced = str(mail['Return-Path'] or '').strip() == '<>' or mail.get_content_type() == 'multipart/report'
    return said or away or bounced or bool(_BOTS.search(author.email))


@recalled
def _merge(preferred: str, *copies: Message) -> Message:
    """Return one mail for its copies; `preferred` names lists, the best first, apart by blanks."""
    prefer_lists = preferred.split()
    ranked = sorted(copies, key=lambda m: (bool(m.unusable), _rank(m.lists, prefer_lists)))
    best = ranked[0]
    times = [m.date_archived for m in copies if m.date_archived]
    notes = list(best.notes)
    if any(not _same_text(best.body, other.body) for other in ranked[1:]):
        notes.append(f'the {len(copies)} copies of this mail differ in their text: the first list in preference counts')
    every = dict.fromkeys(name for m in ranked for name in m.lists)
    return replace(best, lists=tuple(every), notes=tuple(notes), date_archived=min(times) if times else None)


def _rank(lists: Iterable[str], prefer_lists: Sequence[str]) -> int:
    return min((prefer_lists.index(name) for name in lists if name in prefer_lists), default=len(prefer_lists))


def _same_text(one: str, other: str) -> bool:
    # Lists append footers; only a text that is no continuation of the other one is another text.
    short, long = sorted((one.rstrip(), other.rstrip()), key=len)
    return long.startswith(short) and bool(short) == bool(long)
