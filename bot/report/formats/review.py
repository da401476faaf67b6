# SPDX-License-Identifier: GPL-2.0-or-later
"""`lorebot.report/1`: the whole review for programs; the questions and findings in it are those documents, unchanged."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import (
    AppliedTree,
    Attestation,
    BootResult,
    BuildResult,
    CheckResult,
    FirstBad,
    Ledger,
    MailFacts,
    Patch,
    Report,
    Revision,
    Signature,
    Taken,
    Verdict,
    skipped,
)
from bot.model.lab import ConsoleEvent, Diagnostic, TestResult
from bot.report.formats.findings import findings_document
from bot.report.formats.questions import questions_document, series_head
from bot.report.formats.values import Json, person, span, time, verdict
from bot.report.trailers import Given, given_trailers

SCHEMA = 'lorebot.report/1'


def report_document(report: Report) -> Json:
    """Return the review as a document. Seconds of builds and boots are left out: they differ from run to run."""
    verdicts = dict(report.verdicts)
    check = report.check or CheckResult(_of(verdicts, 'check'))
    ledger = report.ledger or Ledger(_of(verdicts, 'questions'))
    return {
        'schema': SCHEMA,
        'tool': report.tool,
        'as_of': report.as_of or None,
        'series': series_head(report.series),
        'revisions': [_revision(r) for r in report.series.revisions],
        'attestations': [_attestation(a) for a in report.attestations],
        'apply': _apply(report.apply) if report.apply else None,
        'findings': findings_document(check),
        'builds': [_build(b) for b in sorted(report.builds, key=lambda b: (b.position, b.target))],
        'boots': [_boot(b) for b in sorted(report.boots, key=lambda b: (b.position, b.machine))],
        'first_bad': [_first_bad(b) for b in report.first_bad],
        'questions': questions_document(ledger, report.series),
        'trailers': [_trailer(t) for t in given_trailers(report)],
        'mail': _mail(report.mail),
        'verdicts': {name: verdict(v) for name, v in report.verdicts},
        'taken': _taken(report.taken) if report.taken else None,
        'changes': [
            {'old': c.old, 'new': c.new, 'how': c.how, 'interdiff': c.interdiff, 'words': c.words}
            for c in report.changes
        ],
    }


def _taken(t: Taken) -> Json:
    return {
        'message_id': t.span.message_id,
        'lines': [t.span.first, t.span.last],
        'said': t.said,
        'who': t.who,
        'date': time(t.date),
        'whole': t.whole,
        'positions': list(t.positions),
        'commits': [{'position': position, 'commit': commit} for position, commit in t.commits],
    }


def _of(verdicts: dict[str, Verdict], stage: str) -> Verdict:
    return verdicts.get(stage, skipped('not asked for'))


def _revision(r: Revision) -> Json:
    base = next((h.value for h in r.base_hints if h.kind == 'base-commit'), None)
    return {
        'revision': r.version,
        'posting': r.posting,
        'message_id': r.message_id,
        'date': time(r.date),
        'rfc': r.rfc,
        'complete': r.complete,
        'base_commit': base,
        'change_id': r.change_id,
        'link_reason': r.link.reason if r.link else None,
        'patches': [_patch(p) for p in r.patches],
        'link': {'reason': r.link.reason, 'confidence': r.link.confidence, 'span': span(r.link.span)}
        if r.link
        else None,
        'subject': r.subject,
        'author': person(r.author),
        'cover': r.cover,
        'resend': r.resend,
        'partial_reroll': r.partial_reroll,
        'expected': r.expected,
        'missing': list(r.missing),
        'base_hints': [{'kind': h.kind, 'value': h.value, 'span': span(h.span)} for h in r.base_hints],
        'thread_root': r.thread_root,
        'notes': list(r.notes),
        'unusable': r.unusable,
    }


def _attestation(a: Attestation) -> Json:
    return {
        'message_id': a.message_id,
        'sender': a.sender,
        'proven': a.proven or None,
        'dkim': _signature(a.dkim),
        'patatt': _signature(a.patatt),
    }


def _signature(s: Signature) -> Json:
    return {
        'state': s.state,
        'signer': s.signer or None,
        'signed': time(s.signed),
        'covers': list(s.covers),
        'reason': s.reason,
    }


def _patch(p: Patch) -> Json:
    return {
        'position': p.position,
        'message_id': p.message_id,
        'subject': p.subject,
        'author': person(p.author),
        'date': time(p.date),
        'files': list(p.files),
        'patch_id': p.patch_id,
    }


def _apply(a: AppliedTree) -> Json:
    return {
        **verdict(a.verdict),
        'tree': a.tree,
        'base': a.base,
        'base_how': a.base_how,
        'baseless': a.baseless,
        'foreign': a.foreign,
        'homes': list(a.homes),
        'tip': a.tip,
        'attempts': [
            {
                'how': t.how,
                'name': t.name,
                'commit': t.commit,
                'chosen': t.chosen,
                'reason': t.reason,
                'found': t.found,
                'wanted': t.wanted,
                'missing': list(t.missing),
            }
            for t in a.attempts
        ],
        'patches': [
            {
                'position': p.position,
                'message_id': p.message_id,
                'subject': p.subject,
                'commit': p.commit,
                'three_way': p.three_way,
            }
            for p in a.patches
        ],
        'conflict': {
            'position': a.conflict.position,
            'message_id': a.conflict.message_id,
            'path': a.conflict.path,
            'hunk': a.conflict.hunk,
            'reason': a.conflict.reason,
        }
        if a.conflict
        else None,
        'ground': a.ground,
        'under': [{'message_id': p.message_id, 'subject': p.subject, 'commit': p.commit} for p in a.under],
        'needs': list(a.needs),
        'merged': [{'position': m.position, 'commit': m.commit, 'by': m.by, 'where': m.where} for m in a.merged],
        'nearest': {'how': a.nearest.how, 'name': a.nearest.name, 'commit': a.nearest.commit} if a.nearest else None,
    }


def _build(b: BuildResult) -> Json:
    return {
        'position': b.position,
        'target': b.target,
        **_lab(b),
        'diagnostics': [_diagnostic(d) for d in b.diagnostics],
        'fixed': [_diagnostic(d) for d in b.fixed],
        'held': b.held,
        'flagged': list(b.flagged),
        'inherited': b.inherited,
        'unbuilt': list(b.unbuilt),
        'config': b.config,
        'lost': list(b.lost),
        'sandbox': b.sandbox,
    }


def _boot(b: BootResult) -> Json:
    return {
        'position': b.position,
        'machine': b.machine,
        **_lab(b),
        'events': [_event(e) for e in b.events],
        'known': [_event(e) for e in b.known],
        'tests': [_test(t) for t in b.tests],
        'facts': [{'name': name, 'value': value} for name, value in b.facts],
        'attempts': b.attempts,
        'sandbox': b.sandbox,
    }


def _first_bad(b: FirstBad) -> Json:
    return {'check': b.check, 'patch': b.patch, 'fixed_by': b.fixed_by, 'masked': list(b.masked), 'reason': b.reason}


def boots_document(boots: Sequence[BootResult], said: Verdict) -> Json:
    """Return `lorebot.boots/1`: boots of an image that belongs to no series; each as in the review."""
    found = sorted(boots, key=lambda b: b.machine)
    return {'schema': 'lorebot.boots/1', 'boots': [_boot(b) for b in found], 'verdicts': {'boot': verdict(said)}}


def _lab(result: BuildResult | BootResult) -> Json:
    artefacts = [{'name': name, 'digest': digest} for name, digest in sorted(result.artefacts)]
    return {**verdict(result.verdict), 'artefacts': artefacts, 'reproducer': result.reproducer}


def _diagnostic(d: Diagnostic) -> Json:
    return {
        'tool': d.tool,
        'severity': d.severity,
        'file': d.file,
        'line': d.line,
        'function': d.function,
        'message': d.message,
        'option': d.option,
    }


def _event(e: ConsoleEvent) -> Json:
    return {
        'kind': e.kind,
        'title': e.title,
        'function': e.function,
        'at': e.at,
        'text': e.text,
        'lines': [e.first, e.last],
        'count': e.count,
        'fatal': e.fatal,
        'places': list(e.places),
    }


def _test(t: TestResult) -> Json:
    return {'name': t.name, 'outcome': str(t.outcome), 'reason': t.reason, 'parts': [_test(p) for p in t.parts]}


def _trailer(given: Given) -> Json:
    t = given.trailer
    return {
        'name': t.name,
        'value': t.value,
        'person': person(t.person),
        'given_to': t.given_to,
        'posting': given.posting,
        'position': given.position,
        'message_id': t.span.message_id,
        'lines': [t.span.first, t.span.last],
        'carried': t.carried,
        'mismatch': t.mismatch,
        'open_questions': list(given.open_questions),
    }


def _mail(m: MailFacts) -> Json:
    return {
        'archive': m.archive or None,
        'messages': m.messages,
        'people': [{'name': p.name, 'email': p.email, 'messages': n} for p, n in m.people],
        'absent': sorted(m.absent),
        'odd': [{'message_id': i, 'reason': why} for i, why in sorted(m.odd)],
        'other_series': sorted(m.other_series),
    }
