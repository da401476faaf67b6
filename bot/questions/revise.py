# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives every item a verdict for each later posting: verified, claimed, unaddressed and the rest.

Promises that a verdict follows from signs with places. Refuses "unaddressed" where it could not look: "unknown".
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Event, Revision, RevisionVerdict, Series
from bot.questions.anchor import Anchor, anchor
from bot.questions.asked import Asked
from bot.questions.conversation import EPOCH, Conversation, makers
from bot.questions.evidence import Crowd, Seen, Sign, Step, look
from bot.questions.overlap import Weights
from bot.questions.people import same_person
from bot.questions.react import commenters, patch_above
from bot.questions.state import Standing, in_order, settle
from bot.questions.tables import table

_TABLE = table('evidence')
PRIOR = _TABLE.values['chance']['prior']
SETTLED = _TABLE.values['chance']['settled']
_NEARER = 1.3
_TRACE = 0.05
LEANINGS = {row.name: row.weight for row in _TABLE.groups['leaning']}
_CHANGE = _TABLE.groups['asks-for-change'][0].pattern
_CODE = frozenset(
    (
        'anchor-gone',
        'near-anchor-gone',
        'hunk-gone',
        'beside-changed',
        'substituted',
        'patch-dropped',
        'patch-rewritten',
        'function-changed',
        'name-adopted',
        'name-gone',
        'title-changed',
        'text-gone',
        'text-grown',
    )
)
_TOLD = frozenset(
    ('changelog-names-asker', 'changelog', 'changelog-perhaps', 'changelog-only-comment', 'changelog-blanket')
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdicts on one item, the events they make, and the revision and posting that settled it."""

    verdicts: tuple[RevisionVerdict, ...] = ()
    events: tuple[Event, ...] = ()


class Reviser:
    """Judges all items of a conversation against the later postings of the series."""

    def __init__(
        self,
        talk: Conversation,
        asked: Sequence[Asked],
        series: Series | None,
        rare: Weights,
        events: Sequence[Sequence[Event]],
    ) -> None:
        self.talk, self.asked, self.rare, self.events = talk, asked, rare, events
        self.postings = [r for r in series.revisions if _at_hand(talk, r)] if series else []
        several = len(self.postings) > 1
        self.hooks = [anchor(talk, one, self.postings) if several else None for one in asked]
        self.blocks_of = [_block_of(talk, one) for one in asked]
        self.texts: dict[tuple[str, int | None], list[int]] = {}
        for index, one in enumerate(asked):
            self.texts.setdefault((one.seen_in, self.blocks_of[index]), []).append(index)
        self.people = commenters(talk, asked)
        self.shares: dict[tuple[str, int], list[tuple[float, int]]] = {}

    def postings_of(self) -> list[int | None]:
        """Return the number of the posting that each item is about."""
        return [hook.posting.posting if hook else None for hook in self.hooks]

    def judge(self, index: int, events: Sequence[Event]) -> Outcome:
        """Judge the postings after the item, oldest first."""
        one, hook = self.asked[index], self.hooks[index]
        if hook is None or one.date is None or one.item.tier == 'possible':
            return Outcome()
        verdicts: list[RevisionVerdict] = []
        made: list[Event] = []
        before = hook.posting
        for after in self.postings:
            if after.posting <= hook.posting.posting or (after.date or EPOCH) <= one.date:
                continue
            known = in_order(e for e in [*events, *made] if (e.at or EPOCH) <= (after.date or EPOCH))
            crowd = self._crowd(index, hook, after.date or EPOCH)
            seen = look(self.talk, one, hook, Step(before, after), self.rare, crowd)
            verdict, news = _verdict_and_events(self.talk, one, hook, after, known, seen)
            verdicts += [_kept(verdict, verdicts)] if verdict else []
            made.extend(news)
            before = after
        return Outcome(tuple(verdicts), tuple(made))

    def _crowd(self, index: int, hook: Anchor, day: datetime) -> Crowd:
        one = self.asked[index]
        patch = patch_above(self.talk, one.message_id)
        alone = patch is not None and len(self.people.get(patch, ())) <= 1

        near = self._beside(index)

        def rival(text: str, same_asker: bool) -> float:
            shares = self._shares(text, hook.posting.posting)
            found = (s for s, i in shares if i != index and i not in near)
            if same_asker:
                found = (s for s, i in shares if i != index and i not in near and self.asked[i].asker == one.asker)
            return next(found, 0.0)

        def taken(text: str) -> bool:
            others = [self.rare.coverage(text, self._own(i, day)) for i in near]
            mine = self.rare.coverage(text, self._own(index, day))
            listed = one.item.group is not None and mine <= _TRACE
            return bool(others) and (max(others) > max(_NEARER * mine, _TRACE) or listed)

        return Crowd(rival, taken, alone)

    def _beside(self, index: int) -> list[int]:
        """Return the other items of the same text of the asker: what he wrote around them is the same."""
        if self.blocks_of[index] is None:
            return []
        same = self.texts[self.asked[index].seen_in, self.blocks_of[index]]
        return [i for i in same if i != index and self.hooks[i] and self.asked[i].item.tier != 'possible']

    def _own(self, index: int, day: datetime) -> str:
        """Return the words that are an item's alone: its text, the line it hangs on, and what was answered until then."""
        hook = self.hooks[index]
        told = (
            '\n'.join(self.talk.layouts[e.message_id].texts[e.lines[0] - 1 : e.lines[1]])
            for e in self.events[index]
            if e.kind in ('answered', 'promised') and (e.at or EPOCH) <= day
        )
        return ' '.join((hook.own if hook else '', *told))

    def _shares(self, text: str, posting: int) -> list[tuple[float, int]]:
        """Return how much of a changelog item each item of a posting explains, the most first."""
        key = (text, posting)
        if key not in self.shares:
            found = (
                (self.rare.coverage(text, hook.context), i)
                for i, hook in enumerate(self.hooks)
                if hook and hook.posting.posting == posting and self.asked[i].item.tier != 'possible'
            )
            self.shares[key] = sorted((f for f in found if f[0] > 0), reverse=True)
        return self.shares[key]


def _block_of(talk: Conversation, one: Asked) -> int | None:
    """Return the first line of the asker's text that the item stands in, None when it is known by quotation only."""
    found = talk.blocks.get(one.seen_in, ()) if one.depth == 0 else ()
    at = bisect_right(found, one.item.first, key=lambda block: block.first) - 1
    return found[at].first if at >= 0 and one.item.first <= found[at].last else None


def _at_hand(talk: Conversation, posting: Revision) -> bool:
    return posting.message_id in talk.messages or any(p.message_id in talk.messages for p in posting.patches)


def _verdict_and_events(
    talk: Conversation, one: Asked, hook: Anchor, after: Revision, known: Sequence[Event], seen: Seen
) -> tuple[RevisionVerdict | None, list[Event]]:
    """Return the verdict on one posting and the events that it makes; none for what was settled before."""
    who, at = after.author.label, after.date
    noted = [
        Event('answered', n.message_id, (n.first, n.last), 'note-of-posting', at, who, n.text[:120]) for n in seen.notes
    ]
    noted += _woken(known, after)
    known = in_order([*known, *noted])
    standing = settle(known, one.asker.label, one.to)
    if standing.state in ('resolved', 'withdrawn'):
        return None, []
    leaning = [*_leanings(talk, one, hook, known), *_late(hook, after)]
    chance = 1 / (1 + math.exp(-(PRIOR + sum(s.weight for s in seen.signs) + sum(w for _, w in leaning))))
    kind = _verdict(seen.signs, chance, known, standing)
    if kind in _MISSING and _wrote(one, hook):
        kind = 'unknown'
    events = noted + [
        Event('sign', s.message_id, s.lines, s.rule, at, who, f'{s.weight:+.1f}: {s.note}') for s in seen.signs
    ]
    evidence = '; '.join(f'{s.rule} ({s.note})' for s in sorted(seen.signs, key=lambda s: -s.weight) if s.weight > 0)
    if kind in ('verified', 'claimed', 'changed-not-stated') and chance >= SETTLED:
        best = max(seen.signs, key=lambda s: s.weight)
        names = ', '.join(f'{n} {w:+.1f}' for n, w in leaning)
        note = f'{kind}: posting {after.posting}, chance {chance:.2f} ({names})'
        events.append(Event('settled-by-revision', best.message_id, best.lines, best.rule, at, who, note))
    return RevisionVerdict(after.version, kind, evidence or f'no sign of it in {after.message_id}'), events


def _woken(known: Sequence[Event], after: Revision) -> list[Event]:
    """Return the event by which a matter that was put off to a version comes back, when the version is there."""
    for event in reversed(known):
        until = re.match(r'until v(\d+);', event.note) if event.kind == 'deferred' else None
        if until and after.version >= int(until[1]):
            mid = after.message_id
            note = f'put off until v{until[1]} in {event.message_id}'
            return [Event('due', mid, (1, 1), 'version-came', after.date, event.actor, note)]
    return []


_MISSING = ('unaddressed', 'promised-not-visible')


def _kept(verdict: RevisionVerdict, before: Sequence[RevisionVerdict]) -> RevisionVerdict:
    """Return the verdict, or the one before it where that saw a change and this one only sees no further change."""
    changed = [v for v in before if v.verdict == 'changed-not-stated']
    if verdict.verdict not in _MISSING or not changed:
        return verdict
    seen = changed[-1].evidence
    told = seen if seen.startswith('as in v') else f'as in v{changed[-1].revision}: {seen}'
    return RevisionVerdict(verdict.revision, 'changed-not-stated', told)


def _leanings(talk: Conversation, one: Asked, hook: Anchor, known: Sequence[Event]) -> list[tuple[str, float]]:
    """Return what else speaks for or against a change: how it was asked and what was said since."""
    kinds = {e.kind for e in known}
    author = _wrote(one, hook)
    told = 'answered' in kinds or 'promised' in kinds
    explained = any(e.kind == 'answered' and e.rule != 'yes-or-no' for e in known)
    true = {
        'asks-for-change': bool(_CHANGE.search(one.item.text)) or one.item.kind == 'request',
        'on-code': bool(hook.lines),
        'promised': 'promised' in kinds and not author,
        'explained': explained and 'promised' not in kinds and not author,
        'accepted': 'accepted' in kinds,
        'design': one.class_ == 'design',
        'process': one.class_ == 'process',
        'author-asks': author and not told,
        'decided': author and told,
    }
    return [(name, weight) for name, weight in LEANINGS.items() if true.get(name)]


def _wrote(one: Asked, hook: Anchor) -> bool:
    """Tell whether the asker sent the posting or made the patch: a guest's patch in the series makes nobody its author."""
    people = [hook.posting.author, *((hook.patch.author,) if hook.patch else ())]
    made = makers(hook.patch) if hook.patch else frozenset()
    return one.asker.email in made or any(same_person(one.asker, person) for person in people)


def _late(hook: Anchor, after: Revision) -> list[tuple[str, float]]:
    steps = min(after.posting - hook.posting.posting - 1, 3)
    return [('later-posting', LEANINGS['later-posting'] * steps)] if steps > 0 else []


def _verdict(seen: Sequence[Sign], chance: float, known: Sequence[Event], standing: Standing) -> str:
    changed = any(s.rule in _CODE for s in seen)
    told = any(s.rule in _TOLD for s in seen)
    strong = any(s.rule in ('name-adopted', 'substituted') for s in seen)
    promised = any(e.kind == 'promised' for e in known)
    if chance >= SETTLED and (changed or told):
        if changed and (told or strong or promised):
            return 'verified'
        return 'claimed' if not changed else 'changed-not-stated'
    return _unsettled(seen, changed, known, standing)


def _unsettled(seen: Sequence[Sign], changed: bool, known: Sequence[Event], standing: Standing) -> str:
    """Name what is left over: the first that holds, from put off to not known.

    What was not looked at (the place is lost, the text hangs on nothing) is "unknown" and never held against anybody.
    """
    kinds = {e.kind for e in known}
    looked = any(s.rule in ('anchor-stays', 'patch-same') for s in seen)
    told = any(s.rule in _TOLD for s in seen)
    order = (
        (standing.state == 'deferred', 'deferred-carried'),
        (not seen, 'unknown'),
        (changed, 'changed-not-stated'),
        ('promised' in kinds and looked and not told, 'promised-not-visible'),
        ('promised' in kinds, 'unknown'),
        (bool(kinds & {'answered', 'discussed'}) and standing.state != 'contested', 'answered-not-recorded'),
        (standing.qualifier == 'counter-question' or told, 'unknown'),
        (looked, 'unaddressed'),
    )
    return next((name for holds, name in order if holds), 'unknown')


def settled_by(events: Sequence[Event], postings: Sequence[Revision]) -> tuple[int | None, int | None]:
    """Return revision and posting of the event that settled an item, if a posting did."""
    for event in reversed(events):
        if event.kind == 'settled-by-revision':
            number = int(re.search(r'posting (\d+)', event.note)[1])  # type: ignore[index]
            version = next((r.version for r in postings if r.posting == number), None)
            return (version, number)
    return (None, None)
