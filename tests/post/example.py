# SPDX-License-Identifier: GPL-2.0-or-later
"""The mail that drafts answer in these tests, the settings and the policy they are made with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from bot import config, post
from bot.model import Draft, Message, Person, ReplyKind
from bot.post import Policy
from tests.report.example import moment, rich

POST = config.Post(name='lorebot', address='lorebot@bots.example', contact='owner@bots.example', policy='')
LINK = 'https://lore.kernel.org/r/'
OPEN = {
    'opt_in': True,
    'agreed': 'https://lore.kernel.org/r/agreed@host.example',
    'reply': 'list',
    'kinds': ('review', 'inline', 'lab', 'points', 'transcript', 'status'),
}


def cover(**other: Any) -> Message:
    told: dict[str, Any] = {
        'message_id': 'v2-0@lindqvist.example',
        'subject': '[PATCH v2 0/3] mm/gup: Let drivers borrow pages of a guest',
        'author': Person('Mara Lindqvist', 'mara@lindqvist.example'),
        'to': (Person('', 'linux-mm@kvack.org'), Person('Tomasz Wierzbicki', 'tomasz@pages.example')),
        'cc': (Person('', 'kvm@vger.kernel.org'), Person('', 'borrow@host.example'), Person('', 'LINUX-MM@kvack.org')),
        'date_claimed': datetime(2024, 7, 1, tzinfo=UTC),
        'date_archived': None,
        'in_reply_to': None,
        'references': (),
        'parent': None,
        'body': '',
        'raw': b'',
        'lists': ('linux-mm.kvack.org', 'borrow.host.example'),
        **other,
    }
    return Message(**told)


def policy(**other: Any) -> Policy:
    """Return a policy by which the lists of the cover want every kind of mail; `other` is what they all say beside."""
    rule = msgspec.structs.replace(post.load_policy().every, **{**OPEN, **other})
    lists = ('linux-mm@kvack.org', 'kvm@vger.kernel.org', 'borrow@host.example')
    return msgspec.structs.replace(post.load_policy(), list=dict.fromkeys(lists, rule))


def occasion(kind: ReplyKind = 'review', body: str = 'Hello\n', **other: Any) -> post.Occasion:
    """Return what a mail is made for; fields of the cover may be given as `target__NAME`."""
    changed = {name[8:]: other.pop(name) for name in [*other] if name.startswith('target__')}
    talk = other.pop('talk', None) or post.Conversation(cover(**changed))
    given = {'series': rich().series, 'date': moment(), 'tool': 'lorebot 0.1.0', 'run': '5d1c0a77', **other}
    return post.Occasion(kind=kind, talk=talk, body=body, **given)


def drafted(kind: ReplyKind = 'review', body: str = 'Hello\n', rules: Policy | None = None, **other: Any) -> Draft:
    return post.draft(occasion(kind, body, **other), rules or policy(), POST)


def fields(draft: Draft) -> dict[str, str]:
    return dict(draft.headers)
