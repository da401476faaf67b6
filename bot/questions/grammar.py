# SPDX-License-Identifier: GPL-2.0-or-later
r"""The grammar of commands, the same on the command line and, after `#lorebot `, in mails:

    ["^"] VERB [TARGET *("," TARGET)] [":" TEXT]
    TARGET  Q3  Q3.1-3  R2  P1  q:3fa9c2d1  MESSAGE-ID[:FIRST[-LAST]]  mine  ^  (of undo: c3fa9c2d1)

Promises that every line gives an order or a refusal that says what, where and what to do; looks at no question.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal, get_args

from bot.model import QuestionClass
from bot.questions.verbs import VERBS, Verb

MOST_ITEMS = 50
LONGEST_TEXT = 1000

ItemKind = Literal['name', 'hash', 'mail', 'mine', 'parent', 'command']


@dataclass(frozen=True, slots=True)
class Item:
    """One target as written, ranges taken apart; `lines` only of a message-id."""

    kind: ItemKind
    value: str
    lines: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A line of the grammar, understood."""

    verb: Verb
    items: tuple[Item, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is no command. `quiet` ones (in a quote, a signature) are no mistake of the writer."""

    what: str
    where: str
    todo: str
    quiet: bool = False

    def __str__(self) -> str:
        return f'{self.what} ({self.where}); {self.todo}'


_ITEM = re.compile(
    r"""(?x)
    (?: (?P<mail> <[^<>\s]{3,250}> | [^\s<>,:]{1,200}@[^\s<>,:]{1,200} )
        (?: : (?P<first>[0-9]{1,6}) (?: -(?P<last>[0-9]{1,6}) )? (?= [\s,:] | $ ) )?
      | q:(?P<hash>[0-9a-fA-F]{8,16})
      | (?P<command>c[0-9a-f]{4,16})
      | (?P<mine>mine)
      | (?P<parent>\^)
      | (?P<stem>[QRPqrp][0-9]{1,5}) (?P<letters>[a-z]{0,3})
        (?: \.(?P<sub>[0-9]{1,4}[a-z]{0,3}|[A-Za-z]{1,4}) )? (?: -(?P<upto>[0-9]{1,5}) )?
    ) (?= [\s,:] | $ )"""
)
_VERB = re.compile(r'\s*+(?:(?P<up>\^)\s*+)?(?P<verb>[A-Za-z]{1,20})(?=[\s:]|$)')
_GAP = re.compile(r'\s*,\s*|\s+')
_LINK = re.compile(r'https?://[^\s<>"]{4,400}|<?[^\s<>,]{1,200}@[^\s<>,]{1,200}>?')
_VERSION = re.compile(r'v[1-9][0-9]{0,2}')
_SHORT_CLASSES = {'impl': 'implementation'}
_HOW = 'name targets as Q3, Q3.1-3, R2, q:3fa9c2d1 or a message-id, and put a colon before any text'


def parse(line: str, where: str = 'command line') -> Order | Refusal:
    """Read one command without its `#lorebot`; never raises."""
    line = line.encode('utf-8', 'replace').decode('utf-8')
    head = _VERB.match(line)
    if head is None:
        return Refusal('there is no command here', where, f'write one of {", ".join(VERBS)}')
    verb = VERBS.get(head['verb'].lower())
    if verb is None:
        near = difflib.get_close_matches(head['verb'].lower(), VERBS, n=1)
        known = f'did you mean {near[0]}?' if near else f'there are {", ".join(VERBS)}'
        return Refusal(f'{head["verb"]} is no command', where, known)
    read = _items(line[head.end() :], where)
    if isinstance(read, Refusal):
        return read
    items, rest = read
    items = (Item('parent', '^'), *items) if head['up'] else items
    text = ' '.join(rest.removeprefix(':').split())
    return _misfit(verb, items, text, where) or _formed(verb, items, text, where)


def _items(rest: str, where: str) -> tuple[tuple[Item, ...], str] | Refusal:
    """Return the targets and what follows them: nothing, or a colon and text."""
    items: list[Item] = []
    rest = rest.lstrip()
    while rest and not rest.startswith(':'):
        found = _ITEM.match(rest)
        if found is None:
            return Refusal(f'"{rest.split()[0][:40]}" is no target', where, _HOW)
        made = _expanded(found)
        if not made:
            return Refusal(f'"{found[0][:40]}" is no range', where, 'write the smaller number first, as in Q3.1-3')
        items += made
        if len(items) > MOST_ITEMS:
            return Refusal(f'more than {MOST_ITEMS} targets', where, 'give several commands')
        rest = rest[found.end() :]
        gap = _GAP.match(rest)
        rest = rest[gap.end() :] if gap else rest
        if gap and ',' in gap[0] and (not rest or rest.startswith(':')):
            return Refusal('a target is missing after the last comma', where, _HOW)
    return tuple(dict.fromkeys(items)), rest


def _expanded(found: re.Match[str]) -> list[Item]:
    if found['mail']:
        first = int(found['first']) if found['first'] else 0
        last = int(found['last'] or first)
        spans = (first, last) if found['first'] else None
        wrong = spans is not None and not 1 <= first <= last
        return [] if wrong else [Item('mail', found['mail'].strip('<>'), spans)]
    for kind in ('hash', 'command', 'mine', 'parent'):
        if found[kind]:
            return [Item(kind, found[kind].lower())]
    return [Item('name', name) for name in _names(found)]


def _names(found: re.Match[str]) -> list[str]:
    stem, sub = found['stem'].upper() + found['letters'], found['sub']
    whole = f'{stem}.{sub}' if sub else stem
    if found['upto'] is None:
        return [whole]
    counted = re.fullmatch(r'(.*?)(\d+)', whole)
    if counted is None:
        return []
    first, last = int(counted[2]), int(found['upto'])
    return [f'{counted[1]}{n}' for n in range(first, min(last, first + MOST_ITEMS) + 1)]


def _misfit(verb: Verb, items: tuple[Item, ...], text: str, where: str) -> Refusal | None:
    """Return why targets and text are not those that the verb takes."""
    commands = any(i.kind == 'command' for i in items)
    spans = any(i.lines for i in items)
    sample = {'item': 'Q3', 'class': 'design', 'link': 'https://lore.kernel.org/r/...', 'version': 'v3'}
    after = f'{verb.name} Q3: {sample.get(verb.form, "your words")}'
    faults = (
        (len(text) > LONGEST_TEXT, f'the text is longer than {LONGEST_TEXT} characters', 'link to it instead'),
        (verb.text == 'none' and bool(text), f'{verb.name} takes no text', 'leave out the colon and what follows'),
        (verb.text == 'required' and not text, f'{verb.name} needs words after a colon', f'write {after}'),
        (commands and verb.name != 'undo', 'this is the id of a command', 'only undo takes one'),
        (spans and verb.name != 'track', 'lines of a mail are no question yet', 'make them one with track'),
        (
            verb.name == 'undo' and any(i.kind not in ('command', 'mail', 'parent') for i in items),
            'undo takes back commands',
            'name the id of one (c3fa9c2d1, see the log) or the message-id it came in',
        ),
        (
            bool(items) and (verb.about == 'series' or verb.name == 'help'),
            f'{verb.name} takes no target',
            'leave it out',
        ),
        (verb.name == 'merge' and 0 < len(items) < 2, 'merge needs two questions', 'write merge Q3,Q5'),
    )
    return next((Refusal(what, where, todo) for wrong, what, todo in faults if wrong), None)


def _formed(verb: Verb, items: tuple[Item, ...], text: str, where: str) -> Order | Refusal:
    """Check and normalise the text of the verbs whose text has a form."""
    if verb.form == 'class':
        text = _SHORT_CLASSES.get(text.lower(), text.lower())
        if text not in get_args(QuestionClass):
            return Refusal(f'"{text[:40]}" is no class', where, 'write design, impl, process or nit')
    if verb.form == 'version':
        text = text.lower()
        if not _VERSION.fullmatch(text):
            return Refusal(f'"{text[:40]}" is no version', where, 'write it as in the subject: v3')
    if verb.form == 'link' and not is_link(text):
        return Refusal(f'"{text[:40]}" is no address', where, 'write https://... or a message-id')
    if verb.form == 'item' and text:
        read = _items(text, where)
        if isinstance(read, Refusal):
            return read
        if len(read[0]) != 1 or read[1] or read[0][0].kind not in ('name', 'hash'):
            return Refusal(f'"{text[:40]}" is not one question', where, f'write {verb.name} Q5: Q3')
    return Order(verb, items, text)


def item_of(text: str) -> Item:
    """Return the one question that the text of a `dup` names; only for text that `parse` let pass."""
    read = _items(text, '')
    assert not isinstance(read, Refusal)
    return read[0][0]


def is_link(text: str) -> bool:
    """Tell whether a text is nothing but an address or a message-id."""
    return bool(_LINK.fullmatch(text))
