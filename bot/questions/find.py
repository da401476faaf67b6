# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds what is asked, requested and objected to in the text that one person wrote in one mail.

Promises items with their lines, the features that made them and a tier; numbered lists keep the author's numbers.
Refuses to follow up: whether somebody answered is `link`'s business.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.model import Kind, Tier
from bot.model.memory import recalled
from bot.questions import features
from bot.questions.demands import demand, polite
from bot.questions.lists import BULLETS, Lists, lists
from bot.questions.sentences import Paragraph, Sentence

_CLOSER = re.compile(
    r'(?i)^(?:so,?\s+)?(?:(?:any\s+)?(?:thoughts|comments|opinions|ideas|objections|suggestions)(?:\s+on\s+(?:this|'
    r'that))?|wdyt|'
    r'what do (?:you|others|people|folks) think(?:\s+(?:about|of)\s+(?:this|that|it))?|(?:does (?:it|that|'
    r'this) )?makes? (?:any )?sense|'
    r'right|ok(?:ay)?|no|agreed?|yes|is (?:that|this|it) (?:ok|right|correct|fine)|am i missing (?:something|'
    r'anything)|'
    r"anything i(?:'m| am) missing|or not|or am i (?:missing|wrong|lost)(?>.*(?=\?))|did i miss (?:something|anything)|hm+|"
    r'correct|huh|eh)\s*\?\W*$'
)
_SELF_ANSWER = re.compile(
    r'(?i)^\(?(?:hint\b.{0,20}|probably not|no|yes|nope|yep|of course|sure|not really|well,? (?:no|yes)|simple|nothing|the answer|fine|obviously|'
    r'clearly|'
    r'easy|tough|none|nobody|I (?:bet|guess|think|assume|suppose|believe) (?:no|not|so|yes)\b|I doubt it|I (?:don\'t|do not) think so)\b'
)
_BELIEF = re.compile(
    r'(?i)^(?:it (?:seems|looks|appears|turns out)|apparently|presumably|probably|i (?:guess|assume|suppose|think|'
    r'believe))\b'
)
_BECAUSE = re.compile(r'(?i)^because\b')
_ANSWER_TOLD = re.compile(r'(?i)\b(?:not|no|the|an?|only) answer\b|\banswer (?:to that|is|was)\b')
_SPOKEN = frozenset(('inversion', 'wh-word', 'you', 'right-tag', 'inner-inversion', 'suggestion', 'wants-idea'))


@dataclass(frozen=True, slots=True)
class Item:
    """One answerable unit of a text; `number` is the author's own. `group` ties the items
    of one list together by the index of their lead-in, which has the same index as `lead`."""

    kind: Kind
    tier: Tier
    text: str
    first: int
    last: int
    number: str
    group: int | None
    block: int
    score: float
    why: tuple[str, ...]
    lead: int | None = None


@dataclass(frozen=True, slots=True)
class _Weighed:
    sentence: Sentence
    score: float
    why: tuple[str, ...]
    paragraph: int
    closer: bool

    @property
    def chance(self) -> float:
        return 1 / (1 + math.exp(-self.score))


@recalled
def find(found: Sequence[Paragraph], commit_text_to: int = 0, posted: bool = False) -> list[Item]:
    """Return the items of one author's paragraphs in the order in which they stand.

    Lines up to `commit_text_to` are a commit message: its author argues there with himself. What stands in a mail
    that was `posted` demands nothing: it tells what was done.
    """
    listed = lists(found)
    leads = set(listed.group.values())
    items: list[Item] = []
    for at, paragraph in enumerate(found):
        commit_text = paragraph.first <= commit_text_to
        weighed = [_weigh(found, at, i, listed, commit_text) for i in range(len(paragraph.sentences))]
        asked = _merge(paragraph, weighed, listed.group.get(at))
        here = [*asked, *(_demands(paragraph, asked, listed, at) if not posted else ())]
        if here and at in leads and at not in listed.group:
            last = max(range(len(here)), key=lambda i: here[i].last)
            here[last] = replace(here[last], lead=at)
        items.extend(here)
    return [_with_claim(found, item) for item in sorted(items, key=lambda i: (i.first, i.last, i.kind))]


def _weigh(found: Sequence[Paragraph], at: int, index: int, listed: Lists, commit_text: bool) -> _Weighed:
    paragraph = found[at]
    sentence = paragraph.sentences[index]
    score, why = features.weigh(sentence.text)
    extra: list[tuple[str, float]] = []
    closer = bool(_CLOSER.match(sentence.text))
    if at in listed.asks and (index == 0 or 'wh-word' in why):
        extra.append(('lead-in', features.PLACES['lead-in']))
    if index == len(paragraph.sentences) - 1 and _heading(found, at, index):
        extra.append(('heading', features.PLACES['heading']))
    after = paragraph.sentences[index + 1].text if index + 1 < len(paragraph.sentences) else ''
    if '?' in sentence.text and _self_answered(sentence.text, after, why):
        extra.append(('self-answered', features.PLACES['self-answered']))
    elif '?' in sentence.text and '?' not in after and _BELIEF.match(after):
        extra.append(('half-answered', features.PLACES['half-answered']))
    if commit_text:
        extra.append(('commit-text', features.PLACES['commit-text']))
    if closer and index == 0:
        name = 'closes-claim' if _concrete_above(found, at) else 'bare-closer'
        extra.append((name, features.PLACES[name]))
    return _Weighed(sentence, score + sum(w for _, w in extra), (*why, *(n for n, _ in extra)), at, closer)


def _self_answered(text: str, after: str, why: Sequence[str]) -> bool:
    """Tell whether the next sentence answers; after a statement with a mark ("It does? Then ...") many may."""
    if not after or '?' in after:
        return False
    if _BECAUSE.match(after):
        return bool(re.match(r'(?i)(?:\w+,? )?why\b', text))
    if _SELF_ANSWER.match(after) or _ANSWER_TOLD.search(after[:80]):
        return True
    return not _SPOKEN & set(why) and bool(
        re.match(r"(?i)^(?:then|we(?:'ll| will)|that(?:'s| is) (?:fine|ok)|the same)\b", after)
    )


def _heading(found: Sequence[Paragraph], at: int, index: int) -> bool:
    """Tell whether a question is the title of what follows at once: its own list, or the answer below a short line."""
    paragraph = found[at]
    if at + 1 >= len(found) or found[at + 1].block != paragraph.block or len(paragraph.sentences) > 1:
        return False
    after = found[at + 1]
    near = after.first - paragraph.last == 1
    short = len(paragraph.text.split()) <= 8 and not paragraph.text.startswith(('Why', 'why'))
    return (
        near
        and short
        and after.marker != ''
        and (paragraph.marker == '' or after.marker in BULLETS)
        and after.marker != paragraph.marker
    )


def _concrete_above(found: Sequence[Paragraph], at: int) -> bool:
    """Tell whether a list or a claim of the same stretch of text stands above a closer."""
    return at > 0 and found[at - 1].block == found[at].block and len(found[at - 1].text.split()) >= 4


def _merge(paragraph: Paragraph, weighed: Sequence[_Weighed], group: int | None) -> list[Item]:
    """Fuse asking sentences of one paragraph that follow each other, at most four of them."""
    items: list[Item] = []
    run: list[int] = []
    for index, one in enumerate(weighed):
        if one.chance < features.POSSIBLE or polite(one.sentence.text):
            continue
        if run and (index - run[-1] > 1 or len(run) >= 4):
            items.append(_item(paragraph, weighed, run, group))
            run = []
        run.append(index)
    if run:
        items.append(_item(paragraph, weighed, run, group))
    return items


def _item(paragraph: Paragraph, weighed: Sequence[_Weighed], run: Sequence[int], group: int | None) -> Item:
    best = max((weighed[i] for i in run), key=lambda w: w.score)
    first = run[0]
    if weighed[first].closer and first > 0:
        first -= 1
    chosen = weighed[first : run[-1] + 1]
    text = ' '.join(w.sentence.text for w in chosen)
    number = paragraph.marker if paragraph.marker not in BULLETS else ''
    return Item(
        'question',
        _tier(best),
        text,
        chosen[0].sentence.first,
        chosen[-1].sentence.last,
        number,
        group,
        paragraph.block,
        best.score,
        best.why,
    )


def _tier(best: _Weighed) -> Tier:
    if best.chance < features.SURE:
        return 'possible'
    return 'sure' if 'ends-in-mark' in best.why or 'question-is' in best.why else 'likely'


def _with_claim(found: Sequence[Paragraph], item: Item) -> Item:
    """Let a closer that is a paragraph of its own take in the text it closes."""
    if not _CLOSER.match(item.text):
        return item
    for at, paragraph in enumerate(found):
        if paragraph.first <= item.first <= paragraph.last and at and _concrete_above(found, at):
            start = at - 1
            while start and found[start - 1].block == item.block and found[start].first - found[start - 1].last == 1:
                start -= 1
            text = ' '.join(p.text for p in found[start:at]) + ' ' + item.text
            return replace(item, text=text, first=found[start].first)
    return item


def _demands(paragraph: Paragraph, asked: Sequence[Item], listed: Lists, at: int) -> list[Item]:
    """Return requests and objections among the sentences that ask nothing.

    What stands in a list below a line that orders is ordered; below another line ("we could either:") it is told.
    """
    out: list[Item] = []
    for sentence in paragraph.sentences:
        if any(sentence.text in i.text for i in asked):
            continue
        found = demand(sentence.text)
        if found is None and at in listed.orders and sentence is paragraph.sentences[0] and not asked:
            found = ('request', 'likely', 'listed')
        if found is None:
            continue
        kind, tier, rule = found
        if at in listed.told and rule == 'order':
            tier = 'possible'
        number = paragraph.marker if paragraph.marker not in BULLETS else ''
        place = (sentence.first, sentence.last, number, listed.group.get(at), paragraph.block)
        out.append(Item(kind, tier, sentence.text, *place, 0.0, (rule,)))
    return out
