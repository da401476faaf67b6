# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots what a series built, patch by patch and machine by machine; an image that did not change is not booted again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.lab.boot import Kernel, Site, boot_image
from bot.lab.build import Built
from bot.lab.plans import GuestTest, Machine
from bot.model import NO_IMAGE, BootResult, Progress, skipped


def boot_series(
    built: Built,
    machines: Sequence[Machine],
    tests: Sequence[GuestTest],
    site: Site,
    *,
    seconds: float = 120,
    retries: int = 1,
    progress: Progress | None = None,
    programs: Mapping[int, Mapping[str, bytes]] | None = None,
    added: Mapping[int, tuple[GuestTest, ...]] | None = None,
) -> tuple[BootResult, ...]:
    """Boot the base, then every patch that built; each is held against the base on the same machine.

    `programs` are the tree's own selftests at each position, `added` tests that run from a position on.
    """
    found = []
    total, done = len(built.results) * len(machines), 0
    for machine in machines:
        seen: dict[str, BootResult] = {}
        base: BootResult | None = None
        for result in built.results:
            at = result.position
            more = [t for position, some in sorted((added or {}).items()) if position <= at for t in some]
            kernel = _kernel(built, at, (programs or {}).get(at, {}))
            found.append(_boot(kernel, at, machine, (*tests, *more), site, base, seen, seconds, retries))
            base = found[-1] if at == 0 else base
            done += 1
            if progress is not None:
                progress('boot', done, total)
    return tuple(found)


def _boot(
    kernel: Kernel | None,
    position: int,
    machine: Machine,
    tests: Sequence[GuestTest],
    site: Site,
    base: BootResult | None,
    seen: dict[str, BootResult],
    seconds: float,
    retries: int,
) -> BootResult:
    if kernel is None:
        return BootResult(position, machine.name, skipped(NO_IMAGE), 0.0)
    digest = _digest(kernel, tests)
    if digest not in seen:
        seen[digest] = boot_image(
            kernel, machine, tests, site, position=position, base=base, seconds=seconds, retries=retries
        )
    return replace(seen[digest], position=position)


def _digest(kernel: Kernel, tests: Sequence[GuestTest]) -> str:
    """Return what tells boots apart: image, programs of the tree, names of the tests."""
    seen = hashlib.sha256(kernel.image)
    for name, program in sorted(kernel.programs.items()):
        seen.update(f'\0{name}\0'.encode() + hashlib.sha256(program).digest())
    seen.update('\0'.join(test.name for test in tests).encode())
    return seen.hexdigest()


def _kernel(built: Built, position: int, programs: Mapping[str, bytes]) -> Kernel | None:
    image = _image(built, position)
    return None if image is None else Kernel(image, programs, built.symbols or None)


def _image(built: Built, position: int) -> bytes | None:
    """Return what this position boots: the first artefact of its target."""
    return next((data for (at, _), data in sorted(built.artefacts.items()) if at == position), None)
