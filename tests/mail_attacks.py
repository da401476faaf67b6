# SPDX-License-Identifier: GPL-2.0-or-later
"""What a mail could try against the commands: each attack as the mail it is, and what holds.

`docs/hostile.md` is made of this table; `test_mail_attacks.py` runs every row. The conversation is tests/questions/talks/pinning.txt:
Rita asked Q2.3 there, so `withdraw Q2.3` works for her and for nobody else. reader.example signs for whoever has an
address there, third.example for Theo; every mail below that is signed is signed with the true key of its domain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tests.lore import keys
from tests.trees.attacks import Elsewhere

RITA, MALLORY, THEO = 'rita@reader.example', 'mallory@reader.example', 'theo@third.example'
DAY = datetime(2025, 3, 4, tzinfo=UTC)
WITHDRAW = '#lorebot withdraw Q2.3\n'
SIGNED = [
    'from',
    'date',
    'message-id',
    'subject',
    'in-reply-to',
    'references',
    'content-type',
    'content-transfer-encoding',
]


@dataclass(frozen=True, slots=True)
class Try:
    """`told` is a part of what the reader is told of it; '' where the mail holds no command for anybody to see. `beside` are
    further mails that the attack needs."""

    name: str
    tries: str
    holds: str
    mail: Callable[[], bytes]
    told: str = ''
    beside: Callable[[], tuple[bytes, ...]] = lambda: ()


def letter(
    text: str | bytes = WITHDRAW,
    who: str = f'Rita Reader <{RITA}>',
    *,
    head: str = '',
    mid: str = 'evil@r',
    parent: str = 'answer@author.example',
    subject: str = 'Re: [PATCH RFC 0/1] mm: borrow pages for the frobnicator',
    shape: str = 'text/plain; charset=utf-8',
    encoding: str = '8bit',
    at: datetime = DAY,
) -> bytes:
    """Return a mail; `head` are more fields, put first."""
    fields = [
        f'From: {who}',
        'To: list@lists.example',
        f'Subject: {subject}',
        f'Date: {format_datetime(at)}',
        f'Message-ID: <{mid}>',
        *([f'In-Reply-To: <{parent}>', f'References: <cover@author.example> <{parent}>'] if parent else []),
        'MIME-Version: 1.0',
        *([f'Content-Type: {shape}', f'Content-Transfer-Encoding: {encoding}'] if shape else []),
    ]
    body = text if isinstance(text, bytes) else text.encode()
    return head.encode() + '\n'.join(fields).encode() + b'\n\n' + body


def signed(
    mail: bytes, domain: str = 'reader.example', at: datetime = DAY, fields: list[str] | None = None, **how: Any
) -> bytes:
    """Return a mail with the signature of a domain over the fields that most servers sign, as far as it has them."""
    there = {
        line.partition(b':')[0].lower().decode() for line in mail.partition(b'\n\n')[0].split(b'\n') if line[:1].strip()
    }
    own = [name.encode() for name in (fields or SIGNED) if name in there]
    return keys.with_dkim(mail, domain, domain, at, include_headers=own, **how)


def parts(kind: str, *some: tuple[str, str]) -> tuple[str, str]:
    """Return Content-Type and text of a multipart mail."""
    text = ''.join(f'--b\nContent-Type: {shape}\n\n{inner}\n' for shape, inner in some)
    return f'multipart/{kind}; boundary=b', f'{text}--b--\n'


def mixed(kind: str, *some: tuple[str, str], **more: Any) -> bytes:
    shape, text = parts(kind, *some)
    return signed(letter(text, shape=shape, **more))


def forwarded(above: str) -> bytes:
    return signed(letter(f'See below.\n\n{above}\n\n{WITHDRAW}'))


def _named(who: str) -> Callable[[], bytes]:
    return lambda: signed(letter(who=who))


def _said(text: str | bytes, **how: Any) -> Callable[[], bytes]:
    return lambda: signed(letter(text, **how))


def _patch() -> bytes:
    """Return a patch with a command in its text, signed but for its subject, which then becomes that of a reply."""
    text = f'Text.\n\n{WITHDRAW}\nSigned-off-by: R <r@r.example>\n---\n a.c | 1 +\n\ndiff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-a\n+b\n'
    mail = signed(letter(text, subject='[PATCH] x'), fields=[name for name in SIGNED if name != 'subject'])
    return mail.replace(b'Subject: [PATCH]', b'Subject: Re: [PATCH]')


def _boundary() -> bytes:
    """Return a mail in which a command is the midst of a text, unsigned Content-Type, which then parts the text."""
    plain = signed(letter(f'Never say\n---\n\n{WITHDRAW}\n-----\nplease.\n', shape=''))
    return plain.replace(b'MIME-Version: 1.0', b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="-"')


def _bare(field: bytes) -> Callable[[], bytes]:
    return lambda: b'X-Note: a\r' + field + b'\n' + signed(letter())


def _forwards(kind: str) -> bytes:
    inner = f'From: Theo <{THEO}>\nSubject: x\n\n{WITHDRAW}'
    return mixed(kind, ('text/html', '<p>See.</p>'), ('message/rfc822', inner))


def _attached() -> bytes:
    shape = 'text/plain\nContent-Disposition: attachment; filename="log.txt"'
    return mixed('mixed', ('text/html', '<p>The log is attached.</p>'), (shape, WITHDRAW))


def _deep() -> bytes:
    text = f'Content-Type: text/plain\n\n{WITHDRAW}'
    for n in range(300):
        text = f'Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n{text}\n--b{n}--\n'
    shape, _, body = text.partition('\n\n')
    return signed(letter(body, shape=shape.removeprefix('Content-Type: ')))


_PLAIN = 'From has to be one plain address, of which no program can read another'
_OTHER = 'the address in From is who speaks, as its domain signed it; no other field counts'
_APART = 'what is attached, forwarded, collected or made of HTML is not the text of the sender'
_ODD = 'a header with a bare CR, a NUL, a line that is no field, or no end is no proof'
_LOOKS = 'the word is `#lorebot` in ASCII at the start of a line; nothing else is'
_BELOW = 'below what looks like another mail without marks nobody can tell whose words they are'
_COVERED = 'From, Message-ID, Subject and Date have to be signed; every field that counts stands once'
_OTHERS = f'{MALLORY} cannot withdraw Q2.3'
_ONE = 'its From is not one plain address'
_BY_LIST = 'its From is not that of one person: a list wrote it'
_READ = 'its header is one that programs read differently'
_TOLD_BELOW = 'which looks like the start of another mail'

TRIES = (
    # Who speaks
    Try(
        'sender',
        'Sender: names the victim',
        _OTHER,
        lambda: signed(letter(who=f'Theo <{THEO}>', head=f'Sender: <{RITA}>\n'), 'third.example'),
        f'{THEO} cannot withdraw',
    ),
    Try(
        'reply-to',
        'Reply-To: names the victim',
        _OTHER,
        lambda: signed(letter(who=f'Theo <{THEO}>', head=f'Reply-To: <{RITA}>\n'), 'third.example'),
        f'{THEO} cannot withdraw',
    ),
    Try(
        'resent',
        'Resent-From: names the victim',
        _OTHER,
        lambda: signed(
            letter(who=f'Theo <{THEO}>', head=f'Resent-From: <{RITA}>\nResent-Message-ID: <z@z>\n'), 'third.example'
        ),
        f'{THEO} cannot withdraw',
    ),
    Try(
        'forged',
        "the victim's From, signed by another domain",
        _OTHER,
        lambda: signed(letter(), 'third.example'),
        'third.example signed it, not rita',
    ),
    Try(
        'identity',
        "a signature that claims to be of the victim's domain by i=",
        _OTHER,
        lambda: signed(letter(), 'third.example', identity=b'@third.example').replace(
            b'i=@third.example', b'i=@reader.example'
        ),
        'unverified',
    ),
    Try('two-authors', 'From: two mailboxes', _PLAIN, _named(f'Mallory <{MALLORY}>, Rita <{RITA}>'), _ONE),
    Try(
        'two-froms',
        'a second From below the signed one',
        _COVERED,
        lambda: signed(letter(who=f'Mallory <{MALLORY}>')).replace(b'\nTo:', f'\nFrom: Rita <{RITA}>\nTo:'.encode(), 1),
        'it has 2 fields From',
    ),
    Try('group', 'From: a group', _PLAIN, _named(f'people: Rita <{RITA}>;'), _ONE),
    Try('comment', 'From: the victim in a comment', _PLAIN, _named(f'{MALLORY} (<{RITA}>)'), _ONE),
    Try(
        'comment-first',
        'From: the victim in a comment before the address',
        _PLAIN,
        _named(f'(<{RITA}>) {MALLORY}'),
        _ONE,
    ),
    Try('comment-nested', 'From: comments in comments', _PLAIN, _named(f'(a (<{RITA}>) b) <{MALLORY}>'), _ONE),
    Try('quoted-name', 'From: the victim in a quoted name', _PLAIN, _named(f'"Rita <{RITA}>" <{MALLORY}>'), _OTHERS),
    Try(
        'quoted-escape',
        'From: the victim in a quoted name, with escaped quotes',
        _PLAIN,
        _named(f'"x\\" <{RITA}> \\"" <{MALLORY}>'),
        _OTHERS,
    ),
    Try('quoted-open', 'From: a quote that does not end', _PLAIN, _named(f'"Mallory <{RITA}>'), _ONE),
    Try(
        'quoted-local',
        'From: a quoted local part with a blank',
        _PLAIN,
        _named('Mallory <"ri ta"@reader.example>'),
        _ONE,
    ),
    Try('blank-local', 'From: a blank in the address', _PLAIN, _named('Mallory <ri ta@reader.example>'), _ONE),
    Try('two-angles', 'From: two addresses in angles', _PLAIN, _named(f'<{RITA}> <{MALLORY}>'), _ONE),
    Try('route', 'From: a source route', _PLAIN, _named(f'<@third.example:{RITA}>'), _ONE),
    Try(
        'encoded-name',
        "From: an encoded word that decodes to the victim's address",
        _PLAIN,
        _named(f'=?utf-8?q?=3Crita=40reader=2Eexample=3E?= <{MALLORY}>'),
        _OTHERS,
    ),
    Try(
        'encoded-address',
        'From: nothing but an encoded word that decodes to an address',
        _PLAIN,
        _named('=?utf-8?q?rita=40reader=2Eexample?='),
        _ONE,
    ),
    Try(
        'encoded-fields',
        'From: an encoded word with a line break and a field',
        _PLAIN,
        _named(f'=?utf-8?q?R=0D=0AFrom:_=3Crita=40reader=2Eexample=3E?= <{MALLORY}>'),
        _ONE,
    ),
    Try(
        'homoglyph',
        'From: a Cyrillic letter in the local part',
        _PLAIN,
        _named('Rita <r\u0456ta@reader.example>'),
        _ONE,
    ),
    Try(
        'homoglyph-domain',
        'From: a Cyrillic letter in the domain',
        _PLAIN,
        lambda: signed(letter(who='Rita <rita@r\u0435ader.example>')),
        _ONE,
    ),
    Try(
        'punycode',
        'From: a domain in punycode that shows like another',
        _OTHER,
        _named('Rita <rita@xn--rader-bsa.example>'),
        'reader.example signed it, not rita@xn--rader-bsa.example',
    ),
    Try('trailing-dot', 'From: a domain with a dot at its end', _PLAIN, _named('Rita <rita@reader.example.>'), _ONE),
    Try(
        'plus',
        'From: the victim with +x',
        'an address that commands is compared whole, in lower case',
        _named('Rita <rita+x@reader.example>'),
        'rita+x@reader.example cannot withdraw',
    ),
    Try(
        'via',
        'a list that rewrites From, with Reply-To',
        'a list proves nobody',
        lambda: signed(letter(who=f'"Rita via L" <{THEO}>', head=f'Reply-To: Rita <{RITA}>\n'), 'third.example'),
        _BY_LIST,
    ),
    Try(
        'munged',
        'a list that rewrites From to its own address and says it nowhere',
        'a list proves nobody',
        lambda: signed(
            letter('#lorebot note Q2.3: x\n', 'Rita <talk@third.example>', head='List-Id: <talk.third.example>\n'),
            'third.example',
        ),
        _BY_LIST,
    ),
    Try(
        'original-from',
        'a list that rewrites From, with X-Original-From',
        'a list proves nobody',
        lambda: signed(letter(who=f'Rita <{THEO}>', head=f'X-Original-From: Rita <{RITA}>\n'), 'third.example'),
        _BY_LIST,
    ),
    Try(
        'relay',
        "b4's relay as From",
        'a relay proves nobody',
        lambda: signed(
            letter(who='Rita <devnull+rita.reader.example@third.example>', head=f'Reply-To: Rita <{RITA}>\n'),
            'third.example',
        ),
        _BY_LIST,
    ),
    Try(
        'digest-sender',
        'a digest in plain text, from the address of the list program',
        'a list proves nobody',
        lambda: signed(letter(f'Today:\n\n{WITHDRAW}', 'L <talk-request@third.example>'), 'third.example'),
        _BY_LIST,
    ),
    # What was signed
    Try('unsigned', 'no signature', _COVERED, letter, 'it is not signed'),
    Try(
        'length',
        'l=: a command behind the part that was signed',
        _COVERED,
        lambda: signed(letter('I agree.\n'), length=True) + f'\n{WITHDRAW}'.encode(),
        'text stands behind the part that was signed',
    ),
    Try(
        'no-from', 'h= without Subject, and a patch made a reply', _COVERED, _patch, 'its signature leaves out Subject'
    ),
    Try(
        'no-id',
        'h= without Message-ID, and another one',
        _COVERED,
        lambda: signed(letter(), fields=[n for n in SIGNED if n != 'message-id']).replace(b'<evil@r>', b'<again@r>'),
        'its signature leaves out Message-Id',
    ),
    Try(
        'oversigned',
        'From signed twice (oversigning), and a second one',
        _COVERED,
        lambda: signed(letter(), fields=['from', *SIGNED]).replace(b'\nTo:', f'\nFrom: Theo <{THEO}>\nTo:'.encode(), 1),
        'it has 2 fields From',
    ),
    Try(
        'expired',
        'a signature that had expired',
        'a signature is judged as of the date of the mail',
        lambda: keys.with_dkim(letter(), 'reader.example', 'reader.example', DAY - timedelta(days=9), expires=60),
        'had expired when the mail was sent',
    ),
    Try(
        'drift',
        'an old signature under a new date, Date unsigned',
        _COVERED,
        lambda: signed(letter(), fields=[n for n in SIGNED if n != 'date']),
        'its signature leaves out Date',
    ),
    Try(
        'doubled-id',
        'a second Message-ID in capitals',
        _COVERED,
        lambda: b'MESSAGE-ID: <new@r>\n' + signed(letter()),
        'it has 2 fields Message-Id',
    ),
    Try('bare-cr-id', 'a second Message-ID behind a bare CR', _ODD, _bare(b'Message-ID: <new@r>'), 'unverified'),
    Try(
        'bare-cr-parent',
        'another parent behind a bare CR: a signed command hung below another mail',
        _ODD,
        _bare(b'In-Reply-To: <later@author.example>'),
        _READ,
    ),
    Try(
        'no-field',
        'a line that is no field in the header, where one program ends it and another does not',
        _ODD,
        lambda: signed(letter()).replace(b'\nMIME-Version', b'\nX Note: a\nMIME-Version', 1),
        _READ,
    ),
    Try(
        'long-header',
        'a second Message-ID above 300,000 octets of header',
        _ODD,
        lambda: b'Message-ID: <new@r>\nX-Note: ' + b'a' * 300_000 + b'\n' + signed(letter()),
        _READ,
    ),
    Try(
        'encoding',
        'an unsigned Content-Transfer-Encoding that makes a text a command',
        'the text has to stand in the mail as it travelled, or its encoding be signed',
        lambda: signed(letter('=23lorebot withdraw Q2.3\n'), fields=SIGNED[:6]).replace(
            b'Encoding: 8bit', b'Encoding: quoted-printable'
        ),
        'how its text is encoded',
    ),
    Try(
        'charset',
        'an unsigned charset, UTF-16',
        'the text has to stand in the mail as it travelled, or its encoding be signed',
        lambda: signed(letter(WITHDRAW.encode('utf-16'), shape='')).replace(
            b'MIME-Version: 1.0', b'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-16'
        ),
        'how its text is encoded',
    ),
    Try(
        'boundary',
        'an unsigned Content-Type that cuts a command out of a sentence',
        'the text has to stand in the mail as it travelled, or its encoding be signed',
        _boundary,
        'unverified',
    ),
    # Again, and elsewhere
    Try(
        'replay',
        "an old signed command of the victim about another series, brought into the thread by a stranger's mail that answers both",
        'what the mail itself, signed, says that it answers has to be this series, or it names what it is about',
        lambda: signed(letter(parent='elsewhere@third.example').replace(b'<cover@author.example> ', b'')),
        'answers something else than this series',
        lambda: (
            letter('See there.\n', f'Theo <{THEO}>', mid='bridge@t').replace(
                b'<cover@author.example> ', b'<cover@author.example> <evil@r> '
            ),
        ),
    ),
    Try(
        'loose',
        'a signed command whose In-Reply-To and References are not signed, below another mail',
        'then it has to name what it is about',
        lambda: signed(letter(), fields=[n for n in SIGNED if n not in ('in-reply-to', 'references')]),
        'no signature says which mail it answers',
    ),
    # Whose words
    Try(
        'attachment',
        'a command in a file that is attached to a mail in HTML',
        _APART,
        _attached,
        'the text is that of an attachment',
    ),
    Try(
        'forwarded-part',
        'a command in a mail that is forwarded as a part',
        _APART,
        lambda: _forwards('mixed'),
        'forwarded or reported',
    ),
    Try('digest', 'multipart/digest', _APART, lambda: _forwards('digest'), 'forwarded or reported'),
    Try(
        'message',
        'the whole mail is message/rfc822',
        _APART,
        lambda: signed(letter(f'From: Theo <{THEO}>\n\n{WITHDRAW}', shape='message/rfc822')),
        'forwarded or reported',
    ),
    Try('deep', '300 mails in mails', _APART, _deep),
    Try(
        'html',
        'a reply in HTML alone, with the other mail below in no blockquote',
        _APART,
        _said(f'<p>No.</p><div>{WITHDRAW}</div>', shape='text/html; charset=utf-8'),
        'without text/plain',
    ),
    Try(
        'html-hidden',
        'a command that HTML hides',
        _APART,
        _said(f'<p>Nice.</p><p style="display:none">{WITHDRAW}</p>', shape='text/html; charset=utf-8'),
        'without text/plain',
    ),
    Try('enriched', 'text/enriched alone', _APART, _said(WITHDRAW, shape='text/enriched'), 'without text/plain'),
    Try('quote', 'a quote', 'quotes hold no commands', _said(f'No.\n\n> {WITHDRAW}')),
    Try('quote-bar', 'a quote behind |', 'quotes hold no commands', _said(f'Theo said:\n\n| {WITHDRAW}')),
    Try('quote-initials', 'a quote behind initials', _LOOKS, _said(f'Theo said:\n\nTT> {WITHDRAW}')),
    Try('quote-wide', 'a quote behind a full-width >', _LOOKS, _said(f'Theo said:\n\n\uff1e {WITHDRAW}')),
    Try(
        'outlook',
        'another mail below, as Outlook copies it',
        _BELOW,
        lambda: forwarded(f'-----Original Message-----\nFrom: Theo <{THEO}>\nSent: Monday\nTo: Rita\nSubject: x'),
        _TOLD_BELOW,
    ),
    Try(
        'outlook-bare',
        'the same without its rule, in French',
        _BELOW,
        lambda: forwarded(f'De : Theo <{THEO}>\nEnvoyé : lundi\nÀ : Rita\nObjet : x'),
        _TOLD_BELOW,
    ),
    Try(
        'forwarded',
        'another mail below a rule, in German',
        _BELOW,
        lambda: forwarded('-------- Weitergeleitete Nachricht --------'),
        _TOLD_BELOW,
    ),
    Try(
        'forwarded-words',
        'another mail below "Begin forwarded message:"',
        _BELOW,
        lambda: forwarded('Begin forwarded message:'),
        _TOLD_BELOW,
    ),
    Try(
        'wrote',
        'another mail below "Theo wrote:", without marks',
        _BELOW,
        lambda: forwarded(f'On Mon, 3 Mar 2025, Theo Third\n<{THEO}> wrote:'),
        _TOLD_BELOW,
    ),
    Try('signature', 'a signature', 'below `-- ` nothing is a command', _said(f'Yes.\n\n-- \n{WITHDRAW}')),
    Try(
        'paragraph',
        'a line of a paragraph that a wrap begins with the word',
        'a command has a paragraph of its own',
        _said(f'I would never write\n{WITHDRAW}'),
        'paragraph of its own',
    ),
    Try(
        'flowed',
        'the same by format=flowed',
        'a command has a paragraph of its own',
        _said(f'I would never write \n{WITHDRAW}', shape='text/plain; charset=utf-8; format=flowed'),
        'paragraph of its own',
    ),
    Try(
        'flowed-stuffed',
        'a line that format=flowed stuffed with a blank',
        'the word stands at the start of a line',
        _said(f' {WITHDRAW}', shape='text/plain; charset=utf-8; format=flowed'),
    ),
    Try(
        'soft-break',
        'a soft line break of quoted-printable before the word',
        'lines are those of the decoded text',
        _said(f'I would never write=\n {WITHDRAW}', encoding='quoted-printable'),
    ),
    Try(
        'diff',
        'a line of a patch',
        'diffs hold no commands',
        _said(f'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\n+b\n {WITHDRAW}'),
    ),
    Try(
        'vacation',
        "a vacation reply that repeats the attacker's mail, signed by the victim's server",
        'mails of programs hold no commands',
        _said(f'I am away. You wrote:\n\n{WITHDRAW}', subject='Automatic reply: x'),
    ),
    Try(
        'vacation-field',
        'the same, known by Auto-Submitted',
        'mails of programs hold no commands',
        _said(f'I am away.\n\n{WITHDRAW}', head='Auto-Submitted: auto-replied\n'),
    ),
    Try(
        'vacation-old',
        'the same, known by Precedence: auto_reply',
        'mails of programs hold no commands',
        _said(f'I am away.\n\n{WITHDRAW}', head='Precedence: auto_reply\n'),
    ),
    Try(
        'bounce',
        'a bounce: null sender',
        'mails of programs hold no commands',
        _said(f'Not delivered:\n\n{WITHDRAW}', head='Return-Path: <>\n'),
    ),
    Try(
        'bounce-report',
        'a bounce: multipart/report',
        'mails of programs hold no commands',
        lambda: mixed(
            'report', ('text/plain', f'Not delivered:\n\n{WITHDRAW}'), ('message/delivery-status', 'Status: 5.1.1')
        ),
    ),
    Try(
        'bounce-daemon',
        'a bounce by mailer-daemon',
        'mails of programs hold no commands',
        lambda: signed(
            letter('#lorebot note Q2.3: x\n', 'Mail Delivery System <mailer-daemon@third.example>'), 'third.example'
        ),
    ),
    # What is a command
    Try('zero-width', 'a zero-width space in the word', _LOOKS, _said(WITHDRAW.replace('bot', '\u200bbot'))),
    Try('zero-width-first', 'a zero-width space before the word', _LOOKS, _said(f'\u200b{WITHDRAW}')),
    Try('no-break', 'a no-break space before the word', _LOOKS, _said(f'\u00a0{WITHDRAW}')),
    Try('cyrillic', 'a Cyrillic letter in the word', _LOOKS, _said(WITHDRAW.replace('lo', 'l\u043e'))),
    Try(
        'full-width',
        'the word in full-width letters',
        _LOOKS,
        _said(WITHDRAW.replace('#lorebot', '\uff03\uff4c\uff4f\uff52\uff45\uff42\uff4f\uff54')),
    ),
    Try(
        'bidi',
        'a verb written from right to left',
        'verbs and targets are ASCII',
        _said('#lorebot \u202ewithdraw Q2.3\n'),
        'there is no command here',
    ),
    Try(
        'bidi-target',
        'marks of direction around a target',
        'verbs and targets are ASCII',
        _said('#lorebot withdraw \u2066Q2.3\u2069\n'),
        'is no target',
    ),
    Try(
        'digits',
        'Arabic digits',
        'verbs and targets are ASCII',
        _said('#lorebot withdraw Q\u0662.\u0663\n'),
        'is no target',
    ),
    Try(
        'utf-7',
        'UTF-7',
        'it is no charset of mail',
        _said('+ACM-lorebot withdraw Q2.3\n', shape='text/plain; charset=utf-7'),
    ),
    Try(
        'approve',
        'approve, release, send',
        'there are no such commands',
        _said('#lorebot approve\n\n#lorebot release Q2.3\n\n#lorebot send\n'),
        'approve is no command',
    ),
    Try(
        'long',
        'a text of 100,000 characters',
        'texts have 1,000 at most',
        _said(f'#lorebot note Q2.3: {"x" * 100_000}\n'),
        'longer than 1000',
    ),
    Try(
        'injection',
        'SQL, shell, templates and markup where a target or a verb stands',
        'a grammar that knows ids alone',
        _said(
            "#lorebot withdraw Q2.3'; DROP TABLE commands; --\n\n#lorebot withdraw {{ 7 * 7 }}\n\n#lorebot $(touch lorebot-was-here)\n"
        ),
        'is no target',
    ),
)
"""Each alone does nothing at all; `letter()` signed as it is withdraws Q2.3, which the tests see, too."""

_HERE, _POST = 'tests/test_incoming.py::', 'tests/post/'
BESIDE = (
    Elsewhere(
        'a mail of 10 MB with a command (`--long`)',
        'it is read, and waits for proof like any other',
        f'{_HERE}test_a_mail_of_ten_megabytes',
    ),
    Elsewhere(
        '300 levels of MIME; a mail without a text',
        'read or told of; the rest goes on',
        f'{_HERE}test_mime_in_mime_in_mime_and_a_mail_without_text',
    ),
    Elsewhere(
        'Authentication-Results that came with the mail: of a stranger, below a stranger, in a comment, in quotes, of another domain',
        'the topmost field of a server that [attestation] names, put there by no other host',
        f'{_HERE}test_the_word_of_a_server_that_is_trusted',
    ),
    Elsewhere(
        'a trusted server vouches for a signature that leaves out the id, or that ends early',
        'what was signed counts, not that something was',
        f'{_HERE}test_a_server_vouches_for_what_was_signed_alone',
    ),
    Elsewhere(
        'the text, the header, the id, the parent changed; too late; a broken patatt signature; a key nobody knows',
        'each is told and does nothing',
        f'{_HERE}test_what_is_not_proven_is_shown_and_does_nothing',
    ),
    Elsewhere(
        'other words under the id of a signed mail, by a list that is preferred',
        'the very copy that is read has to be the one that is proven',
        f'{_HERE}test_other_words_under_the_id_of_a_signed_mail_are_not_taken',
    ),
    Elsewhere(
        'the same signed mail again, by a second list, after it was taken back',
        'an entry of the log has the id of its mail and line; there is one',
        f'{_HERE}test_a_copy_by_a_second_list_and_a_second_reading_change_nothing',
    ),
    Elsewhere(
        '30 commands, 6 mistakes in a mail',
        '20 and 5 count',
        f'{_HERE}test_there_is_an_end_to_commands_and_to_mistakes',
    ),
    Elsewhere(
        'hundreds of signed commands a day, from one address and from many',
        'at most 60 of one, 20 of all who have no part in the series, 200 of all but its authors and maintainers',
        f'{_HERE}test_there_is_an_end_to_commands_of_a_day',
    ),
    Elsewhere(
        'a robot, and lorebot itself, command', 'never', f'{_HERE}test_programs_and_lorebot_itself_command_nothing'
    ),
    Elsewhere(
        'somebody takes back what another commanded',
        'its giver and maintainers alone',
        f'{_HERE}test_undo_by_mail_and_by_hand',
    ),
    Elsewhere(
        'a forged command that hopes for an answer',
        'no mail',
        f'{_POST}test_answers.py::test_a_forged_mail_has_no_answer',
    ),
    Elsewhere(
        'a command of somebody who opted out',
        'no mail',
        f'{_POST}test_answers.py::test_who_opted_out_is_not_answered_and_no_list_no_answer',
    ),
    Elsewhere('approval by mail', 'there is none', f'{_POST}test_answers.py::test_approval_is_never_given_by_mail'),
    Elsewhere(
        'line breaks, encoded words, marks of direction in subject, names, addresses, ids of the mail that is answered',
        'the fields of a mail, each once, and no other',
        f'{_POST}test_injection.py::test_no_field_is_injected',
    ),
    Elsewhere(
        '5,000 recipients',
        'the author and the list that opted in',
        f'{_POST}test_recipients.py::test_five_thousand_recipients_are_nobody_s_business',
    ),
)


def table() -> str:
    """Return the part of the page that is about mails."""
    rows = [_row(t.tries, t.holds, f'{_SUITE}test_attack[{t.name}]') for t in TRIES]
    rows += [_row(e.tries, e.holds, e.test) for e in BESIDE]
    return '\n'.join([_INTRO, '| tried | what holds | test |', '| --- | --- | --- |', *rows])


_SUITE = 'tests/test_mail_attacks.py::'
_INTRO = """\
## Commands in mails

What a mail could try against the commands (`#lorebot ...`, [commands.md](commands.md)). Each row of `test_mail_attacks.py` is a
mail in a conversation in which its victim could command what it says: nothing enters the log, no question changes, an
answer goes to nobody but who signed it, and where a reader could take it for a command he is told why it is none. Where it
helps the attacker he holds a true key of his domain, or even an address of the victim's.
"""


def _row(*cells: str) -> str:
    tries, holds, test = (cell.replace('|', '\\|').replace('\n', ' ') for cell in cells)
    return f'| {tries} | {holds} | `{test}` |'
