# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes to messages: what odd mail becomes, and that no bytes raise."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lore import parse
from bot.model import Message, Person, RawMail
from tests.lore.letters import letter, read


def one(mail: bytes) -> Message:
    (message,) = read(mail)
    return message


def typed(kind: str, text: bytes, encoding: str = '8bit') -> bytes:
    return letter('x', '', name='a', headers=[f'Content-Type: {kind}', f'Content-Transfer-Encoding: {encoding}']) + text


def test_a_plain_mail() -> None:
    message = one(letter('[PATCH] x', 'one\ntwo\n', name='a', answers='b', references=['c', 'b'], minutes=5))
    assert (message.message_id, message.parent, message.in_reply_to) == ('a@test', 'b@test', 'b@test')
    assert message.references == ('c@test', 'b@test')
    assert message.author == Person('Ada Author', 'ada@example.org')
    assert message.date_claimed == datetime(2024, 3, 1, 9, 5, tzinfo=UTC)
    assert message.lines == ['one', 'two', '']
    assert (message.notes, message.unusable, message.automatic, message.flowed) == ((), '', False, False)


@pytest.mark.parametrize(
    ('kind', 'data', 'encoding', 'shown', 'note'),
    [
        ('text/plain; charset=utf-8', 'ä\n'.encode(), '8bit', 'ä\n', ''),
        ('text/plain; charset=iso-8859-1', 'ä\n'.encode('latin-1'), '8bit', 'ä\n', ''),
        ('text/plain; charset=us-ascii', 'ä\n'.encode(), '8bit', 'ä\n', ''),
        ('text/plain', 'ä\n'.encode('latin-1'), '8bit', 'ä\n', 'no stated charset'),
        ('text/plain; charset=utf-8', 'ä\n'.encode('latin-1'), '8bit', '\ufffd\n', 'claims to be utf-8 and is not'),
        ('text/plain; charset=gb2312', '中\n'.encode('gb2312'), '8bit', '中\n', ''),
        ('text/plain; charset=x-unknown', 'ä\n'.encode(), '8bit', 'ä\n', 'is not known'),
        ('text/plain; charset=unicode_escape', b'\\ud800\n', '8bit', '\\ud800\n', 'is not known'),
        ('text/plain; charset=utf-8', base64.b64encode('ä\r\nb\r\n'.encode()), 'base64', 'ä\nb\n', ''),
        ('text/plain; charset=utf-8', b'=C3=A4=\n b\n', 'quoted-printable', 'ä b\n', ''),
        ('text/plain; charset=utf-8', b'a\r\nb\r\n', '8bit', 'a\nb\n', ''),
    ],
)
def test_charsets_and_encodings(kind: str, data: bytes, encoding: str, shown: str, note: str) -> None:
    message = one(typed(kind, data, encoding))
    assert message.body == shown
    assert [n for n in message.notes if note in n] if note else message.notes == ()


def test_lines_end_only_at_lf() -> None:
    assert one(letter('x', 'a\x0bb\u2028c\x0cd\x85e\nf\n', name='a')).lines == ['a\x0bb\u2028c\x0cd\x85e', 'f', '']


def test_flowed_and_automatic() -> None:
    assert one(typed('text/plain; charset=utf-8; format=Flowed', b'x\n')).flowed
    assert one(letter('x', name='a', headers=['Auto-Submitted: auto-replied'])).automatic
    assert not one(letter('x', name='a', headers=['Auto-Submitted: no'])).automatic
    for bot in ('lkp@intel.com', 'patchwork-bot+netdevbpf@kernel.org', 'syzbot+1a2b@syzkaller.appspotmail.com'):
        assert one(letter('x', name='a', sender=bot)).automatic
    for field in ('Precedence: auto_reply', 'X-Autoreply: yes', 'Return-Path: <>', 'X-Failed-Recipients: a@b.example'):
        assert one(letter('x', name='a', headers=[field])).automatic
    for away in ('Automatic reply: [PATCH] x', 'Out of Office: x', 'Undeliverable: x', 'Abwesenheitsnotiz: x'):
        assert one(letter(away, name='a')).automatic
    for by_hand in (
        'Re: Automatic reply: x',
        '[PATCH] auto: x',
        'autofs: x',
        'Returned mail handling',
        'Precedence: list',
    ):
        assert not one(letter(by_hand, name='a', headers=['Precedence: bulk', 'Return-Path: <a@b.example>'])).automatic
    for person in ('abbot@example.org', 'talbot@intel.com', 'lkp@example.org'):
        assert not one(letter('x', name='a', sender=person)).automatic


def multipart(*parts: tuple[str, str]) -> bytes:
    body = ''.join(f'--cut\nContent-Type: {kind}\n\n{text}\n' for kind, text in parts)
    return letter('x', f'{body}--cut--\n', name='a', headers=['Content-Type: multipart/mixed; boundary=cut'])


def test_the_first_plain_part_counts() -> None:
    message = one(multipart(('text/html', '<b>no</b>'), ('text/plain', 'yes'), ('text/plain', 'later')))
    assert message.body.strip() == 'yes'


def test_html_only_is_made_text() -> None:
    page = '<html><head><style>p{}</style></head><body>Hi<p>a &lt;b&gt;</p><blockquote>old</blockquote>new</body>'
    message = one(multipart(('text/html', page)))
    assert message.body == 'Hi\na <b>\n\n> old\nnew\n'
    assert 'HTML only' in message.notes[0]


def test_no_text_at_all() -> None:
    message = one(multipart(('image/png', 'xxxx')))
    assert (message.body, message.unusable) == ('', 'the mail has no part that is text')


def test_headers_that_are_missing_or_wrong() -> None:
    message = one(b'From: a@x\nDate: some day\nSubject: y\n\ntext\n')
    assert message.message_id.endswith('@no-message-id.invalid')
    assert one(b'From: a@x\nDate: some day\nSubject: y\n\ntext\n') == message
    assert any('no valid Message-ID' in n for n in message.notes)
    assert any('no usable Date' in n for n in message.notes)
    assert (message.date, message.parent) == (None, None)


def test_the_archive_time_is_the_topmost_received_unless_given() -> None:
    trail = ['Received: by z; Fri, 01 Mar 2024 08:00:00 +0000', 'Received: by a; Fri, 01 Mar 2024 07:00:00 +0000']
    raw = letter('x', name='a', headers=trail)
    assert one(raw).date_archived == datetime(2024, 3, 1, 8, tzinfo=UTC)
    assert one(raw).date == datetime(2024, 3, 1, 8, tzinfo=UTC)  # the sender's clock ran ahead
    archived = datetime(2024, 3, 2, tzinfo=UTC)
    (message,) = parse([RawMail(raw, archived, 'test')], ())
    assert (message.date_archived, message.date) == (archived, message.date_claimed)


def test_a_mail_never_answers_itself() -> None:
    message = one(letter('x', name='a', answers='a', references=['b', 'a']))
    assert (message.parent, message.references) == ('b@test', ('b@test',))


@pytest.mark.parametrize(
    'headers',
    [
        ['X-Original-From: Ada Author <ada@example.org>', 'Reply-To: list@example.org'],
        ['Reply-To: Ada Author <ada@example.org>, via@lists.example.org'],
        ['Reply-To: ada@example.org'],
    ],
)
@pytest.mark.parametrize(
    'sender', ['Ada Author via B4 Relay <devnull+ada@kernel.org>', "'Ada Author' via a list <via@lists.example.org>"]
)
def test_rewritten_senders(sender: str, headers: list[str]) -> None:
    assert one(letter('x', name='a', sender=sender, headers=headers)).author == Person('Ada Author', 'ada@example.org')


def test_copies_from_two_lists_are_one_mail() -> None:
    mm = letter('x', 'text\n', name='a', headers=['List-Id: <linux-mm.kvack.org>'])
    kvm = letter('x', 'text\n\n_____\nfooter\n', name='a', headers=['List-Id: KVM <kvm.vger.kernel.org>'])
    for order in ((mm, kvm), (kvm, mm)):
        (message,) = read(*order, prefer=['kvm.vger.kernel.org'])
        assert 'footer' in message.body
        assert message.lists == ('kvm.vger.kernel.org', 'linux-mm.kvack.org')
        assert message.notes == ()
    (message,) = read(mm, letter('x', 'other text\n', name='a'), prefer=['linux-mm.kvack.org'])
    assert message.body == 'text\n'
    assert 'differ in their text' in message.notes[0]


def test_the_first_arrival_of_several_copies_counts() -> None:
    came = [f'Received: by x; Fri, 01 Mar 2024 {hour}:00:00 +0000' for hour in (12, 10, 11)]
    (message,) = read(*(letter('x', name='a', headers=[line]) for line in came))
    assert message.date_archived == datetime(2024, 3, 1, 10, tzinfo=UTC)


def test_order_is_by_date_and_id() -> None:
    mails = [letter('x', name=n, minutes=m) for n, m in (('c', 2), ('b', 1), ('a', 2))]
    assert [m.message_id for m in read(*mails, b'From: q@x\n\nno date')][:3] == ['b@test', 'a@test', 'c@test']


def test_deep_nesting_is_no_crash() -> None:
    parts = ''.join(f'--b{i}\nContent-Type: multipart/mixed; boundary=b{i + 1}\n\n' for i in range(2000))
    message = one(letter('x', parts, name='a', headers=['Content-Type: multipart/mixed; boundary=b0']))
    assert message.message_id == 'a@test'
    assert message.body or message.unusable


@given(st.binary(max_size=2000))
def test_no_bytes_raise(data: bytes) -> None:
    check(data)


_LINES = st.sampled_from(
    [
        b'From: =?utf-8?q?x?= <a@b>', b'Content-Type: multipart/mixed; boundary=x', b'Content-Type: text/html', b'--x', b'--x--',
        b'Content-Type: text/plain; charset="', b'Content-Transfer-Encoding: base64', b'Content-Transfer-Encoding: uuencode',
        b'Message-ID: <a@b>', b'References: <', b'In-Reply-To: <a@b>', b'Date: Mon, 1 Jan', b'', b'\xff\xfe', b'begin 644 x', b'<![x',
        b'Content-Type: text/plain; charset*0*=utf-8\'\'%ff; format=', b'Content-Type: message/rfc822', b'Subject: [[[PATCH', b'\t\x00',
    ]
)  # fmt: skip


@given(st.lists(_LINES | st.binary(max_size=40), max_size=40))
def test_no_mail_like_bytes_raise(lines: list[bytes]) -> None:
    check(b'\n'.join(lines))


def check(data: bytes) -> None:
    for message in parse([RawMail(data, None, 'test')], ('a',)):
        assert message.message_id
        f'{message.subject}{message.body}{message.author}'.encode()
        assert '\r\n' not in message.body


@pytest.mark.long
def test_speed_on_a_large_mbox(corpus: Path) -> None:
    """Fails only when parsing has become dozens of times slower than it is (about 1 ms of CPU a mail)."""
    from bot.lore.mailbox import split_mbox

    mails = list(split_mbox((corpus / 'unannotated' / 'gmem-fd-based-private-memory.mbox').read_bytes()))
    start = time.process_time()
    assert len(parse([RawMail(m, None, 'x') for m in mails], ())) == 711
    assert time.process_time() - start < 30
