# SPDX-License-Identifier: GPL-2.0-or-later
"""The one order of everything a report lists, whatever order it came in: same facts, same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bot.model import BitBudget, Event, Finding, FlagChange, FlagSite, Ghost, Question, Trailer

_SEVERITIES = ('error', 'warning', 'info')
_CERTAINTIES = ('high', 'medium', 'low')
_END = datetime.max.replace(tzinfo=UTC)
_DIGITS = re.compile(r'(\d+)')


def natural(text: str) -> tuple[Any, ...]:
    """Sort Q9 before Q10: digits count as numbers."""
    return tuple((1, int(p), '') if n % 2 else (0, 0, p) for n, p in enumerate(_DIGITS.split(text)))


def in_order_asked(questions: Iterable[Question]) -> list[Question]:
    """Ids are given in the order asked; they decide, as dates of mails lie."""
    return sorted(questions, key=lambda q: (natural(q.id), q.qhash))


def findings_in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first, then surest, then by patch and place."""
    return sorted(
        findings,
        key=lambda f: (
            _SEVERITIES.index(f.severity),
            _CERTAINTIES.index(f.confidence),
            f.patch or 0,
            f.file,
            f.line,
            f.rule,
            f.fingerprint,
            f.message,
        ),
    )


def flags_in_order(flags: Iterable[FlagChange]) -> list[FlagChange]:
    return sorted(flags, key=lambda f: (f.patch or 0, f.flag, f.change))


def sites_in_order(sites: Iterable[FlagSite]) -> list[FlagSite]:
    return sorted(sites, key=lambda s: (s.file, s.line, s.role, s.function, s.patch or 0, s.text, s.note))


def budgets_in_order(budgets: Iterable[BitBudget]) -> list[BitBudget]:
    return sorted(budgets, key=lambda b: (b.counter, b.patch or 0, b.consequence))


def trailers_in_order(trailers: Iterable[Trailer]) -> list[Trailer]:
    """Everything that makes two trailers differ decides: they come from sets, and one mail can give one twice."""
    return sorted(
        trailers,
        key=lambda t: (
            t.name.lower(),
            t.value,
            t.given_to,
            not t.carried,
            t.span.message_id,
            t.span.first,
            t.span.last,
            t.name,
            t.mismatch,
            str(t.person),
        ),
    )


def ghosts_in_order(ghosts: Iterable[Ghost]) -> list[Ghost]:
    return sorted(ghosts, key=lambda g: (g.date or _END, g.message_id or '', g.seen_in, str(g.author)))


def last_event(events: Iterable[Event]) -> datetime | None:
    """Return when something last happened; None when no event is dated."""
    return max((e.at for e in events if e.at), default=None)
