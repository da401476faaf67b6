# SPDX-License-Identifier: GPL-2.0-or-later
"""What the report rests on and what it could not see: "not seen" is never written as "not there"."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from bot.model import Ghost, Outcome
from bot.report.contexts import EvidenceSection, GhostLine, OddLine, StageLine
from bot.report.order import ghosts_in_order
from bot.report.places import Places
from bot.report.sections.checks import unread_lines
from bot.report.sections.frame import Frame, full
from bot.report.words import day


def evidence_section(frame: Frame) -> EvidenceSection:
    report = frame.report
    mail, ledger, check = report.mail, report.ledger, report.check
    return EvidenceSection(
        archive=mail.archive,
        messages=mail.messages,
        people=tuple(f'{person.label} ({number})' for person, number in mail.people),
        as_of=report.as_of,
        absent=tuple(frame.places.mail(i) for i in sorted(set(mail.absent))),
        ghosts=ghost_lines(frame.places, ledger.coverage.ghosts) if ledger else (),
        odd=tuple(OddLine(frame.places.mail(i), why) for i, why in sorted(set(mail.odd))),
        not_read=unread_lines(check.coverage.not_read) if check else (),
        notes=(*(check.coverage.notes if check else ()), *(ledger.coverage.notes if ledger else ())),
        other_series=tuple(frame.places.mail(i) for i in sorted(set(mail.other_series))),
        not_run=tuple(_not_run(frame)),
        command=command(frame),
        tool=report.tool,
    )


def ghost_lines(places: Places, ghosts: tuple[Ghost, ...]) -> tuple[GhostLine, ...]:
    return tuple(
        GhostLine(
            author=full(g.author) if g.author else 'somebody',
            date=day(g.date),
            place=places.mail(g.message_id) if g.message_id else None,
            seen_in=places.mail(g.seen_in),
        )
        for g in ghosts_in_order(ghosts)
    )


def _not_run(frame: Frame) -> Iterator[StageLine]:
    for stage, verdict in frame.report.verdicts:
        if verdict.outcome in (Outcome.SKIPPED, Outcome.CRASHED):
            yield StageLine(stage, str(verdict.outcome), verdict.reason)


def command(frame: Frame) -> tuple[str, ...]:
    """Return the command that makes this report again, safe to paste into a shell; TREE stands for the reader's clone."""
    report = frame.report
    words = [('lorebot review', report.series.newest.message_id), ('--archive', report.mail.archive)]
    if report.apply and report.apply.base:
        words.append(('--tree TREE --base', report.apply.ground or report.apply.base))
    words.append(('--as-of', report.as_of))
    return tuple(f'{option} {shlex.quote(value)}' for option, value in words if value)
