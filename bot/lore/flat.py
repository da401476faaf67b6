# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails whose line breaks were lost, as copies out of web pages are: gives them their header lines back.

Promises to cut only where a header of known name and known form ends. Refuses to guess where the text had its lines:
that stays one line, and who wrote which part of it nobody can tell any more.
"""

from __future__ import annotations

import re

# Headers whose value has a form of its own: behind it the next header begins, or the text.
_ID = rb'(?:\s*<[^<>\s]{1,998}>)*'
_FORMED = {
    b'message-id': _ID,
    b'in-reply-to': _ID,
    b'references': _ID,
    b'return-path': _ID,
    b'precedence': rb'\s*[\w-]{1,30}',
    b'mime-version': rb'\s*\d\.\d',
    b'content-transfer-encoding': rb'\s*[\w-]{1,30}',
    b'content-type': rb'\s*[\w-]{1,40}/[\w.+-]{1,60}(?:;\s*[\w-]{1,30}="?[^"\s;]{1,80}"?)*',
    b'content-disposition': rb'\s*[\w-]{1,30}(?:;\s*[\w-]{1,30}="?[^"\s;]{1,80}"?)*',
    b'content-language': rb'\s*[\w-]{1,20}',
    b'x-mailing-list': rb'\s*\S{1,200}',
    b'content-length': rb'\s*\d{1,12}',
    b'lines': rb'\s*\d{1,9}',
}
_FREE = (
    rb'Received|Authentication-Results|Received-SPF|DKIM-Signature|Date|From|To|Cc|Subject|Sender|Reply-To|'
    rb'Delivered-To|User-Agent|Organization|Importance|Thread-Topic|Thread-Index|Accept-Language|Autocrypt|'
    rb'(?:X|ARC|List|Archived|DKIM)-[A-Za-z0-9-]{1,60}'
)
_NAME = re.compile(rb'(?:(?<=\s)|\A)(' + rb'|'.join(_FORMED) + rb'|' + _FREE + rb'):(?=\s|[\w<(])', re.IGNORECASE)
_ENVELOPE = re.compile(rb'\AFrom \S{1,300} [A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} [\d:]{5,8} \d{4} +(?=[\w-]+:)')
# The names that a signature covers stand in it as a list, and look like headers without a value.
_SIGNED = re.compile(rb'(?<=[\s;])h=[\w:\s-]{1,4000};')
_NEEDED = {b'from', b'date', b'subject'}
# No header line of a sound mail holds that many other headers.
_LEAST = 5
_LONGEST_HEADER = 65536

NOTE = 'the line breaks of this mail are lost: its header was put together again, its text cannot be'


def flattened(head: bytes) -> bool:
    """Tell by its first bytes whether data is a mail in one line."""
    line = head.lstrip(b'\r\n')[:_LONGEST_HEADER].split(b'\n', 1)[0]
    names = {m[1].lower() for m in _NAME.finditer(_ENVELOPE.sub(b'', _masked(line), 1))}
    begins = _ENVELOPE.match(line) or _NAME.match(line)
    return bool(begins) and len(names) >= _LEAST and names >= _NEEDED


def with_header_lines(data: bytes) -> bytes:
    """Return a flattened mail with one header a line, an empty line, and its text as it is."""
    line = _ENVELOPE.sub(b'', data.lstrip(b'\r\n'), 1)
    masked = _masked(line)
    headers: list[bytes] = []
    at = 0
    while found := _NAME.match(masked, at):
        end = _end(masked, found)
        if end is None:  # the last header has no form: where it ends and the text begins is lost
            return b'\n'.join([*headers, b'', line[at:]])
        headers.append(b' '.join(line[at:end].split()))
        at = end + len(line[end:]) - len(line[end:].lstrip())
    return b'\n'.join([*headers, b'', line[at:]])


def _masked(line: bytes) -> bytes:
    return _SIGNED.sub(lambda m: b'h' * len(m[0]), line)


def _end(line: bytes, found: re.Match[bytes]) -> int | None:
    form = _FORMED.get(found[1].lower())
    if form:
        value = re.compile(form).match(line, found.end())
        return value.end() if value else found.end()
    following = _NAME.search(line, found.end(), found.end() + _LONGEST_HEADER)
    return following.start() if following else None
