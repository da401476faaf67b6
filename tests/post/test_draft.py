# SPDX-License-Identifier: GPL-2.0-or-later
"""A draft answers the right mail, reaches the right people, and says why it does not go out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from bot import config, post, report
from bot.errors import ConfigError
from bot.model import Draft, Person
from tests.post.example import LINK, POST, cover
from tests.report.example import poor, rich

Golden = Callable[[Path, str], None]
GOLDENS = Path(__file__).parents[1] / 'data' / 'report'


def fields(draft: Draft) -> dict[str, str]:
    return dict(draft.headers)


def drafted(**other: object) -> Draft:
    return post.draft(rich(), cover(**other), 'Hello\n', POST, LINK)


def test_whole_mail(golden: Golden) -> None:
    found = rich()
    body = report.render_mail(found, link=LINK, bot=POST.name, contact=POST.contact)
    made = post.draft(found, cover(), body, POST, LINK)
    golden(GOLDENS / 'rich.eml', post.mail(made).decode())


def test_whole_mail_that_has_nothing_to_say(golden: Golden) -> None:
    found = poor()
    body = report.render_mail(found, link=LINK, bot=POST.name, contact='')
    made = post.draft(found, cover(), body, POST, LINK)
    golden(GOLDENS / 'poor.eml', post.mail(made).decode())
    assert 'there is nothing new to say' in made.why


def test_fields() -> None:
    found = fields(drafted())
    assert found['From'] == 'lorebot <lorebot@bots.example>'
    assert found['To'] == 'Mara Lindqvist <mara@lindqvist.example>'
    assert found['Cc'] == 'linux-mm@kvack.org, kvm@vger.kernel.org, borrow@host.example'
    assert found['Subject'] == 'Re: [PATCH v2 0/3] mm/gup: Let drivers borrow pages of a guest'
    assert found['Date'] == 'Mon, 22 Jul 2024 08:30:00 +0000'
    assert found['In-Reply-To'] == found['References'] == '<v2-0@lindqvist.example>'
    assert found['Auto-Submitted'] == 'auto-generated'
    assert found['X-Mailer'] == 'lorebot 0.1.0'
    assert found['X-Patchwork-Hint'] == 'ignore'
    assert found['Content-Type'] == 'text/plain; charset=utf-8'
    assert found['Message-ID'].endswith('@bots.example>')


def test_the_whole_chain_of_references_is_kept() -> None:
    chain = tuple(f'{n}@chain.example' for n in range(40))
    found = fields(drafted(references=chain, in_reply_to=chain[-1]))['References'].split()
    assert found == [f'<{i}>' for i in (*chain, 'v2-0@lindqvist.example')]


def test_in_reply_to_stands_in_for_references() -> None:
    found = fields(drafted(in_reply_to='old@chain.example'))
    assert found['References'] == '<old@chain.example> <v2-0@lindqvist.example>'


def test_a_subject_that_is_a_reply_gets_no_second_re() -> None:
    assert fields(drafted(subject='Re: [PATCH] x'))['Subject'] == 'Re: [PATCH] x'


def test_same_in_same_out_and_anything_else_another_id() -> None:
    ids = [fields(d)['Message-ID'] for d in (drafted(), drafted(), drafted(subject='[PATCH] other'))]
    assert ids[0] == ids[1] != ids[2]
    other = post.draft(rich(), cover(), 'Bye\n', POST, LINK)
    assert fields(other)['Message-ID'] != ids[0]


def test_nothing_can_be_sent() -> None:
    made = drafted()
    assert not made.sendable
    assert len(made.why) == 1 and 'https://lore.kernel.org/r/v2-0@lindqvist.example' in made.why[0]


@pytest.mark.parametrize(
    ('other', 'reason'),
    [
        ({'automatic': True}, 'the mail was itself sent by a program'),
        ({'message_id': 'no id'}, 'the mail has no usable message-id'),
        ({'author': Person('X', 'not an address')}, 'no address of the author is in the mail'),
        ({'author': Person('', POST.address)}, "the mail is the bot's own"),
        ({'author': Person('X via list', 'linux-mm@kvack.org')}, 'no address of the author is in the mail'),
    ],
)
def test_reasons_in_the_mail(other: dict[str, object], reason: str) -> None:
    assert any(why.startswith(reason) for why in drafted(**other).why)


def test_reasons_in_settings_and_report() -> None:
    found = replace(rich(), as_of='')
    made = post.draft(found, cover(), 'Hello\n', config.Post('b', 'b@localhost', ''), LINK)
    assert any('post.contact' in why for why in made.why)
    assert any('post.address' in why for why in made.why)
    assert any('has a date' in why for why in made.why)
    assert 'Date' not in fields(made)


@pytest.mark.parametrize(
    'line',
    [
        'Reviewed-by: A <a@b.example>',
        '   Acked-by: A <a@b.example>',
        'Fixes: 0123456789ab ("x")',
        'Link: https://x.example',
    ],
)
def test_a_body_gives_no_tags(line: str) -> None:
    made = post.draft(rich(), cover(), f'Hello\n{line}\n> {line}\n', POST, LINK)
    assert [why for why in made.why if 'trailer' in why] == ['line 2 reads as a trailer, and a program gives none']


def test_a_line_too_long_for_mail() -> None:
    assert any('longer than mail' in why for why in post.draft(rich(), cover(), 'ä' * 600, POST, LINK).why)


def test_an_author_behind_a_relay_is_reached() -> None:
    relayed = cover(
        author=Person('Mara via B4 Relay', 'devnull+mara.lindqvist.example@kernel.org'),
        raw=b'From: x\nReply-To: "Mara Lindqvist" <mara@lindqvist.example>\n\n',
    )
    assert fields(post.draft(rich(), relayed, 'x', POST, LINK))['To'] == 'Mara Lindqvist <mara@lindqvist.example>'


def test_names_and_subjects_beyond_ascii() -> None:
    made = drafted(author=Person('Inés "I. O." 山本', 'i@o.example'), subject='[PATCH] mm: Größe, in 山本 units')
    raw = post.mail(made)
    parsed = BytesParser(policy=policy.default).parsebytes(raw)
    assert raw.partition(b'\n\n')[0].isascii()
    assert parsed['To'].addresses[0].display_name == 'Inés "I. O." 山本'
    assert parsed['Subject'] == 'Re: [PATCH] mm: Größe, in 山本 units'


def test_own_address_has_to_be_one() -> None:
    with pytest.raises(ConfigError, match='post.address'):
        post.draft(rich(), cover(), '', config.Post('b', 'B <b@x.example>', ''), LINK)
