# SPDX-License-Identifier: GPL-2.0-or-later
"""`lorebot.points/1`: what became of the points on earlier postings, for programs; all of them, none is cut."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Question, Report
from bot.report.formats.questions import series_head
from bot.report.formats.values import Json, person, verdict
from bot.report.order import in_order_asked
from bot.report.sections.frame import Frame, frame
from bot.report.sections.points import changelog, group_of, points_asked
from bot.report.sections.points import verdict as verdict_of

SCHEMA = 'lorebot.points/1'


def points_document(report: Report, link: str, notes: Sequence[str] = ()) -> Json:
    """Return the points as a document; `link` is put before message-ids in the lines for the changelog."""
    at, ledger = frame(report, link), report.ledger
    newest = at.newest
    return {
        'schema': SCHEMA,
        'tool': report.tool,
        'as_of': report.as_of or None,
        'series': series_head(report.series),
        'before': [r.message_id for r in report.series.revisions[:-1]],
        'after': {'revision': newest.version, 'posting': newest.posting, 'message_id': newest.message_id},
        'points': [_point(at, q) for q in in_order_asked(points_asked(at))],
        'changelog': list(changelog(at)),
        'coverage': {
            'messages': ledger.coverage.messages if ledger else 0,
            'ghosts': len(ledger.coverage.ghosts) if ledger else 0,
            'notes': [*notes, *(ledger.coverage.notes if ledger else ())],
        },
        'verdict': verdict(at.verdict('questions')),
    }


def _point(at: Frame, q: Question) -> Json:
    last = q.answers[-1] if q.answers else None
    return {
        'id': q.id,
        'qhash': q.qhash,
        'group': group_of(at, q),
        'asker': person(q.asker),
        'text': q.text,
        'kind': q.kind,
        'class': q.class_,
        'state': q.state,
        'qualifier': q.qualifier,
        'flags': sorted(q.flags),
        'revision_asked': q.revision_asked,
        'message_id': q.message_id,
        'seen_in': q.seen_in,
        'lines': list(q.lines),
        'verdict': verdict_of(at, q) or None,
        'evidence': next((v.evidence for v in reversed(q.verdicts) if v.revision == at.newest.version), ''),
        'answer': {'message_id': last.message_id, 'lines': list(last.lines)} if last else None,
    }
