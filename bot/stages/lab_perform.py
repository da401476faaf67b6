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
        alone = [_boot_one(kernel, machine, job, site) for machine in job.machines]
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
        machines = [m for m in job.machines if built.artefacts and m.arch == lab.targets((target,))[0].arch]
        bench, told = job.bench, {'seconds': job.bench.boot_seconds, 'progress': progress}
        found += lab.boot_series(built, machines, job.tests, site, retries=bench.retries, **told)  # type: ignore[arg-type]
    lab.prune(site.directory, job.bench.keep_bytes)
    return Boots(lab.stage_verdict(found), tuple(found))


def _boot_one(kernel: lab.Kernel, machine: lab.Machine, job: Boot, site: lab.Site) -> BootResult:
    return lab.boot_image(kernel, machine, job.tests, site, seconds=job.bench.boot_seconds, retries=job.bench.retries)


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
