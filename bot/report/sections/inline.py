# SPDX-License-Identifier: GPL-2.0-or-later
"""Remarks on one patch below the lines they are about, as a reviewer writes them.

Quotes the lines a finding is about with at most five before them, and the lines that name file and hunk; all else of the
patch is left out. A finding whose lines cannot be told for sure is told without any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.utils import format_datetime

from bot.errors import UnusableThread
from bot.model import Finding, Patch, Report, Revision
from bot.report.mail_contexts import InlineMail, Remark, Signature
from bot.report.order import findings_in_order
from bot.report.places import Quote
from bot.report.sections.found import finding_items
from bot.report.sections.frame import Frame, short
from bot.report.sections.hunks import Lines, lines_meant
from bot.report.words import grouped

_LOOSE = 4


def inline_mail(at: Frame, position: int, signature: Signature) -> InlineMail:
    """Return the remarks on a patch; raise `UnusableThread` when the posting has no such patch."""
    patch = at.patch(position)
    if patch is None:
        raise UnusableThread('no such patch', where=at.newest.message_id, todo=f'{position} is not at hand')
    found = [f for f in new_findings(at.report) if f.patch == position]
    places = [(f, lines_meant(patch, f)) for f in found]
    loose = finding_items(at, [f for f, lines in places if not lines])
    return InlineMail(
        patch=at.label(position),
        intro=intro(patch, at.newest),
        remarks=tuple(_remarks(at, [(f, lines) for f, lines in places if lines])),
        unquoted=loose[:_LOOSE],
        more=len(loose[_LOOSE:]),
        others=_others(at, position),
        base=short(at.report.apply.base) if at.report.apply else '',
        signature=signature,
    )


def new_findings(report: Report) -> list[Finding]:
    """Return what the series brings, worst first."""
    return [f for f in findings_in_order(report.check.findings if report.check else ()) if f.class_ == 'introduced']


def intro(patch: Patch, posting: Revision) -> str:
    """Name who sent the mail that is quoted: a patch can be another one's work."""
    who = posting.author.label
    return f'On {format_datetime(patch.date)}, {who} wrote:' if patch.date else f'{who} wrote:'


def _others(at: Frame, position: int) -> str:
    rest = {f.patch for f in new_findings(at.report) if f.patch is not None} - {position}
    return ', '.join(at.label(n) for n in sorted(rest))


def _remarks(at: Frame, found: Sequence[tuple[Finding, Lines]]) -> Iterator[Remark]:
    """Put findings on the same lines together, in the order of the patch; name file and hunk where they change."""
    alike = grouped(found, lambda one: (one[1].hunk, one[1].first, one[1].last))
    before, file = (-1, 0), tuple[str, ...]()
    for (hunk, _, last), those in sorted(alike.items(), key=lambda item: item[0]):
        lines = those[0][1]
        start = max(lines.start, before[1] if before[0] == hunk else 0)
        head = lines.head if lines.head[:-1] != file else lines.head[-1:]
        yield Remark(
            head=Quote(head if before[0] != hunk else (), None),
            cut=start > (before[1] if before[0] == hunk else 0),
            quote=Quote(lines.text[start : last + 1], at.patch_place(those[0][0].patch)),
            findings=finding_items(at, [finding for finding, _ in those]),
        )
        before, file = (hunk, last + 1), lines.head[:-1]
