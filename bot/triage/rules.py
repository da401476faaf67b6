# SPDX-License-Identifier: GPL-2.0-or-later
"""The order of the queue, as a table: which rule holds for a series, and which of those that hold gives it its place.

A pure function of `Facts`: no scores, nothing is added up. The first rule of `RULES` that holds decides, but for those
marked `over`: they say that the series needs nobody any more and beat everything above them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Outcome, PlacingRule, Question, Reason, Span
from bot.triage.facts import LEFT, LIVE, Facts, asked_at, last_event, verdict_on, waits_on

_SHOWN = 2
_AGAIN = ('re-asked', 'nak')


def _ids(questions: Sequence[Question]) -> str:
    names = ' '.join(q.id for q in questions[:_SHOWN])
    return names + (f' +{len(questions) - _SHOWN}' if len(questions) > _SHOWN else '')


def _people(labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for label in labels if label))


def _of(questions: Sequence[Question]) -> str:
    """Return "Q4 Q7 of Jane Doe", "Q4 Q7 +2 of Jane Doe +1" where one more person asked."""
    who = _people([q.asker.label for q in questions])
    return f'{_ids(questions)} of {who[0] if who else "nobody known"}' + (f' +{len(who) - 1}' if len(who) > 1 else '')


def _on(at: Facts, questions: Sequence[Question]) -> str:
    """Return "Q4 waits on John Doe", "Q4 Q9 wait on John Doe +1" where one of them waits on another one.

    What waits on the looker is never behind a number: "Q4 waits on you, 2 on others".
    """
    mine = [q for q in questions if not at.me.anybody and _is_mine(at, waits_on(q))]
    if mine:
        rest = f', {len(questions) - len(mine)} on others' if len(mine) < len(questions) else ''
        return f'{_ids(mine)} wait{"s" if len(mine) == 1 else ""} on you{rest}'
    on = _people([waits_on(q) for q in questions])
    more = f' +{len(on) - 1}' if len(on) > 1 else ''
    return f'{_ids(questions)} wait{"s" if len(questions) == 1 else ""} on {on[0] if on else "nobody named"}{more}'


def _about(rule: str, what: str, questions: Sequence[Question], since: datetime | None, step: str) -> Reason:
    who = _people([q.asker.label for q in questions])
    places = tuple(asked_at(q) for q in questions)
    return Reason(rule, what, since, who, tuple(q.id for q in questions), places, step)


def _waiting(at: Facts) -> list[Question]:
    """Return the unsettled items that the person looking is to answer, the longest waiting first.

    Silence is no reason to drop them: he is the one that it waits for. Nobody in particular is not.
    """
    if at.dormant and at.me.anybody:
        return []
    mine = [q for q in at.unsettled if _is_mine(at, waits_on(q)) and (at.me.anybody or not at.me.is_(q.asker))]
    return sorted(mine, key=lambda q: (last_event(q) or at.now, q.id))


def _is_mine(at: Facts, label: str) -> bool:
    """Who sends a series answers for those he sends it with."""
    return at.me.named(label) or (at.authored and label in {p.author.label for p in at.newest.patches})


def asked_again(at: Facts) -> Reason | None:
    """Somebody asked it a second time, or refuses the series over it."""
    found = [q for q in _waiting(at) if set(_AGAIN) & set(q.flags)]
    if not found:
        return None
    how = 'refused over' if 'nak' in found[0].flags else 'asked again:'
    return _about('asked-again', f'{how} {_of(found)}', found, last_event(found[0]), 'questions')


def waits(at: Facts) -> Reason | None:
    """Questions, requests and objections whose next word is the looker's, however long ago they were asked."""
    found = [q for q in _waiting(at) if not set(_AGAIN) & set(q.flags)]
    if not found:
        return None
    what = _on(at, found) if at.me.anybody else _of(found)
    return _about('waits', what, found, last_event(found[0]), 'questions')


def left(at: Facts) -> Reason | None:
    """Points of the looker on an earlier posting that the newest one neither took up nor answered."""
    if len(at.series.revisions) < 2 or at.authored or at.dormant:
        return None
    mine = [q for q in at.asked if at.me.is_(q.asker) and (q.posting_asked or 1) < at.newest.posting]
    missed = [q for q in mine if q.state in (*LIVE, 'answered', 'deferred') and verdict_on(q, at.newest) in LEFT]
    missed = [q for q in missed if q.qualifier != 'accepted']
    live = [q for q in mine if q.state in LIVE and q not in missed]
    if not missed and not live:
        return None
    parts = [f'{_ids(missed)} not visible in v{at.newest.version}'] if missed else []
    parts += [f'{_ids(live)} still open'] if live else []
    return _about('left', ', '.join(parts), [*missed, *live], at.newest.date, 'points')


def ready(at: Facts) -> Reason | None:
    """Somebody looked at it, nothing is open, and every result held for the newest posting is a pass."""
    good = {'apply', 'check'} <= at.outcomes.keys() and set(at.outcomes.values()) == {Outcome.PASSED}
    if (
        at.dormant
        or at.unsettled
        or not good
        or not at.reviewers
        or at.authored
        or not at.concerned
        or not at.newest.complete
    ):
        return None
    what = f'{len(at.asked)} points settled; {", ".join(at.outcomes)} passed'
    return Reason('ready', what, at.last_mail, places=(Span(at.newest.message_id, 0, 0),), step='review')


def failing(at: Facts) -> Reason | None:
    """A stage says that the newest posting does not apply, brings in a fault, or does not build or boot."""
    bad = [r for r in at.results if r.verdict.outcome is Outcome.FAILED]
    if not bad or not (at.concerned or at.authored) or at.cold:
        return None
    what = '; '.join(f'{r.stage}: {r.verdict.reason}' for r in bad)
    return Reason('failing', what, at.newest.date, places=(Span(at.newest.message_id, 0, 0),), step='review')


def unreviewed(at: Facts) -> Reason | None:
    """Nobody but its authors has written about the newest posting, and the list still has time to."""
    since = at.newest.date or at.now
    if at.cold or at.authored or not at.concerned or any((m.date or at.now) > since for m in at.reviewers):
        return None
    what = f'{at.newest.expected} patch{"es" if at.newest.expected > 1 else ""} of {at.newest.author.label}'
    return Reason('new', what, at.newest.date, (at.newest.author.label,), places=_top(at), step='review')


def news(at: Facts) -> Reason | None:
    """A newer posting than the one the looker last wrote about, with nothing of his left open."""
    if at.me.anybody or at.authored or at.cold or len(at.series.revisions) < 2:
        return None
    last = max((m.date for m in at.mails if m.date and at.me.is_(m.author)), default=None)
    if last is None or at.newest.date is None or last >= at.newest.date:
        return None
    what = f'v{at.newest.version} of {at.newest.author.label}'
    return Reason('news', what, at.newest.date, places=_top(at), step='points')


def answers(at: Facts) -> Reason | None:
    """Answers to the looker's own questions, after which he has not written in the thread."""
    if at.me.anybody or at.cold:
        return None
    last = max((m.date for m in at.mails if m.date and at.me.is_(m.author)), default=None)
    mine = [q for q in at.asked if at.me.is_(q.asker) and q.state == 'answered' and q.qualifier != 'accepted']
    mine = [q for q in mine if last and (last_event(q) or last) > last]
    if not mine:
        return None
    who = _people([a.author.label for q in mine for a in q.answers[-1:]])
    what = f'{_ids(mine)} answered' + (f' by {who[0]}' if who else '')
    reason = _about('answers', what, mine, min(last_event(q) or at.now for q in mine), 'questions')
    places = tuple(Span(a.message_id, *a.lines) for q in mine for a in q.answers[-1:])
    return Reason(reason.rule, reason.what, reason.since, who, reason.questions, places or reason.places, reason.step)


def unchecked(at: Facts) -> Reason | None:
    """As `ready`, but for results: this program has none of the newest posting."""
    seen = not at.unsettled and at.reviewers and at.concerned and not at.authored
    if not seen or at.cold or {'apply', 'check'} <= at.outcomes.keys():
        return None
    return Reason('unchecked', f'{len(at.asked)} points settled, no checks run', at.last_mail, step='review')


def others(at: Facts) -> Reason | None:
    """Points that somebody else is to answer."""
    found = [q for q in at.unsettled if not _is_mine(at, waits_on(q))]
    if not found or at.cold or not (at.concerned or at.authored):
        return None
    own = [q for q in found if not at.me.anybody and at.me.is_(q.asker)]
    if own:  # his own come first: what somebody else waits for is the smaller news
        rest = [q for q in found if q not in own]
        what = f'your {_on(at, own)}' + (f', {len(rest)} of others' if rest else '')
        return _about('others', what, [*own, *rest], min(last_event(q) or at.now for q in own), 'questions')
    return _about('others', _on(at, found), found, min(last_event(q) or at.now for q in found), 'questions')


def stale(at: Facts) -> Reason | None:
    """Silent for longer than the list takes to answer, and neither taken nor replaced."""
    if not at.cold or not (at.concerned or at.authored):
        return None
    found = sorted(at.unsettled, key=lambda q: at.me.anybody or not _is_mine(at, waits_on(q)))
    if found:
        what = _on(at, found)
    else:
        what = 'silent since the last answer' if at.reviewers else 'silent, and nobody ever replied'
    return _about('stale', what, found, at.last_mail, 'questions' if found else 'review')


def taken(at: Facts) -> Reason | None:
    """A reply says that somebody applied it."""
    if at.taken is None or not at.taken.whole:
        return None
    told = at.taken
    return Reason('taken', f'"{told.said[:60]}", {told.who}', told.date, (told.who,), places=(told.span,))


def superseded(at: Facts) -> Reason | None:
    """A later series, which is not taken for a posting of this one, carries its patches."""
    if at.follower is None:
        return None
    newer = at.follower.newest
    what = f'its patches are in "{newer.subject}" of {newer.author.label}'
    return Reason('superseded', what, newer.date, (newer.author.label,), places=(Span(newer.message_id, 0, 0),))


def nothing(at: Facts) -> Reason:
    """No rule above holds."""
    mine = f'you sent v{at.newest.version}; no point waits on you' if at.authored else ''
    apart = '' if at.concerned else 'not sent to you, and you took no part'
    return Reason('nothing', mine or apart or 'no point is open', at.last_mail)


def _top(at: Facts) -> tuple[Span, ...]:
    return (Span(at.newest.message_id, 0, 0),)


@dataclass(frozen=True, slots=True)
class Rule:
    """`title` heads its part of the list; `general` is the same when the list is nobody's own."""

    name: str
    title: str
    general: str
    holds: Callable[[Facts], Reason | None]
    over: bool = False
    newest_first: bool = False


RULES = (
    Rule('asked-again', 'Asked again or refused, and it waits on you', 'Asked again or refused', asked_again),
    Rule('waits', 'Points that wait on you', 'Points that wait on somebody', waits),
    Rule('left', 'Your points that a new revision left', 'Points that a new revision left', left),
    Rule('ready', 'Settled, and every check is green', 'Settled, and every check is green', ready),
    Rule('failing', 'Failing', 'Failing', failing),
    Rule('new', 'New, and nobody has replied', 'New, and nobody has replied', unreviewed),
    Rule('news', 'A new revision since you last wrote', '', news),
    Rule('answers', 'Answers to your questions', '', answers),
    Rule('unchecked', 'Settled, and not checked here', 'Settled, and not checked here', unchecked),
    Rule('others', 'Points that wait on others', 'Points that wait on nobody named', others),
    Rule('stale', 'Silent for longer than the list takes', 'Silent for longer than the list takes', stale, False, True),
    Rule('taken', 'Applied, a reply says', 'Applied, a reply says', taken, True, True),
    Rule('superseded', 'Replaced by another series', 'Replaced by another series', superseded, True, True),
    Rule('nothing', 'Nothing for you', 'Nothing is open', nothing, False, True),
)
"""In the order of the list. What is placed by a rule marked `over` needs nobody, whatever else holds for it."""


def reasons(at: Facts) -> tuple[Reason, ...]:
    """Return every reason that holds, the one that gives the place first, the others in the order of the rules."""
    held = [(rule, reason) for rule in RULES[:-1] if (reason := rule.holds(at))]
    ordered = sorted(held, key=lambda pair: not pair[0].over)
    return tuple(reason for _, reason in ordered) or (nothing(at),)


def told(anybody: bool) -> tuple[PlacingRule, ...]:
    """Return the rules in order, as a reader is told them."""
    return tuple(
        PlacingRule(r.name, r.general if anybody else r.title, (r.holds.__doc__ or '').strip(), r.over) for r in RULES
    )
