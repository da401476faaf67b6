# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives commands about authored conversations as a person would, without a store: order in, ledger out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot import lore, questions, trees
from bot.config import load
from bot.model import Command, Ledger, Question, Responsible, Role
from bot.questions.targets import Given, Known
from tests.questions.talks import Mail, raws, talk

LATE = datetime(2025, 3, 5, 9, tzinfo=UTC)
RITA, ANN, THEO = 'rita@reader.example', 'ann@author.example', 'theo@third.example'


class Desk:
    """One conversation and the log about it; commands come an hour apart."""

    def __init__(self, mails: Sequence[Mail] | str) -> None:
        self.mails = talk(mails) if isinstance(mails, str) else list(mails)
        self.messages = lore.parse(raws(self.mails), ())
        made = lore.assemble(self.messages, None, trees.run)
        self.threads, self.series = made.threads, made.series[0]
        self.graph = lore.quotes(self.messages)
        self.log: list[Command] = []
        self.now = LATE

    def ledger(self, as_of: datetime | None = None, log: Sequence[Command] | None = None) -> Ledger:
        said = self.log if log is None else log
        rules = load().settings.questions
        return questions.ask(self.threads, self.series, self.graph, rules, as_of, said)

    def say(
        self,
        line: str,
        me: str = '',
        role: Role | None = None,
        named: tuple[Responsible, ...] = (),
        trusted: bool = True,
    ) -> tuple[Command, ...]:
        """Take a command and put it into the log; fail when it is refused."""
        taken = self.try_(line, me, role, named, trusted)
        assert not isinstance(taken, questions.Refusal), taken
        self.log += [c for c in taken if c.id not in {k.id for k in self.log}]
        self.now += timedelta(hours=1)
        return taken

    def try_(
        self,
        line: str,
        me: str = '',
        role: Role | None = None,
        named: tuple[Responsible, ...] = (),
        trusted: bool = True,
    ) -> tuple[Command, ...] | questions.Refusal:
        order = questions.parse(line)
        if isinstance(order, questions.Refusal):
            return order
        actor = questions.Actor(me, questions.authors(self.series), named, role, trusted)
        return questions.take(Given(order, actor, self.now), Known(self.ledger(), self.messages, self.series))

    def one(self, name: str, as_of: datetime | None = None) -> Question:
        return next(q for q in self.ledger(as_of).questions if q.id == name)

    def state(self, name: str, as_of: datetime | None = None) -> tuple[str, str]:
        found = self.one(name, as_of)
        return (found.state, found.qualifier)
