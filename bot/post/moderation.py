# SPDX-License-Identifier: GPL-2.0-or-later
"""The copy of a mail that a list's moderators see before anybody else: a mail of its own, to them alone.

Promises the very mail, quoted, and how it is let go on. It answers nothing and is in no thread, so a reply to it cannot
reach people who never got the mail itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bot.model import Letter, Person, Recipient, Shown
from bot.post.draft import mail_faults
from bot.post.fields import mailbox
from bot.post.letters import draft_of, letter_of
from bot.post.policy import Policy
from bot.post.write import mail

_KEPT = (
    'From',
    'Reply-To',
    'Date',
    'MIME-Version',
    'Content-Type',
    'Content-Transfer-Encoding',
    'X-Mailer',
    'X-Lorebot-Run',
)


def for_moderators(letter: Letter, policy: Policy, lists: tuple[str, ...]) -> Letter:
    """Return the letter that shows these bytes to whom the lists name."""
    draft = draft_of(letter)
    people = [Person('', address) for address in policy.over(lists).moderation]
    event = '\0'.join(('moderation', letter.id, letter.digest, *(one.email for one in people)))
    name = hashlib.sha256(event.encode()).hexdigest()[:32]
    own = f'{name}.lorebot@{letter.id.partition("@")[2]}'
    fields = dict(draft.headers)
    headers = [(field, fields[field]) for field in _KEPT if field in fields]
    headers[1:1] = [
        ('To', ', '.join(mailbox(one) for one in people)),
        ('Subject', f'[moderation] {fields.get("Subject", "")}'.strip()),
        ('Message-ID', f'<{own}>'),
        ('Auto-Submitted', 'auto-generated'),
    ]
    shown = replace(
        draft,
        id=own,
        kind='moderation',
        lists=lists,
        recipients=tuple(Recipient(one, 'To', 'moderator', 'sees it first') for one in people),
        left_out=(),
        headers=tuple(headers),
        body=_body(letter, lists),
        shows=Shown(letter.id, letter.digest),
    )
    return letter_of(replace(shown, faults=(*draft.faults, *mail_faults(mail(shown)))))


def _body(letter: Letter, lists: tuple[str, ...]) -> str:
    lines = letter.raw.decode('utf-8', 'replace').rstrip('\n').split('\n')
    quoted = '\n'.join(f'> {line}'.rstrip(' ') for line in lines)
    names = '\n'.join(f'  {one}' for one in lists)
    return (
        f'The mail below is about a conversation on\n{names}\n'
        'where somebody asks that you see it first. Nobody else has got it. Whoever\n'
        f'keeps lorebot lets it go on with\n  lorebot reply release {letter.id}\n'
        f'or turns it down with\n  lorebot reply reject {letter.id}\n\n{quoted}\n'
    )
