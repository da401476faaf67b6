# SPDX-License-Identifier: GPL-2.0-or-later
"""Folds the events of one item into its state. A pure function: same events, same state; no event, no change.

Promises that only an event with a place sets a state. Refuses to let silence do it: age is a flag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bot.model import Event, State
from bot.questions.conversation import EPOCH
from bot.questions.effects import beaten, commanded, given


@dataclass(frozen=True, slots=True)
class Standing:
    """`by` is the command that set the state, if one did; `held` when nothing read from mails may change it; `back`
    is who asked back last."""

    state: State = 'open'
    qualifier: str = ''
    waiting_on: str = ''
    flags: tuple[str, ...] = ()
    by: str = ''
    held: bool = False
    back: str = ''

    def flagged(self, *names: str) -> Standing:
        return replace(self, flags=tuple(dict.fromkeys((*self.flags, *names))))


_ORDER = (
    'asked',
    'woken',
    'replied',
    'followed-up',
    'answered',
    'promised',
    'discussed',
    'deferred',
    'counter-question',
    'accepted',
    'contested',
    'withdrawn',
    'applied',
    'unapplied',
    'due',
    'sign',
    'settled-by-revision',
)


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Sort events by the dates of their mails, then by kind, id and line: the fold must not depend on arrival."""
    rank = {kind: n for n, kind in enumerate(_ORDER)}
    return tuple(
        sorted(
            events,
            key=lambda e: (e.at or EPOCH, given(e), rank.get(e.kind, len(rank)), e.kind, e.message_id, e.lines, e.rule),
        )
    )


def settle(events: Sequence[Event], asker: str, to: Sequence[str]) -> Standing:
    """Return where an item stands after its events."""
    waits = to[0] if to else ''
    standing = Standing('open', '', waits)
    for event in events:
        if event.command:
            standing = commanded(standing, event, asker, waits)
        else:
            inferred = _step(standing, event, asker)
            # A command holds a state, not the flags: what was taken out is merged no more, whoever settled it.
            seen = replace(standing, flags=inferred.flags)
            standing = beaten(seen, event, inferred) if standing.by else inferred
    return standing


def _step(now: Standing, event: Event, asker: str) -> Standing:
    """Return the state after one event; kinds that no rule names change nothing."""
    rule = _RULES.get(event.kind)
    if rule is None or (rule.only and now.state not in rule.only):
        return now
    return rule.then(now, event, asker)


def _answered(now: Standing, event: Event, asker: str) -> Standing:
    flags = ('promised',) if event.kind == 'promised' else ()
    if event.rule == 'note-of-posting' and now.state == 'answered':
        return now
    if now.qualifier == 'accepted':
        return now.flagged(*flags)
    how = 'discussed' if event.kind == 'discussed' else 'unconfirmed'
    return replace(now, state='answered', qualifier=how, waiting_on=asker).flagged(*flags)


def _asked_back(now: Standing, event: Event, asker: str) -> Standing:
    return replace(now, state='contested', qualifier='counter-question', waiting_on=asker, back=event.actor)


def _explained(now: Standing, event: Event, asker: str) -> Standing:
    """The asker wrote on after he was asked back: it is the turn of the one who asked back."""
    return replace(now, state='open', qualifier='', waiting_on=now.back) if now.back else now


def _deferred(now: Standing, event: Event, asker: str) -> Standing:
    how = {'venue': 'venue', 'later': 'version', 'version': 'version', 'first': 'blocked-by'}.get(event.rule, 'later')
    return replace(now, state='deferred', qualifier=how, waiting_on='')


def _accepted(now: Standing, event: Event, asker: str) -> Standing:
    return replace(now, state='answered', qualifier='accepted', waiting_on='')


def _contested(now: Standing, event: Event, asker: str) -> Standing:
    return replace(now, state='contested', qualifier='asker-insists', waiting_on='', back='')


def _withdrawn(now: Standing, event: Event, asker: str) -> Standing:
    return replace(now, state='withdrawn', qualifier='', waiting_on='')


def _noted(now: Standing, event: Event, asker: str) -> Standing:
    return now.flagged({'nacked': 'nak'}.get(event.kind, event.kind))


def _reopened(now: Standing, event: Event, asker: str) -> Standing:
    return replace(now, state='open', qualifier='').flagged('re-asked')


def _tagged(now: Standing, event: Event, asker: str) -> Standing:
    return replace(now, state='resolved', qualifier='accepted', waiting_on='')


def _settled(now: Standing, event: Event, asker: str) -> Standing:
    return replace(now, state='resolved', qualifier=event.note.split(':')[0] or 'claimed', waiting_on='')


def _taken(now: Standing, event: Event, asker: str) -> Standing:
    """Whoever applies what he asked about is content with an answer he got; what nobody answered stays open."""
    content = event.rule == 'by-the-asker' and now.state != 'open'
    if not now.held and (content or event.rule == 'as-asked'):
        return replace(now, state='resolved', qualifier='accepted', waiting_on='').flagged('merged')
    return now.flagged('merged-open' if now.state in _OPEN else 'merged')


def _taken_out(now: Standing, event: Event, asker: str) -> Standing:
    return replace(now, flags=tuple(f for f in now.flags if not f.startswith('merged'))).flagged('taken-out')


def _due(now: Standing, event: Event, asker: str) -> Standing:
    """The version that a matter was put off to has come: it waits again, on the one who put it off.

    What a command put off comes back when that command says, not when an earlier mail did.
    """
    if now.held:
        return now
    return replace(now, state='open', qualifier='', waiting_on=event.actor).flagged('due')


@dataclass(frozen=True, slots=True)
class _Rule:
    """What an event does, where it leads in words, and the states in which it does it (none named: in all)."""

    then: Callable[[Standing, Event, str], Standing]
    leads: str
    only: frozenset[State] = frozenset()


_OPEN: frozenset[State] = frozenset(('open', 'contested'))
_LIVE: frozenset[State] = frozenset(('open', 'contested', 'answered', 'deferred'))
_RULES = {
    'answered': _Rule(_answered, 'answered (unconfirmed), waits on the asker', _LIVE),
    'promised': _Rule(_answered, 'answered (unconfirmed), flag promised', _LIVE),
    'discussed': _Rule(_answered, 'answered (discussed)', _OPEN),
    'counter-question': _Rule(_asked_back, 'contested (counter-question), waits on the asker', frozenset(('open',))),
    'followed-up': _Rule(
        _explained, 'open, waits on who asked back, when a counter-question waited', frozenset(('contested',))
    ),
    'deferred': _Rule(_deferred, 'deferred (venue, version, blocked-by)', _OPEN),
    'accepted': _Rule(_accepted, 'answered (accepted)', frozenset(('answered', 'contested'))),
    'contested': _Rule(_contested, 'contested (asker-insists)', frozenset(('answered', 'deferred'))),
    'withdrawn': _Rule(_withdrawn, 'withdrawn'),
    'replied': _Rule(_noted, 'flag replied'),
    'replied-around': _Rule(_noted, 'flag replied-around'),
    'replied-unlinked': _Rule(_noted, 'flag replied-unlinked'),
    'nacked': _Rule(_noted, 'flag nak'),
    're-asked': _Rule(_reopened, 'open, flag re-asked'),
    'vouched': _Rule(_accepted, 'answered (accepted)', frozenset(('open', 'answered', 'contested'))),
    'reviewed': _Rule(_tagged, 'resolved (accepted)', _LIVE),
    'applied': _Rule(
        _taken, 'flag merged or merged-open; resolved (accepted) by its asker after an answer, or as asked', _LIVE
    ),
    'unapplied': _Rule(_taken_out, 'flag taken-out, merged no more'),
    'due': _Rule(_due, 'open, flag due, waits on who put it off', frozenset(('deferred',))),
    'settled-by-revision': _Rule(_settled, 'resolved (verified, claimed, changed-not-stated)', _LIVE),
}


def table() -> tuple[tuple[str, str, str], ...]:
    """Return for each kind of event the states that it moves and where it leads, as the documentation shows it."""
    return tuple((kind, ', '.join(sorted(rule.only)) or 'any', rule.leads) for kind, rule in _RULES.items())
