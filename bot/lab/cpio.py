# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes an initramfs: the same entries give the same bytes, on any machine and in any year.

The format is "newc" of Documentation/driver-api/early-userspace/buffer-format.rst. Refuses names that leave the root.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import Bug

_DIRECTORY, _FILE, _LINK, _DEVICE = 0o040755, 0o100000, 0o120777, 0o020600
_HEAD = 110


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands under a name: a file with its mode, a symbolic link, a character device, or a directory."""

    data: bytes = b''
    mode: int = 0o644
    link: str = ''
    device: tuple[int, int] | None = None
    directory: bool = False


DIRECTORY = Entry(directory=True)


def archive(entries: Mapping[str, Entry]) -> bytes:
    """Return the archive; directories on the way to an entry are added."""
    whole = {**{parent: DIRECTORY for name in entries for parent in _parents(name)}, **entries}
    records = [_record(number, name, whole[name]) for number, name in enumerate(sorted(whole), 1)]
    return b''.join(records) + _raw(0, 'TRAILER!!!', 0, b'', (0, 0), 1)


def gzipped(data: bytes) -> bytes:
    """Compress without a time or a name, so that equal input stays equal."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _parents(name: str) -> list[str]:
    parts = name.split('/')
    if not all(parts) or '..' in parts or '.' in parts:
        raise Bug('a name in the initramfs leaves its root', where=name)
    return ['/'.join(parts[:n]) for n in range(1, len(parts))]


def _record(number: int, name: str, entry: Entry) -> bytes:
    if entry.directory:
        return _raw(number, name, _DIRECTORY, b'', (0, 0), 2)
    if entry.link:
        return _raw(number, name, _LINK, entry.link.encode(), (0, 0), 1)
    if entry.device:
        return _raw(number, name, _DEVICE, b'', entry.device, 1)
    return _raw(number, name, _FILE | entry.mode, entry.data, (0, 0), 1)


def _raw(number: int, name: str, mode: int, data: bytes, device: tuple[int, int], links: int) -> bytes:
    title = name.encode() + b'\0'
    fields = (number, mode, 0, 0, links, 0, len(data), 0, 0, *device, len(title), 0)
    head = b'070701' + b''.join(b'%08x' % field for field in fields)
    assert len(head) == _HEAD
    return _padded(head + title) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + b'\0' * (-len(data) % 4)
