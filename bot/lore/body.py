# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of a mail: its first text/plain part, decoded, with LF line ends; or text made of HTML when that is all.

Every line number that lorebot prints counts lines of this text, so nothing here adds, drops or re-wraps a line
of a text/plain part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Part
from html.parser import HTMLParser

from bot.lore.headers import charset, raw_text, without_surrogates

_DIFF_PARTS = ('text/x-patch', 'text/x-diff', 'application/x-patch', 'application/octet-stream', 'text/plain')


@dataclass(frozen=True, slots=True)
class Body:
    text: str
    flowed: bool = False
    notes: tuple[str, ...] = ()
    unusable: str = ''


def read_body(mail: Part) -> Body:
    """Return the text of a mail and what was odd about it."""
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    plain = next((p for p in leaves if p.get_content_type() == 'text/plain'), None)
    if plain is not None:
        words, notes = _text_of(plain)
        return Body(words, _is_flowed(plain), notes)
    page = next((p for p in leaves if p.get_content_type() == 'text/html'), None)
    if page is not None:
        words, notes = _text_of(page)
        return Body(_from_html(words), notes=('the mail is HTML only: lines are those of text made of it', *notes))
    other = next((p for p in leaves if p.get_content_maintype() in ('text', 'multipart')), None)
    if other is not None:
        words, notes = _text_of(other)
        return Body(
            words, notes=(f'no text/plain part: the {ascii(other.get_content_type()[:80])[1:-1]} part was read', *notes)
        )
    return Body('', unusable='the mail has no part that is text')


def set_apart(mail: Part) -> str:
    """Return in what the text that `read_body` takes stands, '' when it is the text/plain of the mail itself.

    What is attached, forwarded, reported or collected may be anybody's words; what is made of HTML shows no quotes for sure.
    """
    plain = next((p for p in mail.walk() if not p.is_multipart() and p.get_content_type() == 'text/plain'), None)
    if plain is None:
        return 'a mail without text/plain'
    for outer in mail.walk():
        kind = outer.get_content_type()
        other = kind.startswith('message/') or kind in ('multipart/digest', 'multipart/report')
        if other and any(inner is plain for inner in outer.walk()):
            return 'a mail that is forwarded or reported'
    return 'an attachment' if plain.get_content_disposition() == 'attachment' or plain.get_filename() else ''


def attachments(mail: Part) -> Iterator[str]:
    """Yield the text of all parts after the first text/plain one that may hold a patch."""
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    body = next((p for p in leaves if p.get_content_type() == 'text/plain'), None)
    for part in leaves:
        if part is not body and part.get_content_type() in _DIFF_PARTS:
            yield _text_of(part)[0]


def _is_flowed(part: Part) -> bool:
    return str(part.get_param('format') or '').lower() == 'flowed'


def _text_of(part: Part) -> tuple[str, tuple[str, ...]]:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        data = str(part.get_payload()).encode('utf-8', 'surrogateescape')
    declared = part.get_param('charset')
    words, notes = decode(data, raw_text(declared[2] if isinstance(declared, tuple) else declared or ''))
    return re.sub(r'(?<!\r)\r+\n', '\n', words).removeprefix('\ufeff'), notes


def decode(data: bytes, declared: str) -> tuple[str, tuple[str, ...]]:
    """Return bytes as text by the charset they claim, else by what they are, and a note when the claim was false."""
    known = charset(declared)
    notes: list[str] = []
    if declared and known is None:
        notes.append(f'charset {ascii(declared[:40])} is not known: read as UTF-8 or Latin-1')
    for name in (known, 'utf-8'):
        try:
            if name is not None:
                return without_surrogates(data.decode(name)), tuple(notes)
        except (UnicodeError, LookupError, ValueError):
            if name == known and known != 'ascii' and not notes:
                notes.append(f'the text claims to be {known} and is not')
    # Only a lie about Latin-1 is harmless; bytes that claim another charset and do not fit it are marked as lost.
    if known in (None, 'ascii'):
        return data.decode('latin-1'), (*notes, 'the text has 8-bit characters of no stated charset: read as Latin-1')
    return without_surrogates(data.decode(known, 'replace')), tuple(notes)


class _Reader(HTMLParser):
    _BREAKS = frozenset(('br', 'p', 'div', 'tr', 'li', 'pre', 'h1', 'h2', 'h3', 'blockquote'))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.quoted = 0
        self.hidden = 0
        self.kept = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden = 0 if tag == 'body' else self.hidden + (tag in ('script', 'style', 'head'))
        self.quoted += tag == 'blockquote'
        self.kept += tag == 'pre'
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self.hidden = max(0, self.hidden - (tag in ('script', 'style', 'head')))
        self.quoted = max(0, self.quoted - (tag == 'blockquote'))
        self.kept = max(0, self.kept - (tag == 'pre'))
        self._break(tag)

    def _break(self, tag: str) -> None:
        if tag in self._BREAKS:
            self.out.append('\n' + '> ' * min(self.quoted, 20))

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.out.append(data if self.kept else re.sub(r'[ \t\r\n\f]+', ' ', data).replace('\xa0', ' '))


def _from_html(page: str) -> str:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = [line.rstrip() for line in ''.join(reader.out).split('\n')]
    return re.sub(r'\n{3,}', '\n\n', '\n'.join(lines)).strip('\n') + '\n'
