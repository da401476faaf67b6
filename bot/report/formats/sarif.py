# SPDX-License-Identifier: GPL-2.0-or-later
"""Findings as SARIF 2.1.0 (OASIS), for code scanning pages and editors; what could not be read becomes a notification.

Promises what code scanning pages ask for beyond the standard: complete regions, a fingerprint that survives shifted
lines, a help text for every rule, and their limits kept. Refuses absolute paths: all is relative to the top of the tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from bot.model import CheckResult, Evidence, Excerpt, Finding, Outcome
from bot.report.formats.values import Json
from bot.report.order import findings_in_order

SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'
TOP = 'SRCROOT'
# What code scanning of GitHub takes of one run, one result and one rule (docs: SARIF results exceed limits).
MOST_RESULTS, MOST_LOCATIONS, MOST_STEPS, MOST_WORDS = 5000, 100, 1000, 1000
_LEVELS = {'error': 'error', 'warning': 'warning', 'info': 'note'}
_PROBLEMS = {'error': 'error', 'warning': 'warning', 'info': 'recommendation'}
# The baseline is the tree the series stands on.
_STATES = {
    'introduced': 'new',
    'fixed-later': 'new',
    'moved': 'updated',
    'pre-existing': 'unchanged',
    'fixed': 'absent',
}
# What is gone after the series is no failure: a page that knows no baseline must not show it as one.
_KINDS = {'fixed': 'pass', 'fixed-later': 'informational'}


def sarif(check: CheckResult, rules_meta: Mapping[str, Mapping[str, str]], tool: str = '') -> Json:
    """Return one run; `rules_meta` maps a rule's id to `title`, `why`, `help` (an address), `text` (Markdown),
    `severity` and `confidence`, each may be absent."""
    found = [*findings_in_order(check.findings), *findings_in_order(check.allowed)]
    shown = found[:MOST_RESULTS]
    rules = sorted({f.rule: f for f in reversed(shown)}.items())
    name, _, version = (tool or 'lorebot').partition(' ')
    driver: Json = {
        'name': name,
        'rules': [_rule(f, rules_meta.get(rule, {})) for rule, f in rules],
    }
    if version:
        driver['version'] = driver['semanticVersion'] = version
    index = {rule: n for n, (rule, _) in enumerate(rules)}
    return {
        '$schema': SCHEMA,
        'version': '2.1.0',
        'runs': [
            {
                'tool': {'driver': driver},
                'automationDetails': {'id': f'{name}/check/'},
                'columnKind': 'unicodeCodePoints',
                'originalUriBaseIds': {TOP: {'description': {'text': 'the top of the kernel tree that was checked'}}},
                'invocations': [_invocation(check, len(found) - len(shown))],
                'results': [_result(f, index[f.rule]) for f in shown],
            }
        ],
    }


def _rule(finding: Finding, meta: Mapping[str, str]) -> Json:
    title = meta.get('title') or finding.name
    why = ' '.join(meta.get('why', '').split()) or title
    severity, confidence = meta.get('severity', finding.severity), meta.get('confidence', finding.confidence)
    rule: Json = {
        'id': finding.rule,
        'name': finding.name,
        'shortDescription': {'text': _cut(title)},
        'fullDescription': {'text': _cut(why)},
        'help': {'text': _cut(why), 'markdown': meta.get('text') or why},
        'defaultConfiguration': {'level': _LEVELS[severity]},
        'properties': {
            'tags': ['correctness', 'linux-kernel', finding.rule.partition('-')[0].lower()],
            'precision': confidence,
            'problem.severity': _PROBLEMS[severity],
        },
    }
    if meta.get('help', '').startswith(('https://', 'http://')):
        rule['helpUri'] = meta['help']
    return rule


def _cut(text: str) -> str:
    return text if len(text) <= MOST_WORDS else f'{text[: MOST_WORDS - 3]}...'


def _invocation(check: CheckResult, left_out: int) -> Json:
    ended = check.verdict.outcome in (Outcome.PASSED, Outcome.FAILED)
    unread = sorted(check.coverage.not_read)
    said = [*unread, *check.coverage.notes, *([] if ended else [check.verdict.reason])]
    if left_out:
        said.append(f'{left_out} results are left out, the least severe: a run takes {MOST_RESULTS}')
    return {
        'executionSuccessful': ended,
        'toolExecutionNotifications': [
            {'level': 'warning' if ended else 'error', 'message': _message(text)} for text in said
        ],
    }


def _result(f: Finding, index: int) -> Json:
    kind = _KINDS.get(f.class_, 'fail')
    result: dict[str, Any] = {
        'ruleId': f.rule,
        'ruleIndex': index,
        'kind': kind,
        'level': _LEVELS[f.severity] if kind == 'fail' else 'none',
        'baselineState': _STATES[f.class_],
        'message': _message(_cut(f.message)),
        'locations': [_location(f.file, f.line, f.end_line, f.mark or next(iter(f.excerpt), None))],
        'partialFingerprints': {'lorebot/v1': f.fingerprint, 'primaryLocationLineHash': f'{f.fingerprint}:1'},
        'properties': {'class': f.class_, 'confidence': f.confidence, 'patch': f.patch},
    }
    if f.function:
        result['locations'][0]['logicalLocations'] = [{'name': f.function, 'kind': 'function'}]
    if f.evidence:
        result['relatedLocations'] = [{'id': n, **_step(e)} for n, e in enumerate(f.evidence[:MOST_LOCATIONS], start=1)]
    if len(f.evidence) > 1:
        steps = [{'location': _step(e), 'executionOrder': n} for n, e in enumerate(f.evidence[:MOST_STEPS], start=1)]
        result['codeFlows'] = [{'threadFlows': [{'locations': steps}]}]
    if f.allowed:
        by = 'external' if f.allowed == 'the baseline has it' else 'inSource'
        result['suppressions'] = [{'kind': by, 'status': 'accepted', 'justification': f.allowed}]
    return result


def _step(e: Evidence) -> Json:
    return {**_location(e.file, e.line, e.line, e.excerpt), 'message': _message(_cut(e.note))}


def _message(text: str) -> Json:
    """Return a plain text message; "[a](b)" would be a link (3.11.6)."""
    parts = text.split(']')
    links = [part.replace('[', '\\[') if after.startswith('(') else part for part, after in pairwise(parts)]
    return {'text': ']'.join([*links, parts[-1]])}


def _location(file: str, line: int, end: int, at: Excerpt | None) -> Json:
    """A path becomes a relative address: percent-encoded, from the top of the tree."""
    address = quote(file.encode('utf-8', 'replace').lstrip(b'/'), safe='/')
    return {
        'physicalLocation': {'artifactLocation': {'uri': address, 'uriBaseId': TOP}, 'region': _region(line, end, at)}
    }


def _region(line: int, end: int, at: Excerpt | None) -> Json:
    """The expression where it is known, else the whole lines; columns end one past the last sign (3.30.8)."""
    if at is None:
        return {'startLine': max(line, 1), 'startColumn': 1, 'endLine': max(line, end, 1), 'endColumn': 2}
    first, last = (at.first, at.last) if at.first else (len(at.text) - len(at.text.lstrip()) + 1, len(at.text))
    return {
        'startLine': max(at.line, 1),
        'startColumn': first,
        'endLine': max(at.line, 1),
        'endColumn': max(last, first) + 1,
        **({'snippet': {'text': at.text}} if at.text else {}),
    }
