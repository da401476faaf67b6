# SPDX-License-Identifier: GPL-2.0-or-later
"""Every attack of the table: no command is recorded, no question changes, nothing is mailed, and a reader is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import engine, orders, pipeline, replies, stages
from bot.errors import UserError
from bot.pipeline import Review
from bot.request import Request
from tests.desk import desk
from tests.docs import TOP
from tests.mail_attacks import BESIDE, TRIES, Try, letter, signed
from tests.questions.talks import raws, talk
from tests.test_incoming import RECORDS
from tests.test_signatures import name_server
from tests.trees.attacks import Elsewhere


@pytest.fixture(scope='module')
def dns() -> Iterator[str]:
    with name_server(RECORDS) as (address, _):
        yield address


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, 'run_job', lambda spec, minutes, progress: stages.perform(spec, progress))


def look(directory: Path, dns: str, *mails: bytes) -> tuple[Review, list[str]]:
    """Review the conversation with more mails; return also the kinds of answer that they would get."""
    folder = directory / 'mails'
    folder.mkdir()
    for n, raw in enumerate([*(one.raw for one in raws(talk('pinning'))), *mails]):
        (folder / f'{n:03}.eml').write_bytes(raw)
    with desk(directory, attestation__dns=dns) as at:
        review = pipeline.review(Request(str(folder), stages=('questions',)), at)
        return review, [kind for kind in ('transcript', 'status') if _answered(review, kind)]


def _answered(review: Review, kind: str) -> bool:
    try:
        return any(one.decision.gate != 'stop' for one in replies.answers(review, kind))  # type: ignore[arg-type]
    except UserError:
        return False


@pytest.mark.parametrize('case', TRIES, ids=lambda case: case.name)
def test_attack(case: Try, tmp_path: Path, dns: str) -> None:
    review, answered = look(tmp_path, dns, case.mail(), *case.beside())
    made = orders.ledger(review)
    told = ' '.join(made.coverage.notes)
    assert made.commands == () and not [one for one in review.heard if one.entries]
    assert answered == [] and not (Path.cwd() / 'lorebot-was-here').exists()
    asked = next(q for q in made.questions if q.id == 'Q2.3')
    assert (asked.state, asked.qualifier) == ('open', '')
    assert case.told in told if case.told else 'Q2.3' not in told


def test_the_same_mail_without_an_attack_is_a_command(tmp_path: Path, dns: str) -> None:
    made = orders.ledger(look(tmp_path, dns, signed(letter()))[0])
    assert [(c.actor, c.verb) for c in made.commands] == [('rita@reader.example', 'withdraw')]
    assert next(q.state for q in made.questions if q.id == 'Q2.3') == 'withdrawn'


@pytest.mark.parametrize('row', BESIDE, ids=lambda row: row.test.rpartition('::')[2])
def test_the_page_names_tests_that_exist(row: Elsewhere) -> None:
    path, _, name = row.test.partition('::')
    assert f'def {name}(' in (TOP / path).read_text()
    assert len({one.name for one in TRIES}) == len(TRIES)
