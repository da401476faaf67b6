# SPDX-License-Identifier: GPL-2.0-or-later
"""Every attack of the table: no command is recorded, no question changes, only who signed is answered, and a reader is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import engine, orders, pipeline, replies, stages
from bot.errors import UserError
from bot.model import ReplyKind
from bot.pipeline import Review
from bot.request import Request
from tests.desk import desk
from tests.docs import TOP
from tests.mail_attacks import BESIDE, RITA, TRIES, Try, letter, signed
from tests.post import office
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


def look(directory: Path, dns: str, *mails: bytes) -> tuple[Review, set[str]]:
    """Review the conversation with more mails, on a list that wants everything; return also who would get an answer."""
    folder = directory / 'mails'
    folder.mkdir()
    for n, raw in enumerate([*(one.raw for one in raws(talk('pinning'))), *mails]):
        (folder / f'{n:03}.eml').write_bytes(raw)
    (directory / 'policy.toml').write_text(office.table('list@lists.example', approval='false'))
    own: dict[str, Any] = {
        'post__address': office.OWN,
        'post__contact': office.CONTACT,
        'post__policy': str(directory / 'policy.toml'),
    }
    with desk(directory, attestation__dns=dns, **own) as at:
        review = pipeline.review(Request(str(folder), stages=('questions',)), at)
        return review, {who for kind in replies.ANSWERS for who in _answered(review, kind)}


def _answered(review: Review, kind: ReplyKind) -> list[str]:
    try:
        made = replies.answers(review, kind, at=review.desk.now())
    except UserError:
        return []
    return [who.person.email for one in made if one.decision.gate == 'allow' for who in one.draft.recipients]


@pytest.mark.parametrize('case', TRIES, ids=lambda case: case.name)
def test_attack(case: Try, tmp_path: Path, dns: str) -> None:
    review, answered = look(tmp_path, dns, case.mail(), *case.beside())
    made = orders.ledger(review)
    told = ' '.join(made.coverage.notes)
    assert made.commands == () and not [one for one in review.heard if one.entries]
    assert not (Path.cwd() / 'lorebot-was-here').exists()
    proven = {one.address for one in review.heard if one.address}
    assert answered <= proven and (RITA not in proven or f'\nFrom: Rita Reader <{RITA}>\n' in f'\n{_head(case.mail())}')
    asked = next(q for q in made.questions if q.id == 'Q2.3')
    assert (asked.state, asked.qualifier) == ('open', '')
    assert case.told in told if case.told else 'Q2.3' not in told


def _head(mail: bytes) -> str:
    return mail.partition(b'\n\n')[0].decode('utf-8', 'replace') + '\n'


def test_the_same_mail_without_an_attack_is_a_command(tmp_path: Path, dns: str) -> None:
    review, answered = look(tmp_path, dns, signed(letter()))
    made = orders.ledger(review)
    assert answered == {RITA}
    assert [(c.actor, c.verb) for c in made.commands] == [('rita@reader.example', 'withdraw')]
    assert next(q.state for q in made.questions if q.id == 'Q2.3') == 'withdrawn'


@pytest.mark.parametrize('row', BESIDE, ids=lambda row: row.test.rpartition('::')[2])
def test_the_page_names_tests_that_exist(row: Elsewhere) -> None:
    path, _, name = row.test.partition('::')
    assert f'def {name}(' in (TOP / path).read_text()
    assert len({one.name for one in TRIES}) == len(TRIES)
