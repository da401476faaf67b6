# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions: what waits for somebody one by one, all else as ids by state. A class sorts, it never hides."""

from __future__ import annotations

from bot.model import Ledger, Question
from bot.report.contexts import QuestionGroup, QuestionItem, QuestionsSection, ReplyItem, StateLine
from bot.report.order import in_order_asked
from bot.report.sections.frame import Frame
from bot.report.trailers import open_questions
from bot.report.words import age, anchor, day, listed

_CLASSES = (('design', 'on design'), ('implementation', 'on the code'), ('process', 'on process'), ('nit', 'nits'))
_PRESSING = ('re-asked', 'nak', 'promised')
_STATES = ('answered', 'resolved', 'deferred', 'withdrawn')


def questions_section(frame: Frame) -> QuestionsSection:
    verdict, ledger = frame.verdict('questions'), frame.report.ledger or Ledger(frame.verdict('questions'))
    counted = [q for q in in_order_asked(ledger.questions) if q.tier != 'possible']
    waiting = open_questions(frame.report)
    return QuestionsSection(
        outcome=str(verdict.outcome),
        reason=verdict.reason,
        total=len(counted),
        open_count=len(waiting),
        groups=_groups(frame, waiting),
        settled=_settled(counted),
        possible=listed([q.id for q in in_order_asked(ledger.questions) if q.tier == 'possible']),
    )


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
