# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds an emulator new enough for a machine and writes its command line: no network, no monitor, nothing by default.

KVM is used where `accelerate` has seen it boot, and for machines that ask for it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.lab.plans import Machine

_VERSION = re.compile(r'version (\d{1,3})\.(\d{1,3})\.(\d{1,3})')
_CONFINED = 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'


@dataclass(frozen=True, slots=True)
class Qemu:
    """An emulator: installed, or unpacked below `top` (a Debian package's own tree)."""

    program: Path
    version: tuple[int, int, int]
    top: Path | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Return the command as the sandbox sees it."""
        if self.top is None:
            return (str(self.program),)
        return (f'/qemu/usr/bin/{self.program.name}', '-L', '/qemu/usr/share/qemu', '-L', '/qemu/usr/share/seabios')

    @property
    def name(self) -> str:
        return '.'.join(map(str, self.version))


def find(machine: Machine, tops: Sequence[Path] = ()) -> Qemu | str:
    """Return the newest emulator there is that the machine can trust, or the reason why there is none."""
    found = [q for q in (_look(str(p), t) for p, t in _candidates(machine.program, tops)) if q is not None]
    if not found:
        return f'{machine.program} is not installed'
    best = max(found, key=lambda q: q.version)
    if best.version[:2] < machine.qemu:
        wanted = '.'.join(map(str, machine.qemu))
        return f'QEMU {best.name} is older than {wanted}: {machine.why}'
    return best


def _candidates(program: str, tops: Sequence[Path]) -> list[tuple[Path, Path | None]]:
    installed = shutil.which(program)
    places: list[tuple[Path, Path | None]] = [(Path(installed), None)] if installed else []
    return places + [(top / 'usr/bin' / program, top) for top in tops if (top / 'usr/bin' / program).is_file()]


def _look(program: str, top: Path | None) -> Qemu | None:
    said = _VERSION.search(_version(program, Path(program).stat().st_mtime_ns))
    return Qemu(Path(program), (int(said[1]), int(said[2]), int(said[3])), top) if said else None


@cache
def _version(program: str, changed: int) -> str:
    try:
        return subprocess.run([program, '--version'], capture_output=True, text=True, timeout=60, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return ''


def arguments(machine: Machine, nonce: str, accelerator: str = 'tcg') -> list[str]:
    """Return what follows the emulator's name; /in holds Image and initramfs, /out takes console and channels."""
    accel = 'tcg,thread=multi' if accelerator == 'tcg' else accelerator
    words = ['-nodefaults', '-no-user-config', '-display', 'none', '-monitor', 'none', '-no-reboot', '-nic', 'none']
    words += ['-sandbox', _CONFINED, '-machine', machine.machine, '-cpu', machine.cpu, '-smp', str(machine.cpus)]
    words += ['-m', str(machine.memory), '-accel', accel]
    words += ['-kernel', '/in/Image', '-initrd', '/in/initramfs']
    words += ['-chardev', 'file,id=console,path=/out/console', '-serial', 'chardev:console']
    for number, bus in enumerate(machine.channels):
        words += ['-device', f'{bus},id=bus{number}', '-chardev', f'file,id=port{number},path=/out/channel{number}']
        words += ['-device', f'virtserialport,bus=bus{number}.0,chardev=port{number},name=lorebot.{number}']
    line = [f'console={machine.console}', 'panic=-1', 'oops=panic', 'printk.devkmsg=on', *machine.append]
    return [*words, '-append', ' '.join([*line, f'lorebot.nonce={nonce}'])]
