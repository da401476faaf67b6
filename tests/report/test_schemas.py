# SPDX-License-Identifier: GPL-2.0-or-later
"""Every document holds to its schema, and the schemas name every field there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

import bot.report
from bot import report
from bot.model import Outcome, Series
from tests.report.example import poor, rich
from tests.report.example_lab import with_lab
from tests.report.example_queue import empty, queue

SCHEMAS = Path(bot.report.__file__).parent / 'formats' / 'schema'
NAMES = ('report', 'questions', 'findings', 'points', 'queue')


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f'lorebot.{name}-1.json').read_text(encoding='utf-8'))
    return found


REGISTRY: Any = Registry().with_resources((schema(n)['$id'], Resource.from_contents(schema(n))) for n in NAMES)


def validate(name: str, document: Any) -> None:
    Draft202012Validator(schema(name), registry=REGISTRY, format_checker=FormatChecker()).validate(document)


def documents() -> Iterator[tuple[str, Any]]:
    yield 'queue', json.loads(report.render_queue(queue(), 'json', link='https://x.example/', tool='lorebot 0.1.0'))
    yield 'queue', json.loads(report.render_queue(empty(), 'json', link='https://x.example/'))
    for found in (rich(), poor(), with_lab()):
        yield 'report', json.loads(report.render(found, 'json', link='https://x.example/'))
        yield 'questions', json.loads(report.render_questions(found, 'json', link='https://x.example/'))
        if found.check:
            yield 'findings', report.findings_document(found.check)
        if len(found.series.revisions) > 1:
            yield 'points', json.loads(report.render_points(found, 'json', link='https://x.example/'))
        if found.ledger:
            yield 'questions', report.questions_document(found.ledger, found.series)


def test_schemas_are_schemas() -> None:
    for name in NAMES:
        Draft202012Validator.check_schema(schema(name))
        assert schema(name)['$id'] == f'urn:lorebot:{name}:1'


def test_documents_hold_to_their_schema() -> None:
    for name, document in documents():
        assert document['schema'] == f'lorebot.{name}/1'
        validate(name, document)


def test_schemas_name_every_field() -> None:
    """Readers may meet fields they do not know; writers may not forget to describe one."""
    for name, document in documents():
        closed = {n: _closed(schema(n)) for n in NAMES}
        registry: Any = Registry().with_resources((s['$id'], Resource.from_contents(s)) for s in closed.values())
        Draft202012Validator(closed[name], registry=registry).validate(document)


def _closed(node: Any) -> Any:
    if isinstance(node, dict):
        made = {key: _closed(value) for key, value in node.items()}
        return {**made, 'additionalProperties': False} if 'properties' in made else made
    return [_closed(value) for value in node] if isinstance(node, list) else node


@pytest.mark.parametrize(
    ('name', 'path', 'value'),
    [
        ('report', ('verdicts', 'apply', 'outcome'), 'fine'),
        ('report', ('questions', 'questions', 0, 'state'), 'closed'),
        ('report', ('revisions', 0, 'date'), '2024-06-03'),
        ('report', ('findings', 'findings', 0, 'class'), None),
        ('report', ('schema',), 'lorebot.report/2'),
        ('questions', ('questions', 0, 'lines'), [1]),
        ('findings', ('findings', 0, 'severity'), 'fatal'),
    ],
)
def test_schemas_refuse(name: str, path: tuple[Any, ...], value: Any) -> None:
    document = next(d for n, d in documents() if n == name)
    at = document
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    assert list(Draft202012Validator(schema(name), registry=REGISTRY).iter_errors(document))


def test_contract_fields_of_a_report() -> None:
    document = bot.report.report_document(rich())
    contract = 'schema series revisions apply findings builds boots questions trailers verdicts'
    assert set(contract.split()) <= set(document)
    newest = document['revisions'][1]
    assert (newest['revision'], newest['posting'], newest['rfc'], newest['complete']) == (2, 2, False, True)
    assert newest['base_commit'] == '83a7eefedc9b56fe7bfeff13b6c7356688ffa670'
    assert newest['link_reason'] == 'the same change-id' and document['revisions'][0]['link_reason'] is None
    assert [p['position'] for p in newest['patches']] == [1, 2, 3]
    assert list(document['verdicts']) == ['apply', 'check', 'build', 'boot', 'questions']
    assert document['verdicts']['build']['outcome'] == Outcome.SKIPPED and document['verdicts']['build']['reason']


def test_questions_without_a_series() -> None:
    found = rich()
    assert found.ledger
    document = report.questions_document(found.ledger, None)
    assert document['series'] is None
    validate('questions', document)


def test_rfc_and_v1_are_both_revision_1() -> None:
    found = rich()
    first = Series(found.series.subject, found.series.author, None, found.series.revisions[:1])
    assert bot.report.report_document(replace(found, series=first))['series']['revision'] == 1


def test_seconds_are_in_no_document() -> None:
    text = report.render(with_lab(), 'json', link='https://x.example/')
    assert 'seconds' not in text and 'drivers/misc/lend.c' in text


def test_poor_report_has_no_apply_and_says_why() -> None:
    document = bot.report.report_document(poor())
    assert document['apply'] is None and document['findings']['verdict']['outcome'] == 'skipped'
    assert document['questions']['verdict'] == {'outcome': 'skipped', 'reason': 'not asked for'}
