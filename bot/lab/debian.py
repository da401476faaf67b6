# SPDX-License-Identifier: GPL-2.0-or-later
"""Fetches a prebuilt arm64 kernel, a static busybox and a newer QEMU from Debian, for people without a compiler.

Works in an apt root of its own: the system's sources, lists and installed packages are never touched, nothing is
installed, packages are only downloaded (apt checks their signatures) and unpacked. The mirror is the one the system's own
apt is set to. Refuses where that is no Debian mirror.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import InfraError, ToolMissing
from bot.lab.boot import Site

KEYRING = Path('/usr/share/keyrings/debian-archive-keyring.gpg')
SUITES = ('trixie', 'trixie-backports', 'bookworm-backports')
KERNEL = re.compile(r'linux-binary-7\.3\.([0-9]{1,4})[+]deb13-cloud-arm64')
_QEMU = ('qemu-system-arm', 'qemu-system-common', 'qemu-system-data')
_STANZA = 'Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: main\nArchitectures: amd64 arm64\nSigned-By: {key}\n'


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was unpacked: the kernel's image, and a site that has busybox and perhaps an emulator."""

    image: Path
    release: str
    site: Site


class AptRoot:
    """A private apt below one directory."""

    def __init__(self, directory: Path) -> None:
        self._top = directory
        if shutil.which('apt-get') is None or shutil.which('dpkg-deb') is None or not KEYRING.is_file():
            raise ToolMissing('this is no Debian: apt or its keyring is not there', where=str(KEYRING))

    def update(self) -> None:
        """Write the sources and fetch the lists; raise `InfraError` when the mirror does not answer."""
        for place in ('lists/partial', 'cache/archives/partial', 'sources', 'debs'):
            (self._top / place).mkdir(parents=True, exist_ok=True)
        (self._top / 'status').touch()
        stanzas = [_STANZA.format(uri=mirror(), suite=suite, key=KEYRING) for suite in SUITES]
        (self._top / 'sources' / 'lorebot.sources').write_text('\n'.join(stanzas))
        self._run('apt-get', '-q', 'update')

    def names(self, pattern: str) -> list[str]:
        """Return the packages whose name matches, as `apt-cache search` finds them."""
        said = self._run('apt-cache', 'search', '--names-only', pattern)
        return [line.partition(' ')[0] for line in said.splitlines()]

    def unpack(self, package: str, into: Path) -> None:
        """Download `name[:arch][/suite]` and unpack it; one that is there already is not fetched again."""
        mark = into / f'.{package.replace("/", "_").replace(":", "_")}'
        if mark.exists():
            return
        before = {p.name: p.stat().st_mtime_ns for p in (self._top / 'debs').glob('*.deb')}
        self._run('apt-get', '-q', 'download', package, cwd=self._top / 'debs')
        found = [p for p in (self._top / 'debs').glob('*.deb') if before.get(p.name) != p.stat().st_mtime_ns]
        name = package.partition('/')[0].partition(':')[0]
        wanted = [p for p in found or (self._top / 'debs').glob('*.deb') if p.name.startswith(f'{name}_')]
        if not wanted:
            raise InfraError(f'apt downloaded no {package}', where=str(self._top / 'debs'))
        into.mkdir(parents=True, exist_ok=True)
        self._run('dpkg-deb', '-x', str(wanted[0]), str(into))
        mark.touch()

    def _run(self, program: str, *words: str, cwd: Path | None = None) -> str:
        options = []
        if program.startswith('apt'):
            for name, value in self._options():
                options += ['-o', f'{name}={value}']
        try:
            done = subprocess.run(
                [program, *options, *words],
                capture_output=True,
                text=True,
                errors='replace',
                timeout=900,
                check=False,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            raise InfraError(f'{program} {words[0]} takes too long', where='15 minutes') from None
        if done.returncode:
            raise InfraError(f'{program} {words[-1]} failed', where=done.stderr.strip()[-300:], todo='try again later')
        return done.stdout

    def _options(self) -> Sequence[tuple[str, str]]:
        top = self._top.resolve()
        return (
            ('Dir::State::Lists', str(top / 'lists')),
            ('Dir::State::status', str(top / 'status')),
            ('Dir::Cache', str(top / 'cache')),
            ('Dir::Etc::sourcelist', '/dev/null'),
            ('Dir::Etc::sourceparts', str(top / 'sources')),
            ('APT::Architectures::', 'amd64'),
            ('APT::Architectures::', 'arm64'),
            ('APT::Sandbox::User', ''),
            ('Acquire::Languages', 'none'),
        )


def mirror() -> str:
    """Return the base of the mirror the system's apt uses for Debian itself; raise `ToolMissing` where there is none."""
    asked = ['apt-get', 'indextargets', '--format', '$(REPO_URI) $(RELEASE)', 'Created-By: Packages']
    said = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False).stdout
    for line in sorted(set(said.splitlines())):
        uri, _, release = line.partition(' ')
        if re.fullmatch(r'(bookworm|trixie|forky|sid|stable|testing)(-updates)?', release) and 'security' not in uri:
            return uri.rstrip('/')
    raise ToolMissing('no Debian mirror is configured', todo='name one in /etc/apt/sources.list.d')


def fetch(directory: Path, *, qemu: bool = True) -> Fetched:
    """Fetch the newest 7.3 cloud kernel and what boots it into `directory`; what is there is used as it is."""
    place = directory / 'debian'
    found = kept(directory)
    if found is not None:
        return found
    apt = AptRoot(place / 'apt')
    apt.update()
    names = {int(m[1]): m[0] for name in apt.names(f'^{KERNEL.pattern}$') if (m := KERNEL.fullmatch(name))}
    if not names:
        raise InfraError('the mirror has no 7.3 kernel for arm64', where='trixie-backports')
    apt.unpack('busybox-static:arm64/trixie', place / 'busybox')
    if qemu:
        for package in _QEMU:
            apt.unpack(f'{package}/bookworm-backports', place / 'qemu')
    apt.unpack(f'{names[max(names)]}:arm64/trixie-backports', place / 'kernel')
    found = kept(directory)
    if found is None:
        raise InfraError('the packages hold no kernel image', where=names[max(names)])
    return found


def kept(directory: Path) -> Fetched | None:
    """Return what an earlier `fetch` into the directory left, None where there is nothing whole."""
    place = directory / 'debian'
    images = sorted(place.glob('kernel/usr/lib/modules/*/vmlinuz'))
    busybox = place / 'busybox/usr/bin/busybox'
    if not images or not busybox.is_file():
        return None
    tops = (place / 'qemu',) if (place / 'qemu/usr/bin').is_dir() else ()
    return Fetched(images[-1], images[-1].parent.name, Site(directory, busybox, tops))
