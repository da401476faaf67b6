# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail answers the right mail, has the fields of an ordinary reply, and knows what is wrong with itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email import policy as policies
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot import config, post
from bot.errors import ConfigError
from bot.model import Evidence, Person, ReplyKind
from tests.post.example import POST, cover, drafted, fields, occasion, policy
from tests.report.example import poor
from tests.report.example_lab import with_lab
from tests.report.letters import KINDS, letter

Golden = Callable[[Path, str], None]
MAILS = Path(__file__).parents[1] / 'data' / 'mail'


@pytest.mark.parametrize('kind', KINDS)
def test_whole_mail(kind: ReplyKind, golden: Golden) -> None:
    made = drafted(kind, letter(with_lab(), kind))
    assert made.faults == ()
    golden(MAILS / f'{kind}.eml', post.mail(made).decode())


def test_whole_mail_that_has_nothing_to_say(golden: Golden) -> None:
    golden(MAILS / 'clean.eml', post.mail(drafted(body=letter(poor()), clean=True)).decode())


@pytest.mark.parametrize('kind', KINDS)
def test_own_text_is_narrow_and_single_and_plain(kind: ReplyKind) -> None:
    made = drafted(kind, letter(with_lab(), kind))
    parsed = BytesParser(policy=policies.default).parsebytes(post.mail(made))
    assert parsed.get_content_type() == 'text/plain' and parsed.get_content_charset() == 'utf-8'
    whole = ('>', '    > ', '[', '  >> ', '|', '  lorebot review', '    --', '  make')
    assert [line for line in made.body.split('\n') if len(line) > 76 and not line.startswith(whole)] == []


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
    assert found['X-Lorebot-Run'] == '5d1c0a77'
    assert found['X-Patchwork-Hint'] == 'ignore'
    assert found['Content-Type'] == 'text/plain; charset=utf-8'
    assert found['Message-ID'].endswith('.lorebot@bots.example>')
    assert fields(drafted('status'))['Auto-Submitted'] == 'auto-replied'


def test_the_whole_chain_of_references_is_kept() -> None:
    chain = tuple(f'{n}@chain.example' for n in range(40))
    found = fields(drafted(target__references=chain, target__in_reply_to=chain[-1]))['References'].split()
    assert found == [f'<{i}>' for i in (*chain, 'v2-0@lindqvist.example')]


@pytest.mark.parametrize(
    ('ids', 'length', 'kept'), [(40, 10, 41), (99, 10, 100), (5000, 10, 100), (5000, 800, 10), (1, 890, 2)]
)
def test_a_chain_without_end_is_cut_in_its_middle(ids: int, length: int, kept: int) -> None:
    chain = tuple(f'{n:05}{"x" * (length - 10)}@y.ex' for n in range(ids))
    made = drafted(target__references=chain, target__in_reply_to=chain[-1])
    found = fields(made)['References'].split()
    assert found == [f'<{i}>' for i in (chain[0], *chain[len(chain) - kept + 2 :], 'v2-0@lindqvist.example')]
    assert len(found) == kept and len(post.mail(made)) < 12_000 and made.faults == ()


def test_a_header_that_servers_would_cut_is_not_sent() -> None:
    crowd = tuple(Person('', f'{"l" * 60}{n}@lists.example') for n in range(2000))
    names = dict.fromkeys((p.email for p in crowd), policy().rule('linux-mm@kvack.org'))
    made = drafted(rules=msgspec.structs.replace(policy(), list={**policy().list, **names}), target__cc=crowd)
    assert [why for why in made.faults if why.startswith('its header is longer than servers take')]
    blanks = drafted(target__subject=f'[PATCH] a{" " * 1200}b')
    assert blanks.faults == ('a line of its header is longer than mail may have (998 octets)',)


def test_the_whole_mail_has_a_bound_not_its_text_alone() -> None:
    just = 'x' * 70 + '\n'
    made = drafted(body=just * 5628, target__references=tuple(f'{n}@chain.example' for n in range(90)))
    assert len(made.body) < 400_000 < len(post.mail(made))
    assert made.faults == ('the mail is longer than lists take (400000 octets)',)


@pytest.mark.parametrize(
    ('to', 'cc', 'direct'),
    [
        ((POST.address,), (), True),
        (('LOREBOT+x@bots.example',), ('mara@lindqvist.example',), True),
        ((POST.address,), ('list@host.example',), False),
        ((POST.address, 'tomasz@pages.example'), (), False),
        (('list@host.example',), (), False),
        ((), (), False),
    ],
)
def test_a_mail_is_direct_when_lorebot_alone_got_it(to: tuple[str, ...], cc: tuple[str, ...], direct: bool) -> None:
    people: dict[str, Any] = {
        'target__to': tuple(Person('', a) for a in to),
        'target__cc': tuple(Person('', a) for a in cc),
    }
    assert drafted('status', target__lists=(), **people).answers.direct is direct
    assert not drafted('status', target__lists=('x.y.example',), **people).answers.direct


@pytest.mark.parametrize(
    ('contact', 'field'),
    [
        ('owner@bots.example', 'owner@bots.example'),
        ('Olga Owner <owner@bots.example>', 'Olga Owner <owner@bots.example>'),
        ('"Owner, Olga" <owner@bots.example>', '"Owner, Olga" <owner@bots.example>'),
        ('<owner@bots.example>', 'owner@bots.example'),
    ],
)
def test_a_contact_may_have_a_name(contact: str, field: str) -> None:
    made = post.draft(occasion(), policy(), config.Post('b', 'b@x.example', contact, ''))
    assert fields(made)['Reply-To'] == field and made.faults == ()


@pytest.mark.parametrize(
    'contact', ['Olga', 'Olga <owner>', 'owner@x.example>', 'a@x.example, b@x.example', '<a@b.c> x']
)
def test_a_contact_that_is_nobody_is_told(contact: str) -> None:
    made = post.draft(occasion(), policy(), config.Post('b', 'b@x.example', contact, ''))
    assert made.faults == ('post.contact names nobody: write name@host, or Name <name@host>',)
    assert 'Reply-To' not in fields(made)


def test_in_reply_to_stands_in_for_references() -> None:
    found = fields(drafted(target__in_reply_to='old@chain.example'))
    assert found['References'] == '<old@chain.example> <v2-0@lindqvist.example>'


def test_a_subject_that_is_a_reply_gets_no_second_re() -> None:
    assert fields(drafted(target__subject='Re: [PATCH] x'))['Subject'] == 'Re: [PATCH] x'


def test_an_event_has_one_message_id_whatever_is_said_of_it() -> None:
    ids = {drafted().id, drafted(body='Bye\n').id, drafted(target__subject='[PATCH] other').id, drafted(run='1').id}
    assert len(ids) == 1
    others = {drafted('inline').id, drafted(target__message_id='v2-1@lindqvist.example').id, drafted('lab').id}
    assert len(ids | others) == 4


def test_own_mails_above_are_counted() -> None:
    own = drafted().id
    assert drafted('status', target__references=('a@b.example', own)).answers.own_above == 1
    said = cover(message_id='x@y.example', author=Person('', POST.address))
    talk = post.Conversation(cover(references=('x@y.example',)), (said,))
    assert drafted('status', talk=talk).answers.own_above == 1


@pytest.mark.parametrize(
    ('other', 'reason'),
    [
        ({'target__message_id': 'no id'}, 'the mail that it answers has no usable message-id'),
        ({'date': None}, 'no mail at hand has a date'),
        ({'body': 'x' * 500_000}, 'the mail is longer than lists take'),
        ({'body': 'ä' * 600}, 'line 1 is longer than mail may have'),
    ],
)
def test_faults(other: dict[str, object], reason: str) -> None:
    assert any(why.startswith(reason) for why in drafted(**other).faults)  # type: ignore[arg-type]


def test_faults_of_settings() -> None:
    made = post.draft(occasion(), policy(), config.Post('b', 'b@localhost', '', ''))
    assert ['post.contact' in why or 'post.address' in why for why in made.faults] == [True, True]


@pytest.mark.parametrize(
    'line',
    [
        'Reviewed-by: A <a@b.example>',
        '   Acked-by: A <a@b.example>',
        'Nacked-by: A <a@b.example>',
        'Fixes: 0123456789ab ("x")',
        'Link: https://x.example',
        'Reported-by: somebody',
        'Reviewed-by:A <a@b.example>',
        'Cc: a@b.example',
    ],
)
def test_a_body_gives_no_tags(line: str) -> None:
    made = drafted(body=f'Hello\n{line}\n> {line}\n')
    assert list(made.faults) == ['line 2 reads as a trailer, and a program gives none']


def test_names_and_subjects_beyond_ascii() -> None:
    author = Person('Inés "I. O." 山本', 'i@o.example')
    raw = post.mail(drafted(target__author=author, target__subject='[PATCH] mm: Größe, in 山本 units'))
    parsed = BytesParser(policy=policies.default).parsebytes(raw)
    assert raw.partition(b'\n\n')[0].isascii()
    assert parsed['To'].addresses[0].display_name == 'Inés "I. O." 山本'
    assert parsed['Subject'] == 'Re: [PATCH] mm: Größe, in 山本 units'


def test_own_address_has_to_be_one() -> None:
    with pytest.raises(ConfigError, match='post.address'):
        post.draft(occasion(), policy(), config.Post('b', 'B <b@x.example>', '', ''))


def test_remarks_stand_below_their_lines_though_git_applied_the_patch_elsewhere() -> None:
    found = with_lab()
    assert found.check
    moved = replace(
        found.check.findings[0],
        line=422,
        end_line=424,
        message='`got = get_user_pages(start, nr,` takes plain references',
        evidence=(Evidence('drivers/misc/lend.c', 421, 'under `mmap_read_lock(lend->mm);`'),),
        patch=3,
        file='drivers/misc/lend.c',
        class_='introduced',
    )
    body = letter(replace(found, check=replace(found.check, findings=(moved,))), 'inline')
    below = '>  	mmap_read_lock(lend->mm);\n> -	got = get_user_pages(start, nr, FOLL_WRITE, lend->pages);\n> +	got ='
    assert below in body and 'cannot be pointed to' not in body
    elsewhere = replace(moved, evidence=(Evidence('drivers/misc/lend.c', 421, 'under `spin_lock(&lend->lock);`'),))
    body = letter(replace(found, check=replace(found.check, findings=(elsewhere,))), 'inline')
    assert 'cannot be pointed to in the mail' in body and '> +' not in body


def test_what_b4_makes_of_remarks_on_a_patch() -> None:
    """b4 review shows remarks at the line they are about: ours must stand where a reviewer's would."""
    review = pytest.importorskip('b4.review')
    found = with_lab()
    patch = found.series.newest.patches[2]
    body = letter(found, 'inline').partition('\n-- \n')[0]
    [comment] = review._extract_comments_from_quoted_reply(body)
    review._resolve_comment_positions(patch.diff, [comment])
    assert comment['path'] == 'b/drivers/misc/lend.c'
    assert comment['content'] == '+\t\t\t     lend->pages);'
    assert patch.diff.split('\n').count(comment['content']) == 1
    assert (
        comment['text'].startswith('FOLL_LONGTERM is passed')
        and 'drivers/misc/lend.c:122 lend_map())' in comment['text']
    )
