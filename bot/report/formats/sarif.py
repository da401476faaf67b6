# SPDX-License-Identifier: GPL-2.0-or-later
"""Findings as SARIF 2.1.0 (OASIS), for code scanning pages and editors; what could not be read becomes a notification."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.model import CheckResult, Finding, Outcome
from bot.report.formats.values import Json
from bot.report.order import findings_in_order

SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'
_LINK = re.compile(r'\[(?=[^\]]*\]\()')
_LEVELS = {'error': 'error', 'warning': 'warning', 'info': 'note'}
# The baseline is the tree the series stands on.
_STATES = {
    'introduced': 'new',
    'fixed-later': 'new',
    'moved': 'updated',
    'pre-existing': 'unchanged',
    'fixed': 'absent',
}


def sarif(check: CheckResult, rules_meta: Mapping[str, Mapping[str, str]], tool: str = '') -> Json:
    """Return one run; `rules_meta` maps a rule's id to `title`, `why` and `help` (an address), each may be absent."""
    found = findings_in_order(check.findings)
    rules = sorted({f.rule: f for f in found}.items())
    name, _, version = (tool or 'lorebot').partition(' ')
    driver: Json = {
        'name': name,
        'rules': [_rule(f, rules_meta.get(rule, {})) for rule, f in rules],
    }
    if version:
        driver['version'] = version
    index = {rule: n for n, (rule, _) in enumerate(rules)}
    return {
        '$schema': SCHEMA,
        'version': '2.1.0',
        'runs': [
            {
                'tool': {'driver': driver},
                'columnKind': 'unicodeCodePoints',
                'invocations': [_invocation(check)],
                'results': [_result(f, index[f.rule]) for f in found],
            }
        ],
    }


def _rule(finding: Finding, meta: Mapping[str, str]) -> Json:
    rule: Json = {'id': finding.rule, 'name': finding.name}
    if meta.get('title'):
        rule['shortDescription'] = {'text': meta['title']}
    if meta.get('why'):
        rule['fullDescription'] = {'text': meta['why']}
    if meta.get('help', '').startswith(('https://', 'http://')):
        rule['helpUri'] = meta['help']
    return rule


def _invocation(check: CheckResult) -> Json:
    ended = check.verdict.outcome in (Outcome.PASSED, Outcome.FAILED)
    unread = sorted(check.coverage.not_read)
    said = [*unread, *check.coverage.notes, *([] if ended else [check.verdict.reason])]
    return {
        'executionSuccessful': ended,
        'toolExecutionNotifications': [
            {'level': 'warning' if ended else 'error', 'message': _message(text)} for text in said
        ],
    }


def _result(f: Finding, index: int) -> Json:
    result: dict[str, Any] = {
        'ruleId': f.rule,
        'ruleIndex': index,
        'level': _LEVELS[f.severity],
        'baselineState': _STATES[f.class_],
        'message': _message(f.message),
        'locations': [_location(f.file, f.line, f.end_line)],
        'partialFingerprints': {'lorebot/v1': f.fingerprint},
        'properties': {'class': f.class_, 'confidence': f.confidence, 'patch': f.patch},
    }
    if f.function:
        result['locations'][0]['logicalLocations'] = [{'name': f.function, 'kind': 'function'}]
    if f.evidence:
        result['relatedLocations'] = [
            {'id': n, **_location(e.file, e.line, e.line), 'message': _message(e.note)}
            for n, e in enumerate(f.evidence, start=1)
        ]
    return result


def _message(text: str) -> Json:
    """Return a plain text message; "[a](b)" would be a link (3.11.6)."""
    return {'text': _LINK.sub(r'\\[', text)}


def _location(file: str, line: int, end: int) -> Json:
    """A path becomes a relative address: percent-encoded, from the top of the tree."""
    region = {'startLine': max(line, 1), 'endLine': max(line, end, 1)}
    address = quote(file.encode('utf-8', 'replace').lstrip(b'/'), safe='/')
    return {'physicalLocation': {'artifactLocation': {'uri': address, 'uriBaseId': 'SRCROOT'}, 'region': region}}
