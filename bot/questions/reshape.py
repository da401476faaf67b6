# SPDX-License-Identifier: GPL-2.0-or-later
"""Lets commands change which questions there are: track, split, dup, merge; and finds what a command is about.

Promises that no question changes its id because of a command: what is new gets the next free number, what is cut keeps
its number with a letter. Nothing is taken away: what is merged or cut stays in the ledger and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.model import Aim, Command, Event, Question, Series
from bot.questions import effects, grammar
from bot.questions.asked import Asked, parts, tracked
from bot.questions.conversation import EPOCH, Conversation

_LETTERS = 'abcdefghijklmnopqrstuvwxyz'


@dataclass(slots=True)
class Register:
    """All items of a ledger with their ids, in the order asked, and where each command goes."""

    asked: list[Asked]
    names: list[str]
    merged: dict[int, int] = field(default_factory=dict)
    merging: set[tuple[str, int]] = field(default_factory=set)
    lost: list[tuple[Command, Aim]] = field(default_factory=list)

    def find(self, aim: Aim) -> int | None:
        """Return the item that an aim means: by hash, else by its place, should its text be read otherwise today."""
        exact = next((i for i, one in enumerate(self.asked) if aim.qhash and one.qhash == aim.qhash), None)
        if exact is not None or not aim.lines[0]:
            return exact
        near = [(_overlap(one, aim), -i) for i, one in enumerate(self.asked)]
        best = max(near, default=(0, 0))
        return -best[1] if best[0] else None

    def root(self, index: int) -> int:
        """Return the question that a duplicate counts for, itself if it is none."""
        while index in self.merged:
            index = self.merged[index]
        return index


def _overlap(one: Asked, aim: Aim) -> int:
    """Return how many lines an item shares with an aim, in the mail that shows both."""
    if one.seen_in != aim.seen_in:
        return 0
    return max(0, min(one.item.last, aim.lines[1]) - max(one.item.first, aim.lines[0]) + 1)


def register(talk: Conversation, asked: Sequence[Asked], names: Sequence[str], orders: Sequence[Command]) -> Register:
    """Return the items after all commands in force that add, cut or merge them."""
    made = Register(list(asked), list(names))
    for command in orders:
        for aim in command.aims:
            if aim.effect == 'tracked':
                _track(talk, made, command, aim)
            elif aim.effect == 'split':
                _split(talk, made, command, aim)
            elif aim.effect in ('addressed', 'classed'):
                _sort_in(made, command, aim)
    made = _sorted(made)
    for command in orders:
        if any(aim.effect == 'merged' for aim in command.aims):
            _merge(made, command)
    return made


def _track(talk: Conversation, made: Register, command: Command, aim: Aim) -> None:
    known = next((i for i, one in enumerate(made.asked) if aim.qhash and one.qhash == aim.qhash), None)
    new = tracked(talk, aim.seen_in, aim.lines) if known is None else None
    if new is not None:
        known = next((i for i, one in enumerate(made.asked) if one.qhash == new.qhash), None)
    if known is not None:
        one = made.asked[known]
        made.asked[known] = replace(one, item=replace(one.item, tier='sure'))
    elif new is not None:
        made.asked.append(new)
        made.names.append(_fresh(made.names))
    else:
        made.lost.append((command, aim))


def _split(talk: Conversation, made: Register, command: Command, aim: Aim) -> None:
    index = made.find(aim)
    pieces = parts(talk, made.asked[index]) if index is not None else []
    if index is None or len(pieces) < 2:
        made.lost.append((command, aim))
        return
    known = {one.qhash for one in made.asked}
    for letter, piece in zip(_LETTERS, pieces, strict=False):
        if piece.qhash not in known:
            made.asked.append(piece)
            made.names.append(_unused(f'{made.names[index]}{letter}', made.names))


def _sort_in(made: Register, command: Command, aim: Aim) -> None:
    index = made.find(aim)
    if index is None:
        return
    one = made.asked[index]
    said = {'to': (command.text,)} if aim.effect == 'addressed' else {'class_': command.text}
    made.asked[index] = replace(one, **said)


def _merge(made: Register, command: Command) -> None:
    """Let the first aim be what is kept, and all others its duplicates; later commands about those follow it."""
    found = [made.find(aim) for aim in command.aims]
    for aim, index in zip(command.aims, found, strict=True):
        if index is None:
            made.lost.append((command, aim))
    if found and found[0] is not None:
        kept = made.root(found[0])
        for index in found[1:]:
            if index is not None and made.root(index) != kept:
                made.merging.add((command.id, made.root(index)))
                made.merged[made.root(index)] = kept


def events_of(made: Register, orders: Sequence[Command], series: Series | None) -> list[tuple[int, Event]]:
    """Return what the commands in force did to which item; remember those whose item is not to be found."""
    out: list[tuple[int, Event]] = []
    for command in orders:
        for aim in command.aims:
            index = made.find(aim)
            if index is None:
                if aim.lines[0] and aim.effect not in ('tracked', 'split', 'merged', 'kept'):
                    made.lost.append((command, aim))
                continue
            moot = aim.effect == 'merged' and (command.id, index) not in made.merging
            meant = replace(aim, effect='noted') if moot else aim
            out.append((index, effects.event_of(command, meant)))
            awake = effects.woken(command, aim, series)
            out.extend([(index, awake)] if awake else [])
    return out


def inherit(made: Register, events: list[list[Event]]) -> None:
    """Give what happened to a duplicate to the question it counts for, and say where it was asked, too."""
    for index in sorted(made.merged):
        kept, one = made.root(index), made.asked[index]
        events[kept] += [e for e in events[index] if e.kind != 'asked' and not e.command]
        lines = (one.item.first, one.item.last)
        who, note = one.asker.label, f'{made.names[index]}, a duplicate by command'
        events[kept].append(Event('asked-too', one.seen_in, lines, 'command:dup', one.date, who, note))


def dressed(made: Register, questions: Sequence[Question], orders: Sequence[Command]) -> tuple[Question, ...]:
    """Return the questions (in the order of the register) with titles, links and what they are duplicates of."""
    out = list(questions)
    for index in made.merged:
        out[index] = replace(out[index], duplicate_of=made.names[made.root(index)])
    for command in orders:
        for aim in command.aims:
            at = made.find(aim)
            if at is None:
                continue
            if aim.effect == 'retitled' or (aim.effect == 'tracked' and command.text):
                out[at] = replace(out[at], title=command.text)
            elif aim.effect == 'linked' or (command.verb == 'answered' and grammar.is_link(command.text)):
                out[at] = replace(out[at], links=tuple(sorted({*out[at].links, command.text.strip('<>')})))
    return tuple(out)


def notes(talk: Conversation, made: Register, mute: Command | None) -> list[str]:
    """Return what a reader must know of commands that is not told with a question."""
    said = [
        f'{command.id} ({command.verb} {aim.name}): lines {aim.lines[0]}-{aim.lines[1]} of {aim.seen_in}, which it is '
        'about, hold nothing it can be done to'
        for command, aim in made.lost
        if aim.seen_in in talk.messages
    ]
    if mute is not None:
        said.append(f'muted by {mute.actor} ({mute.id}): nothing about this series is to be mailed')
    return said


def muted(orders: Sequence[Command], series: Series | None) -> Command | None:
    """Return the command by which nothing is mailed about this series (the same mails may hold others), None for none."""
    postings = {r.message_id for r in series.revisions} if series else set()
    said = [c for c in orders for a in c.aims[:1] if a.effect in ('muted', 'unmuted') and _about(c, postings)]
    return said[-1] if said and said[-1].aims[0].effect == 'muted' else None


def _about(command: Command, postings: set[str]) -> bool:
    return any(aim.message_id in postings for aim in command.aims)


def _fresh(names: Sequence[str]) -> str:
    numbers = [int(n[1:]) for n in names if n[0] == 'Q' and n[1:].isdigit()]
    heads = [int(n[1:].partition('.')[0]) for n in names if n[0] == 'Q' and n[1:].partition('.')[0].isdigit()]
    return f'Q{max([*numbers, *heads], default=0) + 1}'


def _unused(name: str, names: Sequence[str]) -> str:
    while name in names:
        name += 'a'
    return name


def _sorted(made: Register) -> Register:
    """Return the register in the order in which questions were asked, as the linking of answers expects it."""
    order = sorted(range(len(made.asked)), key=lambda i: _place(made.asked[i]))
    return Register([made.asked[i] for i in order], [made.names[i] for i in order], lost=made.lost)


def _place(one: Asked) -> tuple[object, ...]:
    return (one.date or EPOCH, one.message_id or '', one.seen_in, one.item.first, one.item.kind)
