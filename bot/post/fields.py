# SPDX-License-Identifier: GPL-2.0-or-later
"""Header fields (RFC 5322, RFC 2047): whatever goes in, one line of printable ASCII comes out, or nothing at all.

Encodes by itself: Python's encoder depends on a global table that other libraries change.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from bot.model import Person

_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~][A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]*@[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9][A-Za-z0-9-]*)*"
)
_LONGEST_ADDRESS = 254  # RFC 5321 4.5.3.1.3
_MESSAGE_ID = re.compile(r'[!-;=?-~]{1,900}')
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_PLAIN = re.compile(r'[!-~]{1,200}( +[!-~]{1,200})*')
_WORD = 75  # RFC 2047 2: the longest encoded word
_LITERAL = frozenset(b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/')


def is_address(text: str) -> bool:
    """Tell whether this is a plain address; one that starts with a dash could be an option to a mail program."""
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def plain(address: str) -> str:
    """Return an address without what follows a plus sign: that is the same mailbox."""
    local, _, host = address.partition('@')
    return f'{local.partition("+")[0]}@{host}'


def person(text: str) -> Person | None:
    """Return whom a setting names, as name@host or Name <name@host>; None where it names nobody."""
    name, opened, rest = text.strip().rpartition('<')
    address = rest.removesuffix('>') if opened else rest
    if not is_address(address) or bool(opened) != rest.endswith('>'):
        return None
    return Person(name.strip().strip('"').strip(), address)


def is_message_id(text: str) -> bool:
    return _MESSAGE_ID.fullmatch(text) is not None


def text(value: str) -> str:
    """Return a field of free text, as it is where ASCII can say it, else in encoded words."""
    value = _seen(value)
    if not value or (_PLAIN.fullmatch(value) and '=?' not in value):
        return value
    return _encoded(value)


def mailbox(person: Person) -> str:
    """Return name and address; the address has to be one (`is_address`)."""
    name = _seen(' '.join(person.name.split()))
    if not name:
        return person.email
    if name.isascii() and '=?' not in name and len(name) <= 200:
        written = name if _ATOMS.fullmatch(name) else '"' + re.sub(r'(["\\])', r'\\\1', name) + '"'
    else:
        written = _encoded(name)
    return f'{written} <{person.email}>'


def message_ids(ids: Sequence[str]) -> str:
    """Return ids in angle brackets, each once, those left out that could not stand in a header."""
    return ' '.join(f'<{i}>' for i in dict.fromkeys(ids) if is_message_id(i))


def _seen(value: str) -> str:
    """Return what can be seen of a text: line breaks are blanks, controls and bidi marks are gone."""
    spaced = ''.join(' ' if c in '\t\n\r\v\f\x85\u2028\u2029' else c for c in value)
    return ''.join(c for c in spaced if unicodedata.category(c) not in ('Cc', 'Cf', 'Cs', 'Co')).strip(' ')


def _encoded(value: str) -> str:
    return ' '.join(_words(value))


def _words(value: str) -> Iterator[str]:
    """Yield encoded words; a character is never split between two."""
    start, end = '=?utf-8?q?', '?='
    word = ''
    for char in value:
        units = ''.join(_unit(byte) for byte in char.encode())
        if len(start) + len(word) + len(units) + len(end) > _WORD:
            yield start + word + end
            word = ''
        word += units
    yield start + word + end


def _unit(byte: int) -> str:
    if byte == 0x20:
        return '_'
    return chr(byte) if byte in _LITERAL else f'={byte:02X}'
