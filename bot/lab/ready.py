# SPDX-License-Identifier: GPL-2.0-or-later
"""Says what this machine lacks for building and booting, and which versions of what it has take part in a result.

Promises to ask the programs themselves. Refuses to count a machine as able because one of several targets is.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import struct
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bot.lab import kit, qemu
from bot.lab.accelerate import KVM, absent
from bot.lab.boot import Site
from bot.lab.debian import kept
from bot.lab.plans import GuestTest, Machine, Target
from bot.lab.sandbox import probe

_TODO = '`lorebot doctor` says how to install it'
_BUSYBOX = {
    'arm64': '`lorebot doctor --lab` fetches one, or set lab.busybox',
    'x86_64': 'on Debian: apt install busybox-static',
}
_INTERPRETER = 3


def site(directory: Path, busybox: str = '', *, no_sandbox: bool = False) -> Site:
    """Return where booting is done; what `lorebot doctor --lab` fetched is used, a busybox that is named before its own."""
    fetched = kept(directory)
    own = Path(busybox).expanduser() if busybox else fetched.site.busybox if fetched else None
    return Site(directory, own, fetched.site.tops if fetched else (), no_sandbox, _own_boxes())


def _own_boxes() -> tuple[tuple[str, Path], ...]:
    """Return this machine's own busybox as one for guests of its architecture, if it is static."""
    found = shutil.which('busybox')
    if found is None or platform.machine() != 'x86_64' or not static(Path(found)):
        return ()
    return (('x86_64', Path(found)),)


def static(program: Path) -> bool:
    """Tell whether a program of 64 bits, least byte first, needs no loader: a guest has none."""
    head = program.read_bytes()[:4096]
    if head[:6] != b'\x7fELF\x02\x01' or len(head) < 64:
        return False
    at, size, count = struct.unpack_from('<Q', head, 32)[0], *struct.unpack_from('<HH', head, 54)
    kinds = [struct.unpack_from('<I', head, at + n * size)[0] for n in range(count) if at + (n + 1) * size <= len(head)]
    return len(kinds) == count and _INTERPRETER not in kinds


def lacks_to_build(targets: Sequence[Target], *, no_sandbox: bool = False) -> str:
    """Return why none of the targets can be built here, '' when one can."""
    absent = {t.name: [p for p in t.needs if shutil.which(p) is None] for t in targets}
    if targets and all(absent.values()):
        return f'{", ".join(sorted({p for gone in absent.values() for p in gone}))} not installed; {_TODO}'
    return _unconfined(no_sandbox)


def lacks_to_boot(machines: Sequence[Machine], tests: Sequence[GuestTest], at: Site) -> str:
    """Return why none of the machines can be booted here, '' when one can."""
    found = [qemu.find(machine, at.tops) for machine in machines]
    if found and all(isinstance(q, str) for q in found):
        fetched = any(m.arch == 'arm64' for m in machines)
        return f'{found[0]}; install it{", or `lorebot doctor --lab` fetches one" if fetched else ""}'
    lacking = sorted({m.arch for m in machines if at.box(m.arch) is None})
    if lacking:
        return f'no static busybox for {lacking[0]}; {_BUSYBOX.get(lacking[0], _TODO)}'
    wanted = {kit.COMPILERS[m.arch] for m in machines} if any(t.source for t in tests) else set()
    gone = sorted(c for c in wanted if shutil.which(c) is None)
    return f'{gone[0]} not installed, which compiles the guest tests; {_TODO}' if gone else _unconfined(at.no_sandbox)


def _unconfined(no_sandbox: bool) -> str:
    why_not = '' if no_sandbox else probe().why_not
    return f'code under test cannot be confined: {why_not}; {_TODO}' if why_not else ''


def built_with(targets: Sequence[Target]) -> tuple[str, ...]:
    """Return what a build depends on beside the tree: the version of each compiler."""
    return tuple(version(t.compiler) for t in targets)


def booted_with(machines: Sequence[Machine], at: Site) -> tuple[str, ...]:
    """Return what a boot depends on beside kernel and tests: emulators, busybox, the tests' compilers."""
    found = (qemu.find(machine, at.tops) for machine in machines)
    emulators = [q if isinstance(q, str) else q.name for q in found]
    compilers = [version(c) for c in sorted({kit.COMPILERS[m.arch] for m in machines})]
    boxes = [at.box(arch) for arch in sorted({m.arch for m in machines})]
    digests = [hashlib.sha256(box.read_bytes()).hexdigest() if box else '' for box in boxes]
    # Whether KVM proves itself only a boot can tell, and its result says so.
    return (*emulators, *compilers, *digests, *(absent(m) for m in machines if KVM in m.accelerators))


@cache
def version(compiler: str) -> str:
    """Return what a compiler calls itself, '' where it cannot be run."""
    try:
        asked = subprocess.run([compiler, '--version'], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return ''
    return asked.stdout.partition('\n')[0]
