# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the reply to a series: its fields, its threading, and every reason why it may not go out.

Same report, mail and settings give the same bytes, Message-ID and Date included. Nothing can be sent by this version.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime

from bot import config
from bot.errors import ConfigError
from bot.model import Draft, Message, Person, Report
from bot.post import recipients
from bot.post.fields import is_address, is_message_id, mailbox, message_ids, text

_LONGEST_LINE = 998  # RFC 5322 2.1.1, in octets
_TAG = re.compile(r'\s*\w\S+:\s+\S*.*\S@\S+\.\S')
_TAG_WITHOUT_PERSON = re.compile(r'\s*(fixes|link|closes|buglink|change-id|base-commit|obsoleted-by):\s', re.IGNORECASE)
_BROKEN = re.compile('[^\t\n -\ud7ff\ue000-\U0010ffff]|[\x7f-\x9f]')


def draft(report: Report, target: Message, body: str, settings: config.Post, archive_link: str) -> Draft:
    """Return the reply to `target`, the cover or the first patch; raise `ConfigError` for an unusable own address."""
    if not is_address(settings.address):
        raise ConfigError(
            'no mail address',
            where=f'post.address = {settings.address!r}',
            todo='write it as name@host, without a name',
        )
    body = _BROKEN.sub('\ufffd', body.replace('\r\n', '\n')).rstrip('\n') + '\n'
    fields = [(name, value) for name, value in _fields(report, target, settings) if value]
    at = next(n for n, (name, _) in enumerate(fields) if name == 'MIME-Version')
    fields.insert(at, ('Message-ID', _message_id(fields, body, settings.address)))
    why = tuple(_reasons(report, target, body, settings, archive_link))
    return Draft(headers=tuple(fields), body=body, sendable=False, why=why)


def _fields(report: Report, target: Message, settings: config.Post) -> Iterator[tuple[str, str]]:
    to = recipients.author(target)
    lists = recipients.lists(target, {settings.address.lower(), to.email.lower() if to else ''})
    threaded = is_message_id(target.message_id)
    yield 'From', mailbox(Person(settings.name, settings.address))
    yield 'Reply-To', settings.contact if is_address(settings.contact) else ''
    yield 'To', mailbox(to) if to else ''
    yield 'Cc', ', '.join(mailbox(p) for p in lists)
    yield 'Subject', text(_subject(target.subject))
    yield 'Date', format_datetime(datetime.fromisoformat(report.as_of)) if report.as_of else ''
    yield 'In-Reply-To', message_ids([target.message_id]) if threaded else ''
    yield 'References', message_ids([*_chain(target), target.message_id]) if threaded else ''
    yield 'MIME-Version', '1.0'
    yield 'Content-Type', 'text/plain; charset=utf-8'
    yield 'Content-Transfer-Encoding', '8bit'
    yield 'Auto-Submitted', 'auto-generated'
    yield 'X-Mailer', text(report.tool)
    yield 'X-Patchwork-Hint', 'ignore'


def _subject(subject: str) -> str:
    return subject if subject.lower().startswith('re:') else f'Re: {subject}'


def _chain(target: Message) -> list[str]:
    """Return all ancestors, oldest first; a mail without References still says whom it answers."""
    return [*target.references] or ([target.in_reply_to] if target.in_reply_to else [])


def _message_id(fields: list[tuple[str, str]], body: str, address: str) -> str:
    content = hashlib.sha256('\0'.join([*(f'{n}: {v}' for n, v in fields), body]).encode()).hexdigest()
    return f'<{content[:32]}@{address.partition("@")[2]}>'


def _reasons(report: Report, target: Message, body: str, settings: config.Post, archive_link: str) -> Iterator[str]:
    """Yield every reason against sending, the one that always holds first."""
    answered = f'{archive_link}{target.message_id}'
    yield f'this version has no sender and no policy: a person reads the draft and sends it, in answer to {answered}'
    if not settings.contact:
        yield 'nobody is named whom people can write to about the bot: set post.contact'
    if settings.address.lower().endswith('@localhost'):
        yield f'{settings.address} reaches nobody: set post.address'
    if recipients.author(target) is None:
        yield 'no address of the author is in the mail: they would not be reached'
    if not is_message_id(target.message_id):
        yield 'the mail has no usable message-id: a reply could not be threaded'
    if target.automatic:
        yield 'the mail was itself sent by a program'
    if target.author.email.lower() == settings.address.lower():
        yield "the mail is the bot's own"
    if not report.as_of:
        yield 'no mail at hand has a date, so the reply has none'
    if report.ledger and report.ledger.muted:
        yield f'nothing is to be mailed about this series: it was muted by command {report.ledger.muted}'
    if not _has_news(report):
        yield 'there is nothing new to say'
    yield from _faults(body)


def _has_news(report: Report) -> bool:
    found = report.check.findings if report.check else ()
    asked = report.ledger.questions if report.ledger else ()
    conflict = report.apply is not None and report.apply.conflict is not None
    waiting = any(q.state in ('open', 'contested') and q.tier != 'possible' for q in asked)
    return conflict or waiting or any(f.class_ == 'introduced' for f in found)


def _faults(body: str) -> Iterator[str]:
    for number, line in enumerate(body.split('\n'), start=1):
        if len(line.encode()) > _LONGEST_LINE:
            yield f'line {number} is longer than mail may have ({_LONGEST_LINE} octets)'
        if _TAG.match(line) or _TAG_WITHOUT_PERSON.match(line):
            yield f'line {number} reads as a trailer, and a program gives none'
