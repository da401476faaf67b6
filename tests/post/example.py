# SPDX-License-Identifier: GPL-2.0-or-later
"""The mail that drafts answer in these tests, and the settings they are made with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot import config
from bot.model import Message, Person

POST = config.Post(name='lorebot', address='lorebot@bots.example', contact='owner@bots.example')
LINK = 'https://lore.kernel.org/r/'


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
