# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what a responding block says about an item: answers, accepts, asks back, puts off, takes back, or nothing.

Promises one event per block and item with the rule that decided it. Never infers anything from silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.model import Event, Message, Person
from bot.model.memory import recalled
from bot.questions import cues, features
from bot.questions.asked import Asked
from bot.questions.blocks import Block
from bot.questions.conversation import Conversation
from bot.questions.link import Response
from bot.questions.overlap import words
from bot.questions.people import same_person
from bot.questions.zones import Layout

_REVIEW = re.compile(r'(?m)^[^\S\n]*(Reviewed-by|Acked-by|Nacked-by|Tested-by):\s*(.{1,200})$')
_BUT = re.compile(r'(?i).{0,60}\b(?:but|however|still)\b')
_UNTIL = re.compile(
    r'(?i)\b(?:until|till|to|in|for|with)\s+(?:the\s+)?v(\d{1,3})\b|\bv(\d{1,3})\s+(?:will|can|should|could|may)\b'
)
_ASKING = re.compile(r'(?i)^(?:what|which|who|why|where|when|how)\b')
_FAR = 0.12
_BESIDE = 1
_SHORT = 24


def events_of(talk: Conversation, asked: Sequence[Asked], responses: Sequence[Response]) -> list[tuple[int, Event]]:
    """Return the event of each response, with the index of its item, in the order of the mails.

    Words below an answer to something else are about that: they follow the answer that they stand below.
    """
    out: list[tuple[int, Event]] = []
    aside: set[tuple[int, str, int]] = set()
    for response in responses:
        block = response.block
        event = event_of(talk, asked[response.item], response)
        below = _stands_below(talk, block) if response.relation in ('reacts', 'continues') else None
        if below and (response.item, *below) in aside:
            event = replace(event, kind='replied-around', rule='below-another-answer')
        if event.kind == 'replied-around':
            aside.add((response.item, block.message.message_id, block.first))
        out.append((response.item, event))
    return out


def _stands_below(talk: Conversation, block: Block) -> tuple[str, int] | None:
    """Return the block whose words a block stands right below: its mail and first line."""
    shape = talk.layouts[block.message.message_id]
    line = next((n for n in reversed(block.above) if shape.texts[n - 1].strip()), 0)
    sight = next((s for s in talk.shows[block.message.message_id] if s.line == line), None)
    if sight is None:
        return None
    found = talk.blocks.get(sight.origin, ())
    return next(((sight.origin, b.first) for b in found if b.first <= sight.last and sight.first <= b.last), None)


def event_of(talk: Conversation, one: Asked, response: Response) -> Event:
    """Return the event that a response makes."""
    block = response.block
    own = same_person(block.message.author, one.asker)
    if response.relation == 'silent':
        kind, rule = 'replied-unlinked', 'reply-without-quote'
    elif own:
        kind, rule = _by_asker(block, response)
    else:
        kind, rule = _by_other(block, response, one)
    note = f'{response.relation}, {response.directness}, gap {response.gap}, words shared {response.share:.2f}'
    if kind == 'deferred' and (until := _UNTIL.search(block.text)):
        note = f'until v{until[1] or until[2]}; {note}'
    return Event(
        kind,
        block.message.message_id,
        (block.first, block.last),
        rule,
        block.message.date,
        block.message.author.label,
        note,
    )


_Found = tuple[str, str]
_Reading = Callable[[Block, Response, Asked], _Found | None]


def _by_asker(block: Block, response: Response) -> _Found:
    text = block.text
    if rule := cues.first_hit(cues.CONTESTED, text):
        return 'contested', rule
    if rule := cues.first_hit(cues.WITHDRAWN, text):
        return 'withdrawn', rule
    first = _first(block)
    if response.relation == 'continues':
        return 'followed-up', 'asker-writes-on'
    if response.relation == 'reacts':
        content = cues.first_hit(cues.ACCEPTED, first)
        return ('accepted', content) if content and not _BUT.match(first) else ('followed-up', 'asker-writes-on')
    beside = response.relation in ('around', 'unquoted')
    if not beside and statements(block) and telling(block) >= 4 and not only_courtesy(block):
        return 'answered', 'asker-answers'
    return 'followed-up', 'asker-writes-on'


def _by_other(block: Block, response: Response, one: Asked) -> _Found:
    """Return what the first of the rules below says that has something to say."""
    rules: tuple[_Reading, ...] = (_onward, _elsewhere, _idle, _nearer, _back, _promise)
    found = (rule(block, response, one) for rule in rules)
    return next((f for f in found if f), None) or _answer(block, response)


def _onward(block: Block, response: Response, one: Asked) -> _Found | None:
    """What stands below the asker's later words speaks to those first: it discusses the item at most."""
    if response.relation != 'continues':
        return None
    told = telling(block) >= 8 and statements(block)
    return ('discussed', 'reply-to-the-asker') if told else ('replied', 'says-too-little')


def _elsewhere(block: Block, response: Response, one: Asked) -> _Found | None:
    """A short text far below, or one below a neighbour of the item, is about something else."""
    decided = response.gap <= _BESIDE and cues.DECIDED.pattern.search(_first(block))
    if response.relation == 'around' and not response.firm and not decided:
        return 'replied-around', 'neighbour-quoted'
    faint = response.directness == 'weak' and response.share < 0.05 and telling(block) < 8
    if faint and response.relation == 'answers' and not (response.firm and statements(block)):
        return 'replied-around', 'far-below'
    return None


def _idle(block: Block, response: Response, one: Asked) -> _Found | None:
    if courtesy := only_courtesy(block):
        return 'replied', courtesy
    later = _deferral(block)
    return ('deferred', later) if later else None


def _nearer(block: Block, response: Response, one: Asked) -> _Found | None:
    """Another question stands nearer to the block, and its words say nothing of this one.

    Items of a numbered list are answered one by one, and wishes are not answered below a question; other questions
    need more distance.
    """
    listed = one.item.group is not None and bool(one.item.number)
    wish = one.item.kind == 'request' or one.item.tier == 'possible'
    apart = listed or wish or (response.directness == 'weak' and (not response.firm or response.beyond > 0))
    far = apart and response.later > 0 and response.share < _FAR
    return ('replied-around', 'far-below') if far else None


def _back(block: Block, response: Response, one: Asked) -> _Found | None:
    first = _first(block)
    unclear = cues.UNCLEAR.pattern.search(first) and '?' in first and response.relation == 'answers'
    asks = '?' in block.text or _ASKING.match(block.text) or cues.UNCLEAR.pattern.search(block.text)
    return _asks_back(block) if unclear or (asks and not statements(block) and not block.shows) else None


def _promise(block: Block, response: Response, one: Asked) -> _Found | None:
    rule = cues.first_hit(cues.PROMISED, block.text) if response.relation != 'reacts' else ''
    if rule != 'agreed-short':
        return ('promised', rule) if rule else None
    if _BUT.match(_first(block)) or (telling(block) > _SHORT and one.item.kind != 'request'):
        return None
    return ('promised', rule) if proposes(one) and response.firm else ('answered', 'yes-or-no')


def proposes(one: Asked) -> bool:
    """Tell whether consent to an item promises a change: it asks for one, and not for a piece of knowledge."""
    return one.item.kind != 'question' or bool(cues.PROPOSES.pattern.search(one.item.text))


def _answer(block: Block, response: Response) -> _Found:
    if telling(block) < 3 and not block.shows and not cues.DECIDED.pattern.search(block.text):
        return ('answered', 'consents') if consents(block) and response.firm else ('replied', 'says-too-little')
    if response.relation == 'reacts':
        return 'discussed', 'reply-to-a-reply'
    rule = {'unquoted': 'words-shared', 'around': 'neighbour-quoted', 'all': 'answers-all'}
    return 'answered', rule.get(response.relation, f'{response.directness}-below')


def consents(block: Block) -> bool:
    """Tell whether a block says that its author is convinced."""
    return bool(cues.CONVINCED.pattern.search(block.text))


def _first(block: Block) -> str:
    return block.sentences[0].text if block.sentences else ''


def _asks_back(block: Block) -> _Found:
    text = block.text
    if cues.UNCLEAR.pattern.search(text) or _ASKING.match(text):
        return 'counter-question', 'asks-back'
    return ('answered', 'answers-with-a-proposal') if telling(block) >= 3 else ('counter-question', 'asks-back')


@recalled
def _deferral(block: Block) -> str:
    """Return the rule when putting off is the main thing that a block says."""
    for sentence in block.sentences[:2]:
        if (
            (rule := cues.first_hit(cues.DEFERRED, sentence.text))
            and len(block.sentences) <= 3
            and '?' not in sentence.text
        ):
            return rule
    return ''


@recalled
def statements(block: Block) -> list[str]:
    """Return the sentences that tell something: no question, no courtesy."""
    return [s.text for s in block.sentences if features.weigh(s.text)[0] < 0 and not _courtesy(s.text)]


@recalled
def telling(block: Block) -> int:
    """Return how many telling words stand in a block outside its courtesies."""
    return sum(len(words(s.text)) for s in block.sentences if not _courtesy(s.text))


def _courtesy(text: str) -> str:
    return '' if cues.first_hit(cues.PROMISED, text) else cues.first_hit(cues.NON_ANSWERS, text)


@recalled
def only_courtesy(block: Block) -> str:
    """Return the rule by which every sentence of a block is no answer, '' when one may be."""
    if block.shows or not block.sentences:
        return ''
    rules = [_courtesy(s.text) for s in block.sentences]
    return rules[0] if all(rules) else ''


@recalled
def _tag_lines(shape: Layout) -> list[tuple[int, re.Match[str]]]:
    lines = enumerate(zip(shape.texts, shape.depths, strict=True), 1)
    return [
        (n, found) for n, (text, depth) in lines if depth == 0 and '-by:' in text and (found := _REVIEW.match(text))
    ]


def signed(talk: Conversation) -> Iterator[tuple[Message, int, str]]:
    """Yield each review tag that the writer of a reply gives himself: the mail, the line, the tag."""
    for mid, message in talk.messages.items():
        if mid in talk.patches or mid not in talk.blocks:
            continue
        for number, found in _tag_lines(talk.layouts[mid]):
            if message.author.email in found[2].lower():
                yield message, number, found[1]


def by_asker(asked: Sequence[Asked]) -> Callable[[Person], list[int]]:
    """Return a look-up of the items that a person asked."""
    askers: dict[str, list[int]] = {}
    for index, one in enumerate(asked):
        for name in {one.asker.email, one.asker.name} - {''}:
            askers.setdefault(name, []).append(index)
    return lambda who: sorted(
        i for i in {*askers.get(who.email, ()), *askers.get(who.name, ())} if same_person(asked[i].asker, who)
    )


_TAGS: dict[str, str] = {'Reviewed-by': 'reviewed', 'Acked-by': 'acked', 'Nacked-by': 'nacked'}


def tags(talk: Conversation, asked: Sequence[Asked]) -> list[tuple[int, Event]]:
    """Return the asker's own review tags after his question, given to the same patch or its cover."""
    out: list[tuple[int, Event]] = []
    of = by_asker(asked)
    for message, number, tag in signed(talk):
        for index in of(message.author):
            if later_than(asked[index], message) and _covers(talk, message.message_id, asked[index]):
                out.append((index, tag_event(_TAGS.get(tag, 'tested'), message, number, tag)))
    return out


def tag_event(kind: str, message: Message, number: int, tag: str) -> Event:
    return Event(kind, message.message_id, (number, number), tag, message.date, message.author.label)


def later_than(one: Asked, message: Message) -> bool:
    """Tell whether a mail is another one than that of the item, and not older."""
    return one.message_id != message.message_id and _before(one, message.date)


def _before(one: Asked, date: object) -> bool:
    return one.date is None or date is None or one.date <= date  # type: ignore[operator]


def _covers(talk: Conversation, mid: str, one: Asked) -> bool:
    """Tell whether the mail answers the patch that the item was asked on, or the cover of the same posting."""
    patch = patch_above(talk, one.message_id)
    given = patch_above(talk, mid)
    if patch is None or given is None:
        return False
    return patch == given or talk.messages[patch].parent == given


def patch_above(talk: Conversation, mid: str | None) -> str | None:
    """Return the posted mail that a mail is about, itself or the nearest above."""
    entered: set[str] = set()
    while mid in talk.messages and mid not in entered:
        if mid in talk.patches:
            return mid
        entered.add(mid)
        mid = talk.messages[mid].parent
    return None


def commenters(talk: Conversation, asked: Sequence[Asked]) -> dict[str, frozenset[str]]:
    """Return for each posted mail who, its authors apart, asked or demanded something below it, by address."""
    found: dict[str, set[str]] = {}
    for one in asked:
        patch = patch_above(talk, one.message_id)
        if patch is not None and one.asker.email not in talk.authors:
            found.setdefault(patch, set()).add(one.asker.email)
    return {patch: frozenset(people) for patch, people in found.items()}
