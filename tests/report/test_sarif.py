# SPDX-License-Identifier: GPL-2.0-or-later
"""SARIF 2.1.0: the structure that readers rely on (OASIS Standard, section numbers in the tests)."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot import report
from bot.model import CheckCoverage, CheckResult, crashed, passed
from tests.report.example import rich
from tests.report.example_checks import CHECK, FINDINGS

META = {
    'GUP-F03': {'title': 'FOLL_LONGTERM needs FOLL_PIN', 'why': 'because', 'help': 'https://docs.kernel.org/x'},
    'GUP-P04': {'title': 'pages leak', 'help': 'javascript:alert(1)'},
}


def log(check: CheckResult = CHECK) -> Any:
    return json.loads(report.render_findings(check, 'sarif', rules_meta=META, tool='lorebot 0.1.0'))


def test_log_and_run() -> None:
    """3.13, 3.14"""
    document = log()
    assert document['version'] == '2.1.0' and document['$schema'].endswith('sarif-schema-2.1.0.json')
    [run] = document['runs']
    assert run['tool']['driver']['name'] == 'lorebot' and run['tool']['driver']['version'] == '0.1.0'
    assert run['invocations'][0]['executionSuccessful'] is True


def test_rules_are_there_once_and_results_point_to_them() -> None:
    """3.19.23, 3.27.5, 3.27.6"""
    [run] = log()['runs']
    rules = run['tool']['driver']['rules']
    assert [r['id'] for r in rules] == sorted({f.rule for f in FINDINGS})
    assert len(run['results']) == len(FINDINGS)
    for result in run['results']:
        assert rules[result['ruleIndex']]['id'] == result['ruleId']
    told = {r['id']: r for r in rules}
    assert told['GUP-F03']['helpUri'] == 'https://docs.kernel.org/x'
    assert told['GUP-F03']['shortDescription'] == {'text': 'FOLL_LONGTERM needs FOLL_PIN'}
    assert 'helpUri' not in told['GUP-P04'] and told['GUP-P04']['fullDescription'] == {'text': 'pages leak'}


def test_results() -> None:
    """3.27.10, 3.27.24, 3.28, 3.29, 3.30"""
    [run] = log()['runs']
    first = next(r for r in run['results'] if r['ruleId'] == 'GUP-F03')
    assert first['level'] == 'error' and first['message']['text'] == FINDINGS[0].message
    place = first['locations'][0]['physicalLocation']
    assert place['artifactLocation'] == {'uri': 'drivers/misc/lend.c', 'uriBaseId': 'SRCROOT'}
    assert place['region'].pop('snippet')['text'][8:34] == 'FOLL_WRITE | FOLL_LONGTERM'
    assert place['region'] == {'startLine': 123, 'startColumn': 9, 'endLine': 123, 'endColumn': 35}
    assert first['locations'][0]['logicalLocations'] == [{'name': 'lend_map', 'kind': 'function'}]
    assert [r['id'] for r in first['relatedLocations']] == [1, 2]
    mark = FINDINGS[0].fingerprint
    assert first['partialFingerprints'] == {'lorebot/v1': mark, 'primaryLocationLineHash': f'{mark}:1'}
    assert {r['properties']['class']: r['baselineState'] for r in run['results']} == {
        'introduced': 'new',
        'pre-existing': 'unchanged',
        'fixed-later': 'new',
        'fixed': 'absent',
    }


def test_what_could_not_be_read_is_a_notification() -> None:
    """3.20.21, 3.58"""
    [invocation] = log()['runs'][0]['invocations']
    texts = [n['message']['text'] for n in invocation['toolExecutionNotifications']]
    assert texts == [*CHECK.coverage.not_read, *CHECK.coverage.notes]


def test_a_check_that_crashed_is_no_clean_run() -> None:
    [invocation] = log(CheckResult(crashed('out of memory')))['runs'][0]['invocations']
    assert invocation['executionSuccessful'] is False
    assert invocation['toolExecutionNotifications'] == [{'level': 'error', 'message': {'text': 'out of memory'}}]


def test_odd_paths_and_lines_stay_valid() -> None:
    """3.4.4: a uri is a URI reference; 3.30.5: lines start at 1"""
    odd = replace(FINDINGS[0], file='/a b/#%?é.c', line=0, end_line=0, evidence=(), function='', excerpt=())
    [result] = log(CheckResult(passed(), (odd,), coverage=CheckCoverage(1, 1, 0)))['runs'][0]['results']
    place = result['locations'][0]['physicalLocation']
    assert place['artifactLocation']['uri'] == 'a%20b/%23%25%3F%C3%A9.c'
    assert place['region'] == {'startLine': 1, 'startColumn': 1, 'endLine': 1, 'endColumn': 2}
    assert 'logicalLocations' not in result['locations'][0] and 'relatedLocations' not in result


def test_text_is_no_link() -> None:
    """3.11.6"""
    odd = replace(FINDINGS[0], message='pages[i] and [x](https://evil.example)')
    [result] = log(CheckResult(passed(), (odd,)))['runs'][0]['results']
    assert result['message']['text'] == 'pages[i] and \\[x](https://evil.example)'


def test_a_path_is_a_code_flow() -> None:
    """3.36 to 3.38: one thread, its steps in order, each with its words"""
    [run] = log()['runs']
    flowing = [r for r in run['results'] if 'codeFlows' in r]
    assert [r['ruleId'] for r in flowing] == [f.rule for f in FINDINGS if len(f.evidence) > 1] != []
    [thread] = flowing[0]['codeFlows'][0]['threadFlows']
    assert [step['executionOrder'] for step in thread['locations']] == [1, 2]
    told = [step['location'] for step in thread['locations']]
    assert [at['message']['text'] for at in told] == [e.note for e in FINDINGS[0].evidence]
    assert [at['physicalLocation']['region']['startLine'] for at in told] == [e.line for e in FINDINGS[0].evidence]


def test_what_is_gone_after_the_series_is_no_failure() -> None:
    """3.27.9: a page that knows no baseline must not show it as an open one"""
    [run] = log()['runs']
    told = {r['properties']['class']: (r['kind'], r['level']) for r in run['results']}
    assert told['fixed'] == ('pass', 'none') and told['fixed-later'] == ('informational', 'none')
    assert {r['kind'] for r in run['results'] if r['properties']['class'] == 'introduced'} == {'fail'}


def test_what_is_allowed_is_suppressed_with_its_reason() -> None:
    """3.35"""
    known = tuple(
        replace(one, allowed=why) for one, why in zip(FINDINGS, ('the old ioctl', 'the baseline has it'), strict=False)
    )
    [run] = log(replace(CHECK, findings=(), allowed=known))['runs']
    assert {r['ruleId']: r['suppressions'] for r in run['results']} == {
        known[0].rule: [{'kind': 'inSource', 'status': 'accepted', 'justification': 'the old ioctl'}],
        known[1].rule: [{'kind': 'external', 'status': 'accepted', 'justification': 'the baseline has it'}],
    }
    assert all('suppressions' not in r for r in log()['runs'][0]['results'])


def test_every_rule_has_the_help_that_code_scanning_asks_for() -> None:
    for rule in log()['runs'][0]['tool']['driver']['rules']:
        assert rule['shortDescription']['text'] and rule['fullDescription']['text'] and rule['help']['text']
        assert rule['defaultConfiguration']['level'] in ('error', 'warning', 'note')
        assert rule['properties']['problem.severity'] in ('error', 'warning', 'recommendation')
        assert rule['properties']['precision'] in ('high', 'medium', 'low')
        assert 0 < len(rule['properties']['tags']) <= 10


def test_every_region_is_complete() -> None:
    """Code scanning asks for both ends; 3.30.6, 3.30.8: columns start at 1, the end is one past the last sign"""
    for place in _named(log(), 'physicalLocation'):
        region = place['region']
        assert 1 <= region['startLine'] <= region['endLine']
        assert (
            region['startColumn'] >= 1
            and region['endColumn'] > region['startColumn']
            or region['endLine'] > region['startLine']
        )


def _named(node: Any, name: str) -> list[Any]:
    values = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = [node[name]] if isinstance(node, dict) and name in node else []
    return own + [found for value in values for found in _named(value, name)]


def test_addresses_hang_on_the_top_of_the_tree() -> None:
    """3.14.14, 3.4.4: no address is absolute, and what they hang on is described"""
    [run] = log()['runs']
    bases = {place['artifactLocation']['uriBaseId'] for place in _named(run, 'physicalLocation')}
    assert bases == set(run['originalUriBaseIds']) and run['originalUriBaseIds']['SRCROOT']['description']['text']
    assert all(not place['artifactLocation']['uri'].startswith('/') for place in _named(run, 'physicalLocation'))


def test_limits_of_code_scanning_are_kept() -> None:
    many = tuple(replace(FINDINGS[0], line=n, severity='error' if n % 2 else 'info') for n in range(1, 5200))
    [run] = log(CheckResult(passed(), many))['runs']
    assert len(run['results']) == 5000
    assert sum(r['level'] == 'error' for r in run['results']) == 2600, 'the worst are kept'
    assert run['invocations'][0]['toolExecutionNotifications'][0]['message']['text'].startswith('199 results are left')
    steps = tuple(replace(FINDINGS[0].evidence[0], line=n) for n in range(1, 1500))
    [result] = log(CheckResult(passed(), (replace(FINDINGS[0], evidence=steps, message='x' * 2000),)))['runs'][0][
        'results'
    ]
    assert len(result['relatedLocations']) == 100 and len(result['message']['text']) == 1000
    assert len(result['codeFlows'][0]['threadFlows'][0]['locations']) == 1000


def test_the_document_holds_to_the_schema_of_oasis() -> None:
    """SARIF_SCHEMA names sarif-schema-2.1.0.json: its terms do not let us carry it here."""
    place = os.environ.get('SARIF_SCHEMA', '')
    if not place:
        pytest.skip('SARIF_SCHEMA names no schema')
    schema = json.loads(Path(place).read_text(encoding='utf-8'))
    allowed = replace(CHECK, allowed=(replace(FINDINGS[1], allowed='the baseline has it'),))
    for document in (log(), log(allowed), log(CheckResult(crashed('out of memory')))):
        jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker()).validate(
            document
        )


def test_function_gives_the_document_as_such() -> None:
    check = rich().check
    assert check and report.sarif(check, META, 'lorebot 0.1.0') == log()
