# SPDX-License-Identifier: GPL-2.0-or-later
"""Waits for one process: keeps what it prints up to a limit, ends it and its group when time or disk is used up.

Refuses to wait for more than the process itself: a child that keeps the pipe open does not hold it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from enum import StrEnum
from pathlib import Path

_TICK = 0.05
_DISK_SHARE = 20
_OTHERS = 2 << 30


class Ended(StrEnum):
    """Why a process is no more: by itself, by a signal of its own, or by one of ours."""

    EXIT = 'exit'
    SIGNAL = 'signal'
    TIMEOUT = 'timeout'
    DISK = 'disk'


class Watch:
    """One process under watch; its output and times are there after `wait()`."""

    def __init__(
        self, process: subprocess.Popen[bytes], seconds: float, output: int, grows: tuple[Path, ...], disk: int
    ) -> None:
        self._process, self._seconds, self._limit, self._grows, self._disk = process, seconds, output, grows, disk
        self._kept: list[bytes] = []
        self.output_cut = False
        self.seconds = 0.0
        self._free = _free(grows)
        self._began = time.monotonic()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> bytes:
        return b''.join(self._kept)

    def wait(self) -> tuple[Ended, int | None]:
        """Wait to the end, or make one; return why, and the exit status where it ended by itself."""
        try:
            ended = self._wait()
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            status = self._process.wait()
            self._reader.join(timeout=2)
            self.seconds = time.monotonic() - self._began
        if ended is not None:
            return ended, None
        return (Ended.SIGNAL, None) if status < 0 else (Ended.EXIT, status)

    def _wait(self) -> Ended | None:
        next_look = 0.0
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_TICK)
                return None
            now = time.monotonic() - self._began
            if now > self._seconds:
                return Ended.TIMEOUT
            if now >= next_look:
                if self._too_large():
                    return Ended.DISK
                looked = time.monotonic() - self._began - now
                next_look = now + max(0.2, looked * _DISK_SHARE)

    def _too_large(self) -> bool:
        """Look at the sizes, and at the free space too: a file without a name has no size to look at."""
        if sum(size(path) for path in self._grows) > self._disk:
            return True
        return bool(self._grows) and self._free - _free(self._grows) > self._disk + _OTHERS

    def _read(self) -> None:
        assert self._process.stdout is not None
        room = self._limit
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(self._process.stdout.fileno(), 65536):
                if room:
                    self._kept.append(chunk[:room])
                self.output_cut = self.output_cut or len(chunk) > room
                room -= min(room, len(chunk))


def size(path: Path) -> int:
    """Return the bytes that everything below a path takes on disk; what vanishes meanwhile counts nothing."""
    total, waiting = 0, [str(path)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    with contextlib.suppress(OSError):
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
        except OSError:
            continue
    return total


def _free(paths: tuple[Path, ...]) -> int:
    if not paths:
        return 0
    found = os.statvfs(paths[0])
    return found.f_bavail * found.f_frsize
