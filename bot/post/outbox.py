# SPDX-License-Identifier: GPL-2.0-or-later
"""Empties the outbox: what the gate allows goes out, once.

Promises that a letter is recorded before anything is said to a server, and once more before the dot that ends it. So a
crash at any point leaves one of two things: a letter that no server can have taken, which is sent later, or one of which
nobody knows, which is looked up in the archive and then waits for a person. Nothing is ever sent again on a guess.
One drain at a time: whoever calls this holds the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from bot.model import Decision, Draft, Letter, LetterEvent, Letters, LetterStep, Ruling
from bot.post.gate import decide
from bot.post.letters import claimed_as, draft_of, history, last, queue, state
from bot.post.moderation import for_moderators
from bot.post.policy import Policy

_SAID: dict[Sighting, str] = {
    'unasked': 'the archive could not be asked',
    'absent': 'the archive does not have it',
    'another': "the archive has somebody else's mail under its id",
}
# A mail that only waits for its moderators, or for the end of the embargo beside, is shown to them.
_SHOWN_WHILE = ({'moderation'}, {'moderation', 'embargo'})

Sighting = Literal['there', 'another', 'absent', 'unasked']
"""What an archive has under the id of a letter: the letter, only somebody else's mail, nothing; or it could not be asked."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of handing a letter over: taken, refused for good, not now, or nobody knows; `note` is the server's word."""

    what: Literal['sent', 'refused', 'delayed', 'unknown']
    note: str


class Carrier(Protocol):
    """Hands one mail over. `ending` has to return before the mail can be taken: it makes a note of that on the disk."""

    def __call__(self, raw: bytes, sender: str, to: Sequence[str], ending: Callable[[], None]) -> Delivery: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How a conversation stands now: the number of the newest posting of the series, None when nobody could look; the
    command that muted it; the lists that have a say, as a copy may have come by another one since."""

    newest: int | None
    muted: str = ''
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """All that a drain works with.

    `look` says how the series of a letter stands now; `archived` what the archive has under its id.
    """

    box: Letters
    policy: Policy
    own: str
    now: Callable[[], datetime]
    carry: Carrier
    look: Callable[[Draft], Standing]
    archived: Callable[[Letter], Sighting]


@dataclass(frozen=True, slots=True)
class Handled:
    """What a drain did about a letter; `decision` is None for one that was found half way."""

    letter: Letter
    what: LetterStep | Literal['held', 'stopped']
    note: str
    decision: Decision | None = None


def drain(post: Post) -> Iterator[Handled]:
    """Settle what an earlier drain left half way, then send what may go out, the oldest first."""
    for letter in post.box.letters():
        yield from _settle(post, letter)
    done: set[str] = set()
    for letter in post.box.letters():
        if letter.id not in done and state(letter) == 'waiting':
            for handled in _consider(post, letter):
                done.add(handled.letter.id)
                yield handled


def judge(post: Post, letter: Letter) -> Decision:
    """Return what the gate says of a letter now; of a copy for moderators also what it says of the mail that it shows."""
    return _judged(post, letter)[1]


def _judged(post: Post, letter: Letter) -> tuple[Draft, Decision]:
    """Return the draft as it stands now, with the lists that have a say by now, and what the gate says of it."""
    draft, held = draft_of(letter), post.box.letters()
    now = post.look(draft)
    lists = tuple(dict.fromkeys((*draft.lists, *now.lists)))
    draft = replace(draft, muted=now.muted or draft.muted, lists=lists)
    known = history(held, letter, now.newest)
    decision = decide(draft, letter.digest, post.policy, known, post.now(), post.own)
    shown = next((one for one in held if draft.shows and one.id == draft.shows.letter), None)
    return draft, Decision((*decision.rulings, *_of_shown(post, shown))) if shown else decision


def _of_shown(post: Post, shown: Letter) -> Iterator[Ruling]:
    """A mail that would not go out even after its moderators saw it is shown to nobody."""
    against = judge(post, shown).against
    if {ruling.rule for ruling in against} not in _SHOWN_WHILE:
        for ruling in against or (Ruling('', 'hold', 'it waits for no moderator'),):
            yield Ruling('shown', ruling.gate, f'the mail that it shows: {ruling.text}')


def _settle(post: Post, letter: Letter) -> Iterator[Handled]:
    """Nobody else drains, so what is claimed was left by a drain that ended."""
    now = state(letter)
    if now == 'claimed':
        yield _note(post, letter, 'dropped', 'an earlier run ended before the mail did: no server can have taken it')
    elif now == 'ending':
        yield from _look_up(post, letter, 'an earlier run ended while the server had the last word')
    elif now == 'unknown':
        yield from _look_up(post, letter, '')


def _look_up(post: Post, letter: Letter, why: str) -> Iterator[Handled]:
    """Look for a letter in the archive; one that is not there may still be under way, so a person decides."""
    found = post.archived(letter)
    if found == 'there':
        yield _note(post, letter, 'found', 'the archive has it')
    elif why:
        said = _SAID[found]
        yield _note(post, letter, 'unknown', f'{why}; {said}; it waits for a person')


def _consider(post: Post, letter: Letter) -> Iterator[Handled]:
    later = _not_before(letter)
    if later and post.now() < later:
        yield Handled(letter, 'held', f'the server put it off; it is tried again from {later:%Y-%m-%d %H:%M} UTC on')
        return
    known = _original(post, letter)
    judged, decision = _judged(post, letter)
    if decision.gate != 'allow':
        against = decision.against[0]
        yield Handled(letter, 'stopped' if decision.gate == 'stop' else 'held', against.text, decision)
        if {ruling.rule for ruling in decision.against} in _SHOWN_WHILE:
            yield from _show(post, letter)
        return
    claim = LetterEvent('claimed', post.now(), letter.digest)
    if _original(post, letter) == known and claimed_as(post.box, letter, judged.lists, claim):
        yield _send(post, _again(post, letter), decision)
    else:
        yield Handled(letter, 'held', 'something else happened to it meanwhile', decision)


def _show(post: Post, letter: Letter) -> Iterator[Handled]:
    """Send the moderators their copy of a mail that waits for nothing else, once for these bytes."""
    lists = tuple(dict.fromkeys((*draft_of(letter).lists, *post.look(draft_of(letter)).lists)))
    copy = for_moderators(letter, post.policy, lists)
    if queue(post.box, copy, post.now(), '', (f'shows {copy.id}', b'{}')) != 'kept':
        yield from _consider(post, _again(post, copy))


def _original(post: Post, letter: Letter) -> int:
    """Return the last thing that happened to the letter that a copy shows, 0 for a letter that shows none."""
    shows = draft_of(letter).shows
    return next((last(one) for one in post.box.letters() if shows and one.id == shows.letter), 0)


def _not_before(letter: Letter) -> datetime | None:
    """Return when to try again what a server put off: after ten minutes, twice as long each time, four hours at most."""
    put_off = [e.at for e in letter.events if e.what == 'delayed']
    if not put_off or letter.events[-1].what != 'delayed':
        return None
    return put_off[-1].astimezone(UTC) + min(timedelta(minutes=5 * 2 ** min(len(put_off), 10)), timedelta(hours=4))


def _send(post: Post, letter: Letter, decision: Decision) -> Handled:
    ended: list[Letter] = []

    def ending() -> None:
        _note(post, letter, 'ending', '')
        ended.append(_again(post, letter))

    to = [r.person.email for r in draft_of(letter).recipients]
    delivery = post.carry(letter.raw, post.own, to, ending)
    done = _note(post, ended[0] if ended else letter, delivery.what, delivery.note)
    return Handled(done.letter, delivery.what, delivery.note, decision)


def _again(post: Post, letter: Letter) -> Letter:
    return next(one for one in post.box.letters() if one.id == letter.id)


def _note(post: Post, letter: Letter, what: LetterStep, note: str) -> Handled:
    event = LetterEvent(what, post.now(), letter.digest, '', note)
    if not post.box.put_letter_event(letter.id, event, last(letter)):
        raise RuntimeError(f'{letter.id} was changed by somebody else while it was being sent')
    return Handled(letter, what, note)
