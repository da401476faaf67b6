# SPDX-License-Identifier: GPL-2.0-or-later
"""Header values of mails as text, people, message-ids and times.

Promises never to raise, whatever the bytes. Own code instead of `email.headerregistry`, which is slow, changes from
Python to Python, and raises on a good part of what lists really carry.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from functools import lru_cache

from bot.model import Person

# public-inbox stores at most 244 bytes of a message-id; longer ones are seen on lists, hostile ones have no end.
LONGEST_ID = 500
# A hostile header can be of any length; a cover that goes to everybody has some 10 kB of addresses.
_LONGEST_ADDRESSES = 1 << 16
_LONGEST_HEADER = 1 << 18
_BAD_IN_ID = re.compile(r'[\x00-\x20\x7f-\xa0<>]')
_ENCODED = re.compile(r'=\?([^?*\s]{1,40})(?:\*[^?\s]*)?\?(?:[bB]\?([A-Za-z0-9+/=]*)|[qQ]\?([^?]*))\?=')
# Bounded, so that a quote that never closes costs no more than a look ahead.
_TOKEN = re.compile(r'"(?:\\.|[^"\\]){0,300}"|<[^<>]{0,500}>|\((?:\\.|[^()\\]){0,300}\)|[,;]|[^",;<(]+|.', re.S)
_SAID_ASIDE = re.compile(r'"(?:\\.|[^"\\]){0,300}"|\((?:\\.|[^()\\]){0,300}\)')
_SURROGATE = re.compile('[\ud800-\udfff]')
# Codecs that are no charsets of mail; some of them make lone surrogates or run over their input quadratically.
_NO_CHARSET = {'unicode_escape', 'raw_unicode_escape', 'idna', 'punycode', 'undefined', 'utf_7', 'mbcs', 'oem'}


def is_message_id(text: str) -> bool:
    """Tell whether an archive could hold this id (given without angle brackets)."""
    return 0 < len(text) <= LONGEST_ID and not _BAD_IN_ID.search(text)


def charset(name: str | None) -> str | None:
    """Return Python's name of a charset, None when it is not known or is no charset of text."""
    try:
        known = codecs.lookup((name or '').strip('\'" '))
    except (LookupError, ValueError):
        return None
    plain = known.name.replace('-', '_')
    return known.name if getattr(known, '_is_text_encoding', True) and plain not in _NO_CHARSET else None


def without_surrogates(text: str) -> str:
    return _SURROGATE.sub('\ufffd', text)


def raw_text(value: object) -> str:
    """Return a header value as `email` stored it, its raw 8-bit bytes decoded (UTF-8, else Latin-1) and unfolded."""
    data = str(value).encode('utf-8', 'surrogateescape')
    try:
        plain = data.decode('utf-8')
    except UnicodeDecodeError:
        plain = data.decode('latin-1')
    return re.sub(r'[\r\n]+[ \t]*', ' ', plain).strip()


def from_raw(mail: bytes, name: str) -> str:
    """Return one header of an unparsed mail, unfolded; '' when it has none."""
    header = re.split(rb'\r?\n\r?\n', mail[:_LONGEST_HEADER], maxsplit=1)[0]
    found = re.search(rb'(?im)^' + name.encode() + rb':((?:[^\n]|\n[ \t])*)', header)
    return raw_text(found[1].decode('utf-8', 'surrogateescape')) if found else ''


def text(value: object) -> str:
    """Return a header value as a reader sees it: encoded words decoded, white space collapsed."""
    return re.sub(r'[\s\x00]+', ' ', _decode_words(raw_text(value))).strip()


def _decode_words(value: str) -> str:
    if '=?' not in value:
        return value
    done: list[tuple[str | None, bytes | str]] = []
    at = 0
    for found in _ENCODED.finditer(value):
        between = value[at : found.start()]
        if between.strip() or not done or done[-1][0] is None:
            done.append((None, between))
        name, data = found[1].lower(), _word_bytes(found[2], found[3])
        # Mailers split a character over two words, so neighbours are joined before they are decoded.
        if done and done[-1][0] == name and isinstance(done[-1][1], bytes):
            done[-1] = (name, done[-1][1] + data)
        else:
            done.append((name, data))
        at = found.end()
    done.append((None, value[at:]))
    return ''.join(part if isinstance(part, str) else _decoded(part, name) for name, part in done)


def _decoded(data: bytes, name: str | None) -> str:
    try:
        return without_surrogates(data.decode(charset(name) or 'utf-8', 'replace'))
    except (LookupError, ValueError, UnicodeError):
        return data.decode('latin-1')


def _word_bytes(base64: str | None, quoted: str | None) -> bytes:
    if base64 is None:
        return binascii.a2b_qp((quoted or '').encode('utf-8', 'surrogateescape'), header=True)
    try:
        return binascii.a2b_base64(base64.encode() + b'=' * (-len(base64) % 4))
    except binascii.Error:
        return base64.encode()


def people(values: Sequence[object]) -> tuple[Person, ...]:
    """Return everybody named in address headers, in order, each address once."""
    found: dict[tuple[str, str], Person] = {}
    for value in values:
        pending = ''
        for chunk in _addresses(raw_text(value)[:_LONGEST_ADDRESSES]):
            if '@' not in chunk and '<' not in chunk and not chunk.endswith(':'):
                pending += f'{chunk}, '  # `Doe, Jane <j@x>` without quotes
                continue
            person = _person(pending + chunk)
            pending = ''
            if person.email:
                found.setdefault((person.email, ''), person)
    return tuple(found.values())


def _addresses(value: str) -> list[str]:
    chunks = ['']
    for token in _TOKEN.findall(value):
        if token in ',;':
            chunks.append('')
        else:
            chunks[-1] += token
    return [c.strip() for c in chunks if c.strip()]


@lru_cache(maxsize=8192)  # a conversation's mails go to the same few people
def _person(chunk: str) -> Person:
    # What stands in quotes or in a comment is a name, however much it looks like an address.
    plain = _SAID_ASIDE.sub(lambda aside: ' ' * len(aside[0]), chunk)
    angled = re.search(r'<([^<>]*)>', plain) or (None if '@' in plain else re.search(r'<([^<>]*)>', chunk))
    if angled:
        name, email = chunk[: angled.start()], angled[1]
    else:
        comment = re.search(r'\(([^()]*)\)', chunk)
        name = comment[1] if comment else ''
        email = re.sub(r'\([^()]*\)', '', chunk).rpartition(':')[2]
    name = text(re.sub(r'\\(.)', r'\1', name).replace('"', ''))
    email = re.sub(r'[\s\x00-\x1f<>"]', '', email).lower()
    return Person(name[:200] if name.lower() != email else '', email[:320])


def message_ids(value: object) -> tuple[str, ...]:
    """Return the valid message-ids in a header, in order, each once; ids without brackets count when nothing else does."""
    plain = raw_text(value)
    found = re.findall(r'<([^<>]*)>', plain) or [w for w in plain.split() if '@' in w]
    clean = (re.sub(r'\s', '', f) for f in found)
    return tuple(dict.fromkeys(f for f in clean if is_message_id(f)))


def when(value: object) -> datetime | None:
    """Return a date header as UTC; None when it is no date, or one before 1970 or after 2099."""
    found = zoned(value)
    return found.astimezone(UTC) if found else None


def zoned(value: object) -> datetime | None:
    """Return a date header in the sender's time zone, under the same limits."""
    try:
        parts = parsedate_tz(raw_text(value)[:200])
        if parts is None:
            return None
        offset = parts[9] or 0
        zone = timezone(timedelta(seconds=offset)) if abs(offset) < 86400 else UTC
        found = datetime(*parts[:6], tzinfo=zone)
        return found if 1970 <= found.astimezone(UTC).year < 2100 else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def received(value: object) -> datetime | None:
    """Return the time a Received header was written."""
    return when(raw_text(value).rpartition(';')[2])
