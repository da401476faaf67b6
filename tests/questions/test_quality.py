# SPDX-License-Identifier: GPL-2.0-or-later
"""The quality gate: the scores of the shared gold hold, and a worse ledger is noticed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.model import Ledger, Question
from tests.conftest import SHARED
from tests.questions import quality


@pytest.fixture(scope='module')
def ledgers(corpus: Path) -> dict[str, Ledger]:
    if not (corpus.parent / 'gold').is_dir():
        pytest.skip('the shared gold is not on this machine')
    return {name: quality.ask(corpus / 'threads' / name) for name in quality.wanted(quality.read_table())}


def failures(ledgers: dict[str, Ledger], quotes: bool = False) -> list[str]:
    table = quality.read_table()
    names = sorted(ledgers)
    found = quality.scores(SHARED, names, lambda path: ledgers[path.name])
    if quotes:
        found |= quality.quoting([quality.tally(SHARED / 'corpus/threads' / name) for name in names])
    else:
        table['accepted'] = {k: v for k, v in table['accepted'].items() if k in found}
    return quality.failures(found, table)


def test_no_score_is_below_what_was_accepted(ledgers: dict[str, Ledger]) -> None:
    assert failures(ledgers, quotes=True) == []


def test_answers_that_are_no_longer_found_fail(ledgers: dict[str, Ledger]) -> None:
    worse = {name: replace(one, questions=_left_open(one)) for name, one in ledgers.items()}
    assert {f.split(':')[0] for f in failures(worse)} >= {'status accuracy', 'open-list F1', 'answering mail'}


def _left_open(ledger: Ledger) -> tuple[Question, ...]:
    """Return the questions, every fifth of them as if nobody had answered it."""
    return tuple(replace(q, state='open', answers=()) if n % 5 == 0 else q for n, q in enumerate(ledger.questions))


def test_questions_that_are_no_longer_found_fail(ledgers: dict[str, Ledger]) -> None:
    worse = {
        name: replace(one, questions=one.questions[: 9 * len(one.questions) // 10]) for name, one in ledgers.items()
    }
    assert {f.split(':')[0] for f in failures(worse)} >= {'detection F1 lenient', 'detection F1 strict'}


def test_the_noise_is_allowed_and_no_more() -> None:
    table = {'accepted': {'a score': {'score': 0.8, 'noise': 0.02}}}
    assert quality.failures({'a score': quality.Measured(0.781, 0.02, 9)}, table) == []
    assert quality.failures({'a score': quality.Measured(0.779, 0.02, 9)}, table) == [
        'a score: 0.7790 is below 0.8000 by more than the noise 0.0200'
    ]


def test_a_score_without_a_floor_and_a_floor_without_a_score_fail() -> None:
    assert quality.failures({'new': quality.Measured(1.0, 0.0, 1)}, {'accepted': {}})
    assert quality.failures({}, {'accepted': {'old': {'score': 0.5, 'noise': 0.1}}})


def test_what_is_accepted_is_read_back_and_the_rest_of_the_table_stays(tmp_path: Path) -> None:
    found = {'a score': quality.Measured(0.91234, 0.01, 7)}
    text = quality.TABLE.read_text(encoding='utf-8')
    (tmp_path / 'table.toml').write_text(quality.written(found, text), encoding='utf-8')
    again = quality.read_table(tmp_path / 'table.toml')
    assert again['accepted'] == {'a score': {'score': 0.9123, 'noise': 0.01}}
    assert again['threads'] == quality.read_table()['threads']


def test_held_out_conversations_are_scored_only_when_the_table_says_so() -> None:
    table = quality.read_table()
    assert not set(quality.wanted(table | {'held_out_too': False})) & set(table['held_out'])
    assert set(quality.wanted(table | {'held_out_too': True})) >= set(table['held_out'])
