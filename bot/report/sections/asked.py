# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions: what waits for somebody one by one, all else as ids by state. A class sorts, it never hides."""

from __future__ import annotations

from bot.model import Event, Ledger, Question
from bot.report.contexts import QuestionGroup, QuestionItem, QuestionsSection, ReplyItem, StateLine
from bot.report.order import in_order_asked
from bot.report.sections.frame import Frame
from bot.report.trailers import open_questions
from bot.report.words import age, anchor, day, grouped, listed

_CLASSES = (('design', 'on design'), ('implementation', 'on the code'), ('process', 'on process'), ('nit', 'nits'))
_PRESSING = ('re-asked', 'nak', 'promised')
_STATES = ('answered', 'resolved', 'deferred', 'withdrawn')


def questions_section(frame: Frame) -> QuestionsSection:
    verdict, ledger = frame.verdict('questions'), frame.report.ledger or Ledger(frame.verdict('questions'))
    listable = [q for q in in_order_asked(ledger.questions) if not _shelved(q)]
    counted = [q for q in listable if q.tier != 'possible']
    waiting = open_questions(frame.report)
    return QuestionsSection(
        outcome=str(verdict.outcome),
        reason=verdict.reason,
        total=len(counted),
        open_count=len(waiting),
        groups=_groups(frame, waiting),
        settled=_settled(counted),
        possible=listed([q.id for q in listable if q.tier == 'possible']),
        commands=_settled_by([q for q in in_order_asked(ledger.questions) if q.by and q not in waiting]),
    )


def _shelved(question: Question) -> bool:
    """Tell whether a command took the question off every list: it is none, or others stand for it."""
    return question.state == 'withdrawn' and question.qualifier in ('untracked', 'duplicate', 'split')


def _settled_by(questions: list[Question]) -> tuple[str, ...]:
    """Return a sentence for all that one command brought into one state."""
    groups = grouped(questions, lambda q: (q.by, q.state, q.qualifier, q.duplicate_of, 'contradicted' in q.flags))
    lines = []
    for (by, state, qualifier, of, protest), some in groups.items():
        last = next(e for e in some[0].events if e.command == by)
        what = f'{state}, {qualifier}' if qualifier else state
        said = f' of {of}' if of else ''
        more = _said(last) if not of else ''
        after = '; contradicted since' if protest else ''
        lines.append(f'{listed([q.id for q in some])} {what}{said} by command of {last.actor} ({by}){more}{after}')
    return tuple(lines)


def _commands(question: Question) -> tuple[str, ...]:
    return tuple(
        f'{e.kind.partition(":")[2]} by command of {e.actor} ({e.command}){_said(e)}'
        for e in question.events
        if e.command and e.kind.startswith('command:')
    )


def _said(event: Event) -> str:
    text = event.note.partition(': ')[2]
    return f': {text}' if text else ''


def pressing(question: Question) -> int:
    """Rank: asked again, refused, promised and not seen, not addressed by a revision; then all others."""
    for rank, flag in enumerate(_PRESSING):
        if flag in question.flags:
            return rank
    return len(_PRESSING) + (not any(v.verdict == 'unaddressed' for v in question.verdicts))


def _groups(frame: Frame, waiting: list[Question]) -> tuple[QuestionGroup, ...]:
    asked = [q for q in waiting if q.kind != 'request']
    requests = [q for q in waiting if q.kind == 'request']
    named = [(title, [q for q in asked if q.class_ == class_]) for class_, title in _CLASSES]
    return tuple(
        QuestionGroup(title, tuple(_item(frame, q) for q in sorted(questions, key=pressing)))
        for title, questions in [*named, ('requests', requests)]
        if questions
    )


def _item(frame: Frame, q: Question) -> QuestionItem:
    quoted = q.message_id is None or q.quote_depth > 0
    return QuestionItem(
        id=q.id,
        qhash=q.qhash,
        kind=q.kind,
        class_=q.class_,
        state=q.state,
        qualifier=q.qualifier,
        tier=q.tier,
        asker=q.asker.label,
        asked=day(q.date),
        age=age(q.date, frame.as_of),
        revision=f'v{q.revision_asked}' if q.revision_asked else '',
        text=q.text,
        waiting_on=q.waiting_on,
        flags=tuple(sorted(q.flags)),
        place=frame.places.mail(q.seen_in if quoted or not q.message_id else q.message_id, q.lines),
        quoted=quoted,
        verdict=_verdict(q),
        reply=_reply(frame, q),
        links=tuple(sorted(q.links)),
        anchor=anchor('question', q.id),
        commands=_commands(q),
    )


def _verdict(q: Question) -> str:
    if not q.verdicts:
        return ''
    last = max(q.verdicts, key=lambda v: v.revision)
    return f'v{last.revision}: {last.verdict}' + (f' ({last.evidence})' if last.evidence else '')


def _reply(frame: Frame, q: Question) -> ReplyItem | None:
    if not q.answers:
        return None
    last = q.answers[-1]
    return ReplyItem(last.author.label, frame.places.mail(last.message_id, last.lines), last.directness)


def _settled(questions: list[Question]) -> tuple[StateLine, ...]:
    found = {(q.state, q.qualifier) for q in questions if q.state in _STATES}
    lines = []
    for state, qualifier in sorted(found, key=lambda pair: (_STATES.index(pair[0]), pair[1])):
        ids = [q.id for q in questions if (q.state, q.qualifier) == (state, qualifier)]
        lines.append(StateLine(f'{state}, {qualifier}' if qualifier else state, len(ids), listed(ids)))
    return tuple(lines)
