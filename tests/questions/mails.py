# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads real conversations for the measuring scripts, through the lore room as the program does."""

from __future__ import annotations

from pathlib import Path

from bot import lore, trees
from bot.config import Settings, load
from bot.model import Message, Series, Thread

LISTS = ('linux-mm.kvack.org', 'linux-kernel.vger.kernel.org')


def settings() -> Settings:
    """Return the default settings, whatever the machine says."""
    return load().settings


def messages(path: Path) -> tuple[Message, ...]:
    """Return the mails of an mbox, a mail or a directory."""
    source = lore.locate(str(path), settings().archive.url)
    raws = lore.read(source, settings().archive, trees.run, lambda *_: None)
    return lore.parse(raws, LISTS)


def assembled(mails: tuple[Message, ...]) -> tuple[tuple[Thread, ...], Series | None]:
    """Return the threads, and the series that most of the mails are about."""
    made = lore.assemble(mails, None, trees.run)
    return made.threads, made.series[0] if made.series else None
