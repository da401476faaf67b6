# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails written for the tests: letters, patches and whole postings by people who do not exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bot.lore import parse
from bot.model import Message, RawMail

ADA = 'Ada Author <ada@example.org>'
RITA = 'Rita Reviewer <rita@example.net>'
_START = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)


def letter(
    subject: str,
    text: str = 'Some text.\n',
    *,
    name: str,
    sender: str = ADA,
    answers: str = '',
    references: Sequence[str] = (),
    minutes: float = 0,
    headers: Sequence[str] = (),
) -> bytes:
    """Return a mail with the id `name@test`; `answers` and `references` are such names, `minutes` count from a start."""
    above = [*references, *([answers] if answers and answers not in references else [])]
    lines = [
        f'From: {sender}',
        f'Subject: {subject}',
        f'Date: {format_datetime(_START + timedelta(minutes=minutes))}',
        f'Message-ID: <{name}@test>',
        *([f'In-Reply-To: <{answers}@test>'] if answers else []),
        *(['References: ' + ' '.join(f'<{r}@test>' for r in above)] if above else []),
        *headers,
    ]
    return ('\n'.join(lines) + '\n\n' + text).encode()


def diff(
    path: str = 'mm/gup.c', old: str = 'old', new: str = 'new', before: str = '1111111', after: str = '2222222'
) -> str:
    """Return a diff of one changed line."""
    return (
        f'diff --git a/{path} b/{path}\nindex {before}..{after} 100644\n--- a/{path}\n+++ b/{path}\n'
        f'@@ -1,3 +1,3 @@\n first line\n-{old}\n+{new}\n third line\n'
    )


def patch_text(message: str, change: str, notes: str = '') -> str:
    return f'{message}\n\nSigned-off-by: {ADA}\n---\n{notes} f | 2 +-\n\n{change}-- \n2.39.5\n'


def posting(
    name: str,
    titles: Sequence[str],
    *,
    prefix: str = 'PATCH',
    cover: str | None = 'Do the work',
    cover_text: str = 'What it is about.\n',
    answers: str = '',
    minutes: float = 0,
    sender: str = ADA,
    changes: Sequence[str] = (),
) -> list[bytes]:
    """Return a series of one-line patches, `name-0` the cover; `changes` are the diffs, one for each title."""
    total, mails = len(titles), []
    first = 0 if cover is not None else 1
    if cover is not None:
        mails.append(
            letter(
                f'[{prefix} 0/{total}] {cover}',
                cover_text,
                name=f'{name}-0',
                answers=answers,
                minutes=minutes,
                sender=sender,
            )
        )
    for at, title in enumerate(titles, 1):
        change = changes[at - 1] if changes else diff(f'mm/file{at}.c', new=f'{title} by {name}')
        above = answers if at == first else f'{name}-{first}'
        number = f' {at}/{total}' if total > 1 or cover is not None else ''
        mails.append(
            letter(
                f'[{prefix}{number}] {title}',
                patch_text(f'Why: {title}.', change),
                name=f'{name}-{at}',
                answers=above,
                minutes=minutes + at / 60,
                sender=sender,
            )
        )
    return mails


def reply(
    to: str, text: str, *, name: str, sender: str = RITA, minutes: float = 60, subject: str = 'Re: [PATCH] x'
) -> bytes:
    return letter(subject, text, name=name, sender=sender, answers=to, minutes=minutes)


def read(*mails: bytes, prefer: Sequence[str] = ()) -> tuple[Message, ...]:
    """Return mails as messages."""
    return parse([RawMail(mail, None, 'test') for mail in mails], prefer)
