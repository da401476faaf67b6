# SPDX-License-Identifier: GPL-2.0-or-later
"""Lets commands change which questions there are: track, split, dup, merge; finds what a command is about.

Promises that no question changes its id because of a command: what is new gets the next free number, what is cut keeps
its number with a letter. Nothing is taken away: what is merged or cut stays in the ledger and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.model import Aim, Command
from bot.questions.asked import Asked
from bot.questions.conversation import EPOCH, Conversation
from bot.questions.tracked import parts, tracked

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
            known.add(piece.qhash)
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
