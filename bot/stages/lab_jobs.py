# SPDX-License-Identifier: GPL-2.0-or-later
"""What building and booting are given, and what they give."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import lab, resources
from bot.model import (
    AppliedTree,
    BootResult,
    BuildResult,
    Verdict,
)
from bot.stages.jobs import TreeAt


@dataclass(frozen=True, slots=True)
class Bench:
    """Where this machine builds and boots. Of all this only `no_sandbox` and what `lab` says of versions is in a key."""

    directory: str
    jobs: int
    busybox: str = ''
    build_minutes: float = 90
    boot_seconds: float = 120
    retries: int = 1
    keep_bytes: int = 12 << 30
    no_sandbox: bool = False

    @property
    def shop(self) -> lab.Shop:
        limits = lab.Limits(seconds=self.build_minutes * 60, output=64 << 20)
        place = Path(self.directory)
        return lab.Shop(place, place / 'ccache', self.jobs, limits, self.no_sandbox)

    @property
    def site(self) -> lab.Site:
        return lab.site(Path(self.directory), self.busybox, no_sandbox=self.no_sandbox)


@dataclass(frozen=True, slots=True)
class Build:
    applied: AppliedTree
    tree: TreeAt
    workshop: str
    targets: tuple[lab.Target, ...]
    bench: Bench

    @property
    def identity(self) -> tuple[Any, ...]:
        commits = [(p.position, p.commit) for p in self.applied.patches]
        fragments = resources.digest(resources.shipped('config') / 'kconfig')
        return (
            self.applied.base,
            commits,
            self.targets,
            fragments,
            lab.built_with(self.targets),
            self.bench.no_sandbox,
        )


@dataclass(frozen=True, slots=True)
class Builds:
    """`symbols` are those of each target's configuration; images lie in the bench's directory, by digest."""

    verdict: Verdict
    results: tuple[BuildResult, ...] = ()
    symbols: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Boot:
    """`image` is a file to boot instead of what was built; `build` makes images again that are kept no more."""

    builds: Builds
    machines: tuple[lab.Machine, ...]
    tests: tuple[lab.GuestTest, ...]
    bench: Bench
    build: Build | None = None
    image: str = ''

    @property
    def identity(self) -> tuple[Any, ...]:
        images = [(r.position, r.target, r.artefacts, r.verdict.outcome) for r in self.builds.results]
        given = hashlib.sha256(Path(self.image).read_bytes()).hexdigest() if self.image else ''
        shapes = resources.digest(resources.shipped('config') / 'console', lab.GUEST)
        series = self.build.identity if self.build and any(t.selftests for t in self.tests) else ()
        what = (images, given, self.builds.symbols, self.machines, self.tests, shapes, series)
        how = (lab.booted_with(self.machines, self.bench.site), self.bench.boot_seconds, self.bench.retries)
        return (*what, *how, self.bench.no_sandbox)


@dataclass(frozen=True, slots=True)
class Boots:
    verdict: Verdict
    results: tuple[BootResult, ...] = ()
