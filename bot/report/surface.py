# SPDX-License-Identifier: GPL-2.0-or-later
"""The formats by name: which template or document answers for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from bot.model import BootResult, CheckResult, Ledger, Queue, Report, Verdict, skipped
from bot.report import sections
from bot.report.formats.findings import findings_document
from bot.report.formats.points import points_document
from bot.report.formats.questions import questions_document
from bot.report.formats.queue import queue_document
from bot.report.formats.review import boots_document, report_document
from bot.report.formats.sarif import sarif
from bot.report.formats.values import dump
from bot.report.render import render as fill
from bot.report.sections.queue import queue_page

_POINTS = {'text': 'text/points.txt.j2', 'md': 'markdown/points.md.j2', 'html': 'html/points.html.j2'}
_REVIEWS = {'text': 'text/review.txt.j2', 'md': 'markdown/review.md.j2', 'html': 'html/review.html.j2'}


def render(
    report: Report,
    format: Literal['text', 'md', 'html', 'json'] | str,
    *,
    link: str,
    columns: int = 78,
    templates: Path | None = None,
    reader: Sequence[str] = (),
) -> str:
    """Return the whole review; `link` is the web address put before message-ids. Raise `TemplateError`.

    `reader` are addresses of the person it is shown to: what waits on him comes first. None: it is for anybody.
    """
    if format == 'json':
        return dump(report_document(report))
    return fill(_REVIEWS[format], sections.review(report, link, reader), columns=columns, templates=templates)


def render_questions(
    report: Report,
    format: Literal['text', 'json'] | str,
    *,
    link: str,
    columns: int = 78,
    templates: Path | None = None,
) -> str:
    """Return the questions of a review alone; they are told as of the report's `as_of`."""
    if format == 'json':
        ledger = report.ledger or Ledger(dict(report.verdicts).get('questions', skipped('not asked for')))
        return dump(questions_document(ledger, report.series))
    context = sections.questions_page(report, link)
    return fill('text/questions.txt.j2', context, columns=columns, templates=templates)


def render_points(
    report: Report,
    format: Literal['text', 'md', 'html', 'json'] | str,
    *,
    link: str,
    columns: int = 78,
    templates: Path | None = None,
) -> str:
    """Return what became of earlier points in the newest posting; raise `UnusableThread` when there is but one."""
    if format == 'json':
        return dump(points_document(report, link))
    context = sections.points_page(report, link)
    return fill(_POINTS[format], context, columns=columns, templates=templates)


def render_reroll(
    report: Report,
    format: Literal['text', 'json'] | str,
    *,
    link: str,
    columns: int = 78,
    templates: Path | None = None,
    notes: Sequence[str] = (),
) -> str:
    """Return what patches that were not sent would leave open; `notes` say what was taken for granted."""
    if format == 'json':
        return dump(points_document(report, link, notes))
    return fill('text/reroll.txt.j2', sections.reroll_page(report, link, notes), columns=columns, templates=templates)


def points_left(report: Report, link: str) -> int:
    """Return how many points on earlier postings are not visible in the newest one."""
    return sections.points_page(report, link).points.left_count


def render_lab(
    report: Report,
    format: Literal['text', 'md', 'html', 'json'] | str,
    stages: Sequence[str],
    *,
    link: str,
    columns: int = 78,
    templates: Path | None = None,
) -> str:
    """Return what was built, booted or both; any format but text is that of the whole review."""
    if format != 'text':
        return render(report, format, link=link, columns=columns, templates=templates)
    return fill('text/lab.txt.j2', sections.lab_page(report, link, stages), columns=columns, templates=templates)


def render_boots(
    boots: Sequence[BootResult],
    verdict: Verdict,
    format: Literal['text', 'json'] | str,
    *,
    columns: int = 78,
    templates: Path | None = None,
) -> str:
    """Return the boots of an image that belongs to no series."""
    if format == 'json':
        return dump(boots_document(boots, verdict))
    return fill('text/lab.txt.j2', sections.image_page(boots, verdict), columns=columns, templates=templates)


def render_findings(
    check: CheckResult,
    format: Literal['text', 'json', 'sarif'] | str,
    *,
    link: str = 'https://lore.kernel.org/r/',
    columns: int = 78,
    templates: Path | None = None,
    rules_meta: Mapping[str, Mapping[str, str]] | None = None,
    tool: str = '',
    brief: bool | None = None,
    of_series: bool = False,
) -> str:
    """Return findings outside a review. For SARIF, `rules_meta` maps a rule's id to its title, why and help address.

    `brief` is for text: a line for each finding; None means when there are many. `of_series`: of a range or a series.
    """
    if format == 'json':
        return dump(findings_document(check))
    if format == 'sarif':
        return dump(sarif(check, rules_meta or {}, tool))
    return fill(
        'text/findings.txt.j2',
        sections.findings_page(check, link, brief, of_series),
        columns=columns,
        templates=templates,
    )


def render_queue(
    found: Queue,
    format: Literal['text', 'json'] | str,
    *,
    link: str,
    columns: int = 78,
    templates: Path | None = None,
    why: bool = False,
    brief: bool = True,
    tool: str = '',
) -> str:
    """Return the queue; `why` adds every reason with its evidence, `brief` cuts the parts that need nobody."""
    if format == 'json':
        return dump(queue_document(found, tool))
    context = queue_page(found, link, why, brief)
    return fill('text/queue.txt.j2', context, columns=columns, templates=templates)
