# SPDX-License-Identifier: GPL-2.0-or-later
"""The review as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.attestation import Attestation
from bot.model.finding import CheckResult
from bot.model.lab import BootResult, BuildResult, FirstBad
from bot.model.mail import Person
from bot.model.outcome import Verdict
from bot.model.question import Ledger
from bot.model.series import PatchChange, Series
from bot.model.taken import Taken
from bot.model.tree import AppliedTree


@dataclass(frozen=True, slots=True)
class MailFacts:
    """What was read to make this report: counts, people by number of mails, mails not at hand, odd mails by reason."""

    messages: int
    people: tuple[tuple[Person, int], ...]
    absent: tuple[str, ...] = ()
    odd: tuple[tuple[str, str], ...] = ()
    other_series: tuple[str, ...] = ()
    archive: str = ''


@dataclass(frozen=True, slots=True)
class Report:
    """Everything found out about a series; `verdicts` has one entry per stage, in the order of the stages.

    `changes` is what became of each patch from the posting before to the newest; `taken` is what mails say was applied of
    it; `attestations` is what the signatures say of the mails that were posted, by message-id.
    """

    series: Series
    mail: MailFacts
    verdicts: tuple[tuple[str, Verdict], ...]
    apply: AppliedTree | None = None
    check: CheckResult | None = None
    builds: tuple[BuildResult, ...] = ()
    boots: tuple[BootResult, ...] = ()
    first_bad: tuple[FirstBad, ...] = ()
    ledger: Ledger | None = None
    as_of: str = ''
    tool: str = ''
    changes: tuple[PatchChange, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    taken: Taken | None = None
