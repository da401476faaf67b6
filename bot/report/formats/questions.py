# SPDX-License-Identifier: GPL-2.0-or-later
"""`lorebot.questions/1`: the ledger of a series for programs; values are those of the ledger, none is judged anew."""

from __future__ import annotations

from bot.model import Aim, Answer, Command, Event, Ghost, Ledger, Question, RevisionVerdict, Series
from bot.report.formats.values import Json, person, time, verdict
from bot.report.order import ghosts_in_order, in_order_asked

SCHEMA = 'lorebot.questions/1'


def questions_document(ledger: Ledger, series: Series | None) -> Json:
    """Return the ledger as a document; `series` is None for mail that holds no series."""
    return {
        'schema': SCHEMA,
        'series': series_head(series) if series else None,
        'coverage': {
            'messages': ledger.coverage.messages,
            'ghosts': [_ghost(g) for g in ghosts_in_order(ledger.coverage.ghosts)],
            'notes': list(ledger.coverage.notes),
        },
        'verdict': verdict(ledger.verdict),
        'questions': [_question(q) for q in in_order_asked(ledger.questions)],
        'commands': [_command(c, c.id in ledger.undone) for c in ledger.commands],
        'muted': ledger.muted,
    }


def series_head(series: Series) -> Json:
    return {
        'subject': series.subject,
        'author': person(series.author),
        'change_id': series.change_id,
        'revision': series.newest.version,
    }


def _ghost(ghost: Ghost) -> Json:
    return {
        'message_id': ghost.message_id,
        'author': person(ghost.author),
        'date': time(ghost.date),
        'seen_in': ghost.seen_in,
    }


def _question(q: Question) -> Json:
    return {
        'id': q.id,
        'qhash': q.qhash,
        'asker': person(q.asker),
        'message_id': q.message_id,
        'seen_in': q.seen_in,
        'date': time(q.date),
        'quote_depth': q.quote_depth,
        'lines': list(q.lines),
        'text': q.text,
        'to': list(q.to),
        'kind': q.kind,
        'class': q.class_,
        'tier': q.tier,
        'state': q.state,
        'qualifier': q.qualifier,
        'waiting_on': q.waiting_on,
        'flags': sorted(q.flags),
        'revision_asked': q.revision_asked,
        'posting_asked': q.posting_asked,
        'revision_settled': q.revision_settled,
        'posting_settled': q.posting_settled,
        'verdicts': [_verdict(v) for v in q.verdicts],
        'answers': [_answer(a) for a in q.answers],
        'events': [_event(e) for e in q.events],
        'links': sorted(q.links),
        'title': q.title,
        'duplicate_of': q.duplicate_of,
        'by': q.by,
    }


def _verdict(v: RevisionVerdict) -> Json:
    return {'revision': v.revision, 'verdict': v.verdict, 'evidence': v.evidence}


def _answer(a: Answer) -> Json:
    return {
        'message_id': a.message_id,
        'author': person(a.author),
        'lines': list(a.lines),
        'directness': a.directness,
    }


def _event(e: Event) -> Json:
    return {
        'kind': e.kind,
        'message_id': e.message_id,
        'lines': list(e.lines),
        'rule': e.rule,
        'at': time(e.at),
        'actor': e.actor,
        'note': e.note,
        'command': e.command,
    }


def _command(c: Command, undone: bool) -> Json:
    return {
        'id': c.id,
        'at': time(c.at),
        'actor': c.actor,
        'verb': c.verb,
        'text': c.text,
        'message_id': c.message_id,
        'line': c.line,
        'undone': undone,
        'aims': [_aim(a) for a in c.aims],
    }


def _aim(a: Aim) -> Json:
    return {
        'id': a.name,
        'qhash': a.qhash,
        'message_id': a.message_id,
        'seen_in': a.seen_in,
        'lines': list(a.lines),
        'role': a.role,
        'effect': a.effect,
        'because': a.because,
    }
