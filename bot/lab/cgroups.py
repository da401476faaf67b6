# SPDX-License-Identifier: GPL-2.0-or-later
"""Caps memory and number of processes by a control group of its own, v1 or v2, where this user may make one.

Refuses to guess: a group counts only when its limit files could be written. Groups are removed after use.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

_FILES = {'pids': ('pids.max', 'pids.max'), 'memory': ('memory.limit_in_bytes', 'memory.max')}
_count = itertools.count()


@dataclass(frozen=True, slots=True)
class Group:
    """Directories to join (one for each v1 controller, one for v2) and the controllers that hold in them."""

    directories: tuple[Path, ...] = ()
    controllers: tuple[str, ...] = ()

    @property
    def joins(self) -> tuple[str, ...]:
        """Return the files a process writes its id to."""
        return tuple(str(d / 'cgroup.procs') for d in self.directories)

    def remove(self) -> None:
        """Kill what is left in the group and remove it."""
        for directory in self.directories:
            for _ in range(100):
                for pid in _members(directory):
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, signal.SIGKILL)
                try:
                    directory.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.02)


def make(processes: int, memory: int) -> Group:
    """Make a group with both limits; its `controllers` lack what is not to be had."""
    wanted = {'pids': str(processes), 'memory': str(memory)}
    directories: list[Path] = []
    controllers: list[str] = []
    for controller, parent, version in _parents():
        if controller in controllers:
            continue
        directory = parent / f'lorebot-{os.getpid()}-{next(_count)}'
        target = next((d for d in directories if d.parent == parent), directory)
        if _limited(target, _FILES[controller][version], wanted[controller]):
            directories += [target] if target not in directories else []
            controllers.append(controller)
    return Group(tuple(directories), tuple(controllers))


def _limited(directory: Path, name: str, value: str) -> bool:
    """Make a group, or use one just made, and set a limit; leave nothing behind when that is refused."""
    made = not directory.exists()
    try:
        directory.mkdir(exist_ok=True)
        if (directory / name).exists():
            (directory / name).write_text(value)
            return True
    except OSError:
        pass
    if made:
        with contextlib.suppress(OSError):
            directory.rmdir()
    return False


def _parents() -> list[tuple[str, Path, int]]:
    """Return, for each controller, this process's own group in the v1 hierarchy, then in v2."""
    own = {}
    with contextlib.suppress(OSError):
        for line in Path('/proc/self/cgroup').read_text().splitlines():
            _, names, path = line.split(':', 2)
            own.update({name: path.lstrip('/') for name in names.split(',')})
    top = Path('/sys/fs/cgroup')
    found = [(c, top / c / own[c], 0) for c in _FILES if c in own]
    if '' in own:
        found += [(c, mount / own[''], 1) for c in _FILES for mount in (top, top / 'unified')]
    return [entry for entry in found if entry[1].is_dir()]


def _members(directory: Path) -> list[int]:
    try:
        return [int(word) for word in (directory / 'cgroup.procs').read_text().split()]
    except OSError:
        return []
