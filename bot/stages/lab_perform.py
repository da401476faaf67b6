# SPDX-License-Identifier: GPL-2.0-or-later
"""How patches are built and kernels booted, and which patch broke what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot import lab, trees
from bot.model import (
    BootResult,
    BuildResult,
    FirstBad,
    Progress,
)
from bot.stages.lab_jobs import Boot, Boots, Build, Builds


def build(job: Build, progress: Progress) -> Builds:
    """Build every patch for every target, then make room: what was used least lately goes first."""
    with trees.open_tree(Path(job.tree.path), Path(job.workshop), job.tree.name) as tree:
        shop = job.bench.shop
        made = [lab.build_series(job.applied, tree.files, tree, target, shop, progress) for target in job.targets]
    lab.prune(shop.directory, job.bench.keep_bytes)
    results = tuple(result for built in made for result in built.results)
    symbols = tuple((built.results[0].target, tuple(sorted(built.symbols))) for built in made)
    return Builds(lab.stage_verdict(results), results, symbols)


def boot(job: Boot, progress: Progress) -> Boots:
    """Boot an image, or the base and every patch that was built."""
    site = job.bench.site
    if job.image:
        kernel = lab.Kernel(Path(job.image).read_bytes())
        tests = [t for t in job.tests if not t.selftests] or job.tests
        alone = [_boot_one(kernel, machine, tests, job, site) for machine in job.machines]
        return Boots(lab.stage_verdict(alone), tuple(alone))
    builds = job.builds
    images = lab.images(site.directory, builds.results)
    if images is None and job.build is not None:
        builds = build(job.build, progress)
        images = lab.images(site.directory, builds.results)
    symbols = {target: frozenset(names) for target, names in builds.symbols}
    found: list[BootResult] = []
    for target, results in lab.by_target(builds.results):
        built = lab.Built(results, (images or {}).get(target, {}), symbols.get(target, frozenset()))
        (plan,) = lab.targets((target,))
        machines = [m for m in job.machines if built.artefacts and m.arch == plan.arch]
        if machines:
            found += _boot_target(built, plan, machines, job, progress)
    lab.prune(site.directory, job.bench.keep_bytes)
    return Boots(lab.stage_verdict(found), tuple(found))


def _boot_target(
    built: lab.Built, plan: lab.Target, machines: Sequence[lab.Machine], job: Boot, progress: Progress
) -> tuple[BootResult, ...]:
    """Boot what one target made, with the tree's own selftests and those the series makes possible."""
    programs: dict[int, lab.Programs] = {}
    added: dict[int, tuple[lab.GuestTest, ...]] = {}
    if job.build is not None and any(t.selftests for t in job.tests):
        made = job.build
        with trees.open_tree(Path(made.tree.path), Path(made.workshop), made.tree.name) as tree:
            added = lab.added(made.applied, tree.files) if any('mm/gup_test' in t.selftests for t in job.tests) else {}
            wanted = [*job.tests, *(test for some in added.values() for test in some)]
            programs = lab.selftests(made.applied, tree.files, tree, plan, job.bench.shop, wanted)
    booted = lab.boot_series(
        built,
        machines,
        job.tests,
        job.bench.site,
        seconds=job.bench.boot_seconds,
        retries=job.bench.retries,
        progress=progress,
        programs=programs,
        added=added,
    )
    if job.build is None:
        return booted
    made = job.build
    with trees.open_tree(Path(made.tree.path), Path(made.workshop), made.tree.name) as tree:
        return lab.placed(booted, made.applied, tree.files, tree, plan, job.bench.shop)


def _boot_one(
    kernel: lab.Kernel, machine: lab.Machine, tests: Sequence[lab.GuestTest], job: Boot, site: lab.Site
) -> BootResult:
    return lab.boot_image(kernel, machine, tests, site, seconds=job.bench.boot_seconds, retries=job.bench.retries)


def base_is_built(job: Build) -> bool:
    """Tell whether the base of a series is here for all targets, so that only the patches would be built."""
    if not lab.any_base(Path(job.bench.directory)):
        return False
    with trees.open_tree(Path(job.tree.path), Path(job.workshop), job.tree.name) as tree:
        tree_id = tree.tree_id(job.applied.base or '')
    return all(lab.warm(tree_id, target, job.bench.shop) for target in job.targets)


def first_bad(builds: Sequence[BuildResult], boots: Sequence[BootResult]) -> tuple[FirstBad, ...]:
    """Return the patch that brought each failure."""
    return lab.telling(builds, boots)
