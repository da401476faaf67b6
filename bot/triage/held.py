# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what the store holds of apply, check, build and boot for a posting, as it was known on a day.

A result that was made after that day did not exist then and is left out. Of builds and boots, which may have been asked
for one target or machine at a time, the newest of each place counts, and the worst of them is the stage's verdict. A boot
that ran fewer tests than one before it does not take its place: what the older one found is not looked at again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from bot import lab, stages
from bot.model import HeldResult, Outcome, Verdict
from bot.store import Store

log = logging.getLogger(__name__)

_STAGES = ('apply', 'check', 'build', 'boot')
_Run = tuple[datetime, Any]


def held(message_id: str, store: Store, as_of: datetime | None) -> Iterator[HeldResult]:
    """Yield what stands of each stage for a posting; a stage of which nothing was seen is none."""
    for stage in _STAGES:
        runs = [run for run in _runs(message_id, stage, store) if as_of is None or run[0] <= as_of]
        if not runs:
            continue
        verdict = _standing(runs) if isinstance(runs[0][1], stages.Builds | stages.Boots) else runs[0][1].verdict
        if verdict.outcome is not Outcome.SKIPPED:
            yield HeldResult(stage, verdict, runs[0][0])


def _runs(message_id: str, stage: str, store: Store) -> Iterator[_Run]:
    """Yield the results of a stage, the newest first; one of an older program that cannot be read is none."""
    for made_at, document in store.results(message_id, stage):
        try:
            yield made_at, stages.read(stage, document)
        except msgspec.MsgspecError as other:
            log.info('a result of %s cannot be read: %s', stage, other)


def _standing(runs: Sequence[_Run]) -> Verdict:
    """Return one verdict on the newest results of every target or machine; the newest run's when it tells of none."""
    known: dict[str, set[str]] = {}
    rows: list[Any] = []
    for _, made in runs:
        ran = _ran(made.results)
        fresh = {place for place, tests in ran.items() if place not in known or not tests <= known[place]}
        rows += [row for row in made.results if _place(row) in fresh]
        for place, tests in ran.items():
            known.setdefault(place, set()).update(tests)
    if len(runs) == 1 or not rows:
        newest: Verdict = runs[0][1].verdict
        return newest
    return lab.stage_verdict(rows)


def _ran(rows: Sequence[Any]) -> dict[str, set[str]]:
    """Return each target or machine of a run, with the guest tests that were asked for there."""
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(_place(row), set()).update(test.name for test in getattr(row, 'tests', ()))
    return found


def _place(row: Any) -> str:
    place: str = row.target if hasattr(row, 'target') else row.machine
    return place
