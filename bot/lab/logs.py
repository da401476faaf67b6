# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps logs compressed under the digest of their text, and throws the oldest away when they take too much room."""

from __future__ import annotations

import contextlib
import hashlib
import zlib
from pathlib import Path

from bot.lab import cpio


def keep(directory: Path, log: bytes) -> str:
    """Write a log and return its SHA-256, the name under which `read` finds it."""
    digest = hashlib.sha256(log).hexdigest()
    path = _path(directory, digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix('.new')
        new.write_bytes(cpio.gzipped(log))
        new.rename(path)
    return digest


def read(directory: Path, digest: str) -> bytes | None:
    """Return a log, None where it was never kept or is gone by now."""
    if len(digest) != 64 or not set(digest) <= set('0123456789abcdef'):
        return None
    try:
        return zlib.decompress(_path(directory, digest).read_bytes(), 16 + zlib.MAX_WBITS)
    except (OSError, zlib.error):
        return None


def prune(directory: Path, room: int) -> int:
    """Remove the least recently written logs until the rest takes at most `room` bytes; return how many went."""
    found = [(p.stat().st_mtime_ns, p.stat().st_size, p) for p in directory.glob('??/*.gz')]
    total, removed = sum(size for _, size, _ in found), 0
    for _, size, path in sorted(found):
        if total <= room:
            break
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        total, removed = total - size, removed + 1
    return removed


def _path(directory: Path, digest: str) -> Path:
    return directory / digest[:2] / f'{digest}.gz'
