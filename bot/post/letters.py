# SPDX-License-Identifier: GPL-2.0-or-later
"""Letters in the outbox: what state all that happened puts one in, and what people do to one before it goes out.

Promises that an approval is of the very bytes it names, and that an edited letter has to be approved anew. Refuses to
change one that went out, or may have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

import msgspec

from bot.errors import Bug, UserError
from bot.model import Draft, History, Letter, LetterEvent, Letters, LetterState, LetterStep, Original, Past
from bot.post.draft import BROKEN, mail_faults
from bot.post.write import mail

_STATES: dict[LetterStep, LetterState] = {
    'queued': 'waiting',
    'edited': 'waiting',
    'renewed': 'waiting',
    'claimed': 'claimed',
    'ending': 'ending',
    'sent': 'sent',
    'found': 'sent',
    'refused': 'refused',
    'delayed': 'waiting',
    'dropped': 'waiting',
    'unknown': 'unknown',
    'again': 'waiting',
    'rejected': 'rejected',
}
Sign = Callable[[bytes], bytes]

_NOT_SENT = ('refused', 'delayed', 'dropped', 'again')


def state(letter: Letter) -> LetterState:
    """Return what all that happened to a letter makes it; approvals and releases do not change it."""
    return next((_STATES[e.what] for e in reversed(letter.events) if e.what in _STATES), 'waiting')


def draft_of(letter: Letter) -> Draft:
    return msgspec.json.decode(letter.document, type=Draft)


def letter_of(draft: Draft, raw: bytes | None = None) -> Letter:
    """Return the letter of a draft; `raw` are its bytes when they were signed."""
    data = mail(draft) if raw is None else raw
    return Letter(draft.id, msgspec.json.encode(draft), data, hashlib.sha256(data).hexdigest())


def last(letter: Letter) -> int:
    return letter.events[-1].number if letter.events else 0


def approved(letter: Letter) -> frozenset[str]:
    return frozenset(e.digest for e in letter.events if e.what == 'approved')


def _went(letter: Letter) -> datetime | None:
    """Return when a letter went out or may have; that it was turned down afterwards does not call it back."""
    for event in reversed(letter.events):
        if event.what in _NOT_SENT:
            return None
        if event.what in ('ending', 'claimed'):
            return event.at
    return None


def history(letters: Sequence[Letter], of: Letter | None, newest: int | None) -> History:
    """Return what the gate has to know about one letter: what else went out, and what people said of it."""
    past = []
    for one in letters:
        at = _went(one)
        if at is not None:
            draft = draft_of(one)
            known = {'sent': 'sent', 'claimed': 'sending', 'ending': 'sending'}.get(state(one), 'unknown')
            lists = draft.lists if draft.kind != 'moderation' else ()
            past.append(Past(one.id, draft.slot, draft.answers.message_id, lists, at, known))  # type: ignore[arg-type]
    if of is None:
        return History(tuple(past), newest)
    released = frozenset(e.digest for e in of.events if e.what == 'released')
    return History(tuple(past), newest, approved(of), released, state(of) == 'rejected', original(letters, of))


def original(letters: Sequence[Letter], copy: Letter) -> Original | None:
    """Return how the letter stands that a copy for moderators shows."""
    shows = draft_of(copy).shows
    held = next((one for one in letters if shows and one.id == shows.letter), None)
    return Original(state(held) == 'waiting', held.digest, approved(held)) if held else None


def claimed_as(box: Letters, letter: Letter, lists: tuple[str, ...], claim: LetterEvent) -> bool:
    """Record that a letter goes out now, by the word of these lists: what they count later is what the gate asked them."""
    draft = draft_of(letter)
    if draft.lists == lists:
        return box.put_letter_event(letter.id, claim, last(letter))
    told = replace(letter, document=msgspec.json.encode(replace(draft, lists=lists)))
    return box.put_letter_text(told, claim, last(letter))


Queued = Literal['queued', 'renewed', 'kept']


def queue(
    box: Letters, letter: Letter, now: datetime, actor: str, evidence: tuple[str, bytes], sign: Sign = bytes
) -> Queued:
    """Put a letter into the outbox, or renew the one of the same event that waits there, if more than its date is new.

    A person's words stay, and the report they rest on; who gets them and what else a policy decides is made anew. One
    that was turned down, or that went out or may have, is kept as it is.
    """
    if box.put_letter(letter, LetterEvent('queued', now, letter.digest, actor), evidence):
        return 'queued'
    held = find(box, letter.id)
    by_hand = any(e.what == 'edited' for e in held.events)
    fresh = _with_words(draft_of(held), draft_of(letter), sign) if by_hand else letter
    if state(held) != 'waiting' or _undated(draft_of(held)) == _undated(draft_of(fresh)):
        return 'kept'
    event = LetterEvent('renewed', now, fresh.digest, actor)
    return 'renewed' if box.put_letter_text(fresh, event, last(held), None if by_hand else evidence) else 'kept'


def _undated(draft: Draft) -> Draft:
    return replace(draft, headers=tuple(one for one in draft.headers if one[0] != 'Date'))


def _with_words(held: Draft, fresh: Draft, sign: Sign) -> Letter:
    """Return a letter as it would be made now, with the words that a person gave the one that is held."""
    kept = {n: v for n, v in held.headers if n in ('Content-Transfer-Encoding', 'X-Lorebot-Run')}
    headers = tuple((n, kept.get(n, v)) for n, v in fresh.headers)
    return _judged(replace(fresh, body=held.body, headers=headers, clean=held.clean), fresh, sign)


def _judged(after: Draft, before: Draft, sign: Sign) -> Letter:
    """Return the letter of a draft whose bytes are others than before: what was wrong with them need not be, and something else may."""
    others = tuple(f for f in before.faults if f not in set(mail_faults(mail(before))))
    raw = sign(mail(after))
    return letter_of(replace(after, faults=(*others, *mail_faults(raw))), raw)


def find(box: Letters, name: str) -> Letter:
    """Return the letter of an id or of the beginning of one; raise `UserError` for none or several."""
    wanted = name.strip('<>')
    found = [one for one in box.letters() if one.id == wanted] or [
        one for one in box.letters() if wanted and one.id.startswith(wanted)
    ]
    if len(found) != 1:
        what = 'no letter has this id' if not found else f'{len(found)} letters begin like this'
        raise UserError(what, where=name[:80], todo='`lorebot reply list` names them')
    return found[0]


def tell(box: Letters, letter: Letter, what: LetterStep, now: datetime, actor: str, note: str = '') -> None:
    """Record what a person decided about the bytes he saw; raise `UserError` when that is too late."""
    _check(letter, what)
    if not box.put_letter_event(letter.id, LetterEvent(what, now, letter.digest, actor, note), last(letter)):
        raise _overtaken(letter)


def edit(box: Letters, letter: Letter, body: str, now: datetime, actor: str, sign: Sign = bytes) -> Letter:
    """Give a letter another text; its fields stay. Raise `UserError` for one that must not go out, or is gone."""
    _check(letter, 'edited')
    draft = draft_of(letter)
    if draft.kind == 'moderation':
        shown = draft.shows.letter if draft.shows else ''
        raise UserError('moderators see a mail as it is', where=letter.id, todo=f'edit the mail itself: {shown}')
    text = '\n'.join(body.splitlines()).rstrip('\n') + '\n'
    if BROKEN.search(text) or not text.strip():
        wrong = 'the mail is empty' if not text.strip() else 'it holds control characters'
        raise UserError(wrong, where=letter.id, todo='edit it again')
    coded = '7bit' if text.isascii() else '8bit'
    headers = tuple((n, coded if n == 'Content-Transfer-Encoding' else v) for n, v in draft.headers)
    changed = _judged(replace(draft, body=text, headers=headers), draft, sign)
    for wrong in mail_faults(changed.raw):
        raise UserError(wrong, where=letter.id, todo='edit it again')
    if not box.put_letter_text(changed, LetterEvent('edited', now, changed.digest, actor), last(letter)):
        raise _overtaken(letter)
    return changed


def _check(letter: Letter, what: LetterStep) -> None:
    now = state(letter)
    allowed: dict[LetterStep, tuple[LetterState, ...]] = {
        'again': ('unknown', 'refused', 'rejected'),
        'rejected': ('waiting', 'refused', 'unknown'),
    }
    if what not in ('edited', 'approved', 'released', *allowed):
        raise Bug(f'{what} is nothing that a person does', where=letter.id)
    if now not in allowed.get(what, ('waiting', 'refused')):
        raise UserError(
            f'the letter is {now}: it cannot be {what}', where=letter.id, todo='`lorebot reply show` tells more'
        )


def _overtaken(letter: Letter) -> UserError:
    return UserError('something else happened to the letter meanwhile', where=letter.id, todo='look at it again')
