# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts items, responses, states and verdicts together into the ledger of a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.config import Questions
from bot.model import (
    Answer,
    Command,
    Event,
    Heard,
    Ledger,
    Question,
    QuestionCoverage,
    QuoteGraph,
    Revision,
    Series,
    Thread,
    passed,
    skipped,
)
from bot.model.memory import current
from bot.questions.again import asked_again
from bot.questions.applied import applied
from bot.questions.asked import Asked, collect, ghosts_seen
from bot.questions.book import Book, Log
from bot.questions.bots import automatic
from bot.questions.conversation import EPOCH, Conversation, converse
from bot.questions.effects import moves
from bot.questions.link import Response, link
from bot.questions.overlap import weights
from bot.questions.react import events_of, tags
from bot.questions.revise import Outcome, Reviser, settled_by
from bot.questions.scope import about_series
from bot.questions.state import Standing, in_order, settle
from bot.questions.vouched import vouched
from bot.questions.zones import Zone

_ANSWERING = ('answered', 'promised', 'deferred', 'discussed')


def ask(
    threads: Sequence[Thread],
    series: Series | None,
    graph: QuoteGraph,
    settings: Questions,
    as_of: datetime | None = None,
    commands: Log = (),
    own: str = '',
    heard: Sequence[Heard] = (),
) -> Ledger:
    """Return the ledger as it stood on the day `as_of` (None: when the newest mail was written).

    `commands` are all that were ever recorded about these mails; `own` is the address lorebot writes from, `heard`
    what was found out about commands in them.
    """
    with current():
        return _ask(threads, series, graph, settings, as_of, commands, own, heard)


def _ask(
    threads: Sequence[Thread],
    series: Series | None,
    graph: QuoteGraph,
    settings: Questions,
    as_of: datetime | None,
    commands: Sequence[Command],
    own: str,
    heard: Sequence[Heard],
) -> Ledger:
    talk = converse(threads, series, graph, as_of)
    if not talk.messages:
        return Ledger(skipped('there is no mail to read'), (), QuestionCoverage(0))
    ours = about_series(talk, threads, series)
    book = Book(talk, [one for one in collect(talk, graph) if one.seen_in in ours], commands, as_of)
    asked = book.asked
    rare = weights(b.text for found in talk.blocks.values() for b in found)
    responses = link(talk, asked, rare)
    events = _events(talk, asked, responses, series)
    mine: list[list[Response]] = [[] for _ in asked]
    for response in responses:
        mine[response.item].append(response)
    now = as_of or max((m.date or EPOCH for m in talk.messages.values()), default=EPOCH)
    shown = up_to(series, now) if series else None
    reviser = Reviser(talk, asked, shown, rare, events)
    for index, event in asked_again(asked, reviser.postings_of(), rare):
        events[index].append(event)
    book.enter(events, mine, shown)
    setting = _Setting(shown, settings, now)
    questions = tuple(
        _question(talk, one, book.names[i], events[i], mine[i], reviser.judge(i, events[i]), setting)
        for i, one in enumerate(asked)
    )
    coverage = _coverage(talk, graph, series, len(talk.messages) - len(ours))
    done = Ledger(passed(), tuple(sorted(questions, key=_place)), coverage)
    return book.close(done, series, own, heard, ours)


@dataclass(frozen=True, slots=True)
class _Setting:
    """What all questions of a ledger share."""

    series: Series | None
    settings: Questions
    now: datetime


def up_to(series: Series, now: datetime) -> Series:
    """Return the series without postings, and patches of postings, that are later than the day asked for."""
    known = (_patchesup_to(r, now) for r in series.revisions if (r.date or EPOCH) <= now)
    return replace(series, revisions=tuple(known))


def _patchesup_to(posting: Revision, now: datetime) -> Revision:
    early = tuple(p for p in posting.patches if (p.date or EPOCH) <= now)
    return posting if len(early) == len(posting.patches) else replace(posting, patches=early)


def _place(question: Question) -> tuple[datetime, str, str, tuple[int, int], str]:
    return (question.date or EPOCH, question.message_id or '', question.seen_in, question.lines, question.id)


def _events(
    talk: Conversation, asked: Sequence[Asked], responses: Sequence[Response], series: Series | None
) -> list[list[Event]]:
    events: list[list[Event]] = [[_asking(one)] for one in asked]
    for index, event in events_of(talk, asked, responses):
        events[index].append(event)
    for index, event in (*tags(talk, asked), *vouched(talk, asked, series), *applied(talk, asked)):
        events[index].append(event)
    return events


def _asking(one: Asked) -> Event:
    note = f'{one.item.tier}, weight {one.item.score:+.1f}: {", ".join(one.item.why)}'
    lines = (one.item.first, one.item.last)
    return Event('asked', one.seen_in, lines, f'find:{one.item.kind}', one.date, one.asker.label, note)


def _question(
    talk: Conversation,
    one: Asked,
    name: str,
    events: Sequence[Event],
    responses: Sequence[Response],
    outcome: Outcome,
    setting: _Setting,
) -> Question:
    # What was looked at and found as it was stays open, whatever tag its asker gave since.
    unmoved = bool(outcome.verdicts) and outcome.verdicts[-1].verdict in ('unaddressed', 'promised-not-visible')
    ordered = in_order(e for e in [*events, *outcome.events] if not (unmoved and e.kind == 'vouched'))
    standing = settle(ordered, one.asker.label, one.to)
    standing = _aged(standing, ordered, setting.settings, setting.now)
    posting = _posting(setting.series, one)
    postings = setting.series.revisions if setting.series else ()
    settled = settled_by(ordered, postings) if standing.state == 'resolved' else (None, None)
    return Question(
        id=name,
        qhash=one.qhash,
        asker=one.asker,
        message_id=one.message_id,
        seen_in=one.seen_in,
        date=one.date,
        quote_depth=one.depth,
        lines=(one.item.first, one.item.last),
        text=' '.join(one.item.text.split()),
        to=one.to,
        kind=one.item.kind,
        class_=one.class_,
        tier=one.item.tier,
        state=standing.state,
        qualifier=standing.qualifier,
        waiting_on=standing.waiting_on,
        flags=standing.flags,
        revision_asked=posting[0],
        posting_asked=posting[1],
        revision_settled=settled[0],
        posting_settled=settled[1],
        verdicts=outcome.verdicts,
        answers=_answers(talk, ordered, responses),
        events=ordered,
        by=standing.by,
    )


def _aged(standing: Standing, events: Sequence[Event], settings: Questions, now: datetime) -> Standing:
    if standing.state not in ('open', 'contested'):
        return standing
    last = max((e.at or EPOCH for e in events if not e.command or moves(e)), default=EPOCH)
    if last == EPOCH:
        return standing
    if now - last >= timedelta(days=settings.very_stale_days):
        return standing.flagged('very-stale')
    return standing.flagged('stale') if now - last >= timedelta(days=settings.stale_days) else standing


def _posting(series: Series | None, one: Asked) -> tuple[int | None, int | None]:
    """Return revision and posting under discussion on the day of the question."""
    if series is None or one.date is None:
        return (None, None)
    before = [r for r in series.revisions if r.date is None or r.date <= one.date]
    return (before[-1].version, before[-1].posting) if before else (None, None)


def _answers(talk: Conversation, events: Sequence[Event], responses: Sequence[Response]) -> tuple[Answer, ...]:
    """Return the blocks that answer, the most direct first."""
    how = {(r.block.message.message_id, r.block.first): r for r in responses}
    found: list[Answer] = []
    for event in events:
        response = how.get((event.message_id, event.lines[0]))
        if event.kind in _ANSWERING and (response or event.rule == 'note-of-posting'):
            directness = response.directness if response else 'weak'
            found.append(Answer(event.message_id, talk.messages[event.message_id].author, event.lines, directness))
    return tuple(sorted(found, key=lambda a: ('direct', 'near', 'weak').index(a.directness)))


def _coverage(talk: Conversation, graph: QuoteGraph, series: Series | None, others: int) -> QuestionCoverage:
    ghosts = ghosts_seen(talk, graph)
    notes: list[str] = []
    if others:
        said = ('is', 'it was', 'it asks') if others == 1 else ('are', 'they were', 'they ask')
        notes.append(
            f'{others} of {len(talk.messages)} mails {said[0]} about other work: {said[1]} read for answers, '
            f'what {said[2]} is not listed'
        )
    robots = sum(automatic(m) for m in talk.messages.values())
    if robots:
        sent = '1 mail was sent by a program' if robots == 1 else f'{robots} mails were sent by programs'
        notes.append(f'{sent}; what they ask is not listed')
    unread = [m for m in talk.messages.values() if m.unusable]
    notes.extend(f'{m.message_id}: {m.unusable}' for m in unread)
    flat = [mid for mid, shape in talk.layouts.items() if Zone.FLAT in shape.zones]
    notes.extend(
        f'{mid}: its line breaks are lost; who wrote which part of it cannot be told, so nothing is taken from it'
        for mid in flat
    )
    if series and not any(r.patches or r.message_id in talk.messages for r in series.revisions):
        notes.append('no mail of the series itself was read: only what replies say and quote of it is known')
    if len(talk.messages) == 1:
        notes.append('only one mail was read: what is open here may be answered in mails that are not at hand')
    return QuestionCoverage(len(talk.messages), ghosts, tuple(notes))


def why(ledger: Ledger, name: str) -> list[str]:
    """Return every event of a question as a line with its place and rule; empty when there is no such question."""
    found = next((q for q in ledger.questions if name in (q.id, q.qhash)), None)
    if found is None:
        return []
    lines = []
    for event in found.events:
        when = event.at.strftime('%Y-%m-%d %H:%M') if event.at else 'date unknown'
        place = f'{event.message_id} lines {event.lines[0]}-{event.lines[1]}'
        said = ': '.join(part for part in (event.command, event.note) if part)
        note = f' ({said})' if said else ''
        lines.append(f'{when}  {event.kind} by {event.actor or "nobody known"}: {place}, rule {event.rule}{note}')
    return lines
