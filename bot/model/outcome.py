# SPDX-License-Identifier: GPL-2.0-or-later
"""How a stage ended: the one vocabulary that all stages, reports and exit codes share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """`crashed` is where every stage starts; any other value has to be earned."""

    PASSED = 'passed'
    FAILED = 'failed'
    SKIPPED = 'skipped'
    CRASHED = 'crashed'


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one stage and one sentence of reason, which only `passed` may lack."""

    outcome: Outcome = Outcome.CRASHED
    reason: str = 'the stage ended without saying how'

    def __post_init__(self) -> None:
        if self.outcome is not Outcome.PASSED and not self.reason:
            raise ValueError(f'a stage that is {self.outcome} has a reason')


def passed(reason: str = '') -> Verdict:
    return Verdict(Outcome.PASSED, reason)


def failed(reason: str) -> Verdict:
    return Verdict(Outcome.FAILED, reason)


def skipped(reason: str) -> Verdict:
    return Verdict(Outcome.SKIPPED, reason)


def crashed(reason: str) -> Verdict:
    return Verdict(Outcome.CRASHED, reason)
