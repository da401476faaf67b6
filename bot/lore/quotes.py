# SPDX-License-Identifier: GPL-2.0-or-later
"""Says who wrote each line of each mail, by aligning every mail with what it quotes, one level at a time.

Promises a segment for every line and the step that decided it; mails that are only quoted become ghosts.
Refuses to guess: a quoted line that no mail at hand, no reference and no attribution line accounts for has no origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.lore import quote_unmarked
from bot.lore.quote_align import Index, align, align_loosely, index
from bot.lore.quote_claims import Claim, same_person
from bot.lore.quote_foreign import Foreign
from bot.lore.quote_ghosts import Ghosts
from bot.lore.quote_lines import Line, fill_blanks, segments, unfused
from bot.lore.quote_parse import View, flattened, normal, view
from bot.lore.quote_shingles import Shingles
from bot.model import Ghost, Message, QuoteGraph, Segment
from bot.model.memory import current, kept, name_of, recalled

_ANCESTORS = 12
_EPOCH = datetime.min.replace(tzinfo=UTC)


def quotes(messages: Sequence[Message]) -> QuoteGraph:
    """Attribute every line of the mails; the order in which they are given does not matter."""
    with current():
        work = _Work()
        for message in _parents_first(messages):
            work.add(message)
        return QuoteGraph({mid: work.known[mid].writers.segments for mid in sorted(work.known)}, work.ghosts.all())


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


@dataclass(frozen=True, slots=True, eq=False)
class _Aligned:
    """What a mail has in common with its ancestors: its lines as cut, those that are found there, and those that are not."""

    parsed: View
    found: dict[int, Line]
    left: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Writers:
    """The fact that is kept of a mail: who wrote what, and its own lines that were read without an odd quote mark."""

    segments: tuple[Segment, ...]
    odd: dict[int, str]


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """A mail with its lines and their writers; `digest` names all that they follow from."""

    message: Message
    ancestors: tuple[_Known, ...]
    writers: _Writers
    lines: list[Line]
    digest: str

    @property
    def index(self) -> Index:
        """Return the lines by their text, for mails that quote this one."""
        return _index(_aligned(self.message, *self.ancestors).parsed)


@recalled
def _index(parsed: View) -> Index:
    return index(parsed)


@recalled
def _aligned(message: Message, *chain: _Known) -> _Aligned:
    """Align a mail with its ancestors, nearest first: a function of these mails alone."""
    parsed = view(message.body)
    parent = chain[0] if chain and chain[0].message.message_id == message.parent else None
    found: dict[int, Line] = {}
    unsure = quote_unmarked.candidates(message, parsed, [a.index for a in chain])
    for number in unsure:
        parsed.depths[number] += 1
    wanted = [n for n, d in enumerate(parsed.depths) if d and parsed.keys[n]]
    if parent:
        _take(parent, align(parsed, wanted, parent.index), found)
    for step, ancestor in enumerate(chain):
        left = [n for n in wanted if n not in found]
        if not left:
            break
        matches = align_loosely(parsed, left, ancestor.index)
        how = 'tokens' if step == 0 else 'ancestor'
        _take(ancestor, {n: (a, b, how) for n, (a, b, _) in matches.items()}, found)
    for number in unsure - found.keys():
        parsed.depths[number] -= 1
    if parent:
        _take(parent, quote_unmarked.lost_marks(parsed, found, parent.index), found)
    return _Aligned(parsed, found, tuple(n for n in wanted if n not in found and parsed.depths[n]))


def _take(other: _Known, matches: dict[int, tuple[int, int, str]], found: dict[int, Line]) -> None:
    """Give the matched lines the identity that the matched lines of `other` have."""
    for number, (first, last, how) in matches.items():
        one, two = other.lines[first], other.lines[last]
        lines: tuple[int, int] | None = None
        if one.lines and two.lines and one.origin == two.origin:
            lines = (min(one.lines[0], two.lines[0]), max(one.lines[1], two.lines[1]))
        known = one.how in ('own', 'exact', 'tokens', 'ancestor', 'shingle')
        found[number] = Line(0, one.origin, lines or one.lines, how if known else one.how, one.speaker)


@recalled
def _known(message: Message, *chain: _Known) -> _Known | None:
    """Return a mail whose quoted lines its ancestors account for; None where other mails have to be asked."""
    name = name_of(message.message_id, message.parent, message.body, [a.digest for a in chain])
    found = kept('quotes', _Writers | None, name, lambda: _attributed(message, chain))
    return _Known(message, chain, found, unfused(found.segments), name) if found else None


def _attributed(message: Message, chain: tuple[_Known, ...]) -> _Writers | None:
    aligned = _aligned(message, *chain)
    return None if aligned.left else _writers(aligned.parsed, _lines(message, aligned.parsed, aligned.found))


def _writers(parsed: View, lines: list[Line]) -> _Writers:
    odd = {n: parsed.keys[n] for n, text in parsed.odd.items() if parsed.texts[n] == text and not lines[n].depth}
    return _Writers(segments(lines), odd)


@recalled
def _own_words(known: _Known) -> list[tuple[int, str]]:
    """Return the lines (0-based) that the mail's sender wrote, as words apart by one blank."""
    texts = known.message.body.split('\n')
    odd = known.writers.odd
    return [(n, odd[n] if n in odd else normal(texts[n])) for n, line in enumerate(known.lines) if line.depth == 0]


def _lines(message: Message, parsed: View, found: dict[int, Line]) -> list[Line]:
    """Return every line with its writer."""
    mid = message.message_id
    lines: list[Line] = []
    for number, (depth, claim) in enumerate(zip(parsed.depths, _standing(parsed), strict=True)):
        if depth == 0 and flattened(parsed.texts[number]):
            lines.append(Line(0, None, None, 'unattributed', None))
            continue
        if depth == 0:
            lines.append(Line(0, mid, (number + 1, number + 1), 'own', None))
            continue
        line = found.get(number)
        if line is None:
            line = Line(depth, None, None, 'unattributed', None)
        lines.append(Line(depth, line.origin, line.lines, line.how, (claim.person if claim else None) or line.speaker))
    fill_blanks(lines, parsed.keys)
    return lines


@dataclass(slots=True)
class _Work:
    """What is known so far of all mails that were added."""

    known: dict[str, _Known] = field(default_factory=dict)
    ghosts: Ghosts = field(default_factory=Ghosts)
    learnt: int = 0

    def add(self, message: Message) -> None:
        chain = self._chain(message)
        known = _known(message, *chain) or self._from_elsewhere(message, chain)
        self.known[message.message_id] = known

    def _chain(self, message: Message) -> list[_Known]:
        """Return the ancestors at hand, nearest first: the parent's own line of descent, then what References names."""
        chain: dict[str, _Known] = {}
        at: str | None = message.parent
        while at in self.known and at not in chain and at != message.message_id:
            chain[at] = self.known[at]
            at = chain[at].message.parent
        for named in reversed(message.references):
            if named in self.known and named != message.message_id:
                chain.setdefault(named, self.known[named])
        return list(chain.values())[:_ANCESTORS]

    def _from_elsewhere(self, message: Message, chain: list[_Known]) -> _Known:
        """Attribute the lines that no ancestor holds: to any mail before this one, to a ghost, or to nobody."""
        aligned = _aligned(message, *chain)
        shingles = current().of('shingles', Shingles[_Known], ())
        for known in list(self.known.values())[self.learnt :]:
            shingles.learn(known, _own_words)
        self.learnt = len(self.known)
        places = [shingles.find(aligned.parsed.keys[n], self._counts) for n in aligned.left]
        rest = _without_ghosts(message, aligned, len(chain), *chain, *[x for p in places for x in p or (None, None)])
        ghosts = tuple(self.ghosts.claimed(message, depth, claim, self.known) for _, depth, claim in rest.ghostly)
        return _with_ghosts(rest, current().same('ghosts', message.message_id, ghosts))

    def _counts(self, known: _Known) -> bool:
        return self.known.get(known.message.message_id) is known


@dataclass(frozen=True, slots=True, eq=False)
class _Rest:
    """A mail all of whose lines are settled but runs of lines, of one depth and claim each, that a ghost may have written."""

    message: Message
    aligned: _Aligned
    chain: tuple[_Known, ...]
    found: dict[int, Line]
    ghostly: list[tuple[list[int], int, Claim | None]]


@recalled
def _without_ghosts(message: Message, aligned: _Aligned, ancestors: int, *others: Any) -> _Rest:
    """Settle lines by the places (mail, line) that shingles gave for each one left, by names, and as no mail's."""
    chain: tuple[_Known, ...] = others[:ancestors]
    parsed, found = aligned.parsed, dict(aligned.found)
    for number, mail, line in zip(aligned.left, others[ancestors::2], others[ancestors + 1 :: 2], strict=True):
        if mail is not None:
            _take(mail, {number: (line, line, 'shingle')}, found)
    known, standing = frozenset(found), _standing(parsed)
    foreign = Foreign(parsed, known)
    ghostly: list[tuple[list[int], int, Claim | None]] = []
    for number in aligned.left:
        claim, depth = standing[number], parsed.depths[number]
        if number in known:
            continue
        if number in foreign:
            found[number] = Line(depth, None, None, 'foreign', None)
        elif claim and (writer := _by_name(chain, claim)):
            found[number] = Line(depth, writer, None, 'claimed', claim.person)
        elif ghostly and ghostly[-1][1:] == (depth, claim):
            ghostly[-1][0].append(number)
        else:
            ghostly.append(([number], depth, claim))
    return _Rest(message, aligned, chain, found, ghostly)


def _by_name(chain: Sequence[_Known], claim: Claim) -> str | None:
    """Return the nearest ancestor at hand by the person whom the attribution line names: he was misquoted."""
    return next((a.message.message_id for a in chain if same_person(a.message.author, claim.person)), None)


@recalled
def _with_ghosts(rest: _Rest, ghosts: tuple[Ghost | None, ...]) -> _Known:
    """Return the mail with the ghosts of its open runs of lines."""
    parsed, found = rest.aligned.parsed, dict(rest.found)
    for (numbers, depth, claim), ghost in zip(rest.ghostly, ghosts, strict=True):
        if ghost:
            line = Line(depth, ghost.message_id, None, 'claimed', ghost.author)
        else:
            line = Line(depth, None, None, 'unattributed', claim.person if claim else None)
        found.update(dict.fromkeys(numbers, line))
    lines = _lines(rest.message, parsed, found)
    name = name_of(
        rest.message.message_id, rest.message.parent, rest.message.body, [a.digest for a in rest.chain], lines
    )
    return _Known(rest.message, rest.chain, _writers(parsed, lines), lines, name)


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
