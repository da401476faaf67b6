# SPDX-License-Identifier: GPL-2.0-or-later
"""Hears the commands of all mails of a conversation: each as of the day of its mail, of whoever is proven to have sent it.

Promises that the order in which mails were read does not matter: what a command is about is looked up in the ledger as it
stood that day, with the commands up to then, and that the log grows by a bounded number of entries a day. Refuses all
commands of a mail whose sender is not proven, and those that could be moved to another conversation because no signature
tells what their mail answers, or because it answers something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.config import Questions
from bot.model import (
    Command,
    Heard,
    Ledger,
    Message,
    QuestionCoverage,
    QuoteGraph,
    Responsible,
    Sender,
    Series,
    Thread,
    passed,
)
from bot.questions.commands import Written, commands_in
from bot.questions.grammar import Order, Refusal, item_of
from bot.questions.ledger import ask, up_to
from bot.questions.mailed import mailed
from bot.questions.roles import Actor, authors, roles
from bot.questions.targets import Known
from bot.questions.zones import layout

# A thorough reader of a long series gives some dozens of commands in a day; a program that is let loose gives thousands.
MOST_OF_ONE = 60
# Who asked nothing, wrote nothing and maintains nothing of it can have any number of addresses: they count together.
MOST_OF_STRANGERS = 20
MOST_OF_ALL = 200

_BOUND = ('hash', 'mail', 'command')
_NAME_IT = 'name what it is about by q:HASH or message-id, or quote it'
_UNBOUND = f'no signature says which mail it answers: {_NAME_IT}'
_ELSEWHERE = f'its mail says that it answers something else than this series: {_NAME_IT}'


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
    for message in _about(talk):
        if '#lorebot' in message.body.lower():
            shape = layout(message, talk.graph.segments.get(message.message_id, ()))
            some = [w for w in commands_in(message, shape, talk.own) if not getattr(w.read, 'quiet', False)]
            found += [(message, some)] if some else []
    return sorted(found, key=lambda one: (str(one[0].date), one[0].message_id))


def _about(talk: Talk) -> Iterator[Message]:
    """Yield the mails of the threads that the series stands in; all when no mail of it is at hand."""
    posted = _posted(talk.series)
    own = [t for t in talk.threads if any(m.message_id in posted or posted & {*m.references} for m in t.messages)]
    for thread in own or talk.threads:
        yield from thread.messages


def _posted(series: Series) -> frozenset[str]:
    ids = {i for r in series.revisions for i in (r.cover, r.message_id, *(p.message_id for p in r.patches))}
    return frozenset(i for i in ids if i)


def hear(talk: Talk, senders: Mapping[str, Sender], named: Mapping[str, tuple[Responsible, ...]]) -> tuple[Heard, ...]:
    """Return every command with what it does; `senders` are by message-id, `named` whom MAINTAINERS names by posting."""
    out: list[Heard] = []
    spent = Spent()
    for message, written in with_commands(talk):
        sender = senders.get(message.message_id)
        if sender is None or not sender.address or message.date is None:
            why = sender.how if sender and not sender.address else 'nobody could look at who sent it'
            out += [_heard(message, one, '', 'unverified', why) for one in written]
        else:
            log = [*talk.commands, *(c for one in out for c in one.entries)]
            moot = not any(isinstance(one.read, Order) and one.read.verb.about != 'read' for one in written)
            out += _of_mail(replace(talk, commands=log), message, sender, named, spent, moot)
    return tuple(out)


class Spent:
    """Counts the commands of a conversation by the day on which their mails arrived, in the order of their dates."""

    def __init__(self) -> None:
        self._count: Counter[tuple[date, str]] = Counter()

    def another(self, day: date, actor: Actor, asked: bool) -> str:
        """Count one more command; return why it is too many, '' when it is not."""
        part = bool({'S', 'M', 'R'} & roles(actor, None).keys())
        limits = [(actor.address, MOST_OF_ONE, actor.address)]
        if not part:
            limits.append(('', MOST_OF_ALL, 'people who neither wrote nor maintain this'))
        if not part and not asked:
            limits.append(('strangers', MOST_OF_STRANGERS, 'people who have no part in this'))
        over = next(
            (f'{most} commands a day are taken of {who}' for key, most, who in limits if self._count[day, key] >= most),
            '',
        )
        self._count.update((day, key) for key, _, _ in limits if not over)
        return over and f'{over}: send it tomorrow'


def _of_mail(
    talk: Talk,
    message: Message,
    sender: Sender,
    named: Mapping[str, tuple[Responsible, ...]],
    spent: Spent,
    moot: bool,
) -> list[Heard]:
    """Return what the commands of one mail do; `moot` says that none can do anything, so that no ledger is needed."""
    assert message.date is not None
    series = up_to(talk.series, message.date)
    if not series.revisions:
        return []
    ledger = Ledger(passed(), (), QuestionCoverage(0))
    if not moot:
        ledger = ask(talk.threads, series, talk.graph, talk.settings, message.date, talk.commands, talk.own)
    early = [m for m in talk.messages if m.date is not None and m.date <= message.date]
    actor = Actor(sender.address, authors(series), named.get(series.newest.message_id, ()))
    segments = talk.graph.segments.get(message.message_id, ())
    refused = _limits(message, sender, actor, Known(ledger, early, series), spent)
    taken = mailed(message, segments, Known(ledger, early, series), actor, talk.own, refused)
    return [
        _heard(message, one, sender.address, 'refused', f'{done.what}; {done.todo}')
        if isinstance(done, Refusal)
        else _heard(message, one, sender.address, 'done' if done else 'answered', entries=done)
        for one, done in taken
        if not getattr(done, 'quiet', False)
    ]


def _limits(message: Message, sender: Sender, actor: Actor, known: Known, spent: Spent) -> Callable[[Written], str]:
    """Return what tells why a command of a mail is not taken, '' when it is."""
    # What is signed says what it answers; a mail that only others hang below this series does not.
    here = bool(_posted(known.series) & {message.message_id, message.in_reply_to, *message.references})
    asked = any(q.asker.email == actor.address for q in known.ledger.questions)
    arrived = message.date_archived or message.date  # a sender can date his mails to as many days as he likes
    assert arrived is not None

    def refused(one: Written) -> str:
        if not isinstance(one.read, Order) or one.read.verb.about == 'read':
            return ''
        loose = '' if sender.threaded and here else _loose(one, _ELSEWHERE if sender.threaded else _UNBOUND)
        return loose or spent.another(arrived.date(), actor, asked)

    return refused


def _loose(one: Written, why: str) -> str:
    """Return why a command could be meant for another conversation, '' when it says itself what it is about."""
    order = one.read
    if not isinstance(order, Order):
        return ''
    items = [*order.items, *([item_of(order.text)] if order.verb.form == 'item' and order.text else [])]
    bound = all(item.kind in _BOUND for item in items) and (bool(items) or bool(one.above))
    return '' if bound else why


def _heard(
    message: Message, one: Written, address: str, outcome: str, why: str = '', entries: tuple[Command, ...] = ()
) -> Heard:
    said = ' '.join(' '.join(message.lines[one.first - 1 : one.last]).split())[:1200]
    return Heard(message.message_id, (one.first, one.last), said, address, outcome, why, entries)  # type: ignore[arg-type]
