# SPDX-License-Identifier: GPL-2.0-or-later
"""Letters in the outbox: what state all that happened puts one in, and what people do to one before it goes out.

Promises that an approval is of the very bytes it names, and that an edited letter has to be approved anew. Refuses to
change one that went out, or may have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Literal

import msgspec

from bot.errors import Bug, UserError
from bot.model import Draft, History, Letter, LetterEvent, Letters, LetterState, LetterStep, Past
from bot.post.draft import BROKEN, body_faults
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


def history(letters: Iterable[Letter], of: Letter | None, newest: int | None) -> History:
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
    return History(tuple(past), newest, approved(of), released, state(of) == 'rejected')


Queued = Literal['queued', 'renewed', 'kept']


def queue(box: Letters, letter: Letter, now: datetime, actor: str, evidence: tuple[str, bytes]) -> Queued:
    """Put a letter into the outbox, or say anew what one of the same event says there that nobody touched.

    One that was edited, turned down, or that went out or may have, is kept as it is.
    """
    if box.put_letter(letter, LetterEvent('queued', now, letter.digest, actor), evidence):
        return 'queued'
    held = find(box, letter.id)
    untouched = state(held) == 'waiting' and not any(e.what == 'edited' for e in held.events)
    if not untouched or draft_of(held).body == draft_of(letter).body:
        return 'kept'
    event = LetterEvent('renewed', now, letter.digest, actor)
    return 'renewed' if box.put_letter_text(letter, event, last(held)) else 'kept'


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
    text = '\n'.join(body.splitlines()).rstrip('\n') + '\n'
    wrong = [*body_faults(text), *(['it holds control characters'] if BROKEN.search(text) else [])]
    if wrong or not text.strip():
        raise UserError(wrong[0] if wrong else 'the mail is empty', where=letter.id, todo='edit it again')
    coded = '7bit' if text.isascii() else '8bit'
    headers = tuple((n, coded if n == 'Content-Transfer-Encoding' else v) for n, v in draft.headers)
    others = tuple(f for f in draft.faults if f not in set(body_faults(draft.body)))
    after = replace(draft, body=text, headers=headers, faults=others)
    changed = letter_of(after, sign(mail(after)))
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
