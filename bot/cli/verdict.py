# SPDX-License-Identifier: GPL-2.0-or-later
"""What a report means for the exit code."""

from __future__ import annotations

from bot.model import CheckResult, Outcome, Report

FAIL_ON = ('error', 'warning', 'info', 'never')
_FOUND, _SURROUNDINGS = 1, 3


def status(report: Report, fail_on: str) -> int:
    """Return 3 when a stage crashed, 1 when one failed or a finding is at or above `fail_on`, else 0.

    A stage that fails says so of the kernel (does not apply, does not build): it counts as an error.
    """
    outcomes = {verdict.outcome for _, verdict in report.verdicts}
    if Outcome.CRASHED in outcomes:
        return _SURROUNDINGS
    failed = {name for name, verdict in report.verdicts if verdict.outcome is Outcome.FAILED} - {'check', 'questions'}
    if failed and fail_on != 'never':
        return _FOUND
    return findings_status(report.check, fail_on) if report.check else 0


def findings_status(check: CheckResult, fail_on: str) -> int:
    """Return 1 when what the series itself brings in is at or above `fail_on`; old faults are not its fault."""
    if fail_on == 'never':
        return 0
    counted = FAIL_ON[: FAIL_ON.index(fail_on) + 1]
    mine = [f for f in check.findings if f.patch is None or f.class_ == 'introduced']
    return _FOUND if any(f.severity in counted for f in mine) else 0
