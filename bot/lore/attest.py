# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is proven to have sent a mail: its DKIM and patatt signatures, each judged for itself, each with its reason.

Promises no network (keys of domains are handed in), no clock (a signature is judged as of the mail's own date), and
never to raise. b4 alone would confuse these: it calls a signature failed when no name server answers, and expired when
one reads an old mail today.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.lore import headers
from bot.lore.attestors import Attestor, Keys, Seen, by_dkim, by_patatt, usable
from bot.model import Attestation, GitRunner, Message, RawMail, Series, Signature, SignatureKind, SignatureState

Verdict = tuple[SignatureState, str]

# b4's rule (attestation-staleness-days), in both directions: an old signature under a new date is a replay.
_DRIFT = timedelta(days=30)
# A mail has one of its domain, one of its list, sometimes one of a relay.
_MOST_SIGNATURES = 6
_DKIM, _PATATT = 'DKIM-Signature', 'X-Developer-Signature'
_DOMAIN = re.compile(r'[a-z0-9_-]+(?:\.[a-z0-9_-]+)+')
_TAIL = 'text stands behind the part that was signed'


def key_names(message: Message | RawMail) -> tuple[str, ...]:
    """Return the DNS names that hold the keys of a mail's DKIM signatures."""
    return tuple(dict.fromkeys(name for value in _values(message.raw, _DKIM) if (name := _key_name(_tags(value)))))


def ids_of(raws: Iterable[RawMail]) -> list[str]:
    """Return the message-ids of mails as they came."""
    return [i for r in raws for i in headers.message_ids(headers.from_raw(r.raw, 'Message-ID'))[:1]]


def with_ids(raws: Sequence[RawMail], wanted: Collection[str]) -> tuple[RawMail, ...]:
    """Return the mails of these message-ids, all copies, as they came."""
    return tuple(
        r for r in raws if any(i in wanted for i in headers.message_ids(headers.from_raw(r.raw, 'Message-ID')))
    )


def posted(series: Series) -> frozenset[str]:
    """Return the message-ids of all covers and patches of a series."""
    ids = {i for r in series.revisions for i in (r.message_id, r.cover, *(p.message_id for p in r.patches))}
    return frozenset(i for i in ids if i)


def is_signed(raw: RawMail) -> bool:
    return bool(_values(raw.raw, _DKIM) or _values(raw.raw, _PATATT))


def attest(message: Message, keys: Keys, keyrings: Sequence[Path], git: GitRunner) -> Attestation:
    """Return what the signatures of a mail say.

    `message` has its raw bytes; `keys` are the TXT records of `key_names`; `keyrings` are directories as patatt has them.
    """
    dkim = [_one_dkim(message, at, keys) for at in range(len(_values(message.raw, _DKIM)))]
    patatt = _by_patatt(message, keyrings, git)
    return Attestation(
        message.message_id, message.author.email, _best('dkim', dkim, message), _best('patatt', patatt, message)
    )


def unsigned(message: Message) -> Attestation:
    """Return what is to be said of a mail that carries no signature of either kind."""
    return Attestation(
        message.message_id, message.author.email, _best('dkim', (), message), _best('patatt', (), message)
    )


def _best(kind: SignatureKind, found: Sequence[Signature], message: Message) -> Signature:
    """Return the signature that says most: the sender's own one before others, a sound one before what cannot be told."""
    if not found:
        return Signature(kind, 'absent', reason='it is not signed')
    order: tuple[SignatureState, ...] = ('valid', 'stale', 'broken', 'unknown', 'foreign', 'absent')
    own = [s for s in found if _is_own(s, message)]
    best = min(own or found, key=lambda s: order.index(s.state))
    senders = len(re.findall(rb'(?im)^from[ \t]*:', re.split(rb'\r?\n\r?\n', message.raw, maxsplit=1)[0]))
    if best.state == 'valid' and senders != 1:
        return replace(best, state='broken', reason=f'the mail has {senders} From: headers, one was signed')
    return best


def _is_own(signature: Signature, message: Message) -> bool:
    sender = message.author.email
    return sender == signature.signer or sender.endswith(f'@{signature.signer}')


def _values(raw: bytes, name: str) -> list[str]:
    """Return the values of a header, unfolded, a bounded number of them."""
    head = re.split(rb'\r?\n\r?\n', raw[: 1 << 18], maxsplit=1)[0]
    found = re.findall(rb'(?im)^' + name.encode() + rb'[ \t]*:((?:[^\n]|\n[ \t])*)', head)
    return [headers.raw_text(v.decode('utf-8', 'surrogateescape')) for v in found[:_MOST_SIGNATURES]]


def _tags(value: str) -> dict[str, str]:
    """Return the `tag=value` pairs of a signature, white space taken out."""
    pairs = (part.partition('=') for part in re.sub(r'\s', '', value).split(';'))
    return {name: told for name, sign, told in pairs if sign}


def _key_name(tags: Mapping[str, str]) -> str:
    """Return where a signature's key is published, '' for what is no host name."""
    name = f'{tags.get("s", "")}._domainkey.{tags.get("d", "")}'.lower()
    return name if len(name) < 250 and _DOMAIN.fullmatch(name) else ''


def _covers(tags: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in tags.get('h', '').lower().split(':') if name))


def _when(tags: Mapping[str, str]) -> datetime | None:
    with suppress(ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(int(tags['t']), UTC) if tags.get('t') else None
    return None


def _one_dkim(message: Message, at: int, keys: Keys) -> Signature:
    """Return the verdict on one of the DKIM signatures of a mail."""
    tags = _tags(_values(message.raw, _DKIM)[at])
    signer = (tags.get('i') or tags.get('d', '')).rpartition('@')[2].lower()
    if not _key_name(tags):
        state, reason = _bad('its DKIM signature names no domain or no key')
    else:
        attestor, seen = by_dkim(message, at, keys)
        state, reason = _on_dkim(message, attestor, tags, seen)
    return Signature('dkim', state, signer, _when(tags), _covers(tags), reason)


def _bad(reason: str) -> Verdict:
    return 'broken', reason


def _on_dkim(message: Message, attestor: Attestor | None, tags: Mapping[str, str], seen: Seen) -> Verdict:
    if attestor is None:
        return 'unknown', 'b4 could not look at its DKIM signature'
    if attestor.passing:
        return _sound(message, attestor, _when(tags), _unsigned_tail(message, tags))
    return _why_not(_key_name(tags), seen)


def _why_not(name: str, seen: Seen) -> Verdict:
    """Return why a DKIM signature does not hold; what can be told without its key comes first."""
    told = ' '.join(seen.said)
    key = seen.keys.get(name)
    known: tuple[tuple[bool, SignatureState, str], ...] = (
        ('body hash mismatch' in told, 'broken', 'its text is not the text that was signed'),
        ('is past' in told, 'stale', 'its DKIM signature had expired when the mail was sent'),
        ('in the future' in told, 'broken', 'its DKIM signature is dated after the mail'),
        (not seen.asked, 'broken', 'its DKIM signature is malformed'),
        (seen.unasked, 'unknown', f'offline: the key {name} was not asked for'),
        (key is None, 'unknown', f'no key is published at {name} any more'),
        (not usable(name, key), 'unknown', f'the key published at {name} is no usable key'),
    )
    holding = ((state, reason) for holds, state, reason in known if holds)
    return next(holding, _bad('its header is not the header that was signed'))


def _sound(message: Message, attestor: Attestor, signed: datetime | None, tail: str) -> Verdict:
    """Return what is to be said of a signature that holds: whose it is, of what and of when."""
    if not attestor.is_by(message.author.email):
        return 'foreign', f'{attestor.identity} signed it, not {message.author.email or "a sender"}'
    if tail:
        return _bad(tail)
    if message.date is not None and signed is not None and abs(signed - message.date) > _DRIFT:
        return 'stale', f'signed {abs(signed - message.date).days} days from its date'
    return 'valid', ''


def _unsigned_tail(message: Message, tags: Mapping[str, str]) -> str:
    """Return a sentence when a signature ends before the text does (`l=`): what stands behind may be anybody's."""
    body = re.split(rb'\r?\n\r?\n', message.raw, maxsplit=1)[-1]
    plain = re.sub(rb'\r?\n', b'\r\n', body).rstrip(b'\r\n')
    if tags.get('l', '').isdigit() and int(tags['l']) < len(plain):
        return _TAIL
    return ''


def _by_patatt(message: Message, keyrings: Sequence[Path], git: GitRunner) -> list[Signature]:
    """Return the verdicts on the patatt signatures of a mail."""
    tags = [_tags(value) for value in _values(message.raw, _PATATT)]
    if not tags:
        return []
    found = by_patatt(message, keyrings, git)
    if found is None:
        return [Signature('patatt', 'unknown', reason='the mail could not be taken apart')]
    told = [_patatt(message, one, tags) for one in found[:_MOST_SIGNATURES]]
    return told or [Signature('patatt', 'broken', reason='its developer signature is malformed')]


def _patatt(message: Message, attestor: Attestor, tags: Sequence[Mapping[str, str]]) -> Signature:
    own = [t for t in tags if t.get('i', attestor.identity).lower() == attestor.identity]
    state, reason = _on_patatt(message, attestor)
    if len(own) > 1:  # which of them was verified is not told, and an unsigned one may claim to cover anything
        state, reason = _bad('several of its developer signatures name one identity')
    return Signature('patatt', state, attestor.identity, attestor.signed, _covers(own[0]) if own else (), reason)


def _on_patatt(message: Message, attestor: Attestor) -> Verdict:
    if attestor.passing:
        return _sound(message, attestor, attestor.signed, _TAIL if attestor.trimmed else '')
    if attestor.have_key:
        return _bad('it is not what was signed')
    if attestor.absent:
        return 'unknown', f'{attestor.absent} is not installed'
    if 'no matching' in attestor.errors:
        return 'unknown', f'no key of {attestor.identity} is in the keyrings'
    return _bad('its developer signature is malformed')
