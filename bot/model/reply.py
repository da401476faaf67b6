# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails that lorebot could send: what each answers, who would get it and why, and what the gate says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model.mail import Person

ReplyKind = Literal['review', 'inline', 'lab', 'points', 'transcript', 'status']
"""What a mail is: the report on a series, remarks on one patch, a build or boot that failed, points a reroll left open,
what became of commands, and an answer to a question about the state."""

LetterKind = ReplyKind | Literal['moderation']
"""What can be in the outbox: beside those the copy that moderators see first."""

Gate = Literal['allow', 'hold', 'stop']
"""Now, not yet (time or a person may change that), never."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The mail that is answered; `own_above` is how many mails of lorebot itself stand among its ancestors.

    `direct` says that it went to lorebot and to nobody else.
    """

    message_id: str
    author: Person
    automatic: bool = False
    own_above: int = 0
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody the mail goes to; `role` says as what, `because` a sentence with the evidence.

    A maintainer was in the conversation, one who is added was not.
    """

    person: Person
    field: Literal['To', 'Cc']
    role: Literal['author', 'sender', 'list', 'maintainer', 'added', 'moderator']
    because: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The letter that a copy for moderators shows, and the digest of the bytes of it that they see."""

    letter: str
    digest: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail as it would be sent, and what the gate has to know of it.

    `id` is its Message-ID without brackets: made of what it answers and what it is, never of its words. `series` names
    the work, `posting` (a message-id) and `number` the posting of it. `lists` are the mailing lists of the conversation
    that have a say, in lower case. `left_out` are addresses that do not get it, with the reason. `clean` says that
    there is nothing to report, `muted` is the command by which nothing is mailed. `faults` are reasons why these bytes
    must not go out at all. `source` is where the conversation was read, for whoever looks again. `shows` is what a copy
    for moderators is of.
    """

    id: str
    kind: LetterKind
    series: str
    posting: str
    number: int
    posted: datetime | None
    answers: Answered
    author: str
    lists: tuple[str, ...]
    recipients: tuple[Recipient, ...]
    left_out: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: str
    clean: bool = False
    muted: str = ''
    faults: tuple[str, ...] = ()
    source: str = ''
    shows: Shown | None = None

    @property
    def slot(self) -> str:
        """Return what one mail at most may be sent for: a posting and a kind; commands are answered mail by mail."""
        if self.kind == 'moderation':
            return f'moderation {self.id}'
        per_mail = self.kind in ('transcript', 'status')
        return f'{self.kind} {self.answers.message_id if per_mail else self.posting}'


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one command of a mail: its words, whether it took effect, and sentences about that."""

    said: str
    outcome: Literal['done', 'refused', 'unverified', 'answered']
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """A mail that was recorded to go out: `at` is when, `state` what is known of it since."""

    id: str
    slot: str
    answers: str
    lists: tuple[str, ...]
    at: datetime
    state: Literal['sending', 'sent', 'unknown']


LetterStep = Literal[
    'queued',
    'edited',
    'renewed',
    'approved',
    'released',
    'rejected',
    'claimed',
    'ending',
    'sent',
    'refused',
    'delayed',
    'dropped',
    'unknown',
    'found',
    'again',
]
"""What can happen to a letter. Recorded before anything is said to a server: claimed. Before the dot that ends it: ending."""

LetterState = Literal['waiting', 'rejected', 'claimed', 'ending', 'sent', 'refused', 'unknown']


@dataclass(frozen=True, slots=True)
class LetterEvent:
    """One thing that happened: `digest` are the bytes it is about, `number` its place in the order of all events."""

    what: LetterStep
    at: datetime
    digest: str = ''
    actor: str = ''
    note: str = ''
    number: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in the outbox: the document its draft was kept as, its bytes, and all that happened to it, oldest first."""

    id: str
    document: bytes
    raw: bytes
    digest: str
    events: tuple[LetterEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Original:
    """How the letter stands that a copy for moderators shows: does it wait, of which bytes is it, who approved which."""

    waiting: bool
    digest: str
    approved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class History:
    """What happened until now, as far as the gate has to know.

    `past` holds every mail that went out or may have. `newest` is the number of the newest posting of the series at
    hand, None when nobody could look. `approved` and `released` are digests of the bytes that a person approved, or
    released from moderation; `rejected` says that a person turned the mail down. `original` is the letter that a copy for
    moderators shows, None when there is none.
    """

    past: tuple[Past, ...] = ()
    newest: int | None = None
    approved: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()
    rejected: bool = False
    original: Original | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule says of a mail, in a sentence."""

    rule: str
    gate: Gate
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What all rules say, in their order; the strictest one counts."""

    rulings: tuple[Ruling, ...]

    @property
    def gate(self) -> Gate:
        said = {ruling.gate for ruling in self.rulings}
        return 'stop' if 'stop' in said or not said else 'hold' if 'hold' in said else 'allow'

    @property
    def against(self) -> tuple[Ruling, ...]:
        """Return the rulings against sending, those that time cannot change first."""
        return tuple(r for gate in ('stop', 'hold') for r in self.rulings if r.gate == gate)
