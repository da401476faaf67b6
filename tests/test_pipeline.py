# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole reviews of the demo's series: real mails, real git, real jobs."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import pipeline, report, trees
from bot.errors import TreeError, UnknownSource, UnusableThread, UserError
from bot.fakes import Demo
from bot.model import Outcome
from bot.request import Request
from tests.desk import desk

LINK = 'https://lore.kernel.org/r/'


def request(demo: Demo, **changes: object) -> Request:
    asked = Request(str(demo.mbox), trees=(('demo', demo.tree),))
    return dataclasses.replace(asked, **changes)  # type: ignore[arg-type]


def outcomes(reviewed: pipeline.Review) -> dict[str, Outcome]:
    return {name: verdict.outcome for name, verdict in reviewed.report.verdicts}


def test_a_review_runs_every_stage_there_is(demo: Demo, tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        reviewed = pipeline.review(request(demo), at)
    assert outcomes(reviewed)['apply'] is Outcome.PASSED
    assert outcomes(reviewed)['questions'] is Outcome.PASSED
    assert outcomes(reviewed)['check'] in (Outcome.PASSED, Outcome.FAILED)
    assert [r.version for r in reviewed.series.revisions] == [1, 2]


def test_a_second_review_does_nothing_the_store_holds(demo: Demo, tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        first = pipeline.review(request(demo), at)
        assert {'assemble done', 'apply done', 'check done', 'questions done'} <= at.tally.keys()
    before = trees.processes()
    with desk(tmp_path) as at:
        second = pipeline.review(request(demo), at)
        assert not [what for what in at.tally if what.endswith(' done')]
        assert at.tally['apply held'] == at.tally['check held'] == at.tally['questions held'] == 1
    assert trees.processes() == before
    assert report.render(second.report, 'json', link=LINK) == report.render(first.report, 'json', link=LINK)


def test_a_review_that_was_interrupted_goes_on_where_it_stopped(demo: Demo, tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        pipeline.review(request(demo, stages=('apply',)), at)
    with desk(tmp_path) as at:
        pipeline.review(request(demo), at)
        assert at.tally['assemble held'] == at.tally['apply held'] == 1
        assert at.tally['check done'] == at.tally['questions done'] == 1


def test_stores_apart_give_the_same_bytes(demo: Demo, tmp_path: Path) -> None:
    rendered = []
    for place in ('one', 'two'):
        with desk(tmp_path / place) as at:
            found = pipeline.review(request(demo), at).report
        rendered.append([report.render(found, form, link=LINK) for form in ('text', 'md', 'html', 'json')])
    assert rendered[0] == rendered[1]


def test_the_past_is_replayed_without_what_came_later(demo: Demo, tmp_path: Path) -> None:
    between = datetime(2026, 3, 10, tzinfo=UTC)
    with desk(tmp_path) as at:
        reviewed = pipeline.review(request(demo, as_of=between, stages=('questions',)), at)
    assert [r.version for r in reviewed.series.revisions] == [1]
    assert all(m.date and m.date <= between for t in reviewed.assembly.threads for m in t.messages)
    assert reviewed.report.as_of == '2026-03-10T00:00:00Z'


def test_a_stage_that_takes_too_long_is_crashed_and_the_rest_stands(demo: Demo, tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        pipeline.review(request(demo, stages=('apply',)), at)
    with desk(tmp_path, engine__stage_minutes=0.0001) as at:
        reviewed = pipeline.review(request(demo), at)
    assert outcomes(reviewed)['apply'] is Outcome.PASSED
    assert outcomes(reviewed)['questions'] is Outcome.CRASHED
    assert 'stage_minutes' in dict(reviewed.report.verdicts)['questions'].reason
    assert 'crashed' in report.render(reviewed.report, 'text', link=LINK)


def test_without_a_tree_the_stages_that_need_one_are_skipped_with_the_reason(demo: Demo, tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        reviewed = pipeline.review(request(demo, trees=()), at)
    verdicts = dict(reviewed.report.verdicts)
    assert verdicts['apply'].outcome is verdicts['check'].outcome is Outcome.SKIPPED
    assert '--tree' in verdicts['apply'].reason


def test_a_stage_that_needs_no_tree_does_not_stumble_over_a_tree_that_is_gone(demo: Demo, tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        gone = (('old', tmp_path / 'gone'),)
        reviewed = pipeline.review(request(demo, trees=gone, stages=('questions',)), at)
    assert outcomes(reviewed)['questions'] is Outcome.PASSED


def test_a_range_of_commits_is_reviewed_as_the_series_it_would_be(demo: Demo, tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        reviewed = pipeline.review(request(demo, source='v7.1-rc1..v7.1-rc2', stages=('apply',)), at)
    assert outcomes(reviewed)['apply'] is Outcome.PASSED
    assert len(reviewed.series.newest.patches) == 1


@pytest.mark.parametrize(
    ('changes', 'error', 'said'),
    [
        ({'source': 'no such thing'}, UnknownSource, 'names nothing known'),
        ({'trees': (('', Path('/nonexistent')),)}, TreeError, 'nonexistent'),
        ({'base': 'no-such-rev'}, TreeError, 'no-such-rev'),
        ({'source': 'v1..v2', 'trees': ()}, UserError, '--tree'),
        ({'as_of': datetime(2001, 1, 1, tzinfo=UTC)}, UnusableThread, 'no patch series'),
    ],
)
def test_what_cannot_be_done_is_said(
    demo: Demo, tmp_path: Path, changes: dict[str, object], error: type[Exception], said: str
) -> None:
    with desk(tmp_path) as at, pytest.raises(error, match=said):
        pipeline.review(request(demo, **changes), at)
