# SPDX-License-Identifier: GPL-2.0-or-later
"""Hears the commands of all mails of a conversation: each as of the day of its mail, of whoever is proven to have sent it.

Promises that the order in which mails were read does not matter: what a command is about is looked up in the ledger as it
stood that day, with the commands up to then. Refuses all commands of a mail whose sender is not proven, and those that
could be moved to another conversation because no signature tells what their mail answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.config import Questions
from bot.model import Command, Heard, Message, QuoteGraph, Responsible, Sender, Series, Thread
from bot.questions.commands import Written, commands_in
from bot.questions.grammar import Order, Refusal, item_of
from bot.questions.ledger import ask, up_to
from bot.questions.mailed import mailed
from bot.questions.roles import Actor, authors
from bot.questions.targets import Known
from bot.questions.zones import layout

_BOUND = ('hash', 'mail', 'command')
_UNBOUND = 'no signature says which mail it answers: name what it is about by q:HASH or message-id, or quote it'


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation, and the commands about it that came by no mail at hand; `own` is the address lorebot writes from."""

    threads: Sequence[Thread]
    series: Series
    graph: QuoteGraph
    settings: Questions
    commands: Sequence[Command] = ()
    own: str = ''

    @property
    def messages(self) -> list[Message]:
        return [m for t in self.threads for m in t.messages]


def with_commands(talk: Talk) -> list[tuple[Message, list[Written]]]:
    """Return the mails that say `#lorebot` where one can, by date, then id."""
    found = []
    for message in talk.messages:
        if '#lorebot' in message.body.lower():
            shape = layout(message, talk.graph.segments.get(message.message_id, ()))
            some = [w for w in commands_in(message, shape, talk.own) if not getattr(w.read, 'quiet', False)]
            found += [(message, some)] if some else []
    return sorted(found, key=lambda one: (str(one[0].date), one[0].message_id))


def hear(talk: Talk, senders: Mapping[str, Sender], named: Mapping[str, tuple[Responsible, ...]]) -> tuple[Heard, ...]:
    """Return every command with what it does; `senders` are by message-id, `named` whom MAINTAINERS names by posting."""
    out: list[Heard] = []
    for message, written in with_commands(talk):
        sender = senders.get(message.message_id)
        if sender is None or not sender.address or message.date is None:
            why = sender.how if sender and not sender.address else 'nobody could look at who sent it'
            out += [_heard(message, one, '', 'unverified', why) for one in written]
        else:
            log = [*talk.commands, *(c for one in out for c in one.entries)]
            out += _of_mail(replace(talk, commands=log), message, sender, named)
    return tuple(out)


def _of_mail(talk: Talk, message: Message, sender: Sender, named: Mapping[str, tuple[Responsible, ...]]) -> list[Heard]:
    assert message.date is not None
    series = up_to(talk.series, message.date)
    if not series.revisions:
        return []
    ledger = ask(talk.threads, series, talk.graph, talk.settings, message.date, talk.commands, talk.own)
    early = [m for m in talk.messages if m.date is not None and m.date <= message.date]
    people = named.get(series.newest.message_id, ())
    actor = Actor(sender.address, authors(series), people)
    segments = talk.graph.segments.get(message.message_id, ())
    allowed = (lambda one: '') if sender.threaded else _loose
    taken = mailed(message, segments, Known(ledger, early, series), actor, talk.own, allowed)
    return [
        _heard(message, one, sender.address, 'refused', f'{done.what}; {done.todo}')
        if isinstance(done, Refusal)
        else _heard(message, one, sender.address, 'done' if done else 'answered', entries=done)
        for one, done in taken
        if not getattr(done, 'quiet', False)
    ]


def _loose(one: Written) -> str:
    """Return why a command could be meant for another conversation, '' when it says itself what it is about."""
    order = one.read
    if not isinstance(order, Order) or order.verb.about == 'read':
        return ''
    items = [*order.items, *([item_of(order.text)] if order.verb.form == 'item' and order.text else [])]
    bound = all(item.kind in _BOUND for item in items) and (bool(items) or bool(one.above))
    return '' if bound else _UNBOUND


def _heard(
    message: Message, one: Written, address: str, outcome: str, why: str = '', entries: tuple[Command, ...] = ()
) -> Heard:
    said = ' '.join(' '.join(message.lines[one.first - 1 : one.last]).split())[:1200]
    return Heard(message.message_id, (one.first, one.last), said, address, outcome, why, entries)  # type: ignore[arg-type]
