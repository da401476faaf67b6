# SPDX-License-Identifier: GPL-2.0-or-later
"""Who wrote which line of a mail: the quote graph, made by the lore room for all mails of a series at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.model.mail import Ghost, Person

Attribution = Literal['own', 'exact', 'tokens', 'ancestor', 'shingle', 'claimed', 'foreign', 'unattributed']


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of lines of one mail with one writer.

    `first`..`last` are lines of the mail it stands in; `depth` is its quote depth there (0: own text). `origin` is the
    message-id of the mail that wrote it (a ghost's id, or None when nobody is known), `origin_lines` the lines there.
    `how` names the step of the alignment that decided; `foreign` is text that no mail wrote (a log, a document).
    `speaker` is the writer as an attribution line ("X wrote:") of the same mail claims him, None without a claim.
    """

    first: int
    last: int
    depth: int
    origin: str | None
    origin_lines: tuple[int, int] | None
    how: Attribution
    speaker: Person | None = None


@dataclass(frozen=True, slots=True)
class QuoteGraph:
    """Segments of every mail by message-id, in line order and without gaps, and the mails known only by quotation."""

    segments: Mapping[str, tuple[Segment, ...]] = field(default_factory=dict)
    ghosts: tuple[Ghost, ...] = ()
