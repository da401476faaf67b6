# SPDX-License-Identifier: GPL-2.0-or-later
"""Says of each stage what job it is to do for a review, or why there is none.

Promises that a plan only looks: at what the stages before gave, the settings and this machine. Nothing is started here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot import lab, lore, resources, stages, trees
from bot.config import Settings
from bot.desk import Desk
from bot.model import AppliedTree, Heard, Prerequisite, RawMail, Series, Thread
from bot.request import Request


class Underway(Protocol):
    """A review as far as it has come; `results` and `jobs` are by stage."""

    request: Request
    desk: Desk
    assembly: lore.Assembly
    trees: tuple[stages.TreeAt, ...]
    needs: tuple[Prerequisite, ...]
    results: dict[str, Any]
    jobs: dict[str, Any]
    heard: tuple[Heard, ...]

    @property
    def series(self) -> Series: ...


def plan_apply(review: Underway) -> stages.Job | str:
    if not review.trees:
        return 'no kernel tree was given: pass --tree DIR or name one under [trees] in the configuration'
    settings = review.desk.settings
    return stages.Apply(
        review.series.newest,
        review.trees,
        str(review.desk.workshop),
        review.request.base,
        settings.apply.max_tags,
        review.needs,
    )


def plan_check(review: Underway) -> stages.Job | str:
    applied = review.results.get('apply')
    if applied is None or not applied.patches:
        return _nothing_applied(applied) or 'there is no applied tree to check'
    tree = next(t for t in review.trees if t.name == applied.tree)
    where, only = str(review.desk.workshop), review.request.rules
    off = review.desk.settings.check.off
    return stages.Check(applied, tree, where, rule_directories(review.desk.settings), only, off, str(review.desk.facts))


def _nothing_applied(applied: AppliedTree | None) -> str:
    """Say why no patch is on a tree, in the words of the stage before; '' where the reason is another."""
    if applied is None or applied.patches:
        return ''
    return trees.AWAY if applied.baseless else f'no patch went in: apply {applied.verdict.outcome}'


def plan_build(review: Underway) -> stages.Job | str:
    """Build when asked to; unasked only what costs little: results that are there, or patches on a base that is."""
    applied, request = review.results.get('apply'), review.request
    if applied is None or not applied.patches:
        return _nothing_applied(applied) or 'there is no patch on a tree to build'
    desk = review.desk
    targets = lab.targets(request.targets or desk.settings.lab.targets)
    tree = next(t for t in review.trees if t.name == applied.tree)
    job = stages.Build(applied, tree, str(desk.workshop), targets, bench(request, desk))
    if not request.stages and not desk.holds('build', job) and not stages.base_is_built(job):
        return 'its base is not built here, which takes minutes; ask for it: --stages all, or `lorebot build`'
    lacking = lab.lacks_to_build(targets, no_sandbox=request.no_sandbox)
    return f'not run: {lacking}' if lacking else job


def plan_boot(review: Underway) -> stages.Job | str:
    builds, request, desk = review.results.get('build'), review.request, review.desk
    if builds is None or not any(r.artefacts for r in builds.results):
        return _nothing_applied(review.results.get('apply')) or 'there is no kernel to boot'
    machines, tests = plans(request, desk)
    at = bench(request, desk)
    lacking = lab.lacks_to_boot(machines, tests, at.site)
    return f'not run: {lacking}' if lacking else stages.Boot(builds, machines, tests, at, review.jobs['build'])


def plans(request: Request, desk: Desk) -> tuple[tuple[lab.Machine, ...], tuple[lab.GuestTest, ...]]:
    """Return the machines and guest tests that are asked for, or set, or the default."""
    settings = desk.settings.lab
    return lab.machines(request.machines or settings.machines), lab.guest_tests(request.tests or settings.tests)


def bench(request: Request, desk: Desk) -> stages.Bench:
    settings = desk.settings.lab
    return stages.Bench(
        directory=str(desk.lab),
        jobs=settings.jobs or os.cpu_count() or 1,
        busybox=settings.busybox,
        build_minutes=settings.build_minutes,
        boot_seconds=settings.boot_seconds,
        retries=settings.retries,
        keep_bytes=int(settings.keep_gib * (1 << 30)),
        no_sandbox=request.no_sandbox,
    )


def plan_attest(
    review: Underway, raws: Sequence[RawMail], keys: Sequence[tuple[str, bytes | None]]
) -> stages.Attest | None:
    """Judge the signatures of all mails that were posted; None when they carry none."""
    own = lore.with_ids(raws, lore.posted(review.series))
    if not any(map(lore.is_signed, own)):
        return None
    settings = review.desk.settings
    rings = tuple(str(one) for one in settings.keyrings if one.is_dir())
    return stages.Attest(own, settings.archive.prefer_lists, tuple(keys), rings)


def plan_questions(review: Underway) -> stages.Job | str:
    return questions_job(review.assembly.threads, review.series, review.request.as_of, review.desk, review.heard)


def questions_job(
    threads: tuple[Thread, ...],
    series: Series | None,
    as_of: datetime | None,
    desk: Desk,
    heard: tuple[Heard, ...] = (),
) -> stages.Questions:
    """Return the job that makes the ledger of a series, with the commands about these mails that were given by then.

    What a command in a mail is about is what its mail says with all mails at hand, not with those at hand when it was
    recorded: then the order of reading would matter.
    """
    refused = {(one.message_id, one.lines[0]) for one in heard if one.address and not one.entries}
    log = desk.commands(m.message_id for t in threads for m in t.messages)
    held = {c.id: c for c in log if (c.message_id, c.line) not in refused}
    held |= {c.id: c for one in heard for c in one.entries}
    known = tuple(sorted((c for c in held.values() if as_of is None or c.at <= as_of), key=lambda c: (c.at, c.id)))
    own, facts = desk.settings.post.address, str(desk.facts)
    return stages.Questions(threads, series, desk.settings.questions, as_of, known, own, facts, heard)


def rule_directories(settings: Settings) -> tuple[str, ...]:
    """Return the directories rules are read from, those of the user last."""
    return (str(resources.shipped('rules')), *(str(Path(one).expanduser()) for one in settings.check.rules))
