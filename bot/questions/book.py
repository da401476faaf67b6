# SPDX-License-Identifier: GPL-2.0-or-later
"""What commands do to one ledger on its way: its items, its events, and what is told of them when it is done.

Promises that without commands nothing at all is changed. Commands in mails that are not in the log are noted here, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.model import Command, Event, Heard, Ledger, Question, Series
from bot.questions import effects, grammar, reshape
from bot.questions.asked import Asked
from bot.questions.commands import commands_in
from bot.questions.conversation import Conversation
from bot.questions.grammar import Order, Refusal
from bot.questions.link import Response
from bot.questions.number import numbers

Log = Sequence[Command]

_MOST_TOLD = 20
_PROOF = (
    'a command counts with a DKIM signature of the domain in From, a patatt signature whose key is in a keyring of yours, '
    'or dkim=pass of a server that [attestation] authservs names (docs/commands.md)'
)


class Book:
    """The log about the mails of a ledger; `asked` and `names` are the items after it, in the order asked."""

    def __init__(self, talk: Conversation, asked: Sequence[Asked], commands: Log, as_of: datetime | None) -> None:
        self._talk = talk
        self._log = effects.in_time(commands, as_of)
        self._orders = effects.in_force(self._log)
        self._made = reshape.register(talk, asked, numbers(asked), self._orders)
        self.asked, self.names = self._made.asked, self._made.names

    def enter(self, events: list[list[Event]], answers: list[list[Response]], series: Series | None) -> None:
        """Add the events of commands, and give what happened to duplicates to the questions they count for."""
        for index in sorted(self._made.merged):
            kept, one = self._made.root(index), self.asked[index]
            events[kept] += [e for e in events[index] if e.kind != 'asked' and not e.command]
            answers[kept] += answers[index]
            lines = (one.item.first, one.item.last)
            who, note = one.asker.label, f'{self.names[index]}, a duplicate by command'
            events[kept].append(Event('asked-too', one.seen_in, lines, 'command:dup', one.date, who, note))
        for index, event in self._events(series):
            events[index].append(event)

    def close(
        self, ledger: Ledger, series: Series | None, own: str, heard: Sequence[Heard], ours: frozenset[str]
    ) -> Ledger:
        """Return the finished ledger with titles, links and duplicates, the log, and what a reader must know of it.

        `ours` are the mails about the series: what commands in others did is told with those.
        """
        found = {q.qhash: q for q in ledger.questions}
        self._dress(found)
        mute = self._muted(series)
        notes = (
            *self._lost(),
            *_told(mute),
            *self._late(),
            *_said(self._talk, own, heard, ours),
            *ledger.coverage.notes,
        )
        gone = effects.undone(self._log)
        return replace(
            ledger,
            questions=tuple(found.values()),
            coverage=replace(ledger.coverage, notes=notes),
            commands=self._log,
            undone=tuple(c.id for c in self._log if c.id in gone),
            muted=mute.id if mute else '',
        )

    def _late(self) -> list[str]:
        """Say how many commands are later than the newest mail: a replay as of its date does not know them."""
        newest = max((m.date for m in self._talk.messages.values() if m.date), default=None)
        count = sum(newest is not None and c.at > newest for c in self._orders)
        noun = 'command was' if count == 1 else 'commands were'
        return [f'{count} {noun} given after the newest mail: --as-of its date leaves them out'] if count else []

    def _events(self, series: Series | None) -> Iterator[tuple[int, Event]]:
        """Yield what the commands in force did to which item; remember those whose item is not to be found."""
        for command in self._orders:
            for aim in command.aims:
                index = self._made.find(aim)
                if index is None:
                    if aim.lines[0] and aim.effect not in ('tracked', 'split', 'merged', 'kept'):
                        self._made.lost.append((command, aim))
                    continue
                moot = aim.effect == 'merged' and (command.id, index) not in self._made.merging
                yield index, effects.event_of(command, replace(aim, effect='noted') if moot else aim)
                if awake := effects.woken(command, aim, series):
                    yield index, awake

    def _dress(self, found: dict[str, Question]) -> None:
        for index in self._made.merged:
            one = self.asked[index].qhash
            found[one] = replace(found[one], duplicate_of=self.names[self._made.root(index)])
        for command in self._orders:
            for aim in command.aims:
                at = self._made.find(aim)
                if at is not None:
                    one = self.asked[at].qhash
                    found[one] = _dressed(found[one], command, aim.effect)

    def _muted(self, series: Series | None) -> Command | None:
        """Return the command by which nothing is mailed about this series: the same mails may hold others."""
        postings = {r.message_id for r in series.revisions} if series else set()
        return effects.muting(self._log, postings)

    def _lost(self) -> Iterator[str]:
        for command, aim in self._made.lost:
            if aim.seen_in in self._talk.messages:
                place = f'lines {aim.lines[0]}-{aim.lines[1]} of {aim.seen_in}'
                yield f'{command.id} ({command.verb} {aim.name}): {place}, which it is about, hold nothing it can be done to'


def _dressed(question: Question, command: Command, effect: str) -> Question:
    if effect == 'retitled' or (effect == 'tracked' and command.text):
        return replace(question, title=command.text)
    if effect == 'linked' or (command.verb == 'answered' and grammar.is_link(command.text)):
        return replace(question, links=tuple(sorted({*question.links, command.text.strip('<>')})))
    return question


def _told(mute: Command | None) -> Iterator[str]:
    if mute is not None:
        yield f'muted by {mute.actor} ({mute.id}): nothing about this series is to be mailed'


def _said(talk: Conversation, own: str, heard: Sequence[Heard], ours: frozenset[str]) -> Iterator[str]:
    """Yield a note on each mail with commands that did nothing, a bounded number: anybody can write such mails."""
    refused = [
        f'{one.message_id} line {one.lines[0]}{_by(one)}: refused, {one.why}'
        for one in heard
        if one.outcome == 'refused' and one.message_id in ours
    ]
    unproven = list(_unproven(talk, own, heard, ours))
    told = [*refused, *unproven]
    yield from told[:_MOST_TOLD]
    if len(told) > _MOST_TOLD:
        yield f'{len(told) - _MOST_TOLD} more commands in mails were refused, ignored or are unverified'
    if any('unverified command' in one for one in unproven):
        yield _PROOF


def _by(one: Heard) -> str:
    return '' if one.address in one.why else f' by {one.address}'


def _unproven(talk: Conversation, own: str, heard: Sequence[Heard], ours: frozenset[str]) -> Iterator[str]:
    proven = {one.message_id for one in heard if one.address}
    why = {one.message_id: f' ({one.why})' for one in heard if not one.address}
    for mid, message in talk.messages.items():
        if mid in proven or mid not in ours:
            continue
        loud = [w for w in commands_in(message, talk.layouts[mid], own) if not getattr(w.read, 'quiet', False)]
        told = [f'line {w.first}, {w.read.verb.name}' for w in loud if isinstance(w.read, Order)]
        if told:
            yield f'{mid}: unverified command by {message.author.label}, ignored: {"; ".join(told)}{why.get(mid, "")}'
        yield from (f'not taken, {w.read}' for w in loud if isinstance(w.read, Refusal))
