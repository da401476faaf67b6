# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads a source: from the archive, the files, or what the store holds of it.

Promises that an archive is not asked twice in a moment and that what was read is kept. Refuses to keep standard input.
"""

from __future__ import annotations

import logging
import re
from datetime import timedelta

from bot import lore, stages, trees
from bot.desk import Desk
from bot.errors import ArchiveDown
from bot.model import RawMail
from bot.request import Request

log = logging.getLogger(__name__)


def fetch(source: lore.Source, request: Request, desk: Desk, keep: bool = True) -> tuple[RawMail, ...]:
    """Read the source; an archive asked within `[archive] fresh_minutes` is not asked again, nor one that is down.

    Without `keep` the store does not remember it.
    """
    if source.kind == 'range':
        return stages.mails(request.trees, request.source, desk.workshop)
    held = desk.store.source(source.key) if source.kind == 'archive' else None
    fresh = timedelta(minutes=desk.settings.archive.fresh_minutes)
    if held and not request.refresh and desk.now() - held[0] < fresh:
        desk.tally['source held'] += 1
        return held[1]
    desk.tally['source read'] += 1
    try:
        with stages.remembering(str(desk.facts)):
            raws = lore.read(source, desk.settings.archive, trees.run, desk.progress, desk.stdin)
    except ArchiveDown as down:
        kept = None if held else _kept_elsewhere(source, desk)
        if kept is not None:
            log.warning('%s: going on with %s, which has this mail', down, kept[0])
            return kept[1]
        if held is None:
            raise
        log.warning('%s: going on with what was fetched at %s', down, held[0].isoformat(timespec='minutes'))
        return held[1]
    if keep:
        _remember(source, raws, desk)
    return raws


def _kept_elsewhere(source: lore.Source, desk: Desk) -> tuple[str, tuple[RawMail, ...]] | None:
    """Return the mails of a source that the store remembers and that holds the mail asked for."""
    wanted = re.compile(rb'(?im)^message-id:\s*<' + re.escape((source.message_id or '').encode()) + rb'>')
    for key, _ in desk.store.sources():
        found, kept = lore.recall(key), desk.store.source(key)
        if found and kept and any(wanted.search(raw.raw.partition(b'\n\n')[0]) for raw in kept[1]):
            return found.where, kept[1]
    return None


def _remember(source: lore.Source, raws: tuple[RawMail, ...], desk: Desk) -> None:
    """Keep what a source gave: the queue is made of that. Standard input and whole lists are not kept."""
    if source.kind == 'archive':
        desk.store.put_source(source.key, raws, desk.now())
    elif source.kind in lore.KEPT_KINDS and desk.store.source(source.key) is None:
        desk.store.put_source(source.key, raws, desk.now())
        for key, _ in desk.store.sources():
            if key != source.key and lore.same_place(key, source.key):
                desk.store.forget_source(key)


def assemble(source: lore.Source, request: Request, desk: Desk, keep: bool = True) -> lore.Assembly:
    """Fetch the mails of the source and put threads and series together."""
    raws = fetch(source, request, desk, keep)
    job = stages.Assemble(raws, desk.settings.archive.prefer_lists, source.message_id, request.as_of, str(desk.facts))
    made: lore.Assembly = desk.finish(desk.start('assemble', job, source.key))
    return made
