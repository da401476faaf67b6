# SPDX-License-Identifier: GPL-2.0-or-later
"""A posting with its place among the others, and how its version is counted when the subject does not tell all.

Promises a note for whatever was taken for granted. Refuses to renumber what an author numbered.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.lore.diff import edits
from bot.lore.postings import Posting, plain_title
from bot.model import Link


@dataclass(slots=True, eq=False)
class Chained:
    """A posting with its place: its version as counted, the earlier posting that it is tied to and why.

    `index` counts all postings by date, `series` the series by their first posting.
    """

    posting: Posting
    version: int
    resend: bool
    index: int
    series: int
    link: Link | None = None
    notes: list[str] = field(default_factory=list)


def name_of(other: Chained) -> str:
    rfc = 'RFC ' if other.posting.rfc else ''
    return f'{rfc}v{other.version}{" resend" if other.resend else ""}'


def settle_version(here: Chained, before: Chained) -> None:
    """Count a posting that names no version, and note how it was counted."""
    posting = here.posting
    again = here.version <= before.version and not (before.posting.rfc and not posting.rfc)
    if posting.version is None and again:
        if posting.resend or _identical(posting, before.posting):
            here.version, here.resend = before.version, True
            here.notes.append(f'names no version: taken for {name_of(before)} sent again')
        else:
            here.version = before.version + 1
            here.notes.append(
                f'names no version: taken for v{here.version} because {name_of(before)} was posted before'
            )
    elif posting.version is not None and here.version == before.version and again and not posting.resend:
        if _other_part(posting, before.posting):
            return
        same = _identical(posting, before.posting)
        here.resend = same
        here.notes.append(f'v{here.version} was posted before, {"with the same patches" if same else "changed since"}')
    else:
        note_absent(here, before.version)


def note_absent(here: Chained, before: int) -> None:
    """Note the versions between one and a posting that no mail at hand is of."""
    first, last = before + 1, here.version - 1
    if first <= last:
        here.notes.append(
            f'v{first} is not among these mails' if first == last else f'v{first} to v{last} are not among these mails'
        )


def _other_part(posting: Posting, other: Posting) -> bool:
    """Tell whether two postings without covers hold different patches of one series, posted again one by one."""
    mine, theirs = ({plain_title(q.subject.title) for q in p.patches.values()} for p in (posting, other))
    return posting.cover is None and other.cover is None and not mine & theirs


def _identical(posting: Posting, other: Posting) -> bool:
    mine, theirs = posting.patches, other.patches
    return mine.keys() == theirs.keys() and all(edits(mine[at].diff) == edits(theirs[at].diff) for at in mine)
