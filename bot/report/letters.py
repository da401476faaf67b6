# SPDX-License-Identifier: GPL-2.0-or-later
"""The bodies of mails by their kind: which template answers for each, and which of them there is something to say in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.model import Outcome, Person, ReplyKind, Report, Told
from bot.report import sections
from bot.report.render import render as fill
from bot.report.sections import mails
from bot.report.sections.inline import new_findings

_COLUMNS = 78  # RFC 5322 2.1.1; own text keeps two short of it


@dataclass(frozen=True, slots=True)
class Sender:
    """Who signs a mail: name and address of the bot, whom people write to about it, and the id of the run."""

    bot: Person
    contact: str
    run: str = ''


@dataclass(frozen=True, slots=True)
class Matter:
    """What a mail of a kind is about beside the report: a patch, its own message-id, or commands that were answered."""

    kind: ReplyKind
    patch: int = 0
    own: str = ''
    told: tuple[Told, ...] = ()


def render_letter(
    report: Report, matter: Matter, *, link: str, sender: Sender, columns: int = 78, templates: Path | None = None
) -> str:
    """Return the body of a mail; raise `UnusableThread` when there is nothing a mail of this kind could be about."""
    name, context = _context(report, matter, link, sender)
    return fill(name, context, columns=min(columns, _COLUMNS), templates=templates)


def _context(report: Report, matter: Matter, link: str, sender: Sender) -> tuple[str, object]:
    sign = (sender.bot, sender.contact, sender.run)
    match matter.kind:
        case 'review':
            return 'mail/review.txt.j2', sections.review_mail(report, link, sign)
        case 'inline':
            return 'mail/inline.txt.j2', mails.inline(report, link, matter.patch, sign)
        case 'lab':
            return 'mail/lab.txt.j2', mails.lab(report, link, matter.own, sign)
        case 'points':
            return 'mail/points.txt.j2', mails.points(report, link, sign)
        case _:
            return f'mail/{matter.kind}.txt.j2', mails.answers(report, link, matter.told, sign)


def patches_with_findings(report: Report) -> tuple[int, ...]:
    """Return the patches that bring findings, the one with the gravest first."""
    return tuple(dict.fromkeys(f.patch for f in new_findings(report) if f.patch))


def first_failing(report: Report) -> int:
    """Return the first patch that does not build or boot by its own fault, 0 when there is none."""
    return mails.first_failing(report)


def has_news(report: Report, kind: ReplyKind) -> bool:
    """Tell whether a mail of a kind would report anything but that all is well."""
    conflict = report.apply is not None and report.apply.conflict is not None
    if kind == 'inline':
        return bool(new_findings(report))
    if kind == 'lab':
        return mails.has_failures(report)
    if kind == 'points':
        return len(report.series.revisions) > 1 and mails.points_left(report) > 0
    if kind in ('transcript', 'status'):
        return True
    return conflict or bool(new_findings(report)) or mails.has_failures(report) or _asked(report) or _crashed(report)


def _asked(report: Report) -> bool:
    asked = report.ledger.questions if report.ledger else ()
    return any(q.state in ('open', 'contested') and q.tier != 'possible' for q in asked)


def _crashed(report: Report) -> bool:
    return any(verdict.outcome is Outcome.FAILED for _, verdict in report.verdicts)
