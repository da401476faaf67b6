# SPDX-License-Identifier: GPL-2.0-or-later
"""What the mails are made of: a Report goes in, what their templates may use comes out, harmless and in one fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.errors import UnusableThread
from bot.model import BootResult, BuildResult, FirstBad, Outcome, Person, Report, Told
from bot.report.inert import inert
from bot.report.mail_contexts import (
    Answer,
    AnswersMail,
    Complaint,
    Fact,
    Failure,
    InlineMail,
    LabMail,
    PointsMail,
    Signature,
)
from bot.report.sections.frame import Frame, frame, full
from bot.report.sections.inline import inline_mail
from bot.report.sections.lab import complaints
from bot.report.sections.points import coverage, points_section
from bot.report.sections.sight import command
from bot.report.words import listed

_LINES = 24
_FAILURES = 3


def signature(at: Frame, bot: Person, contact: str, run: str) -> Signature:
    return Signature(
        bot=bot.name,
        contact=contact,
        run=run,
        tool=at.report.tool,
        command=command(at),
        tree=bool(at.report.apply and at.report.apply.base),
    )


def inline(report: Report, link: str, position: int, sign: tuple[Person, str, str]) -> InlineMail:
    at = frame(report, link)
    return inert(inline_mail(at, position, signature(at, *sign)))


def lab(report: Report, link: str, own: str, sign: tuple[Person, str, str]) -> LabMail:
    """Return the builds and boots that failed; `own` is the mail's message-id, which a fix is asked to name."""
    at = frame(report, link)
    failures = list(_failures(at))
    bot = full(sign[0])
    return inert(
        LabMail(
            facts=tuple(_facts(at)),
            failures=tuple(failures[:_FAILURES]),
            more=len(failures[_FAILURES:]),
            credit=(f'Reported-by: {bot}', f'Closes: {at.places.url(own)}'),
            signature=signature(at, *sign),
        )
    )


def points(report: Report, link: str, sign: tuple[Person, str, str]) -> PointsMail:
    """Return the points a new posting leaves open; raise `UnusableThread` when there is but one posting."""
    at = frame(report, link)
    found = points_section(at, whole=True)
    if found is None or report.ledger is None:
        raise UnusableThread('nothing to compare', where=at.newest.message_id, todo='there is but one posting')
    return inert(PointsMail(found, coverage(report.ledger, report.mail.messages), signature(at, *sign)))


def answers(report: Report, link: str, told: Sequence[Told], sign: tuple[Person, str, str]) -> AnswersMail:
    """Return what became of the commands of a mail, or what it asked about."""
    at = frame(report, link)
    return inert(
        AnswersMail(
            subject=report.series.subject,
            place=at.places.mail(at.newest.message_id),
            answers=tuple(Answer(one.said, one.outcome, one.sentences) for one in told),
            signature=replace(signature(at, *sign), command=()),
        )
    )


def has_failures(report: Report) -> bool:
    """Tell whether a patch does not build or boot where the one before did."""
    return any(True for _ in _failing(report))


def first_failing(report: Report) -> int:
    """Return the position of the first patch that fails by its own fault, 0 for none."""
    return next((result.position for result in _failing(report)), 0)


def points_left(report: Report) -> int:
    """Return how many points on earlier postings are not visible in the newest one."""
    found = points_section(frame(report, 'https://localhost/'))
    return found.left_count if found else 0


def _failing(report: Report) -> Iterator[BuildResult | BootResult]:
    """Yield what failed by the fault of its own patch, the first first; what the base has is held against nobody."""
    results: list[BuildResult | BootResult] = [*report.builds, *report.boots]
    for result in sorted(results, key=lambda r: (r.position, isinstance(r, BootResult))):
        bad = result.verdict.outcome is Outcome.FAILED or bool(isinstance(result, BuildResult) and result.diagnostics)
        inherited = isinstance(result, BuildResult) and result.inherited is not None
        if bad and result.position and not inherited:
            yield result


def _failures(at: Frame) -> Iterator[Failure]:
    """Yield failures, those that several targets or machines share once, of a boot the first patch that has it."""
    told: set[tuple[str, ...]] = set()
    for result in _failing(at.report):
        one = _failure(at, result)
        key = (one.stage, one.reason, *(c.text for c in one.complaints if c.new))
        if key not in told:
            told.add(key)
            yield one


def _failure(at: Frame, result: BuildResult | BootResult) -> Failure:
    lines = [Complaint(new, text) for new, text in complaints(at, result)]
    patch = at.patch(result.position)
    return Failure(
        patch=at.label(result.position),
        subject=patch.subject if patch else '',
        place=at.patch_place(result.position),
        stage='build' if isinstance(result, BuildResult) else 'boot',
        target=result.target if isinstance(result, BuildResult) else result.machine,
        reason=result.verdict.reason,
        complaints=tuple(lines[:_LINES]),
        more=len(lines[_LINES:]),
        gone=_gone(at, result),
        reproducer=result.reproducer,
    )


def _gone(at: Frame, result: BuildResult | BootResult) -> str:
    """Return the patch with which all that this one brought is gone again."""
    place = result.target if isinstance(result, BuildResult) else result.machine
    own = [bad for bad in at.report.first_bad if bad.patch == result.position and _is_at(bad, place)]
    fixed = {bad.fixed_by for bad in own}
    return listed([at.label(max(n for n in fixed if n))]) if own and None not in fixed else ''


def _is_at(bad: FirstBad, place: str) -> bool:
    return bad.check.partition(': ')[0].rpartition(' ')[2] == place


def _facts(at: Frame) -> Iterator[Fact]:
    applied, report = at.report.apply, at.report
    if applied:
        yield Fact('tree', applied.tree)
        yield Fact('base', f'{applied.base or "none"} ({applied.base_how})')
    failed = list(_failing(report))
    builds = [r for r in failed if isinstance(r, BuildResult)]
    boots = [r for r in failed if isinstance(r, BootResult)]
    yield from _once('config', (f'{b.target}, {b.config[:12]}' if b.config else b.target for b in builds))
    yield from _once('compiler', (b.compiler for b in builds if b.compiler))
    yield from _once('machine', (_machine(b) for b in boots))


def _machine(boot: BootResult) -> str:
    facts = dict(boot.facts)
    return ', '.join([boot.machine, *(f'{n} {facts[n]}' for n in ('release', 'mode', 'qemu') if n in facts)])


def _once(name: str, values: Iterator[str]) -> Iterator[Fact]:
    yield from (Fact(name, value) for value in sorted(set(values)))
