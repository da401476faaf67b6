# SPDX-License-Identifier: GPL-2.0-or-later
"""Which distribution this is, by its os-release file, and how packages are installed on it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from bot.errors import ToolMissing

_INSTALL = {
    'debian': ('apt-get', 'install', '-y', '--no-install-recommends'),
    'ubuntu': ('apt-get', 'install', '-y', '--no-install-recommends'),
    'fedora': ('dnf', 'install', '-y', '--setopt=install_weak_deps=False'),
}
_KIN = {'rhel': 'fedora', 'centos': 'fedora'}


class Wanted(Protocol):
    """What an install command is made of; a `Need` is one."""

    @property
    def debian(self) -> tuple[str, ...]: ...
    @property
    def fedora(self) -> tuple[str, ...]: ...
    @property
    def found(self) -> str: ...


def read_release(path: Path = Path('/etc/os-release')) -> dict[str, str]:
    """Read an os-release file (os-release(5)); a missing one is an empty dictionary."""
    try:
        lines = path.read_text(encoding='utf-8', errors='replace').splitlines()
    except OSError:
        return {}
    pairs = (line.partition('=') for line in lines if not line.lstrip().startswith('#'))
    return {name.strip(): _unquoted(value) for name, equals, value in pairs if equals}


def family(release: Mapping[str, str]) -> str:
    """Return debian, ubuntu or fedora, whichever this distribution is or says it is like; '' for another."""
    for name in (release.get('ID', ''), *release.get('ID_LIKE', '').split()):
        known = _KIN.get(name.lower(), name.lower())
        if known in _INSTALL:
            return known
    return ''


def install_line(known: str, packages: Iterable[str]) -> str:
    return shlex.join((*_INSTALL[known], *packages))


def install_command(needs: Sequence[Wanted], release: Mapping[str, str], *, root: bool = True) -> list[str]:
    """Return the command that installs what is missing, [] when nothing is.

    What is there but too old or forbidden (a sandbox without user namespaces) is left out: the same package again would
    not help. Raises `ToolMissing` on a distribution whose package names are not known.
    """
    known = family(release)
    if not known:
        raise ToolMissing(
            'cannot install on this distribution',
            where=release.get('PRETTY_NAME') or release.get('ID') or 'no os-release file',
            todo='install what `lorebot doctor` names with your package manager',
        )
    missing = [need for need in needs if not need.found]
    packages = dict.fromkeys(p for need in missing for p in (need.fedora if known == 'fedora' else need.debian))
    if not packages:
        return []
    return [*(() if root else ('sudo',)), *_INSTALL[known], *packages]


def _unquoted(value: str) -> str:
    try:
        return ''.join(shlex.split(value))
    except ValueError:
        return value.strip()
