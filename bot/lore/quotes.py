# SPDX-License-Identifier: GPL-2.0-or-later
"""Says who wrote each line of each mail, by aligning every mail with what it quotes, one level at a time.

Promises a segment for every line and the step that decided it; mails that are only quoted become ghosts.
Refuses to guess: a quoted line that no mail at hand, no reference and no attribution line accounts for has no origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.lore import quote_unmarked
from bot.lore.quote_align import Index, align, align_loosely, index
from bot.lore.quote_claims import Claim, same_person
from bot.lore.quote_foreign import alien
from bot.lore.quote_ghosts import Ghosts
from bot.lore.quote_lines import Line, fill_blanks, segments
from bot.lore.quote_parse import View, flattened, view
from bot.lore.quote_shingles import Shingles
from bot.model import Message, QuoteGraph, Segment

_ANCESTORS = 12
_EPOCH = datetime.min.replace(tzinfo=UTC)


def quotes(messages: Sequence[Message]) -> QuoteGraph:
    """Attribute every line of the mails; the order in which they are given does not matter."""
    work = _Work()
    for message in _parents_first(messages):
        work.add(message)
    return QuoteGraph({mid: work.segments[mid] for mid in sorted(work.segments)}, work.ghosts.all())


def _parents_first(messages: Iterable[Message]) -> list[Message]:
    """Sort by date, then id, each mail after the one it answers; a loop of replies is cut where it is entered."""
    unique: dict[str, Message] = {}
    for message in sorted(messages, key=lambda m: (m.date or _EPOCH, m.message_id, m.raw)):
        unique.setdefault(message.message_id, message)
    done: dict[str, Message] = {}
    for message in unique.values():
        chain: list[Message] = []
        entered: set[str] = set()
        at: Message | None = message
        while at and at.message_id not in done and at.message_id not in entered:
            entered.add(at.message_id)
            chain.append(at)
            at = unique.get(at.parent) if at.parent else None
        done.update((m.message_id, m) for m in reversed(chain))
    return list(done.values())


@dataclass(slots=True)
class _Work:
    """What is known so far: lines with their writers, for all mails that were added."""

    messages: dict[str, Message] = field(default_factory=dict)
    indices: dict[str, Index] = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=dict)
    segments: dict[str, tuple[Segment, ...]] = field(default_factory=dict)
    shingles: Shingles = field(default_factory=Shingles)
    ghosts: Ghosts = field(default_factory=Ghosts)

    def add(self, message: Message) -> None:
        parsed = view(message.body)
        chain = self._chain(message)
        parent = self.indices[chain[0]] if chain and chain[0] == message.parent else None
        found: dict[int, Line] = {}
        unsure = quote_unmarked.candidates(message, parsed, [self.indices[a] for a in chain])
        for number in unsure:
            parsed.depths[number] += 1
        wanted = [n for n, d in enumerate(parsed.depths) if d and parsed.keys[n]]
        if parent and message.parent:
            self._take(message.parent, align(parsed, wanted, parent), found)
        self._ancestors(parsed, chain, wanted, found)
        for number in unsure - found.keys():
            parsed.depths[number] -= 1
        if parent and message.parent:
            self._take(message.parent, quote_unmarked.lost_marks(parsed, found, parent), found)
        self._earlier(message, parsed, wanted, found)
        self._store(message, parsed, found)

    def _chain(self, message: Message) -> list[str]:
        """Return the ancestors at hand, nearest first: the parent's own line of descent, then what References names."""
        chain: list[str] = []
        at: str | None = message.parent
        while at in self.messages and at not in chain and at != message.message_id:
            chain.append(at)
            at = self.messages[at].parent
        named = [r for r in reversed(message.references) if r in self.messages and r not in chain]
        return [m for m in (chain + named) if m != message.message_id][:_ANCESTORS]

    def _take(self, other: str, matches: dict[int, tuple[int, int, str]], found: dict[int, Line]) -> None:
        """Give the matched lines the identity that the matched lines of `other` have."""
        theirs = self.lines[other]
        for number, (first, last, how) in matches.items():
            one, two = theirs[first], theirs[last]
            lines: tuple[int, int] | None = None
            if one.lines and two.lines and one.origin == two.origin:
                lines = (min(one.lines[0], two.lines[0]), max(one.lines[1], two.lines[1]))
            known = one.how in ('own', 'exact', 'tokens', 'ancestor', 'shingle')
            found[number] = Line(0, one.origin, lines or one.lines, how if known else one.how, one.speaker)

    def _ancestors(self, parsed: View, chain: list[str], wanted: list[int], found: dict[int, Line]) -> None:
        for step, ancestor in enumerate(chain):
            left = [n for n in wanted if n not in found]
            if not left:
                return
            matches = align_loosely(parsed, left, self.indices[ancestor])
            how = 'tokens' if step == 0 else 'ancestor'
            self._take(ancestor, {n: (a, b, how) for n, (a, b, _) in matches.items()}, found)

    def _earlier(self, message: Message, parsed: View, wanted: list[int], found: dict[int, Line]) -> None:
        left = [n for n in wanted if n not in found and parsed.depths[n]]
        if not left:
            return
        self.shingles.learn((m, self.indices[m].view, self.lines[m]) for m in self.indices if m != message.message_id)
        for number in left:
            place = self.shingles.find(parsed.keys[number])
            if place:
                self._take(place[0], {number: (place[1], place[1], 'shingle')}, found)

    def _store(self, message: Message, parsed: View, found: dict[int, Line]) -> None:
        mid = message.message_id
        claims = _standing(parsed)
        lines: list[Line] = []
        for number, depth in enumerate(parsed.depths):
            if depth == 0 and flattened(parsed.texts[number]):
                lines.append(Line(0, None, None, 'unattributed', None))
                continue
            if depth == 0:
                lines.append(Line(0, mid, (number + 1, number + 1), 'own', None))
                continue
            line = found.get(number)
            claim = claims[number]
            speaker = claim.person if claim else None
            if line is None:
                line = self._unknown(message, parsed, number, claim, found)
            lines.append(Line(depth, line.origin, line.lines, line.how, speaker or line.speaker))
        fill_blanks(lines, parsed.keys)
        self.messages[mid] = message
        self.indices[mid] = index(parsed)
        self.lines[mid] = lines
        self.segments[mid] = segments(lines)

    def _unknown(
        self, message: Message, parsed: View, number: int, claim: Claim | None, found: dict[int, Line]
    ) -> Line:
        """Settle a quoted line that no mail at hand holds: a ghost's, a stranger's, or nobody's."""
        depth = parsed.depths[number]
        if not parsed.keys[number]:
            return Line(depth, None, None, 'unattributed', None)
        if alien(parsed, number, found):
            return Line(depth, None, None, 'foreign', None)
        if claim and (writer := self._by_name(message, claim)):
            return Line(depth, writer, None, 'claimed', claim.person)
        if ghost := self.ghosts.claimed(message, depth, claim, self.messages):
            return Line(depth, ghost.message_id, None, 'claimed', ghost.author)
        return Line(depth, None, None, 'unattributed', claim.person if claim else None)

    def _by_name(self, message: Message, claim: Claim) -> str | None:
        """Return the nearest ancestor at hand by the person whom the attribution line names: he was misquoted."""
        for ancestor in self._chain(message):
            author = self.messages[ancestor].author
            if same_person(author, claim.person):
                return ancestor
        return None


def _standing(parsed: View) -> list[Claim | None]:
    """Return for each line the attribution line that stands over it."""
    over: dict[int, Claim] = {}
    starts = {c.last: c for c in parsed.claims}
    standing: list[Claim | None] = []
    for number, depth in enumerate(parsed.depths):
        standing.append(over.get(depth) if depth else None)
        if claim := starts.get(number + 1):
            over = {d: c for d, c in over.items() if d <= claim.depth}
            over[claim.depth + 1] = claim
    return standing
