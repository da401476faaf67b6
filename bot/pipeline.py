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
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any

from bot import __version__, incoming, intake, lore, plans, prerequisites, questions, report, signatures, stages
from bot.desk import Desk, Step
from bot.errors import InfraError, UnusableThread
from bot.model import Attestation, Heard, Message, Prerequisite, Report, Series, Verdict, crashed, skipped
from bot.request import Request

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Review:
    """One review under way: what is known so far, by stage."""

    request: Request
    desk: Desk
    source: lore.Source
    assembly: lore.Assembly
    trees: tuple[stages.TreeAt, ...]
    needs: tuple[Prerequisite, ...] = ()
    results: dict[str, Any] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    jobs: dict[str, Any] = field(default_factory=dict)
    attestations: tuple[Attestation, ...] = ()
    heard: tuple[Heard, ...] = ()

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
            attestations=self.attestations,
            changes=lore.compare(*self.series.revisions[-2:]) if len(self.series.revisions) > 1 else (),
            taken=questions.taken(self.series.newest, report.mails_of(self.series, self.assembly.threads)),
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


STAGES = (
    Stage('apply', (), plans.plan_apply),
    Stage('check', ('apply',), plans.plan_check),
    Stage('build', ('apply',), plans.plan_build),
    Stage('boot', ('build',), plans.plan_boot),
    Stage('questions', (), plans.plan_questions),
)
"""In the order of the report; `report` itself is made of all of them and always runs."""


def review(request: Request, desk: Desk) -> Review:
    """Do everything the request allows; raise `UserError` or `InfraError` only when there is no series to report on."""
    looks = not request.stages or {'apply', 'check', 'build', 'boot'} & set(request.stages)
    looked_at = stages.survey(request.trees if looks else (), desk.workshop)
    source = lore.locate(request.source, desk.settings.archive.url)
    raws = intake.read(source, request, desk)
    assembly = intake.assemble(source, request, desk, raws)
    if request.stages == ('questions',):  # what is asked in replies can be told without the patches
        assembly = lore.of_replies(assembly)
    if not assembly.series:
        why = 'there is none up to --as-of' if request.as_of else assembly.unusable
        raise UnusableThread('no patch series in these mails', where=request.source, todo=why)
    needs = prerequisites.gather(assembly, source, request, desk) if looked_at else ()
    current = Review(request, desk, source, assembly, looked_at, needs)
    signed = signatures.start(current, raws)
    current.heard = incoming.hear(current, raws)
    _run_stages(current)
    current.attestations = signed()
    return current


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
