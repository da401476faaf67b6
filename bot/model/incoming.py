# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that came by mail: who is proven to have sent each mail, and what became of each of its commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.model.command import Command


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent one copy of a mail; `address` is '' when that is not proven, `how` then says why, else by what.

    `copy` is a digest of what the sender said (bot/lore/sender.py): other words under the same id are another's.
    `threaded` tells that the mail it answers is proven, too: without that, a command has to name what it is about.
    """

    message_id: str
    copy: str
    address: str
    how: str
    threaded: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """A command as it stands in a mail, and what it did. `entries` are those of the log, for what is done alone.

    `address` is proven, '' of an unverified one; `why` is a sentence for what was not done.
    """

    message_id: str
    lines: tuple[int, int]
    said: str
    address: str
    outcome: Literal['done', 'refused', 'answered', 'unverified']
    why: str = ''
    entries: tuple[Command, ...] = ()
