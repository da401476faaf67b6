# SPDX-License-Identifier: GPL-2.0-or-later
r"""The product in one page: mails become a series, the stages look at it, a report says what they found.

    fetch -> assemble -> apply -> check --------- \
                     \        \-> build -> boot -- > report
                      \-> questions ------------- /

Every step is asked of the store first; what it lacks is done as a job by the engine and then kept. Nothing here knows
how a stage works (bot/stages/ and the rooms do) or how a report looks (bot/report does).
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot import __version__, lab, lore, report, resources, stages, trees
from bot.config import Settings
from bot.desk import Desk, Step
from bot.errors import ArchiveDown, InfraError, UnusableThread, UserError
from bot.model import CheckResult, Message, RawMail, Report, Series, Thread, Verdict, crashed, skipped

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for; `trees` are (name, path) in the order to try, `stages` empty for all that can be done."""

    source: str
    trees: tuple[tuple[str, Path], ...] = ()
    base: str | None = None
    stages: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    as_of: datetime | None = None
    refresh: bool = False
    targets: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    no_sandbox: bool = False


@dataclass(slots=True)
class Review:
    """One review under way: what is known so far, by stage."""

    request: Request
    desk: Desk
    source: lore.Source
    assembly: lore.Assembly
    trees: tuple[stages.TreeAt, ...]
    results: dict[str, Any] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    jobs: dict[str, Any] = field(default_factory=dict)

    @property
    def series(self) -> Series:
        return self.assembly.series[0]

    @property
    def newest_mail(self) -> Message:
        """Return the mail that starts the newest posting: what a reply to the series answers."""
        wanted = self.series.newest.message_id
        found = next((m for t in self.assembly.threads for m in t.messages if m.message_id == wanted), None)
        if found is None:
            raise UnusableThread('there is no mail to answer', where=self.request.source, todo='give the series itself')
        return found

    @property
    def report(self) -> Report:
        """Return all that was found; made of mails and results alone, so it is the same whenever it is made."""
        builds, boots = self._lab('build'), self._lab('boot')
        return report.compose(
            series=self.series,
            threads=self.assembly.threads,
            others=self.assembly.series[1:],
            verdicts=[(stage.name, self.verdicts[stage.name]) for stage in STAGES],
            applied=self.results.get('apply'),
            check=self.results.get('check'),
            builds=builds,
            boots=boots,
            first_bad=stages.first_bad(builds, boots),
            ledger=self.results.get('questions'),
            as_of=self.request.as_of,
            archive=self.source.where if self.source.kind == 'archive' else '',
            tool=f'lorebot {__version__}',
            changes=lore.compare(*self.series.revisions[-2:]) if len(self.series.revisions) > 1 else (),
        )

    def _lab(self, stage: str) -> tuple[Any, ...]:
        made = self.results.get(stage)
        return made.results if made else ()


@dataclass(frozen=True, slots=True)
class Stage:
    """`plan` gives the job to do, or the reason why there is none; it is asked once all of `after` have ended."""

    name: str
    after: tuple[str, ...]
    plan: Callable[[Review], stages.Job | str]


def plan_apply(review: Review) -> stages.Job | str:
    if not review.trees:
        return 'no kernel tree was given: pass --tree DIR or name one under [trees] in the configuration'
    settings = review.desk.settings
    return stages.Apply(
        review.series.newest, review.trees, str(review.desk.workshop), review.request.base, settings.apply.max_tags
    )


def plan_check(review: Review) -> stages.Job | str:
    applied = review.results.get('apply')
    if applied is None or applied.base is None:
        return 'there is no applied tree to check'
    tree = next(t for t in review.trees if t.name == applied.tree)
    where, only = str(review.desk.workshop), review.request.rules
    off = review.desk.settings.check.off
    return stages.Check(applied, tree, where, rule_directories(review.desk.settings), only, off, str(review.desk.facts))


def plan_build(review: Review) -> stages.Job | str:
    """Build when asked to; unasked only what costs little: results that are there, or patches on a base that is."""
    applied, request = review.results.get('apply'), review.request
    if applied is None or not applied.patches:
        return 'there is no patch on a tree to build'
    desk = review.desk
    targets = lab.targets(request.targets or desk.settings.lab.targets)
    tree = next(t for t in review.trees if t.name == applied.tree)
    job = stages.Build(applied, tree, str(desk.workshop), targets, bench(request, desk))
    if not request.stages and not desk.holds('build', job) and not stages.base_is_built(job):
        return 'its base is not built here, which takes minutes; ask for it: --stages all, or `lorebot build`'
    lacking = lab.lacks_to_build(targets, no_sandbox=request.no_sandbox)
    return f'not run: {lacking}' if lacking else job


def plan_boot(review: Review) -> stages.Job | str:
    builds, request, desk = review.results.get('build'), review.request, review.desk
    if builds is None or not any(r.artefacts for r in builds.results):
        return 'there is no kernel to boot'
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


def plan_questions(review: Review) -> stages.Job | str:
    return questions_job(review.assembly.threads, review.series, review.request.as_of, review.desk)


def questions_job(
    threads: tuple[Thread, ...], series: Series | None, as_of: datetime | None, desk: Desk
) -> stages.Questions:
    """Return the job that makes the ledger of a series, with the commands about these mails that were given by then."""
    held = desk.commands(m.message_id for t in threads for m in t.messages)
    known = tuple(c for c in held if as_of is None or c.at <= as_of)
    own, facts = desk.settings.post.address, str(desk.facts)
    return stages.Questions(threads, series, desk.settings.questions, as_of, known, own, facts)


STAGES = (
    Stage('apply', (), plan_apply),
    Stage('check', ('apply',), plan_check),
    Stage('build', ('apply',), plan_build),
    Stage('boot', ('build',), plan_boot),
    Stage('questions', (), plan_questions),
)
"""In the order of the report; `report` itself is made of all of them and always runs."""


def review(request: Request, desk: Desk) -> Review:
    """Do everything the request allows; raise `UserError` or `InfraError` only when there is no series to report on."""
    looks = not request.stages or {'apply', 'check', 'build', 'boot'} & set(request.stages)
    looked_at = stages.survey(request.trees if looks else (), desk.workshop)
    source = lore.locate(request.source, desk.settings.archive.url)
    assembly = assemble(source, request, desk)
    if request.stages == ('questions',):  # what is asked in replies can be told without the patches
        assembly = lore.of_replies(assembly)
    if not assembly.series:
        why = 'there is none up to --as-of' if request.as_of else assembly.unusable
        raise UnusableThread('no patch series in these mails', where=request.source, todo=why)
    current = Review(request, desk, source, assembly, looked_at)
    _run_stages(current)
    return current


def assemble(source: lore.Source, request: Request, desk: Desk) -> lore.Assembly:
    """Fetch the mails of the source and put threads and series together."""
    raws = fetch(source, request, desk)
    job = stages.Assemble(raws, desk.settings.archive.prefer_lists, source.message_id, request.as_of, str(desk.facts))
    made: lore.Assembly = desk.finish(desk.start('assemble', job, source.key))
    return made


def check_rev(request: Request, rev: str, paths: tuple[str, ...], desk: Desk) -> CheckResult:
    """Check one commit of the first tree; raise `TreeError` when there is none or it has no such commit."""
    tree = stages.survey(request.trees[:1] or (('', Path()),), desk.workshop)[0]
    off = desk.settings.check.off
    job = stages.CheckRev(
        tree, str(desk.workshop), rev, paths, rule_directories(desk.settings), request.rules, off, str(desk.facts)
    )
    result: CheckResult = desk.finish(desk.start('check-rev', job, f'{tree.name}:{rev}'))
    return result


def boot_file(image: Path, request: Request, desk: Desk) -> stages.Boots:
    """Boot a kernel image on its own; raise `UserError` when there is none."""
    if not image.is_file():
        raise UserError(f'{image} is no file', where='--image', todo='give an uncompressed kernel image')
    machines, tests = plans(request, desk)
    at = bench(request, desk)
    lacking = lab.lacks_to_boot(machines, tests, at.site)
    if lacking:
        return stages.Boots(skipped(f'not run: {lacking}'))
    job = stages.Boot(stages.Builds(skipped('an image was given')), machines, tests, at, image=str(image.resolve()))
    result: stages.Boots = desk.finish(desk.start('boot', job, 'image'))
    return result


def check_alone(texts: dict[str, bytes], only: tuple[str, ...], desk: Desk) -> CheckResult:
    """Check files by name without any tree, by the newest kernel known."""
    directories, off = rule_directories(desk.settings), desk.settings.check.off
    headers = str(resources.shipped('rules') / 'known-kernel')
    job = stages.CheckAlone(texts, headers, directories, only, off)
    result: CheckResult = desk.finish(desk.start('check-alone', job, ' '.join(sorted(texts))))
    return result


def fetch(source: lore.Source, request: Request, desk: Desk, keep: bool = True) -> tuple[RawMail, ...]:
    """Read the source; an archive asked within `[archive] fresh_minutes` is not asked again, nor one that is down.

    Without `keep` the store does not remember it.
    """
    if source.kind == 'range':
        return stages.mails(request.trees, request.source, desk.workshop)
    held = desk.store.source(source.key) if source.kind == 'archive' else None
    fresh = timedelta(minutes=desk.settings.archive.fresh_minutes)
    if held and not request.refresh and desk.now() - held[0] < fresh:
        desk.tally['source held'] += 1
        return held[1]
    desk.tally['source read'] += 1
    try:
        with stages.remembering(str(desk.facts)):
            raws = lore.read(source, desk.settings.archive, trees.run, desk.progress, desk.stdin)
    except ArchiveDown as down:
        kept = None if held else _kept_elsewhere(source, desk)
        if kept is not None:
            log.warning('%s: going on with %s, which has this mail', down, kept[0])
            return kept[1]
        if held is None:
            raise
        log.warning('%s: going on with what was fetched at %s', down, held[0].isoformat(timespec='minutes'))
        return held[1]
    if keep:
        _remember(source, raws, desk)
    return raws


def _kept_elsewhere(source: lore.Source, desk: Desk) -> tuple[str, tuple[RawMail, ...]] | None:
    """Return the mails of a source that the store remembers and that holds the mail asked for."""
    wanted = re.compile(rb'(?im)^message-id:\s*<' + re.escape((source.message_id or '').encode()) + rb'>')
    for key, _ in desk.store.sources():
        found, kept = lore.recall(key), desk.store.source(key)
        if found and kept and any(wanted.search(raw.raw.partition(b'\n\n')[0]) for raw in kept[1]):
            return found.where, kept[1]
    return None


def _remember(source: lore.Source, raws: tuple[RawMail, ...], desk: Desk) -> None:
    """Keep what a source gave: the queue is made of that. Standard input and whole lists are not kept."""
    if source.kind == 'archive':
        desk.store.put_source(source.key, raws, desk.now())
    elif source.kind in lore.KEPT_KINDS and desk.store.source(source.key) is None:
        desk.store.put_source(source.key, raws, desk.now())
        for key, _ in desk.store.sources():
            if key != source.key and lore.same_place(key, source.key):
                desk.store.forget_source(key)


def _run_stages(current: Review) -> None:
    """Start every stage as soon as those before it have ended."""
    waiting, running = list(STAGES), dict[Future[bytes], Step]()
    while waiting or running:
        for stage in [s for s in waiting if all(name in current.verdicts for name in s.after)]:
            waiting.remove(stage)
            job = _plan(stage, current)
            if isinstance(job, str):
                current.verdicts[stage.name] = skipped(job)
            else:
                current.jobs[stage.name] = job
                step = current.desk.start(stage.name, job, current.series.newest.message_id)
                running[step.document] = step
        if running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                _conclude(current, running.pop(future))


def _plan(stage: Stage, current: Review) -> stages.Job | str:
    if current.request.stages and stage.name not in current.request.stages:
        return 'not asked for'
    return stage.plan(current)


def _conclude(current: Review, step: Step) -> None:
    try:
        result = current.results[step.stage] = current.desk.finish(step)
        current.verdicts[step.stage] = result.verdict
    except InfraError as lost:
        current.verdicts[step.stage] = crashed(str(lost))


def rule_directories(settings: Settings) -> tuple[str, ...]:
    """Return the directories rules are read from, those of the user last."""
    return (str(resources.shipped('rules')), *(str(Path(one).expanduser()) for one in settings.check.rules))
