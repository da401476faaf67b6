# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages to postings: which cover and patches were sent as one.

Done before b4 sees a mail, for b4 merges whatever has one revision number in one mailbox: two series in a thread, a
resend and its original, a v2 that does not say so. A reply is never a patch, whatever it carries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.parser import BytesParser
from email.policy import compat32

from bot.lore import b4_adapter
from bot.lore.b4_adapter import Subject
from bot.lore.body import attachments
from bot.lore.diff import find_diff
from bot.lore.threads import ancestors
from bot.model import Message, Person
from bot.model.memory import recalled

# git send-email takes a second or two for each mail; by hand it takes longer.
_CLOSE = timedelta(hours=2)
_SAME_DAY = timedelta(hours=24)
_NOT_POSTED = re.compile(
    r'(?i)\s*(?:[+-] \S+\.patch\b|patch ".*" (?:has been )?(?:added|applied)|\[(?:merged|folded|obsolete))'
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A mail that may be part of a series. `text` is where the diff stands: the body, or an attached patch.

    `more` counts further patches attached to the same mail, which are not taken.
    """

    message: Message
    subject: Subject
    text: str
    diff: str
    more: int = 0

    @property
    def message_id(self) -> str:
        return self.message.message_id


@dataclass(slots=True)
class Posting:
    """What was sent as one. `version` is None when no subject names one; `patches` maps positions to mails.

    `total` is what the subjects say; a patch numbered 4/3 is kept beyond it.
    """

    version: int | None
    total: int
    cover: Piece | None = None
    patches: dict[int, Piece] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def head(self) -> Piece:
        return self.cover or self.patches[min(self.patches)]

    @property
    def pieces(self) -> list[Piece]:
        return [*([self.cover] if self.cover else []), *(self.patches[at] for at in sorted(self.patches))]

    @property
    def author(self) -> Person:
        return self.head.message.author

    @property
    def rfc(self) -> bool:
        return self.head.subject.rfc

    @property
    def resend(self) -> bool:
        return self.head.subject.resend

    @property
    def title(self) -> str:
        return self.head.subject.title


def same_person(one: Person, other: Person) -> bool:
    """Tell whether two people are one: the same address, or the same full name in any order of its parts."""
    if one.email and one.email == other.email:
        return True
    names = [sorted(re.findall(r'\w+', p.name.casefold())) for p in (one, other)]
    return len(names[0]) > 1 and names[0] == names[1]


def plain_title(title: str) -> str:
    """Return what stays of a title when it is written a little differently."""
    return ' '.join(re.findall(r'\w+', re.sub(r'\(v\d+\)', '', title.casefold())))


def split(messages: Sequence[Message]) -> list[Posting]:
    """Return the postings in the order they were sent; `messages` come from `without_circles`."""
    by_id = {m.message_id: m for m in messages}
    above = {m.message_id: ancestors(m, by_id) for m in messages}
    pieces = [p for p in map(_piece, messages) if p is not None]
    # Parents first, covers before patches: a mail's place depends on what it answers.
    pieces.sort(key=lambda p: (len(above[p.message_id]), p.subject.position != 0, *_time_key(p)))
    postings: list[Posting] = []
    homes: dict[str, Posting] = {}
    for piece in pieces:
        home = _home(piece, above[piece.message_id], homes, postings)
        if home is None:
            home = Posting(piece.subject.version, piece.subject.total)
            postings.append(home)
        _add(home, piece)
        homes[piece.message_id] = home
    for posting in sorted(postings, key=lambda p: _time_key(p.head)):
        _find_bare_cover(posting, above, homes)
    return sorted(postings, key=lambda p: _time_key(p.head))


def _time_key(piece: Piece) -> tuple[bool, float, int, str]:
    date = piece.message.date
    return (date is None, date.timestamp() if date else 0.0, piece.subject.position, piece.message_id)


@recalled
def _piece(message: Message) -> Piece | None:
    subject = b4_adapter.read_subject(message.subject)
    if subject.reply or _NOT_POSTED.match(message.subject):
        return None
    if subject.numbered and subject.position == 0:
        return Piece(message, subject, message.body, '')
    text, diff, more = message.body, find_diff(message.body), 0
    if not diff:
        text, diff, more = _attached(message)
    marked = subject.patch or subject.rfc or subject.numbered or subject.version is not None
    if marked and (diff or (subject.numbered and subject.patch)):
        return Piece(message, subject, text, diff, more)
    if diff and message.parent is None and not message.automatic and _signed_by_sender(message):
        return Piece(message, subject, text, diff)
    return None


def _signed_by_sender(message: Message) -> bool:
    email = message.author.email
    return bool(email) and f'<{email}>' in ' '.join(re.findall(r'(?m)^Signed-off-by: .*', message.body)).lower()


def _attached(message: Message) -> tuple[str, str, int]:
    """Return the text and the diff of the first attached patch, the mail's own text before it, and how many more there are."""
    if not re.search(rb'(?i)content-type:\s*(?:multipart|text/x-|application/)', message.raw):
        return message.body, '', 0
    try:
        texts = list(attachments(BytesParser(policy=compat32).parsebytes(message.raw)))
    except Exception:  # hostile MIME; `parse` has noted what is wrong with this mail
        return message.body, '', 0
    found = [(text, diff) for text in texts if (diff := find_diff(text))]
    if not found:
        return message.body, '', 0
    text, diff = found[0]
    alone = re.match(r'(?:From [0-9a-f]{7,}|From:|Subject:|Date:)', text)
    whole = re.sub(r'\AFrom [0-9a-f]+ .*\n', '', text) if alone else f'{message.body}\n---\n{text}'
    return whole, diff, len(found) - 1


def _home(
    piece: Piece, above: Sequence[Message], homes: Mapping[str, Posting], postings: Sequence[Posting]
) -> Posting | None:
    """Return the posting that a mail belongs to, None when it starts one of its own."""
    if not piece.subject.numbered or piece.subject.position == 0:
        return None
    nearest = next((homes[m.message_id] for m in above if m.message_id in homes), None)
    if nearest is not None and (_takes(nearest, piece) or _misnumbered(nearest, piece)):
        return nearest
    siblings = [p for p in postings if not above and piece.message.parent and _answers(p, piece.message.parent)]
    for posting in siblings:
        if _takes(posting, piece):
            return posting
    near = [p for p in postings if _takes(p, piece) and _sent_close(p, piece) and p.version == piece.subject.version]
    return min(near, key=lambda p: _distance(p, piece), default=None)


def _answers(posting: Posting, parent: str) -> bool:
    return posting.head.message.parent == parent


def _takes(posting: Posting, piece: Piece) -> bool:
    said = piece.subject
    if said.position in posting.patches or (said.resend and not posting.resend):
        return False
    if said.total != posting.total:
        return False
    if said.version != posting.version:
        # One of the two names no version: git format-patch -v marks all mails, by hand some are forgotten.
        return None in (said.version, posting.version) and _distance(posting, piece) <= _SAME_DAY
    return True


def _misnumbered(posting: Posting, piece: Piece) -> bool:
    """Tell whether a second patch of one number is one more patch: sent with the others, under another title."""
    twin = posting.patches.get(piece.subject.position)
    alike = (piece.subject.version, piece.subject.total, piece.subject.resend)
    return (
        twin is not None
        and posting.cover is not None
        and piece.message.parent == posting.cover.message_id
        and alike == (twin.subject.version, twin.subject.total, twin.subject.resend)
        and plain_title(twin.subject.title) != plain_title(piece.subject.title)
        and _sent_close(posting, piece)
    )


def _sent_close(posting: Posting, piece: Piece) -> bool:
    return same_person(posting.author, piece.message.author) and _distance(posting, piece) <= _CLOSE


def _distance(posting: Posting, piece: Piece) -> timedelta:
    date = piece.message.date
    gaps = [abs(p.message.date - date) for p in posting.pieces if p.message.date and date]
    return min(gaps, default=timedelta(0))


def _add(posting: Posting, piece: Piece) -> None:
    said = piece.subject
    if posting.version is None:
        posting.version = said.version
    if said.numbered and said.position == 0:
        posting.cover = piece
        return
    at = said.position
    if at in posting.patches:
        at = max(*posting.patches, posting.total) + 1
        posting.notes.append(f'two patches are numbered {said.position}/{said.total}: one is counted as {at}')
    elif at > said.total:
        posting.notes.append(f'a patch is numbered {at}/{said.total}')
    posting.patches[at] = piece if at == said.position else replace(piece, subject=replace(said, position=at))


def _find_bare_cover(posting: Posting, above: Mapping[str, list[Message]], homes: dict[str, Posting]) -> None:
    """Take the thread's first mail for the cover when the author's numbered patches answer it and it is no patch."""
    if posting.cover is not None or posting.total < 2:
        return
    first = above[posting.head.message_id]
    if len(first) != 1 or first[0].message_id in homes or first[0].unusable:
        return
    root = first[0]
    subject = b4_adapter.read_subject(root.subject)
    if root.parent is None and not subject.reply and same_person(root.author, posting.author):
        posting.cover = Piece(root, subject, root.body, '')
        homes[root.message_id] = posting  # a second version below the same mail has no cover
        posting.notes.append('the cover is not numbered 0/n')
