# SPDX-License-Identifier: GPL-2.0-or-later
"""The sections of a review: a Report goes in, what templates may use comes out, harmless and in one fixed order."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import UnusableThread
from bot.model import BootResult, CheckResult, Outcome, Person, Report, Verdict
from bot.report.check_contexts import ChecksSection
from bot.report.contexts import FindingsPage, LabPage, QuestionsPage, Review, ReviewMail
from bot.report.inert import inert
from bot.report.places import Places
from bot.report.points_contexts import PointsPage, PointsSection, RerollPage
from bot.report.sections import mails
from bot.report.sections.asked import questions_section
from bot.report.sections.checks import checks_section, severities, unread_lines
from bot.report.sections.frame import Bare, Frame, frame, version
from bot.report.sections.headline import headline
from bot.report.sections.lab import boot_section, boots_section, build_section
from bot.report.sections.points import changelog, points_section
from bot.report.sections.postings import revisions_section
from bot.report.sections.sight import evidence_section, ghost_lines
from bot.report.sections.tags import trailers_section
from bot.report.sections.tree import apply_section

_MANY = 20  # as many as clang shows before it stops


def review(report: Report, link: str, reader: Sequence[str] = ()) -> Review:
    """Return the context of a whole review; `link` is put before message-ids, `reader` are addresses of who reads it."""
    at = frame(report, link, reader)
    return inert(
        Review(
            headline=headline(at),
            revisions=revisions_section(at),
            apply=apply_section(at),
            checks=_checks(at),
            build=build_section(at),
            boot=boot_section(at),
            points=_with_points(points_section(at)),
            questions=questions_section(at),
            trailers=trailers_section(at),
            evidence=evidence_section(at),
        )
    )


def _with_points(section: PointsSection | None) -> PointsSection | None:
    """Leave the section out of a report where nothing was asked about earlier postings."""
    return section if section is not None and (section.total or section.possible) else None


def review_mail(report: Report, link: str, sign: tuple[Person, str, str]) -> ReviewMail:
    """Return the context of a reply to the series; `sign` is the bot, whom people can write to, and the run's id."""
    whole = review(report, link)
    return ReviewMail(
        headline=whole.headline,
        apply=whole.apply,
        checks=whole.checks,
        build=whole.build,
        boot=whole.boot,
        questions=whole.questions,
        evidence=whole.evidence,
        signature=inert(mails.signature(frame(report, link), *sign)),
    )


def questions_page(report: Report, link: str) -> QuestionsPage:
    at, ledger = frame(report, link), report.ledger
    return inert(
        QuestionsPage(
            subject=report.series.subject,
            version=version(report.series.newest),
            as_of=report.as_of,
            questions=questions_section(at),
            messages=ledger.coverage.messages if ledger else 0,
            ghosts=ghost_lines(at.places, ledger.coverage.ghosts) if ledger else (),
            notes=ledger.coverage.notes if ledger else (),
        )
    )


def points_page(report: Report, link: str) -> PointsPage:
    """Return the context of the report on a new revision; raise `UnusableThread` when there is but one posting."""
    at = frame(report, link)
    return inert(
        PointsPage(
            subject=report.series.subject,
            place=at.places.mail(report.series.newest.message_id),
            as_of=report.as_of,
            points=_points(at),
            notes=report.ledger.coverage.notes if report.ledger else (),
        )
    )


def reroll_page(report: Report, link: str, notes: Sequence[str]) -> RerollPage:
    """Return the context of a check of patches that were not sent; `notes` go before those of the ledger."""
    at = frame(report, link)
    more = report.ledger.coverage.notes if report.ledger else ()
    return inert(RerollPage(report.series.subject, _points(at, whole=True), changelog(at), (*notes, *more)))


def _points(at: Frame, whole: bool = False) -> PointsSection:
    found = points_section(at, whole)
    if found is None:
        reason = at.verdict('questions').reason if at.report.ledger is None else 'there is but one posting'
        raise UnusableThread(
            'nothing to compare', where=at.newest.message_id, todo=f'{reason}; `lorebot questions` lists what was asked'
        )
    return found


def findings_page(check: CheckResult, link: str, brief: bool | None = None, of_series: bool = False) -> FindingsPage:
    """Return the context of findings outside a review: of a tree, or a range of commits.

    `brief` None means: when there are many. `of_series`: what the base has already is told apart. Findings at several lines of one function stand apart, each in its lines.
    """
    series = of_series or any(f.class_ != 'pre-existing' for f in check.findings)
    checks = checks_section(Bare(Places(link)), check, fold=series, apart=True)
    short = len(checks.new) > _MANY if brief is None else brief
    return inert(
        FindingsPage(
            checks,
            unread_lines(check.coverage.not_read),
            check.coverage.notes,
            short,
            severities(check.findings, fold=series),
        )
    )


def lab_page(report: Report, link: str, stages: Sequence[str]) -> LabPage:
    """Return the builds, the boots or both of a series."""
    at = frame(report, link)
    applied = report.apply
    base = f'on {applied.tree}, base {applied.base or "none"} ({applied.base_how})' if applied else ''
    made = {'build': build_section, 'boot': boot_section}
    sections = tuple(made[stage](at) for stage in stages)
    whole = at.verdict('apply')
    if whole.outcome is not Outcome.PASSED:
        base = f'{base or "nothing was built"}; {whole.outcome}: {whole.reason}'
    return inert(LabPage(report.series.subject, base, sections))


def image_page(boots: Sequence[BootResult], verdict: Verdict) -> LabPage:
    """Return the boots of an image that belongs to no series."""
    return inert(LabPage('', '', (boots_section(boots, verdict, (), lambda position: 'image'),)))


def _checks(at: Frame) -> ChecksSection:
    return checks_section(at, at.report.check or CheckResult(at.verdict('check')))
