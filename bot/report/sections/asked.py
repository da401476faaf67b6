# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions: what waits for somebody one by one, all else as ids by state. A class sorts, it never hides."""

from __future__ import annotations

from bot.model import Answer, Event, Ledger, Question
from bot.report.asked_contexts import (
    LegendLine,
    QuestionGroup,
    QuestionItem,
    QuestionsSection,
    ReplyItem,
    SettledItem,
    StateLine,
)
from bot.report.order import in_order_asked
from bot.report.prominence import consent
from bot.report.sections.frame import Frame
from bot.report.sections.points import coverage, cut_words
from bot.report.trailers import open_questions
from bot.report.words import age, anchor, day, grouped, listed

_CLASSES = (('design', 'on design'), ('implementation', 'on the code'), ('process', 'on process'), ('nit', 'nits'))
_STATES = ('answered', 'resolved', 'deferred', 'withdrawn')
_AGAINST = ('contested', 'counter-question', 're-asked', 'nacked')
_DIRECTNESS = ('direct', 'near', 'weak')
_NAMED = 6
_BRIEF = 90
_LAST_WORD = {
    'answered': ('answered', 'promised', 'discussed', 'vouched'),
    'resolved': ('settled-by-revision', 'reviewed'),
    'deferred': ('deferred',),
    'withdrawn': ('withdrawn',),
}
MEANINGS = {
    'unconfirmed': 'somebody answered; the asker has not said that it satisfies him',
    'accepted': 'the asker said so or gave his tag, or a command says so',
    'discussed': 'others went on about it; nobody answered the asker himself',
    'counter-question': 'a question came back; it waits on the asker',
    'asker-insists': 'the asker does not take the answer',
    'verified': 'a later posting changed the code and says why, or took up a name the asker brought in',
    'claimed': 'the changelog says so; the code does not show it',
    'changed-not-stated': 'the code it is about changed, and nobody says that this was the reason',
    'answered-not-recorded': 'answered on the list; the next posting neither changes nor mentions it',
    'promised-not-visible': 'promised, and no sign of it was found',
    'unaddressed': 'no reply, no change, no mention was found',
    'deferred-carried': 'put off before that posting, and still put off',
    'carried': 'kept open into the next version by command',
    'unknown': 'what it is about cannot be found again: nothing is said of it',
    'venue': 'put off to a meeting',
    'version': 'put off to a later posting or series',
    'blocked-by': 'something else has to be decided first',
    'promised': 'the author said it would be done',
    'nak': 'the asker refuses the series',
    're-asked': 'asked again on a later posting',
    'replied': 'there was a reply, with no answer in it',
    'replied-around': 'a reply quotes what stands around it, not the point',
    'replied-unlinked': 'a reply that quotes nothing may be about it',
    'stale': 'nothing happened for the days of questions.stale_days',
    'very-stale': 'nothing happened for the days of questions.very_stale_days',
    'reopened': 'opened again by command',
    'reopen-proposed': 'somebody who cannot open it again asks by command that it be',
    'proposed': 'an author of the series put it off by command; the asker has not agreed',
    'dropped': 'a maintainer decided by command that it is not pursued',
    'untracked': 'no question, a command says',
    'duplicate': 'the same as another one, a command says; that one counts',
    'split': 'cut into several by command; those count',
    'contradicted': 'a later mail or posting speaks against what a command said',
    'woken': 'the version that a command put it off to has been posted',
    'due': 'the version that a mail put it off to has been posted',
    'merged': 'the patch it is about was applied, and this was answered or put off',
    'merged-open': 'the patch it is about was applied, and this was still open',
    'taken-out': 'the patch it is about was applied and taken out again',
}
"""What docs/glossary.md says at length. A word that is not here is shown as it is."""


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
        settled=_settled(frame, counted),
        possible=listed([q.id for q in listable if q.tier == 'possible']),
        commands=_settled_by([q for q in in_order_asked(ledger.questions) if q.by and q not in waiting]),
        coverage=coverage(ledger, frame.report.mail.messages),
        legend=_legend(waiting, counted),
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


def _groups(frame: Frame, waiting: list[Question]) -> tuple[QuestionGroup, ...]:
    asked = [q for q in waiting if q.kind != 'request']
    requests = [q for q in waiting if q.kind == 'request']
    named = [(title, [q for q in asked if q.class_ == class_]) for class_, title in _CLASSES]
    return tuple(
        QuestionGroup(title, tuple(_item(frame, q) for q in sorted(questions, key=frame.prominence)))
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
        consent=consent(q, frame.report),
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


def _settled(frame: Frame, questions: list[Question]) -> tuple[StateLine, ...]:
    found = {(q.state, q.qualifier) for q in questions if q.state in _STATES}
    lines = []
    for state, qualifier in sorted(found, key=lambda pair: (_STATES.index(pair[0]), pair[1])):
        these = [q for q in questions if (q.state, q.qualifier) == (state, qualifier)]
        ids = [q.id for q in these]
        lines.append(
            StateLine(
                state=f'{state}, {qualifier}' if qualifier else state,
                count=len(ids),
                ids=listed(ids),
                items=tuple(_settled_item(frame, q) for q in these),
                shown=_NAMED,
                rest=listed(ids[_NAMED:]),
            )
        )
    return tuple(lines)


def _settled_item(frame: Frame, q: Question) -> SettledItem:
    quoted = q.message_id is None or q.quote_depth > 0
    by, span = _settling(q)
    return SettledItem(
        id=q.id,
        asker=q.asker.label,
        text=q.text,
        brief=cut_words(q.text, _BRIEF),
        place=frame.places.mail(q.seen_in if quoted or not q.message_id else q.message_id, q.lines),
        by=by,
        answer=frame.places.mail(*span) if span else None,
        verdict=_verdict(q),
        anchor=anchor('question', q.id),
    )


def _settling(q: Question) -> tuple[str, tuple[str, tuple[int, int]] | None]:
    """Return who gave the state its last word, and where: the posting, the asker, else the last answer."""
    wanted = _LAST_WORD.get(q.state, ())
    last = next((e for e in reversed(q.events) if e.kind in wanted), None)
    if last is not None and (q.state != 'answered' or not q.answers):
        return last.actor, (last.message_id, last.lines)
    if q.answers:
        answer = _telling(q)
        return answer.author.label, (answer.message_id, answer.lines)
    return '', None


def _telling(q: Question) -> Answer:
    """Return the answer to show: of the most direct ones the first, as what follows often speaks of something else.

    Answers that somebody spoke against afterwards are left out, unless they are all there is.
    """
    against = max((n for n, e in enumerate(q.events) if e.kind in _AGAINST), default=-1)
    since = {e.message_id for e in q.events[against + 1 :] if e.kind in _LAST_WORD['answered']}
    standing = [a for a in q.answers if a.message_id in since] or q.answers
    return min(standing, key=lambda a: _DIRECTNESS.index(a.directness))


def _legend(waiting: list[Question], questions: list[Question]) -> tuple[LegendLine, ...]:
    """Explain the words that are shown: flags and verdicts of what waits, qualifiers of what does not."""
    used = {f for q in waiting for f in q.flags} | {q.qualifier for q in questions if q.state in _STATES}
    used |= {max(q.verdicts, key=lambda v: v.revision).verdict for q in waiting if q.verdicts}
    return tuple(LegendLine(word, meaning) for word, meaning in MEANINGS.items() if word in used)
