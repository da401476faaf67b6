# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots what a series built, patch by patch and machine by machine; an image that did not change is not booted again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
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
) -> tuple[BootResult, ...]:
    """Boot the base, then every patch that built; each is held against the base on the same machine."""
    found = []
    total, done = len(built.results) * len(machines), 0
    for machine in machines:
        seen: dict[str, BootResult] = {}
        base: BootResult | None = None
        for result in built.results:
            image = _image(built, result.position)
            found.append(_boot(image, result.position, built, machine, tests, site, base, seen, seconds, retries))
            base = found[-1] if result.position == 0 else base
            done += 1
            if progress is not None:
                progress('boot', done, total)
    return tuple(found)


def _boot(
    image: bytes | None,
    position: int,
    built: Built,
    machine: Machine,
    tests: Sequence[GuestTest],
    site: Site,
    base: BootResult | None,
    seen: dict[str, BootResult],
    seconds: float,
    retries: int,
) -> BootResult:
    if image is None:
        return BootResult(position, machine.name, skipped(NO_IMAGE), 0.0)
    digest = hashlib.sha256(image).hexdigest()
    if digest not in seen:
        kernel = Kernel(image, symbols=built.symbols or None)
        seen[digest] = boot_image(
            kernel, machine, tests, site, position=position, base=base, seconds=seconds, retries=retries
        )
    return replace(seen[digest], position=position)


def _image(built: Built, position: int) -> bytes | None:
    """Return what this position boots: the first artefact of its target."""
    return next((data for (at, _), data in sorted(built.artefacts.items()) if at == position), None)
