# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads files that code under test has left behind: never through a link, never anything but a plain file.

An honest build makes `arch/arm64/boot/Image`; a hostile one makes that a link to a key in somebody's home.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path


def take(top: Path, relative: str, limit: int) -> bytes | None:
    """Return a file below `top`, None where it is absent, larger than `limit`, no plain file or behind a link."""
    parts = relative.split('/')
    if not all(parts) or '..' in parts or '.' in parts:
        return None
    with contextlib.ExitStack() as opened, contextlib.suppress(OSError):
        place = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        opened.callback(os.close, place)
        for part in parts[:-1]:
            place = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=place)
            opened.callback(os.close, place)
        return _plain(parts[-1], place, limit)
    return None


def _plain(name: str, place: int, limit: int) -> bytes | None:
    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=place)
    with os.fdopen(handle, 'rb') as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size > limit or found.st_nlink != 1:
            return None
        return file.read(limit)
