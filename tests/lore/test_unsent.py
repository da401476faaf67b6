# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches that were not sent yet become mails: every byte of text kept, ids and dates as a list would see them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot import lore
from bot.model import RawMail

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
DIFF = 'diff --git a/f.c b/f.c\nindex 111..222 100644\n--- a/f.c\n+++ b/f.c\n@@ -1 +1 @@\n-old\n+new\n'


def patch(subject: str, *, more: str = '', body: str = 'Say why.\n\nSigned-off-by: A <a@x.example>\n---\n') -> RawMail:
    head = f'From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\nFrom: A <a@x.example>\n{more}'
    text = f'{head}Date: Mon, 3 Feb 2020 10:00:00 +0100\nSubject: {subject}\n\n{body}{DIFF}-- \n2.47.0\n'
    return RawMail(text.encode(), None, 'f')


def test_the_newest_version_in_a_directory_is_taken() -> None:
    found = lore.unsent([patch('[PATCH v2 1/1] f: new'), patch('[PATCH v3 1/1] f: new'), patch('[PATCH 1/1] f: new')])
    assert found and found.version == 3 and len(found.pieces) == 1


def test_nothing_is_no_patch() -> None:
    assert lore.unsent([]) is None
    assert lore.unsent([RawMail(b'From: a@x.example\nSubject: Re: x\n\nhello\n', None, 'f')]) is None


def test_they_are_sent_after_the_review_whatever_the_commits_say() -> None:
    found = lore.unsent(
        [patch('[PATCH 2/2] f: b'), patch('[PATCH 1/2] f: a'), patch('[PATCH 0/2] f: both', body='Hi.\n')]
    )
    assert found and found.version is None
    sent = lore.as_sent(found, 4, 'cover@x.example', NOON)
    mails = lore.parse(sent, ())
    assert [m.subject for m in mails] == ['[PATCH v4 0/2] f: both', '[PATCH v4 1/2] f: a', '[PATCH v4 2/2] f: b']
    assert all(m.date and m.date > NOON for m in mails)
    assert mails[0].parent == 'cover@x.example' and {m.parent for m in mails[1:]} == {mails[0].message_id}


def test_an_id_the_author_gave_is_kept_and_what_he_names_is_known() -> None:
    more = 'Message-ID: <own@x.example>\nIn-Reply-To: <v1@x.example>\nReferences: <v0@x.example>\n\t<v1@x.example>\n'
    found = lore.unsent([patch('[PATCH v2] f: new', more=more)])
    assert found and {'v0@x.example', 'v1@x.example'} <= found.named
    (mail,) = lore.parse(lore.as_sent(found, 2, 'v1@x.example', NOON), ())
    assert mail.message_id == 'own@x.example' and mail.subject == '[PATCH v2] f: new'


@settings(max_examples=60)
@given(
    st.text(st.characters(blacklist_categories=('Cs', 'Cc')), max_size=60).map(lambda t: t.replace('\n', ' ')),
    st.booleans(),
)
def test_text_and_diff_stay_as_they_are(text: str, crlf: bool) -> None:
    raw = patch('[RFC PATCH 1/1] f: new', body=f'{text}\nMessage-ID: <not@a.header>\nDate: never\n---\n').raw
    raw = raw.replace(b'\n', b'\r\n') if crlf else raw
    found = lore.unsent([RawMail(raw, None, 'f')])
    assert found
    (sent,) = lore.as_sent(found, 2, 'v1@x.example', NOON)
    body = re.split(rb'\r?\n\r?\n', raw, maxsplit=1)[1]
    assert sent.raw.endswith(body)
    assert lore.as_sent(found, 2, 'v1@x.example', NOON)[0].raw == sent.raw
