# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is proven to have sent a mail with commands: by his own signature, or by a server that the user trusts.

Stricter than an attestation: a signature that leaves out the id of the mail, or its date, would let anybody send the words
again as another mail. Promises a reason where nothing is proven. Refuses every mail in which a field that counts stands
twice, every From that is not one plain address or that a list wrote, every header that two programs could read differently,
and text that is not the mail's own text/plain: what is attached or forwarded is signed by who passes it on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path

from bot.lore import headers
from bot.lore.attest import attest
from bot.lore.attestors import Keys
from bot.lore.body import set_apart
from bot.lore.parse import parse
from bot.model import Attestation, GitRunner, Message, RawMail, Sender

Fields = Sequence[tuple[str, str]]

_LONGEST_HEAD = 1 << 18
_FIELD = re.compile(rb'(?m)^([!-9;-~]{1,80}):((?:[^\n]|\n[ \t])*)')
# A bare CR ends a line for Python's parser and for no signature; what is no field ends the header for one and not for another.
_ODD = re.compile(rb'\r(?!\n)|\0')
_ONCE = (
    'from',
    'date',
    'message-id',
    'in-reply-to',
    'references',
    'subject',
    'content-type',
    'content-transfer-encoding',
)
_THREAD = ('in-reply-to', 'references')
_SHAPE = ('content-type', 'content-transfer-encoding')
_BY = re.compile(r'(?:^|\s)by\s+([^\s;]+)')
_PASS = re.compile(r'(?i)^dkim\s*=\s*pass\b')
_PROPERTY = re.compile(r'(?i)\bheader\.([dib])\s*=\s*"?([^\s";]+)')
_VIA = re.compile(r'(?i)\bvia\s+\S')
# One mailbox that every program reads alike: an address of plain letters, names in quotes or without signs that mean more.
_ADDRESS = r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
_ASIDE = r'\([^()<>@"\\]*\)'
_MAILBOX = re.compile(
    rf'(?i)\s*(?:(?:"(?:[^"\\]|\\.)*+"|{_ASIDE}|[^"<>@(),:;\\])*+<({_ADDRESS})>\s*|({_ADDRESS})\s*(?:{_ASIDE})?\s*)'
)
_LONGEST_FROM = 1000
# Addresses of the programs that run a list (mailman, majordomo, mlmmj, sympa): a digest is sent by one.
_OF_A_LIST = re.compile(
    r'(?:.+-(?:request|owner|bounces?|confirm|help|admin)|owner-.+|majordomo|mailman|listserv|sympa|mlmmj|listmaster)(?:\+.*)?@.*'
)


def senders(
    raws: Sequence[RawMail], keys: Keys, keyrings: Sequence[Path], trusted: Sequence[str], git: GitRunner
) -> tuple[Sender, ...]:
    """Return who sent each copy of mails, by message-id; `trusted` are names in Authentication-Results (RFC 8601)."""
    found = {_sender(raw, keys, keyrings, trusted, git) for raw in raws}
    return tuple(sorted(found, key=lambda one: (one.message_id, one.copy, one.address, one.how)))


def copy_of(message: Message) -> str:
    """Return a digest of all that a sender says in a mail and that commands depend on."""
    said = (
        message.author.email,
        message.subject,
        message.date_claimed,
        message.in_reply_to,
        message.references,
        message.body,
    )
    return hashlib.sha256(repr(said).encode('utf-8', 'replace')).hexdigest()


def _sender(raw: RawMail, keys: Keys, keyrings: Sequence[Path], trusted: Sequence[str], git: GitRunner) -> Sender:
    [message] = parse([raw], ())
    head = _head(raw.raw)
    fields = _fields(head)
    fault = _fault(message, head, fields)
    if fault:
        return Sender(message.message_id, copy_of(message), '', fault)
    attestation = attest(message, keys, keyrings, git)
    covers, how = _signed(attestation)
    if not how and attestation.patatt.state in ('absent', 'unknown'):
        covers, how = _by_server(message.author.email, fields, {one.lower() for one in trusted})
    why = _uncovered(message, fields, covers, attestation) if how else _unproven(attestation)
    threaded = all(name in covers for name, _ in fields if name in _THREAD)
    address = '' if why else message.author.email
    return Sender(message.message_id, copy_of(message), address, why or how, threaded and not why)


def _head(raw: bytes) -> bytes:
    plain = re.sub(rb'\A(?:From [^\n]*\n|\r?\n)+', b'', raw[:_LONGEST_HEAD])
    return re.split(rb'\r?\n\r?\n', plain, maxsplit=1)[0]


def _fields(head: bytes) -> Fields:
    """Return the header fields of a mail in their order, names in lower case, values unfolded."""
    return [
        (m[1].decode().lower(), headers.raw_text(m[2].decode('utf-8', 'surrogateescape')))
        for m in _FIELD.finditer(head)
    ]


def _fault(message: Message, head: bytes, fields: Fields) -> str:
    """Return why nobody can tell who wrote the text of a mail, whatever its signatures say; '' when one can."""
    if len(head) >= _LONGEST_HEAD or _ODD.search(head) or _FIELD.sub(b'', head).strip(b'\r\n'):
        return 'its header is one that programs read differently'
    names = [name for name, _ in fields]
    twice = next((name for name in _ONCE if names.count(name) > 1), '')
    if twice:
        return f'it has {names.count(twice)} fields {twice.title()}'
    return _not_one(message, fields) or _not_own(message)


def _not_one(message: Message, fields: Fields) -> str:
    """Return why its From is not that of one person, '' when it is."""
    written = [value[:_LONGEST_FROM] for name, value in fields if name == 'from']
    mailbox = _MAILBOX.fullmatch(written[0]) if written else None
    if mailbox is None:
        return 'its From is not one plain address'
    address = (mailbox[1] or mailbox[2]).lower()
    hidden = address != message.author.email or _VIA.search(headers.text(written[0]))
    listed = address.replace('@', '.', 1) in message.lists or _OF_A_LIST.fullmatch(address)
    if hidden or listed or any(name == 'x-original-from' for name, _ in fields):
        return 'its From is not that of one person: a list wrote it'
    return ''


def _not_own(message: Message) -> str:
    """Return why the text that was read is not what the sender wrote into this very mail, '' when it is."""
    try:
        apart = set_apart(BytesParser(policy=compat32).parsebytes(message.raw))
    except (Exception, RecursionError):  # `email` raises all sorts of things on hostile MIME
        apart = 'a mail that cannot be taken apart'
    return f'the text is that of {apart}' if apart else ''


def _signed(attestation: Attestation) -> tuple[Collection[str], str]:
    if attestation.person:
        return attestation.patatt.covers, 'its developer signature'
    if attestation.proven:
        return attestation.dkim.covers, f'DKIM of {attestation.dkim.signer}'
    return (), ''


def _unproven(attestation: Attestation) -> str:
    told = [s.reason for s in (attestation.patatt, attestation.dkim) if s.state not in ('absent', 'valid')]
    return told[0] if told else 'it is not signed'


def _uncovered(message: Message, fields: Fields, covers: Collection[str], attestation: Attestation) -> str:
    """Return why a sound signature does not stand for commands: what it leaves out could be somebody else's."""
    # The subject tells a reply from a patch, and so text that may command from text that may not.
    needed = ('from', 'message-id', 'subject', *(() if attestation.person else ('date',)))
    lacks = [name for name in needed if name not in covers]
    if lacks:
        return f'its signature leaves out {lacks[0].title()}'
    # How a text travels decides what it says; patatt signs what it says.
    shaped = any(name in _SHAPE and name not in covers for name, _ in fields)
    if shaped and not attestation.person and not _literal(message):
        return 'its signature leaves out how its text is encoded'
    return ''


def _literal(message: Message) -> bool:
    """Tell whether the whole text stands in the mail as it travelled: one part, under no encoding."""
    body = re.split(rb'\r?\n\r?\n', message.raw, maxsplit=1)[-1]
    plain = re.sub(rb'(?<!\r)\r+\n', b'\n', body).rstrip(b'\n')
    return plain in (message.body.rstrip('\n').encode(), message.body.rstrip('\n').encode('latin-1', 'replace'))


def _by_server(sender: str, fields: Fields, trusted: Collection[str]) -> tuple[Collection[str], str]:
    """Return the fields that were signed when a trusted server looked, and its name; ((), '') when none says so.

    The topmost field alone counts, and only where no other host than a trusted one can have put it there: whatever stands
    below the line of another host may have come with the mail.
    """
    at = next((n for n, (name, _) in enumerate(fields) if name == 'authentication-results'), None)
    if at is None or not trusted:
        return (), ''
    name, results = _results(fields[at][1])
    above = [value for key, value in fields[:at] if key == 'received']
    below = [value for key, value in fields[at:] if key == 'received'][:1]
    if name not in trusted or not all(_host(one) in trusted for one in above or below) or not (above or below):
        return (), ''
    domain = sender.rpartition('@')[2]
    for said in results:
        if said.get('d', '').lower() == domain and said.get('i', f'@{domain}').lower() in (f'@{domain}', sender):
            covers = _covered(fields, domain, said.get('b', ''))
            if covers:
                return covers, f'DKIM of {domain}, says {name}'
    return (), ''


def _results(value: str) -> tuple[str, Iterator[dict[str, str]]]:
    """Return the name of the server and the properties of each DKIM signature that it found sound."""
    who, *told = _said_outside(value).split(';')
    name = (who.split() or [''])[0].lower()
    return name, ({k.lower(): v for k, v in _PROPERTY.findall(one)} for one in told if _PASS.match(one.strip()))


def _said_outside(value: str) -> str:
    """Return a field without comments, which may nest, and without what stands in quotes; '' when one does not end.

    RFC 5322, 3.2: in both a sender may have had a hand, such as in the local part of an envelope's address.
    """
    depth, quoted, out = 0, False, list[str]()
    signs = iter(value)
    for sign in signs:
        if sign == '\\':
            next(signs, '')
        elif quoted:
            quoted = sign != '"'
        elif sign == '(':
            depth += 1
        elif depth:
            depth -= sign == ')'
        elif sign == '"':
            quoted = True
        else:
            out.append(sign)
            continue
        out.append(' ')
    return '' if depth or quoted else ''.join(out)


def _host(received: str) -> str:
    found = _BY.findall(_said_outside(received))
    return found[0].lower().rstrip('.') if len(found) == 1 else ''


def _covered(fields: Fields, domain: str, begins: str) -> Collection[str]:
    """Return what the one signature of a domain covers; none where several could be meant, or where it ends early."""
    own = []
    for name, value in fields:
        pairs = (
            (part.partition('=') for part in re.sub(r'\s', '', value).split(';')) if name == 'dkim-signature' else ()
        )
        tags = {key: told for key, sign, told in pairs if sign}
        if tags.get('d', '').lower() == domain and tags.get('b', '').startswith(begins):
            own.append(tags)
    if len(own) != 1 or 'l' in own[0]:
        return ()
    return own[0].get('h', '').lower().split(':')
