# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the commands that stand in a mail: lines `#lorebot ...` that its sender himself wrote.

Promises that every line of any mail gives an order, a refusal or nothing. Refuses what stands in quotes, signatures,
diffs and code, below another mail that is shown without marks, or in the midst of a paragraph; mails of programs and of
lorebot have no commands at all. Who the sender really is, is not known here: what is read may be shown, it must not be
acted on before somebody has made sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Message
from bot.questions.bots import automatic
from bot.questions.grammar import Order, Refusal, parse
from bot.questions.retold import told_again
from bot.questions.zones import Layout, Zone

MOST_COMMANDS = 20
MOST_MISTAKES = 5

_CALL = re.compile(r'#lorebot(?=[\s:^]|$)', re.IGNORECASE)
_HIDING = re.compile(r'^[\s>|]*#lorebot\b', re.IGNORECASE)
_BELOW = 'below line {}, which looks like the start of another mail, nobody can tell whose words a command is'
_ALONE = 'put an empty line between it and the text above'
_APART = (Zone.BLANK, Zone.COMMAND, Zone.ATTRIBUTION, Zone.GREETING, Zone.SIGNATURE, Zone.FOOTER, Zone.QUOTE)


@dataclass(frozen=True, slots=True)
class Written:
    """A command of a mail or why there is none: its lines, and the quoted lines right above it that it is about."""

    first: int
    last: int
    read: Order | Refusal
    above: tuple[int, ...] = ()


def commands_in(message: Message, layout: Layout, own: str = '') -> tuple[Written, ...]:
    """Return what stands in a mail, in line order; `own` is the address that lorebot itself writes from."""
    if '#lorebot' not in message.body.lower() or automatic(message) or message.unusable:
        return ()
    if own and message.author.email == own.lower():
        return ()
    found: list[Written] = []
    for one in _calls(message.message_id, layout):
        loud = [w for w in found if not (isinstance(w.read, Refusal) and w.read.quiet)]
        if sum(isinstance(w.read, Refusal) for w in loud) >= MOST_MISTAKES:
            why = Refusal(f'ignored after {MOST_MISTAKES} mistakes', _place(message.message_id, one.first), 'mend them')
            found.append(Written(one.first, one.last, why))
            break
        if len(loud) >= MOST_COMMANDS:
            why = Refusal(
                f'ignored after {MOST_COMMANDS} commands', _place(message.message_id, one.first), 'send another mail'
            )
            found.append(Written(one.first, one.last, why))
            break
        found.append(one)
    return tuple(found)


def _place(message_id: str, line: int) -> str:
    return f'{message_id} line {line}'


def _calls(message_id: str, layout: Layout) -> Iterator[Written]:
    foreign = told_again(layout)
    for number, text in enumerate(layout.texts, 1):
        if _HIDING.match(text) is None:
            continue
        where = _place(message_id, number)
        shape = _hidden(layout, number)
        if shape:
            why = Refusal(f'a command in {shape} is none', where, 'start a line of your own text with it', quiet=True)
            yield Written(number, number, why)
        elif 0 < foreign < number:
            yield Written(number, number, Refusal(_BELOW.format(foreign), where, 'put it above that'))
        elif number > 1 and layout.zones[number - 2] not in _APART:
            yield Written(number, number, Refusal('a command needs a paragraph of its own', where, _ALONE))
        else:
            last = _end(layout, number)
            said = ' '.join(layout.texts[number - 1 : last])
            yield Written(number, last, parse(_CALL.sub('', said, count=1), where), _above(layout, number))


def _hidden(layout: Layout, number: int) -> str:
    """Return in which text a line stands that nobody can give a command in, '' when one can."""
    zone, text = layout.zones[number - 1], layout.texts[number - 1]
    if layout.depths[number - 1] or zone is Zone.QUOTE:
        return 'a quote'
    if layout.patch and number <= layout.commit_text_to:
        return 'a commit message'
    if zone is not Zone.COMMAND:
        return f'{zone} text'
    return '' if _CALL.match(text) else 'an indented line'


def _end(layout: Layout, number: int) -> int:
    """Return the last line of a command: text goes on up to an empty line, a quote or the next command."""
    while (
        number < len(layout.zones)
        and layout.zones[number] is Zone.COMMAND
        and not layout.depths[number]
        and not _CALL.match(layout.texts[number])
    ):
        number += 1
    return number


def _above(layout: Layout, number: int) -> tuple[int, ...]:
    """Return the lines of the quote that ends right above a command, other commands and empty lines between."""
    quoted: list[int] = []
    for at in range(number - 1, 0, -1):
        if layout.depths[at - 1]:
            quoted.append(at)
        elif quoted or layout.zones[at - 1] not in (Zone.BLANK, Zone.COMMAND):
            break
    return tuple(reversed(quoted))
