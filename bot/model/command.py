# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands about questions, as recorded: who said what should become of which question, when and by which way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.mail import Person

Role = Literal['A', 'S', 'M', 'R', 'O']


@dataclass(frozen=True, slots=True)
class Responsible:
    """Somebody MAINTAINERS names for a file that a series touches; `because` tells section and pattern."""

    person: Person
    role: Role
    because: str


@dataclass(frozen=True, slots=True)
class Appointed:
    """Whom MAINTAINERS names for a posting; `where` is the tree and the base commit it was read at, '' for no file."""

    where: str
    people: tuple[Responsible, ...] = ()


@dataclass(frozen=True, slots=True)
class Aim:
    """One thing a command is about: a question (by hash and place), lines of a mail, or a posting (no hash, lines 0-0).

    `message_id` wrote the lines (as far as known when the command was given), `seen_in` shows them; `name` is the id
    the question had that day. `role` and `effect` are what the actor was to this question and what that allows.
    """

    qhash: str
    message_id: str
    seen_in: str
    lines: tuple[int, int]
    name: str
    role: Role
    effect: str
    because: str = ''


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of the log; it is never changed or deleted, only taken back by a later `undo`.

    `actor` is an address, or the words for a local user who gave none. `message_id` and `line` are the place in the
    mail it came by, '' and 0 for the command line. `text` is what stood after the colon; of `undo` it is an id.
    """

    id: str
    at: datetime
    actor: str
    verb: str
    text: str
    aims: tuple[Aim, ...]
    message_id: str = ''
    line: int = 0

    @property
    def origin(self) -> str:
        return f'{self.message_id} line {self.line}' if self.message_id else 'command line'
