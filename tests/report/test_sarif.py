# SPDX-License-Identifier: GPL-2.0-or-later
"""SARIF 2.1.0: the structure that readers rely on (OASIS Standard, section numbers in the tests)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

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
    assert 'helpUri' not in told['GUP-P04'] and 'fullDescription' not in told['GUP-P04']


def test_results() -> None:
    """3.27.10, 3.27.24, 3.28, 3.29, 3.30"""
    [run] = log()['runs']
    first = next(r for r in run['results'] if r['ruleId'] == 'GUP-F03')
    assert first['level'] == 'error' and first['message']['text'] == FINDINGS[0].message
    place = first['locations'][0]['physicalLocation']
    assert place['artifactLocation'] == {'uri': 'drivers/misc/lend.c', 'uriBaseId': 'SRCROOT'}
    assert place['region'] == {'startLine': 122, 'endLine': 123}
    assert first['locations'][0]['logicalLocations'] == [{'name': 'lend_map', 'kind': 'function'}]
    assert [r['id'] for r in first['relatedLocations']] == [1, 2]
    assert first['partialFingerprints'] == {'lorebot/v1': FINDINGS[0].fingerprint}
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
    odd = replace(FINDINGS[0], file='/a b/#%?é.c', line=0, end_line=0, evidence=(), function='')
    [result] = log(CheckResult(passed(), (odd,), coverage=CheckCoverage(1, 1, 0)))['runs'][0]['results']
    place = result['locations'][0]['physicalLocation']
    assert place['artifactLocation']['uri'] == 'a%20b/%23%25%3F%C3%A9.c'
    assert place['region'] == {'startLine': 1, 'endLine': 1}
    assert 'logicalLocations' not in result['locations'][0] and 'relatedLocations' not in result


def test_text_is_no_link() -> None:
    """3.11.6"""
    odd = replace(FINDINGS[0], message='pages[i] and [x](https://evil.example)')
    [result] = log(CheckResult(passed(), (odd,)))['runs'][0]['results']
    assert result['message']['text'] == 'pages[i] and \\[x](https://evil.example)'


def test_function_gives_the_document_as_such() -> None:
    check = rich().check
    assert check and report.sarif(check, META, 'lorebot 0.1.0') == log()
