# SPDX-License-Identifier: GPL-2.0-or-later
"""Sums up what many builds or boots say: one verdict for the stage, and the failures worth a line.

Refuses to blame a series for its base, and to call anything passed of which nothing was seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.lab.attribute import first_bad, matrix
from bot.model import BootResult, BuildResult, FirstBad, Outcome, Verdict, crashed, failed, passed, skipped

Result = BuildResult | BootResult


def stage_verdict(results: Sequence[Result]) -> Verdict:
    """Return the outcome of a stage. A patch that ends a boot without a word has failed where its base did not.

    Results of position 0 alone are those of an image, which has no base.
    """
    patches = [r for r in results if r.position] or results
    sound = {_place(r) for r in results if not r.position and r.verdict.outcome is Outcome.PASSED}
    bad = [r for r in patches if r.verdict.outcome is Outcome.FAILED or (_lost(r) and _place(r) in sound)]
    if bad:
        first = min(bad, key=lambda r: (r.position, _place(r)))
        others = sorted({r.position for r in bad} - {first.position})
        more = f'; patch {", ".join(map(str, others))} too' if others else ''
        return failed(f'{_who(first)} on {_place(first)}: {first.verdict.reason}{more}')
    lost = [r for r in results if _lost(r)]
    if lost:
        return crashed(f'{_who(lost[0])} on {_place(lost[0])}: {lost[0].verdict.reason}')
    return _sound(results)


def _sound(results: Sequence[Result]) -> Verdict:
    base = [r for r in results if not r.position and r.verdict.outcome is Outcome.FAILED]
    skips = [r for r in results if r.verdict.outcome is Outcome.SKIPPED]
    alone = not any(r.position for r in results)
    if any(r.verdict.outcome is Outcome.PASSED for r in results if r.position or alone):
        notes = {f'{_place(r)}: {r.verdict.reason}' for r in (*base, *skips)}
        return passed('; '.join(sorted(notes)[:2]))
    if base:
        return skipped(f'the base on {_place(base[0])}: {base[0].verdict.reason}')
    return skipped(skips[0].verdict.reason if skips else 'there is no patch to look at')


def _place(result: Result) -> str:
    return result.target if isinstance(result, BuildResult) else result.machine


def _lost(result: Result) -> bool:
    return result.verdict.outcome is Outcome.CRASHED


def _who(result: Result) -> str:
    """Name the patch; without one it is the base, or an image on its own."""
    return f'patch {result.position}' if result.position else 'the kernel'


def telling(builds: Sequence[BuildResult], boots: Sequence[BootResult]) -> tuple[FirstBad, ...]:
    """Return the first bad patch of each failure; "boot X" and "build X" only where nothing more exact is said of X."""
    found = first_bad(matrix(builds, boots))
    exact = {(_subject(bad), bad.patch) for bad in found if not _plain(bad)}
    kept = [bad for bad in found if not _plain(bad) or (_subject(bad), bad.patch) not in exact]
    return tuple(sorted(kept, key=lambda bad: (bad.patch, bad.check)))


def _plain(bad: FirstBad) -> bool:
    return ': ' not in bad.check


def _subject(bad: FirstBad) -> str:
    """Return the target or machine that a row is about."""
    return bad.check.partition(': ')[0].split(' ')[-1]
