# SPDX-License-Identifier: GPL-2.0-or-later
"""Everybody who gets a mail has a reason, and so has everybody of the conversation who does not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bot import post
from bot.lore import parse
from bot.model import Appointed, Decision, Draft, History, Person, RawMail, Responsible
from bot.post import recipients
from bot.post.policy import Overall, People
from tests.growth import growth
from tests.post.example import POST, cover, drafted, fields, policy
from tests.post.torture import NOW

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


def decided(made: Draft, rules: post.Policy) -> Decision:
    return post.decide(made, 'd', rules, History((), made.number), NOW, POST.address)


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


UNKNOWN = [
    Person('', 'rds-devel@oss.oracle.example'),
    Person('', 'linux-xtensa@linux-xtensa.example'),
    Person('', 'kernel@uniontech.example'),
    Person('', 'kernel-team@android.example'),
    Person('', 'linux-stm32@st-md-mailman.stormreply.example'),
    Person('', 'something@groups.host.example'),
    Person('open list:BORROWS', 'borrows@host2.example'),
    Person('lend-borrow', 'lend-borrow@host2.example'),
    Person('', 'patches@opensource.cirrus.example'),
]


@pytest.mark.parametrize('unknown', UNKNOWN, ids=lambda one: one.email)
def test_a_list_that_the_policy_does_not_know_says_no(unknown: Person) -> None:
    """Beside three lists that want everything: the fourth, whose host says nothing, agreed to nothing."""
    made = drafted(rules=policy(embargo_hours=0, approval=False), target__cc=(unknown,))
    assert unknown.email in made.lists and unknown.email not in told(made)
    said = decided(made, policy(embargo_hours=0, approval=False))
    assert f'{unknown.email} has not opted in' in [r.text for r in said.against] and said.gate == 'stop'
    rules = policy(embargo_hours=0, approval=False)
    out = msgspec.structs.replace(rules.every, left_out=True)
    rules = msgspec.structs.replace(rules, list={**rules.list, unknown.email: out})
    assert decided(drafted(rules=rules, target__cc=(unknown,)), rules).gate == 'allow', (
        'the policy may say it has no say'
    )


@pytest.mark.parametrize(
    'person',
    [
        Person('', 'akpm@linux-foundation.example'),
        Person('', 'penguin-kernel@i-love.example'),
        Person('Devel O. Per', 'devolper@host2.example'),
        Person('liz', 'liz@host2.example'),
        Person('', 'andrew+netdev@lunn.example'),
    ],
    ids=lambda one: one.email,
)
def test_people_are_no_lists(person: Person) -> None:
    rules = policy(embargo_hours=0, approval=False)
    made = drafted(rules=rules, target__cc=(person,))
    assert person.email not in made.lists and decided(made, rules).gate == 'allow'


def test_who_wrote_the_mail_is_no_list() -> None:
    wrote = Person('Xuerui', 'kernel@xen0n.example')
    rules = policy(embargo_hours=0, approval=False)
    made = drafted(rules=rules, target__author=wrote, target__cc=(wrote,))
    assert made.recipients[0].person == wrote and decided(made, rules).gate == 'allow'


def test_a_list_among_the_maintainers_gets_nothing_that_it_did_not_agree_to() -> None:
    rules = policy(reply='maintainers', add_maintainers=True, embargo_hours=0, approval=False)
    team = Responsible(Person('', 'lend-devel@host2.example'), 'M', 'LEND, F: drivers/misc/lend.c')
    made = drafted(rules=rules, talk=post.Conversation(cover(), (), Appointed('linux', (team,))))
    assert 'lend-devel@host2.example has not opted in' in [r.text for r in decided(made, rules).against]


def test_who_was_added_gets_nothing_once_the_lists_do_not_say_so_any_more() -> None:
    some = {'reply': 'maintainers', 'embargo_hours': 0, 'approval': False}
    made = drafted(rules=policy(add_maintainers=True, **some), talk=named())
    assert decided(made, policy(add_maintainers=True, **some)).gate == 'allow'
    against = [r.text for r in decided(made, policy(**some)).against]
    assert against == ['ada@far.example was not in the conversation, and not all lists say add_maintainers']


def test_commands_that_came_to_others_too_are_not_answered_for_overall_direct() -> None:
    rules = msgspec.structs.replace(post.load_policy(), overall=Overall(9, 9, direct=True))
    for to, gate in (
        ((POST.address,), 'hold'),
        ((POST.address, 'x@unknown.example'), 'stop'),
        (('x@y.example',), 'stop'),
    ):
        there = tuple(Person('', one) for one in to)
        made = drafted('transcript', rules=rules, target__to=there, target__cc=(), target__lists=())
        assert decided(made, rules).gate == gate, to


def test_many_addresses_cost_what_they_are_many() -> None:
    """Nothing is done once for every pair of them: twice as many take about twice as long."""
    crowd = tuple(Person('', f'p{n}-devel@crowd.example') for n in range(4000))
    assert growth(lambda size: drafted(target__cc=crowd[:size]), 1000, 4000) < 10


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
