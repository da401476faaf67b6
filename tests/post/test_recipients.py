# SPDX-License-Identifier: GPL-2.0-or-later
"""Everybody who gets a mail has a reason, and so has everybody of the conversation who does not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bot import post
from bot.lore import parse
from bot.model import Appointed, Draft, Person, RawMail, Responsible
from bot.post import recipients
from bot.post.policy import People
from tests.post.example import cover, drafted, fields, policy

RELAYED = b"""\
From: Mara Lindqvist via B4 Relay <devnull+mara.lindqvist.example@kernel.org>
To: linux-mm@kvack.org
%sSubject: [PATCH] x
Message-ID: <relayed@kernel.org>
Date: Mon, 01 Jul 2024 00:00:00 +0000

From: Mara Lindqvist <mara@lindqvist.example>

Signed-off-by: Tomasz Wierzbicki <tomasz@pages.example>
Signed-off-by: Mara Lindqvist <mara@lindqvist.example>
"""


def told(draft: Draft) -> dict[str, str]:
    return {r.person.email: f'{r.field} {r.role}: {r.because}' for r in draft.recipients}


def named(**other: Any) -> post.Conversation:
    people = (
        Responsible(Person('Tomasz Wierzbicki', 'tomasz@pages.example'), 'M', 'MEMORY, F: mm/gup.c'),
        Responsible(Person('Ada Stranger', 'ada@far.example'), 'M', 'MISC, F: drivers/misc/'),
        Responsible(Person('Rex Reader', 'linux-mm@kvack.org'), 'R', 'MEMORY, F: mm/gup.c'),
    )
    return post.Conversation(cover(**other), (), Appointed('linux at v6.10', people))


def test_the_lists_and_the_author() -> None:
    made = drafted()
    assert told(made) == {
        'mara@lindqvist.example': 'To author: wrote the mail',
        'linux-mm@kvack.org': 'Cc list: among To and Cc of the mail, and reply is "list"',
        'kvm@vger.kernel.org': 'Cc list: among To and Cc of the mail, and reply is "list"',
        'borrow@host.example': 'Cc list: among To and Cc of the mail, and reply is "list"',
    }
    assert dict(made.left_out) == {'tomasz@pages.example': 'no author of the mail and no list'}


def test_the_author_alone() -> None:
    made = drafted(rules=policy(reply='author'))
    assert [*told(made)] == ['mara@lindqvist.example'] and 'Cc' not in fields(made)
    assert dict(made.left_out)['kvm@vger.kernel.org'] == 'a list, and reply is "author"'
    assert made.lists == ('linux-mm@kvack.org', 'kvm@vger.kernel.org', 'borrow@host.example')


def test_maintainers_who_are_in_the_conversation() -> None:
    made = drafted(rules=policy(reply='maintainers'), talk=named())
    assert told(made)['tomasz@pages.example'] == 'Cc maintainer: MEMORY, F: mm/gup.c; in the conversation'
    assert 'ada@far.example' not in told(made) and 'linux-mm@kvack.org' not in told(made)


def test_maintainers_are_added_where_all_lists_say_so() -> None:
    made = drafted(rules=policy(reply='maintainers', add_maintainers=True), talk=named())
    assert told(made)['ada@far.example'].endswith('not in the conversation; the lists say to add them')


def test_the_strictest_list_decides_who_gets_it() -> None:
    rules = policy()
    strict = msgspec.structs.replace(rules.rule('kvm@vger.kernel.org'), reply='author')
    rules = msgspec.structs.replace(rules, list={**rules.list, 'kvm@vger.kernel.org': strict})
    assert [*told(drafted(rules=rules))] == ['mara@lindqvist.example']


def test_a_list_that_is_left_out_has_no_say_and_gets_nothing() -> None:
    rules = policy()
    out = msgspec.structs.replace(rules.every, left_out=True)
    rules = msgspec.structs.replace(rules, list={**rules.list, 'linux-kernel@vger.kernel.org': out})
    made = drafted(rules=rules, target__cc=(Person('', 'linux-kernel@vger.kernel.org'),))
    assert 'linux-kernel@vger.kernel.org' not in (*made.lists, *told(made))
    assert dict(made.left_out)['linux-kernel@vger.kernel.org'] == 'left_out by the policy'


def test_a_list_that_only_sent_a_copy_has_a_say_and_is_not_added() -> None:
    made = drafted(target__lists=('linux-mm.kvack.org', 'kvmarm.lists.linux.dev', 'dri-devel.lists.example'))
    assert {'kvmarm@lists.linux.dev', 'dri-devel@lists.example'} < set(made.lists)
    assert not {'kvmarm@lists.linux.dev', 'dri-devel@lists.example'} & set(told(made))


def test_programs_and_people_who_opted_out_get_nothing() -> None:
    rules = msgspec.structs.replace(policy(reply='maintainers'), people=People(('@pages.example',)))
    made = drafted(rules=rules, talk=named(cc=(Person('', 'lkp@intel.com'), Person('', 'tomasz@pages.example'))))
    assert {('lkp@intel.com', 'a program'), ('tomasz@pages.example', 'opted out')} < set(made.left_out)


@pytest.mark.parametrize('reply_to', [b'Reply-To: Mara Lindqvist <mara@lindqvist.example>\n', b''])
def test_an_author_behind_a_relay_is_reached(reply_to: bytes) -> None:
    [relayed] = parse([RawMail(RELAYED % reply_to, None, '')], ())
    made = drafted(talk=post.Conversation(relayed))
    assert fields(made)['To'] == 'Mara Lindqvist <mara@lindqvist.example>'


def test_an_author_whose_from_a_list_rewrote_is_reached() -> None:
    mail = RELAYED.replace(b'devnull+mara.lindqvist.example@kernel.org', b'linux-mm@kvack.org').replace(
        b'B4 Relay', b'linux-mm'
    )
    [rewritten] = parse([RawMail(mail % b'Reply-To: mara@lindqvist.example\n', None, '')], ())
    assert fields(drafted(talk=post.Conversation(rewritten)))['To'] == 'Mara Lindqvist <mara@lindqvist.example>'
    [hidden] = parse([RawMail(mail % b'', None, '')], ())
    assert recipients.author(hidden) is None
    assert 'To' not in fields(drafted(talk=post.Conversation(hidden)))


def test_transcripts_go_to_the_sender_alone() -> None:
    made = drafted('transcript', talk=named(author=Person('', 'tomasz@pages.example')))
    assert told(made) == {'tomasz@pages.example': 'To sender: wrote the commands'}


@pytest.mark.parametrize(
    'address', ['mаra@lindqvist.example', 'ｍara@lindqvist.example', 'mara@lindqvist.example\u200b']
)
def test_addresses_that_only_look_alike_are_nobody(address: str) -> None:
    assert 'To' not in fields(drafted(target__author=Person('Mara Lindqvist', address)))


def test_five_thousand_recipients_are_nobody_s_business() -> None:
    crowd = tuple(Person('', f'p{n}@crowd.example') for n in range(5000))
    made = drafted(target__cc=crowd)
    assert len(made.recipients) == 2 and len(made.left_out) == 5001
