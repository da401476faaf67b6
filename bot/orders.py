# SPDX-License-Identifier: GPL-2.0-or-later
"""Carries out commands about questions: who gives one, what it is about, into the log, and the ledger after it.

Promises that a command is recorded whole or not at all, and that every refusal is the user's mistake with its three
parts. Takes commands of the command line only; those in mails are heard while the mails are read (bot/incoming.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot import incoming, plans, questions
from bot.errors import UserError
from bot.model import Appointed, Command, Ledger, Message, Question, Role
from bot.pipeline import Review


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did: its entries in the log, whether they are new, and the ledger before and after."""

    commands: tuple[Command, ...]
    new: int
    before: Ledger
    after: Ledger


def command(review: Review, line: str, me: str, said: Role | None = None) -> Done:
    """Record a command of the local user about the series of a review; raise `UserError` for one that cannot be."""
    order, before = _order(line), ledger(review)
    given = questions.Given(order, actor(review, me, said), review.desk.now())
    entries = questions.take(given, known(review))
    if isinstance(entries, questions.Refusal):
        raise _mistake(entries)
    new = review.desk.record(entries)
    return Done(entries, new, before, _anew(review))


def chosen(review: Review, line: str, me: str) -> list[Question]:
    """Return the questions that the targets of a command mean; raise `UserError` when they mean nothing."""
    given = questions.Given(_order(line), questions.Actor(_address(me)), review.desk.now())
    found = questions.choose(given, known(review))
    if isinstance(found, questions.Refusal):
        raise _mistake(found)
    return found


def _address(me: str) -> str:
    """Return an address as it is compared; raise `UserError` for what is none. Nobody need say who he is."""
    if me and not re.fullmatch(r'[^\s<>@:,;"]+@[^\s<>@:,;"]+', me):
        raise UserError(
            f'{me[:80]!r} is no mail address', where='--me or user.address', todo='write it as me@example.org'
        )
    return me.lower()


def actor(review: Review, me: str, said: Role | None = None) -> questions.Actor:
    """Return the local user as the series sees him: its author, one whom MAINTAINERS names, or trusted for want of it."""
    named = appointed(review)
    authors = questions.authors(review.series)
    return questions.Actor(_address(me), authors, named.people, said, trusted=not named.where)


def appointed(review: Review) -> Appointed:
    """Return whom MAINTAINERS of the base tree names for the newest posting."""
    return incoming.appointed(review, review.series.newest)


def known(review: Review) -> questions.Known:
    return questions.Known(ledger(review), messages(review), review.series)


def messages(review: Review) -> tuple[Message, ...]:
    return tuple(m for t in review.assembly.threads for m in t.messages)


def ledger(review: Review) -> Ledger:
    """Return the ledger of a review; raise `UserError` when its mails hold none."""
    made = review.results.get('questions')
    if not isinstance(made, Ledger):
        why = review.verdicts['questions'].reason
        raise UserError('there is no ledger of questions', where=review.request.source, todo=why)
    return made


def _order(line: str) -> questions.Order:
    read = questions.parse(line)
    if isinstance(read, questions.Refusal):
        raise _mistake(read)
    return read


def _mistake(no: questions.Refusal) -> UserError:
    return UserError(no.what, where=no.where, todo=no.todo)


def _anew(review: Review) -> Ledger:
    """Ask again with what the log holds now; mails and series stay as they were read."""
    job = plans.questions_job(review.assembly.threads, review.series, review.request.as_of, review.desk, review.heard)
    made: Ledger = review.desk.finish(review.desk.start('questions', job, review.series.newest.message_id))
    return made
