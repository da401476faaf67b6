# SPDX-License-Identifier: GPL-2.0-or-later
"""Decides whether KVM boots a machine here: by booting the kernel at hand with it, before anything is judged.

Promises that neither a name in /dev nor a device that opens counts as proof: on hosts without hardware support KVM creates
machines that QEMU cannot run. Refuses to try where the machine does not ask for it, or the kernel is of another
architecture. Whatever goes wrong means emulation, and one line says why.
"""

from __future__ import annotations

import os
import platform
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.lab.plans import Machine

KVM, EMULATED = 'kvm', 'tcg'
DEVICE = Path('/dev/kvm')
SECONDS = 30
"""Patience of a probe: a kernel without tests is up in one second where KVM works, and where it hangs, hangs for good."""
_HOSTS = {'arm64': ('aarch64', 'arm64'), 'x86_64': ('x86_64', 'AMD64')}


@dataclass(frozen=True, slots=True)
class Accelerator:
    """What QEMU is told to use; `why_not` is why it is not KVM, '' where it is or was not asked for."""

    name: str = EMULATED
    why_not: str = ''


def chosen(machine: Machine, boots: Callable[[], str]) -> Accelerator:
    """Return KVM where `boots`, a boot with it, came to its end; it returns why it did not, '' when it did."""
    if KVM not in machine.accelerators:
        return Accelerator()
    why_not = absent(machine) or boots()
    return Accelerator(EMULATED, f'KVM is not used: {why_not}') if why_not else Accelerator(KVM)


def absent(machine: Machine) -> str:
    """Return why KVM need not even be tried for a machine, '' where only a boot can tell."""
    host = platform.machine()
    if host not in _HOSTS.get(machine.arch, ()):
        return f'this machine is {host}, the guest {machine.arch}'
    try:
        found = DEVICE.stat()
    except OSError:
        return f'there is no {DEVICE}'
    if not stat.S_ISCHR(found.st_mode):
        return f'{DEVICE} is no device'
    return '' if os.access(DEVICE, os.R_OK | os.W_OK) else f'{DEVICE} may not be opened by this user'
