# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts what the stages found together into one Report, and counts the mails it rests on.

Takes results as they are: nothing is judged here, and what a stage did not deliver stays absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.model import (
    AppliedTree,
    Attestation,
    BootResult,
    BuildResult,
    CheckResult,
    FirstBad,
    Ledger,
    MailFacts,
    Message,
    PatchChange,
    Report,
    Series,
    Taken,
    Thread,
    Verdict,
)
from bot.report.persons import people


def compose(
    *,
    series: Series,
    threads: Sequence[Thread],
    verdicts: Iterable[tuple[str, Verdict]],
    others: Sequence[Series] = (),
    applied: AppliedTree | None = None,
    check: CheckResult | None = None,
    ledger: Ledger | None = None,
    builds: Sequence[BuildResult] = (),
    boots: Sequence[BootResult] = (),
    first_bad: Sequence[FirstBad] = (),
    as_of: datetime | None = None,
    archive: str = '',
    tool: str = '',
    changes: Sequence[PatchChange] = (),
    attestations: Sequence[Attestation] = (),
    taken: Taken | None = None,
) -> Report:
    """Return the report; `as_of` defaults to the newest mail of the series' threads, never to the clock.

    `others` are further series found in the same mails; `archive` is the base URL the mails came from, '' for files.
    """
    mails = mails_of(series, threads)
    moment = as_of or max((m.date for m in mails if m.date), default=None)
    return Report(
        series=series,
        mail=mail_facts(series, threads, others, archive),
        verdicts=tuple(verdicts),
        apply=applied,
        check=check,
        builds=tuple(builds),
        boots=tuple(boots),
        first_bad=tuple(first_bad),
        ledger=ledger,
        as_of=moment.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ') if moment else '',
        tool=tool,
        changes=tuple(changes),
        attestations=tuple(attestations),
        taken=taken,
    )


def mails_of(series: Series, threads: Sequence[Thread]) -> list[Message]:
    """Return the mails of the threads that a posting of the series stands in, each once, by id."""
    roots = {r.thread_root for r in series.revisions}
    posted = {r.message_id for r in series.revisions}
    own = [t for t in threads if t.root in roots or any(m.message_id in posted for m in t.messages)]
    return [m for _, m in sorted({m.message_id: m for t in own for m in t.messages}.items())]


def mail_facts(
    series: Series, threads: Sequence[Thread], others: Sequence[Series] = (), archive: str = ''
) -> MailFacts:
    """Count mails and people, and list what is missing or odd."""
    mails = mails_of(series, threads)
    held = {m.message_id for t in threads for m in t.messages}
    ghosts = {
        g.message_id for t in threads for g in t.ghosts if g.message_id and g.seen_in in {m.message_id for m in mails}
    }
    parents = {m.parent for m in mails if m.parent}
    odd = {(m.message_id, why) for m in mails for why in (*m.notes, m.unusable) if why}
    return MailFacts(
        messages=len(mails),
        people=people(m.author for m in mails if not m.automatic),
        absent=tuple(sorted((ghosts | parents) - held)),
        odd=tuple(sorted(odd)),
        other_series=tuple(sorted({o.newest.message_id for o in others})),
        archive=archive,
    )
