# SPDX-License-Identifier: GPL-2.0-or-later
"""Raw mails out of files and directories of this machine: mbox (plain or gzip), one mail, maildir, folder of mails.

Refuses what unpacks to more than the size limit: a few bytes of gzip can hold any number.
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bot.errors import UnknownSource
from bot.lore.source import FOLDER_SUFFIXES, kind_of
from bot.model import Progress, RawMail

# The first line needs no time to be a separator; inside, `From what I saw ...` must not split a mail.
_SEPARATOR = re.compile(
    rb'(?:\A[\r\n]*From [^\n]*\n|\nFrom \S[^\n]{0,300}\d\d:\d\d[^\n]{0,100}\n)(?=(?:>?From |[!-9;-~]{1,200}:))'
)


def read_file(path: Path, limit: int, progress: Progress) -> list[RawMail]:
    """Return the mails in a file; `limit` is in bytes, unpacked."""
    try:
        with path.open('rb') as file:
            return read_stream(file, os.fsencode(path.name).decode('utf-8', 'replace'), limit, progress)
    except OSError as failure:
        raise UnknownSource(f'cannot read the file: {failure.strerror}', where=path.name, todo='check it') from None


def read_stream(stream: BinaryIO, name: str, limit: int, progress: Progress) -> list[RawMail]:
    """Return the mails that a stream holds, an mbox or one mail, gzip or not."""
    data = _bounded(stream, name, limit)
    if data[:2] == b'\x1f\x8b':
        data = unpack(data, name, limit)
    kind = kind_of(data[:65536])
    if kind is None:
        raise UnknownSource('there is no mail in it', where=name, todo='give an mbox or a mail')
    mails = list(split_mbox(data)) if kind == 'mbox' else [data]
    progress('read', len(mails), len(mails))
    return [RawMail(mail, None, name) for mail in mails]


def _bounded(stream: BinaryIO, name: str, limit: int) -> bytes:
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise _too_large(name, limit)
    return data


def _too_large(name: str, limit: int) -> UnknownSource:
    return UnknownSource(
        f'more than {limit >> 20} MiB of mail',
        where=name,
        todo='cut the thread out, or raise archive.max_answer_mib',
    )


def unpack(data: bytes, name: str, limit: int) -> bytes:
    """Return what gzip data holds; a cut or damaged file and one beyond the limit raise `UnknownSource`."""
    out: list[bytes] = []
    room = limit
    try:
        while data[:2] == b'\x1f\x8b':
            engine = zlib.decompressobj(16 + zlib.MAX_WBITS)
            out.append(engine.decompress(data, room + 1))
            room -= len(out[-1])
            if room < 0:
                raise _too_large(name, limit)
            if not engine.eof:
                raise EOFError
            data = engine.unused_data
    except (zlib.error, EOFError, gzip.BadGzipFile):
        raise UnknownSource('the gzip file is cut off or damaged', where=name, todo='fetch it again') from None
    return b''.join(out)


def split_mbox(data: bytes) -> Iterator[bytes]:
    """Yield the mails of an mbox with their `>From ` escapes undone.

    mboxrd (public-inbox, b4) escapes `>From ` too, mboxo (mutt, Mailman) does not: one `>` is taken off any depth of
    the former and only off a single one of the latter. Which it is the separators tell.
    """
    marks = list(_SEPARATOR.finditer(data))
    escaped = rb'(?m)^>(>*From )' if re.search(rb'(?m)^From mboxrd@', data) else rb'(?m)^>(From )'
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        mail = data[mark.end() : following.start() + 1 if following else len(data)]
        yield re.sub(escaped, rb'\1', mail[:-1] if mail.endswith(b'\n\n') else mail)


def read_directory(path: Path, kind: str, limit: int, progress: Progress) -> list[RawMail]:
    """Return the mails of a maildir or a folder, by file name."""
    if kind == 'maildir':
        files = [p for sub in ('cur', 'new') for p in (path / sub).iterdir()]
    else:
        files = [p for p in path.iterdir() if p.suffix in FOLDER_SUFFIXES]
    files = sorted((p for p in files if p.is_file() and not p.name.startswith('.')), key=lambda p: p.name)
    found: list[RawMail] = []
    for done, file in enumerate(files, 1):
        mails = read_file(file, limit, lambda *_: None)
        limit -= sum(len(m.raw) for m in mails)
        found += mails
        progress('read', done, len(files))
    return found
