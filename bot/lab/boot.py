# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots one kernel on one machine, in the sandbox, and hands what it left behind to `verdict`.

Refuses to build and to fetch: image, busybox and emulator are given. What is missing makes a skipped result with the
reason, never a pass.
"""

from __future__ import annotations

import hashlib
import secrets
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.errors import ToolMissing
from bot.lab import accelerate, kit, logs, onward, protocol, qemu
from bot.lab.accelerate import Accelerator
from bot.lab.plans import GuestTest, Machine
from bot.lab.sandbox import MIB, Limits, Sandbox
from bot.lab.take import take
from bot.lab.verdict import Evidence, Judged, flaky, judge
from bot.model import BootResult, Outcome, TestResult, skipped

_MOST_LOG = 32 * MIB
_RETRY = (Outcome.FAILED, Outcome.CRASHED)
_SAID = 160
# MiB that QEMU maps beside the guest's memory and hardly uses: a cache of translated code alone is 1024.
_MAPPED = 6144
_PROVEN: dict[tuple[str, str, str], Accelerator] = {}


@dataclass(frozen=True, slots=True)
class Site:
    """Where the lab works on this machine. `tops` hold unpacked emulators; `busybox` is static, for arm64, `boxes` for others."""

    directory: Path
    busybox: Path | None = None
    tops: tuple[Path, ...] = ()
    no_sandbox: bool = False
    boxes: tuple[tuple[str, Path], ...] = ()

    def box(self, arch: str) -> Path | None:
        """Return the static busybox for an architecture."""
        found = self.busybox if arch == 'arm64' else dict(self.boxes).get(arch)
        return found if found is not None and found.is_file() else None


@dataclass(frozen=True, slots=True)
class Kernel:
    """What to boot: the image, the programs of its own tree, and the symbols of its configuration where they are known."""

    image: bytes
    programs: Mapping[str, bytes] = field(default_factory=dict)
    symbols: frozenset[str] | None = None


def boot_image(
    kernel: Kernel,
    machine: Machine,
    tests: Sequence[GuestTest],
    site: Site,
    *,
    position: int = 0,
    base: BootResult | None = None,
    seconds: float = 120,
    retries: int = 0,
) -> BootResult:
    """Boot a kernel and run the tests; `retries` boots again what failed, so that a flake shows as one."""
    found = qemu.find(machine, site.tops)
    others = tuple(t for t in tests if t.arch not in ('', machine.arch))
    tests = [t for t in tests if t not in others]
    try:
        if isinstance(found, str):
            raise ToolMissing(found)
        world = _world(kernel, machine, tests, site)
        accel = _accelerator(kernel, machine, site, found)

        def once(some: Sequence[GuestTest], archive: bytes) -> BootResult:
            return _once(kernel, archive, machine, some, site, found, accel, position, base, seconds)

        results = [once(tests, world)]
        while results[-1].verdict.outcome in _RETRY and len(results) <= retries:
            results.append(once(tests, world))
        whole = flaky(results) if len(results) > 1 else results[0]
        if all(result.seconds < seconds for result in results):
            whole = onward.to_the_end(
                tests, whole, lambda left: once(left, _world(kernel, machine, left, site)), seconds
            )
    except ToolMissing as absent:
        return BootResult(position, machine.name, skipped(f'not run: {absent}'), 0.0)
    return replace(whole, tests=(*whole.tests, *(_elsewhere(t) for t in others)))


def _elsewhere(test: GuestTest) -> TestResult:
    return TestResult(test.name, Outcome.SKIPPED, f'it is for {test.arch}')


def _accelerator(kernel: Kernel, machine: Machine, site: Site, emulator: qemu.Qemu) -> Accelerator:
    """Return what this machine is run with, found out once for each kernel of a run by booting it without tests."""
    key = (machine.name, str(emulator.program), _digest(kernel.image))
    if key not in _PROVEN:
        _PROVEN[key] = accelerate.chosen(machine, lambda: _boots(kernel, machine, site, emulator))
    return _PROVEN[key]


def _boots(kernel: Kernel, machine: Machine, site: Site, emulator: qemu.Qemu) -> str:
    """Return why a kernel did not come up and power off with KVM, '' when it did."""
    world = kit.initramfs(_box(machine, site).read_bytes(), (), {})
    nonce = secrets.token_hex(8)
    site.directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='probe-', dir=site.directory) as name:
        found = _run(
            Path(name), kernel.image, world, machine, site, emulator, accelerate.KVM, nonce, accelerate.SECONDS
        )
    heard = [protocol.read_transcript(c.decode('utf-8', 'replace').split('\n'), nonce) for c in found.channels]
    if found.ran.ok and any(h.facts and h.done for h in heard):
        return ''
    said = found.ran.output.decode('utf-8', 'replace').strip().splitlines()
    how = f'QEMU ended with {found.ran.ended} {found.ran.status if found.ran.status is not None else ""}'.rstrip()
    return f'a probe boot did not come to its end: {how}{f": {said[-1][:_SAID]}" if said else ""}'


def _box(machine: Machine, site: Site) -> Path:
    found = site.box(machine.arch)
    if found is None:
        raise ToolMissing(f'no static busybox for {machine.arch}', todo='give one, or let `lorebot doctor` fetch it')
    return found


def _world(kernel: Kernel, machine: Machine, tests: Sequence[GuestTest], site: Site) -> bytes:
    box = _box(machine, site)
    programs = kit.compile_tests(tests, machine.arch, site.directory / 'guest')
    return kit.initramfs(box.read_bytes(), tests, {**kernel.programs, **programs})


def _once(
    kernel: Kernel,
    world: bytes,
    machine: Machine,
    tests: Sequence[GuestTest],
    site: Site,
    emulator: qemu.Qemu,
    accel: Accelerator,
    position: int,
    base: BootResult | None,
    seconds: float,
) -> BootResult:
    nonce = secrets.token_hex(8)
    site.directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='boot-', dir=site.directory) as name:
        evidence = _run(Path(name), kernel.image, world, machine, site, emulator, accel.name, nonce, seconds)
    symbols = kernel.symbols or frozenset()
    must_run = frozenset(t.name for t in tests if _must_run(t, symbols, kernel.programs))
    judged = judge(evidence, machine, tests, must_run, base)
    kept = site.directory / 'logs'
    printed = [('console', evidence.console), *((f'channel{n}', c) for n, c in enumerate(evidence.channels) if c)]
    return BootResult(
        position=position,
        machine=machine.name,
        verdict=judged.verdict,
        seconds=round(evidence.ran.seconds, 2),
        events=judged.events,
        known=judged.known,
        tests=judged.tests,
        facts=_facts(judged, emulator, accel),
        artefacts=(('image', _digest(kernel.image)), ('initramfs', _digest(world))),
        logs=tuple((what, logs.keep(kept, log)) for what, log in printed),
        reproducer=_reproducer(machine, accel.name),
        sandbox=evidence.ran.sandbox,
    )


def _must_run(test: GuestTest, symbols: frozenset[str], programs: Mapping[str, bytes]) -> bool:
    """Tell whether a test has no reason to skip: its symbols are set, and of the tree's own programs it has one."""
    has = not test.selftests or any(name.rpartition('/')[2] in programs for name in test.selftests)
    return bool(test.config) and set(test.config) <= symbols and has


def _run(
    place: Path,
    image: bytes,
    world: bytes,
    machine: Machine,
    site: Site,
    emulator: qemu.Qemu,
    accelerator: str,
    nonce: str,
    seconds: float,
) -> Evidence:
    """Run the emulator over a directory of its own and read what it wrote there."""
    inside, out = place / 'in', place / 'out'
    inside.mkdir()
    out.mkdir()
    (inside / 'Image').write_bytes(image)
    (inside / 'initramfs').write_bytes(world)
    readable = ((inside, '/in'), *(((emulator.top, '/qemu'),) if emulator.top else ()))
    limits = Limits(
        seconds=seconds,
        memory=(machine.memory + 1024) * MIB,
        address=(machine.memory + _MAPPED) * MIB,
        processes=64,
        file=_MOST_LOG,
        disk=3 * _MOST_LOG,
        output=MIB,
    )
    words = [*emulator.words, *qemu.arguments(machine, nonce, accelerator)]
    if site.no_sandbox:
        words = _outside(words, place, emulator)
    devices = (accelerate.DEVICE,) if accelerator == accelerate.KVM else ()
    ran = Sandbox(limits, readable, ((out, '/out'),), no_sandbox=site.no_sandbox, devices=devices).run(words)
    console = take(out, 'console', _MOST_LOG) or b''
    channels = tuple(take(out, f'channel{n}', _MOST_LOG) or b'' for n in range(len(machine.channels)))
    flooded = max(len(text) for text in (console, *channels)) >= _MOST_LOG
    return Evidence(ran, console, channels, nonce, flooded)


def _outside(words: list[str], place: Path, emulator: qemu.Qemu) -> list[str]:
    """Name the real paths: without a sandbox nothing is mounted under /in, /out and /qemu."""
    pairs = [('/in/', f'{place}/in/'), ('/out/', f'{place}/out/'), ('/qemu/', f'{emulator.top}/')]
    for short, real in pairs:
        words = [w.replace(short, real) if w.startswith(short) or f'path={short}' in w else w for w in words]
    return words


def _facts(judged: Judged, emulator: qemu.Qemu, accel: Accelerator) -> tuple[tuple[str, str], ...]:
    used = ' '.join(part for part in (accel.name, f'({accel.why_not})' if accel.why_not else '') if part)
    return tuple(sorted((*judged.facts, ('qemu', emulator.name), ('accelerator', used))))


def _reproducer(machine: Machine, accelerator: str) -> str:
    """Return the command as a person would type it, in a directory with the two artefacts and an empty out/."""
    words = [w.replace('/in/', '').replace('/out/', 'out/') for w in qemu.arguments(machine, 'NONCE', accelerator)]
    return shlex.join([machine.program, *words])


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
