# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails without line breaks, and replies whose series is not at hand."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import lore, trees
from bot.lore.flat import NOTE, flattened, with_header_lines
from bot.lore.source import kind_of
from bot.model import Message, RawMail

HEADERS = (
    'Received: from a.example by b.example; Thu, 8 May 2025 10:00:00 +0000',
    'DKIM-Signature: v=1; h=Date:From:To:Subject: Content-Type:In-Reply-To; b=c2ln',
    'Date: Thu, 8 May 2025 10:00:00 +0000',
    'From: Rita Reader <rita@reader.example>',
    'Subject: Re: [PATCH v3 0/2] frob: lend pages',
    'Message-ID: <r1@reader.example>',
    'References: <c1@author.example> <c2@author.example>',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    'In-Reply-To: <c2@author.example>',
)
BODY = (
    'Hi Ann, On Wed, 7 May 2025, Ann Author wrote: > Who frees it? > > Is it needed? I do not know. > Why? > > It leaks.'
    + ' word' * 120
)


def one(raw: bytes) -> Message:
    return lore.parse([RawMail(raw, None, 'authored')], ())[0]


def test_a_mail_in_one_line_has_its_header_again_and_its_text_in_one_piece() -> None:
    raw = ('From mboxrd@z Thu Jan 1 00:00:00 1970 ' + ' '.join(HEADERS) + ' ' + BODY).encode()
    mail = one(raw)
    assert kind_of(raw) == 'mail'
    assert (mail.message_id, mail.author.email) == ('r1@reader.example', 'rita@reader.example')
    assert mail.references == ('c1@author.example', 'c2@author.example')
    assert mail.body.strip() == BODY
    assert NOTE in mail.notes


def test_nothing_is_taken_from_a_text_whose_cut_is_lost() -> None:
    mail = one((' '.join(HEADERS) + ' ' + BODY).encode())
    graph = lore.quotes([mail])
    assert [(s.depth, s.how) for s in graph.segments[mail.message_id]] == [(0, 'unattributed')]


def test_a_header_without_form_at_the_end_leaves_the_cut_open() -> None:
    shuffled = [h for h in HEADERS if not h.startswith('Subject')] + ['Subject: Re: frob Hi Ann, why?']
    assert with_header_lines(' '.join(shuffled).encode()).endswith(b'\n\nSubject: Re: frob Hi Ann, why?')


@pytest.mark.parametrize('raw', [b'Subject: From: Date: a mail', b'Hello: world', b'', '\n'.join(HEADERS).encode()])
def test_sound_mails_are_left_alone(raw: bytes) -> None:
    assert not flattened(raw)


@given(st.binary(max_size=300), st.permutations(HEADERS))
@example(b'<\0>\0', HEADERS)
def test_whatever_is_in_the_line_nothing_raises_and_no_byte_but_blanks_is_lost(
    noise: bytes, headers: list[str]
) -> None:
    raw = ' '.join(headers).encode() + b' ' + noise.replace(b'\n', b' ')
    assert b''.join(with_header_lines(raw).split()) == b''.join(raw.split())


def test_replies_alone_name_the_series_they_are_about() -> None:
    mail = one('\n'.join(HEADERS).encode() + b'\n\nWhy is that?\n')
    made = lore.of_replies(lore.assemble([mail], None, trees.run))
    revision = made.series[0].newest
    assert (made.series[0].subject, revision.version, revision.message_id) == (
        'frob: lend pages',
        3,
        'c1@author.example',
    )
    assert revision.missing == (1, 2)
    assert not revision.complete
    assert revision.unusable
