# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds what the targets of an order mean in a ledger: questions, or lines of a mail that are to become one.

Promises each question once, in the order named. Where a target means nothing, `Refused` says what is near.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Aim, Ledger, Message, Question, Segment, Series
from bot.questions.blocks import sights
from bot.questions.grammar import Item, Order, Refusal
from bot.questions.roles import Actor

_LONGEST_TRACK = 40
_SETTLED = ('resolved', 'withdrawn')


class Refused(Exception):
    """Carries a refusal out of the depth; never leaves the room."""

    def __init__(self, what: str, where: str, todo: str) -> None:
        super().__init__(what)
        self.refusal = Refusal(what, where, todo)


@dataclass(frozen=True, slots=True)
class Given:
    """An order with who gave it, when and where.

    Of a mail: `above` are the questions it quotes right above the order, `quoted` the lines of that quote, `parent` the
    mail it replies to.
    """

    order: Order
    actor: Actor
    at: datetime
    message_id: str = ''
    line: int = 0
    above: tuple[Question, ...] = ()
    quoted: tuple[int, ...] = ()
    parent: str = ''

    @property
    def where(self) -> str:
        return f'{self.message_id} line {self.line}' if self.message_id else 'command line'


@dataclass(frozen=True, slots=True)
class Known:
    """What commands can be about: a ledger, the mails it was made of, the series."""

    ledger: Ledger
    messages: Sequence[Message]
    series: Series


def questions(given: Given, known: Known) -> list[Question]:
    """Return the questions that an order is about; raise `Refused`."""
    name = given.order.verb.name
    if not given.order.items and not given.above:
        raise Refused(f'{name} of which question?', given.where, f'write {name} Q3')
    found = [q for item in given.order.items for q in meant(item, given, known)] or list(given.above)
    return list({q.qhash: q for q in found}.values())


def choose(given: Given, known: Known) -> list[Question] | Refusal:
    """Return the questions that an order is about, all that count when it names none, or why there are none."""
    if not given.order.items:
        return [q for q in known.ledger.questions if q.tier != 'possible']
    try:
        return questions(given, known)
    except Refused as no:
        return no.refusal


def meant(item: Item, given: Given, known: Known) -> list[Question]:
    asked = known.ledger.questions
    if item.kind == 'mine':
        return _mine(given, asked)
    if item.kind in ('mail', 'parent'):
        return _of_mail(item, given, known)
    some = [q for q in asked if item.value == q.id or (item.kind == 'hash' and q.qhash.startswith(item.value))]
    if not some:
        raise Refused(f'there is no {item.value}', given.where, _nearby(item.value, asked))
    if len(some) > 1:
        raise Refused(f'q:{item.value} may be any of {ids(some)}', given.where, 'write more of it')
    return some


def _of_mail(item: Item, given: Given, known: Known) -> list[Question]:
    wanted = given.parent if item.kind == 'parent' else item.value
    if not wanted:
        raise Refused('^ is the mail that is replied to', given.where, 'name a question or a message-id here')
    some = [q for q in known.ledger.questions if wanted in (q.message_id, q.seen_in)]
    if not some and any(m.message_id == wanted for m in known.messages):
        raise Refused(f'nothing is asked in {wanted}', given.where, f'if it is, say track {wanted}:FIRST-LAST')
    if not some:
        raise Refused(f'no mail {wanted} was read', given.where, 'check the message-id')
    return some


def _mine(given: Given, asked: Sequence[Question]) -> list[Question]:
    address = given.actor.address
    if not address:
        raise Refused('mine needs to know who you are', given.where, 'give --me ADDRESS or set [user] address')
    some = [q for q in asked if q.asker.email == address and q.state not in _SETTLED and q.tier != 'possible']
    if not some:
        raise Refused(f'{address} has asked nothing that is not settled', given.where, 'name the questions')
    return some


def _nearby(name: str, asked: Sequence[Question]) -> str:
    """Return the ids that somebody may have meant: siblings in a group, else those with numbers near it."""
    if not asked:
        return 'nothing is asked in these mails'
    group = [q for q in asked if q.id.partition('.')[0] == name.partition('.')[0]]
    number = _number(name)
    alike = [q for q in asked if q.id[0] == name[:1]] or list(asked)
    near = group or sorted(alike, key=lambda q: (abs(_number(q.id) - number), q.id))[:4]
    return f'there are {ids(sorted(near, key=lambda q: (_number(q.id), q.id)))}'


def _number(name: str) -> int:
    digits = re.search(r'\d+', name)
    return int(digits[0]) if digits else 0


def ids(some: Sequence[Question]) -> str:
    shown = ', '.join(q.id for q in some[:8])
    return f'{shown} and {len(some) - 8} more' if len(some) > 8 else shown


def to_track(given: Given, known: Known) -> list[Question | Aim]:
    """Return what is to become a question: what only may be one, or lines of a mail; raise `Refused`."""
    if not given.order.items and not given.above and given.quoted:
        lines = (given.quoted[0], given.quoted[-1])
        return [_lines(Item('mail', given.message_id, lines), lines, given, known)]
    if not given.order.items and not given.above:
        raise Refused('track what?', given.where, 'write track MESSAGE-ID:FIRST-LAST, or track P1')
    out: list[Question | Aim] = []
    for item in given.order.items:
        if item.lines:
            out.append(_lines(item, item.lines, given, known))
            continue
        some = meant(item, given, known)
        off = [q for q in some if 'untracked' in q.flags]
        if off:
            raise Refused(f'{ids(off)} was untracked by command', given.where, f'undo that: why {off[0].id} has its id')
        sure = [q for q in some if q.tier != 'possible']
        if sure:
            raise Refused(f'{ids(sure)} is tracked already', given.where, 'nothing needs to be done')
        out.extend(some)
    return out or _unsure(given)


def _unsure(given: Given) -> list[Question | Aim]:
    """Return what is quoted above and only may be a question; raise `Refused` when all of it is one already."""
    some: list[Question | Aim] = [q for q in given.above if q.tier == 'possible']
    if not some:
        raise Refused(f'{ids(given.above)} is tracked already', given.where, 'nothing needs to be done')
    return some


def _lines(item: Item, lines: tuple[int, int], given: Given, known: Known) -> Aim:
    message = next((m for m in known.messages if m.message_id == item.value), None)
    if message is None:
        raise Refused(f'no mail {item.value} was read', given.where, 'check the message-id')
    first, last = lines
    count = len(message.lines)
    if last > count or not ''.join(message.lines[first - 1 : last]).strip():
        raise Refused(f'lines {first}-{last} hold no text', f'{item.value}, {count} lines', 'count from 1 in the text')
    if last - first >= _LONGEST_TRACK:
        raise Refused(f'{last - first + 1} lines are no question', given.where, f'take at most {_LONGEST_TRACK}')
    for there in known.ledger.questions:
        if item.value == (there.seen_in or there.message_id) and there.lines[0] <= last and first <= there.lines[1]:
            how = f'say track {there.id}' if there.tier == 'possible' else 'nothing needs to be done'
            raise Refused(f'{there.id} stands in these lines already', given.where, how)
    return Aim('', item.value, item.value, lines, f'lines {first}-{last}', 'O', '')


def quoted(segments: Sequence[Segment], lines: Sequence[int], ledger: Ledger, message_id: str) -> tuple[Question, ...]:
    """Return the questions that some quoted lines of a mail show, in the order asked.

    `segments` are the quote graph's of that mail, so a question is found however often it was quoted on the way.
    """
    wanted = set(lines)
    shown = [s for s in sights(segments) if s.line in wanted]
    return tuple(
        q
        for q in ledger.questions
        if any(s.origin == q.seen_in and s.first <= q.lines[1] and q.lines[0] <= s.last for s in shown)
        or (q.seen_in == message_id and q.quote_depth and wanted & set(range(q.lines[0], q.lines[1] + 1)))
    )
