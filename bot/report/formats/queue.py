# SPDX-License-Identifier: GPL-2.0-or-later
"""`lorebot.queue/1`: the series in order with their reasons, for programs; no number in it is a score."""

from __future__ import annotations

from bot.model import Entry, HeldResult, Pace, PlacingRule, Queue, Reason
from bot.report.formats.questions import series_head
from bot.report.formats.values import Json, span, time, verdict
from bot.report.sections.queue import next_command

SCHEMA = 'lorebot.queue/1'


def queue_document(found: Queue, tool: str) -> Json:
    """Return the queue as a document; `series` stands in the order of the list."""
    mine = {'addresses': list(found.addresses), 'names': list(found.names)}
    return {
        'schema': SCHEMA,
        'tool': tool,
        'as_of': time(found.as_of),
        'me': mine if found.addresses else None,
        'rules': [_rule(rule) for rule in found.rules],
        'series': [_entry(entry) for entry in found.entries],
        'paces': [_pace(pace) for pace in found.paces],
        'coverage': {'sources': found.sources, 'messages': found.mails, 'notes': list(found.notes)},
    }


def _rule(rule: PlacingRule) -> Json:
    return {'rule': rule.name, 'title': rule.title, 'says': rule.says, 'over': rule.over}


def _entry(entry: Entry) -> Json:
    newest = entry.series.newest
    return {
        **series_head(entry.series),
        'rfc': newest.rfc,
        'posting': newest.posting,
        'message_id': newest.message_id,
        'date': time(newest.date),
        'source': entry.source,
        'rule': entry.rule,
        'reasons': [_reason(reason) for reason in entry.reasons],
        'last_mail': time(entry.last_mail),
        'cold': entry.cold,
        'messages': entry.mails,
        'results': [_result(result) for result in entry.results],
        'superseded': [r.message_id for r in entry.series.revisions[:-1]],
        'next': next_command(entry) or None,
        'notes': list(entry.notes),
    }


def _reason(reason: Reason) -> Json:
    return {
        'rule': reason.rule,
        'what': reason.what,
        'since': time(reason.since),
        'who': list(reason.who),
        'questions': list(reason.questions),
        'evidence': [span(place) for place in reason.places],
    }


def _result(result: HeldResult) -> Json:
    return {'stage': result.stage, **verdict(result.verdict), 'made_at': time(result.made_at)}


def _pace(pace: Pace) -> Json:
    return {
        'list': pace.list_id or None,
        'days': pace.days,
        'answers': pace.answers,
        'within': pace.within,
        'measured': pace.measured,
    }
