# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches, revisions and the series that links them, as posted; a base is only hinted at here, never chosen."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.model.mail import Person, Span

Confidence = Literal['sure', 'likely', 'possible']

_PREFIX = re.compile(r'^(?:\s*(?:(?i:re|fwd?|aw):|\[[^\]]{0,120}\]|\(subset\)))*\s*')


def bare_subject(subject: str) -> str:
    """Return a subject without `Re:`, brackets and blanks that do not count: what is equal for one and the same patch."""
    return ' '.join(_PREFIX.sub('', subject).split()).casefold()


@dataclass(frozen=True, slots=True)
class Trailer:
    """`Reviewed-by: A <a@b>` and its kin: who gave it, where it was said and to which mail it applies.

    `given_to` is the patch or cover it stands for. `carried` is true when it stands in the patch as posted,
    false when a reply gave it; `span` is where it was read. `mismatch` tells a signer who is not the sender. `date` is
    that of the mail it was read in and no part of what makes two trailers one.
    """

    name: str
    value: str
    person: Person | None
    given_to: str
    span: Span
    carried: bool
    mismatch: bool = False
    date: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Preimage:
    """A blob that a patch expects: abbreviated ids as the index line has them; `before` is all zeros for a new file."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch mail. `subject` has no prefix; `notes` is what stands below `---`; `diff` is the text git would apply.

    `am` is the mail as `git am` takes it (author, date, subject, message, diff; no other header of the original).
    `patch_id` is git's stable patch id, '' where git could not compute one.
    """

    position: int
    total: int
    message_id: str
    subject: str
    author: Person
    date: datetime | None
    commit_message: str
    notes: str
    diff: str
    files: tuple[str, ...]
    preimages: tuple[Preimage, ...]
    patch_id: str
    am: bytes
    trailers: tuple[Trailer, ...] = ()


@dataclass(frozen=True, slots=True)
class BaseHint:
    """What the author said of the base: `base-commit`, `prerequisite-patch-id`, `prerequisite-message-id`, `subject-tag`."""

    kind: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Link:
    """Why a posting is taken to follow another one."""

    reason: str
    confidence: Confidence
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """What somebody said by hand: that one of two postings follows the other (`holds`), or that neither does.

    `one` and `other` are mails of the two postings, `by` is who said it, `id` the entry in the log, `why` the reason given.
    """

    one: str
    other: str
    holds: bool
    by: str
    id: str
    why: str = ''

    def partner(self, ids: Collection[str]) -> str:
        """Return the mail on the other side of a posting that has these mails, '' when the tie is not about it."""
        mine = (self.one in ids, self.other in ids)
        return '' if mine[0] == mine[1] else self.other if mine[0] else self.one


@dataclass(frozen=True, slots=True)
class Revision:
    """One posting of a series. RFC and v1 both have `version` 1; `posting` counts postings from 1.

    `message_id` is the cover's, else the first patch's. `missing` lists absent positions. `link` ties this
    posting to the one before it and is None for the first.
    """

    version: int
    posting: int
    rfc: bool
    resend: bool
    message_id: str
    cover: str | None
    subject: str
    author: Person
    date: datetime | None
    change_id: str | None
    patches: tuple[Patch, ...]
    expected: int
    missing: tuple[int, ...]
    base_hints: tuple[BaseHint, ...]
    trailers: tuple[Trailer, ...]
    thread_root: str
    link: Link | None = None
    partial_reroll: bool = False
    notes: tuple[str, ...] = ()
    unusable: str = ''

    @property
    def complete(self) -> bool:
        return not self.missing and bool(self.patches)


@dataclass(frozen=True, slots=True)
class PatchChange:
    """What became of one patch from a posting to the next: positions there and here, 0 where there is none.

    `how`: same (author, message and diff), message (the diff is the same), code, new, gone. `interdiff` compares the two
    patches as `git range-diff` does: the first sign of a line says which patch has it, '' unless `how` is code. `words`
    compares author, title and message, '' where they are equal.
    """

    old: int
    new: int
    how: Literal['same', 'message', 'code', 'new', 'gone']
    interdiff: str = ''
    words: str = ''


@dataclass(frozen=True, slots=True)
class Series:
    """All postings of one piece of work, oldest first; subject and author are the newest posting's."""

    subject: str
    author: Person
    change_id: str | None
    revisions: tuple[Revision, ...]

    @property
    def newest(self) -> Revision:
        return self.revisions[-1]
