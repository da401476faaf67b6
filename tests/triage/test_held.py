# SPDX-License-Identifier: GPL-2.0-or-later
"""What the queue takes for the standing of a stage, of several runs the store holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from bot.model import BootResult, BuildResult, Outcome, TestResult, Verdict, failed, passed
from bot.stages import Boots, Builds
from bot.store import Store
from bot.triage.held import held

START = datetime(2026, 11, 2, tzinfo=UTC)


def boot(position: int, verdict: Verdict, *tests: str, machine: str = 'nvhe') -> BootResult:
    ran = tuple(TestResult(name, Outcome.PASSED) for name in tests)
    return BootResult(position, machine, verdict, 1.0, tests=ran)


BROKEN = Boots(failed('gup fails'), (boot(0, passed(), 'gup', 'smoke'), boot(1, failed('gup fails'), 'gup', 'smoke')))
FEWER = Boots(passed(), (boot(0, passed(), 'smoke'), boot(1, passed(), 'smoke')))
MORE = Boots(passed(), (boot(0, passed(), 'gup', 'smoke', 'x'), boot(1, passed(), 'gup', 'smoke', 'x')))
ELSEWHERE = Boots(passed(), (boot(1, passed(), 'gup', 'smoke', machine='hvhe'),))


@pytest.mark.parametrize(
    ('runs', 'outcome'),
    [
        ((BROKEN, FEWER), Outcome.FAILED),
        ((FEWER, BROKEN), Outcome.FAILED),
        ((BROKEN, MORE), Outcome.PASSED),
        ((BROKEN, FEWER, MORE), Outcome.PASSED),
        ((BROKEN, ELSEWHERE), Outcome.FAILED),
        ((MORE, FEWER), Outcome.PASSED),
    ],
)
def test_a_boot_with_fewer_tests_takes_no_place(runs: tuple[Boots, ...], outcome: Outcome, tmp_path: Path) -> None:
    with Store(tmp_path / 'store.sqlite3') as store:
        for number, run in enumerate(runs):
            at = START + timedelta(hours=number)
            store.put_result(str(number) * 64, 'boot', 'm@x', msgspec.json.encode(run), at)
        (found,) = held('m@x', store, None)
        assert found.verdict.outcome is outcome
        assert next(held('m@x', store, START)).verdict == runs[0].verdict, 'later runs did not exist on the first day'


def test_the_newest_build_of_a_target_counts(tmp_path: Path) -> None:
    bad, good = (BuildResult(1, 'arm64', verdict, 1.0) for verdict in (failed('breaks'), passed()))
    with Store(tmp_path / 'store.sqlite3') as store:
        for number, row in enumerate((bad, good)):
            document = msgspec.json.encode(Builds(row.verdict, (row,)))
            store.put_result(str(number) * 64, 'build', 'm@x', document, START + timedelta(hours=number))
        (found,) = held('m@x', store, None)
    assert found.verdict.outcome is Outcome.PASSED
