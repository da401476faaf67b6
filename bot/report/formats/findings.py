# SPDX-License-Identifier: GPL-2.0-or-later
"""`lorebot.findings/1`: what the checks found, for programs, with the flags and bit budgets that changed."""

from __future__ import annotations

from bot.model import BitBudget, BudgetState, CheckResult, Excerpt, Finding, FlagChange
from bot.report.formats.values import Json, verdict
from bot.report.order import budgets_in_order, findings_in_order, flags_in_order, sites_in_order

SCHEMA = 'lorebot.findings/1'


def findings_document(check: CheckResult) -> Json:
    """Return the result of the checks as a document; lines of evidence keep their order, it is an argument."""
    coverage = check.coverage
    return {
        'schema': SCHEMA,
        'findings': [_finding(f) for f in findings_in_order(check.findings)],
        'flags': [_flag(f) for f in flags_in_order(check.flags)],
        'budgets': [_budget(b) for b in budgets_in_order(check.budgets)],
        'allowed': [_finding(f) for f in findings_in_order(check.allowed)],
        'coverage': {
            'files': coverage.files,
            'functions': coverage.functions,
            'damaged_functions': coverage.damaged_functions,
            'not_read': sorted(coverage.not_read),
            'notes': list(coverage.notes),
        },
        'verdict': verdict(check.verdict),
    }


def _finding(f: Finding) -> Json:
    return {
        'rule': f.rule,
        'name': f.name,
        'severity': f.severity,
        'confidence': f.confidence,
        'file': f.file,
        'line': f.line,
        'end_line': f.end_line,
        'function': f.function,
        'message': f.message,
        'patch': f.patch,
        'class': f.class_,
        'fingerprint': f.fingerprint,
        'evidence': [{'file': e.file, 'line': e.line, 'note': e.note, **_place(e.excerpt)} for e in f.evidence],
        'excerpt': [{'line': e.line, **_place(e)} for e in f.excerpt],
        'allowed': f.allowed,
    }


def _place(e: Excerpt | None) -> Json:
    return {'text': e.text if e else '', 'column': e.first if e else 0, 'end_column': e.last if e else 0}


def _flag(f: FlagChange) -> Json:
    return {
        'flag': f.flag,
        'change': f.change,
        'before': f.before,
        'after': f.after,
        'patch': f.patch,
        'sites': [
            {
                'file': s.file,
                'line': s.line,
                'function': s.function,
                'role': s.role,
                'text': s.text,
                'patch': s.patch,
                'note': s.note,
            }
            for s in sites_in_order(f.sites)
        ],
    }


def _budget(b: BitBudget) -> Json:
    return {
        'counter': b.counter,
        'patch': b.patch,
        'consequence': b.consequence,
        'before': _state(b.before),
        'after': _state(b.after),
    }


def _state(state: BudgetState) -> Json:
    return {
        'pin_bits': state.pin_bits,
        'max_pins': state.max_pins,
        'max_plain': state.max_plain,
        'fillers': [
            {'amount': one.amount, 'file': one.file, 'line': one.line, 'function': one.function, 'text': one.text}
            for one in state.fillers
        ],
        'rows': [
            {
                'owner': r.owner,
                'macro': r.macro,
                'value': r.value,
                'low': r.low,
                'high': r.high,
                'file': r.file,
                'line': r.line,
            }
            for r in sorted(state.rows, key=lambda r: (r.low, r.high, r.owner, r.macro, r.file, r.line))
        ],
    }
