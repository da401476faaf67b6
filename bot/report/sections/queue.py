# SPDX-License-Identifier: GPL-2.0-or-later
"""The queue as lines: what, why, how long, and the command to go on with. Nothing is judged here, all came in order."""

from __future__ import annotations

import shlex
from datetime import datetime, timedelta

from bot.model import Entry, HeldResult, Queue, Reason
from bot.report.inert import inert, one_line
from bot.report.layout import width
from bot.report.places import Places
from bot.report.queue_contexts import QueuePage, QueuePart, ReasonLine, ResultLine, SeriesLine
from bot.report.sections.frame import version
from bot.report.words import day, grouped, listed

_SUBJECT = 32
_REASON = 33
# Parts that ask nothing of the reader: so many lines each, and none about what is older than a release cycle.
_QUIET = {'others': 4, 'stale': 4, 'taken': 3, 'superseded': 3, 'nothing': 0}
_RECENT = timedelta(days=70)
_COMMANDS = {
    'questions': 'lorebot questions {}',
    'points': 'lorebot questions {} --points',
    'review': 'lorebot review {}',
}


def queue_page(found: Queue, link: str, why: bool = False, brief: bool = True) -> QueuePage:
    """Return the context of the queue; `why` asks for every reason, `brief` cuts the parts nobody has to act on."""
    places = Places(link)
    by_rule = grouped(found.entries, lambda entry: entry.rule)
    parts = []
    for rule in found.rules:
        entries = by_rule.get(rule.name, [])
        shown = _shown(entries, rule.name, found) if brief and not why else entries
        if entries:
            lines = tuple(_series(places, entry, found.as_of) for entry in shown)
            parts.append(QueuePart(rule.name, rule.title, rule.says, lines, len(entries) - len(shown)))
    pressing = [entry for entry in found.entries if entry.rule not in _QUIET]
    return inert(
        QueuePage(
            whose=(found.names or found.addresses or ('',))[0],
            as_of=found.as_of.strftime('%Y-%m-%d %H:%M') if found.as_of else '',
            total=len(found.entries),
            pressing=len(pressing),
            parts=tuple(parts),
            next=next_command(pressing[0]) if pressing else '',
            paces=_paces(found),
            sources=found.sources,
            mails=found.mails,
            notes=found.notes,
            why=why,
        )
    )


def _shown(entries: list[Entry], rule: str, found: Queue) -> list[Entry]:
    """Return what a short list has of a part: of what is silent all that the person looking sent, whom else it waits for."""
    if rule not in _QUIET:
        return entries
    now = found.as_of
    recent = [e for e in entries if now and (e.reasons[0].since or now) >= now - _RECENT][: _QUIET[rule]]
    own = [e for e in entries if rule == 'stale' and _own(e, found)]
    return [e for e in entries if e in recent or e in own]


def _own(entry: Entry, found: Queue) -> bool:
    author = entry.series.newest.author
    return author.email.lower() in {a.lower() for a in found.addresses} or author.name in found.names


def _paces(found: Queue) -> tuple[str, ...]:
    """Return the paces that were used, that of most series first."""
    used = grouped(found.entries, lambda entry: entry.pace)
    return tuple(sorted(used, key=lambda pace: -len(used[pace])))


def next_command(entry: Entry) -> str:
    """Return what to type next, safe for a shell; nothing when nothing is to be done."""
    form = _COMMANDS.get(entry.reasons[0].step, '')
    return form.format(shlex.quote(entry.source)) if form else ''


def age_in_days(since: datetime | None, until: datetime | None) -> str:
    """Return "3d"; hours are no waiting. Nothing when either end is unknown."""
    return f'{max((until - since).days, 0)}d' if since and until else ''


def _series(places: Places, entry: Entry, now: datetime | None) -> SeriesLine:
    newest = entry.series.newest
    older = entry.series.revisions[-2::-1]
    return SeriesLine(
        number=entry.number,
        version=version(newest),
        subject=entry.series.subject,
        short=cut(one_line(f'{version(newest)} {entry.series.subject}'), _SUBJECT),
        author=entry.series.author.label,
        place=places.mail(newest.message_id),
        posted=day(newest.date),
        reason=_reason(places, entry.reasons[0], now),
        others=tuple(_reason(places, reason, now) for reason in entry.reasons[1:]),
        cold=entry.cold,
        pace=entry.pace,
        silent=age_in_days(entry.last_mail, now),
        results=tuple(_result(result) for result in entry.results),
        earlier=tuple(places.mail(revision.message_id) for revision in older),
        mails=entry.mails,
        notes=entry.notes,
        next=next_command(entry),
    )


def _reason(places: Places, reason: Reason, now: datetime | None) -> ReasonLine:
    return ReasonLine(
        rule=reason.rule,
        what=reason.what,
        brief=cut(one_line(reason.what), _REASON),
        age=age_in_days(reason.since, now),
        since=day(reason.since),
        questions=listed(list(reason.questions)),
        places=tuple(places.mail(s.message_id, (s.first, s.last)) for s in reason.places),
    )


def _result(result: HeldResult) -> ResultLine:
    return ResultLine(result.stage, str(result.verdict.outcome), result.verdict.reason, day(result.made_at))


def cut(text: str, columns: int) -> str:
    """Return the text, its end given up when it is wider than so many columns."""
    if width(text) <= columns:
        return text
    while text and width(text) > columns - 3:
        text = text[:-1]
    return f'{text.rstrip()}...'
