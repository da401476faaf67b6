# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads a source: from the archive, the files, or what the store holds of it.

Promises that an archive is not asked twice in a moment and that what was read is kept. Refuses to keep standard input.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import timedelta

from bot import lore, stages, trees
from bot.desk import Desk
from bot.errors import ArchiveDown, UnknownSource
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


def read(source: lore.Source, request: Request, desk: Desk) -> tuple[RawMail, ...]:
    """Read the source, and what was linked to it by hand."""
    return with_linked(fetch(source, request, desk), source, request, desk)


def assemble(source: lore.Source, request: Request, desk: Desk, raws: tuple[RawMail, ...]) -> lore.Assembly:
    """Put threads and series of a source's mails together."""
    lists, ties = desk.settings.archive.prefer_lists, desk.ties(lore.ids_of(raws))
    job = stages.Assemble(raws, lists, source.message_id, request.as_of, str(desk.facts), ties)
    made: lore.Assembly = desk.finish(desk.start('assemble', job, source.key))
    return made


def with_linked(raws: tuple[RawMail, ...], source: lore.Source, request: Request, desk: Desk) -> tuple[RawMail, ...]:
    """Return the mails with those of postings that were linked by hand and stand in other threads of the archive."""
    if source.kind != 'archive':
        return raws
    held = set(lore.ids_of(raws))
    for tie in desk.ties(held):
        for absent in {tie.one, tie.other} - held if tie.holds else ():
            try:
                more = fetch(lore.locate(f'<{absent}>', source.where), request, desk)
            except (ArchiveDown, UnknownSource) as lost:
                log.warning('%s, which is linked by hand (%s): %s', absent, tie.id, lost)
                continue
            raws = (*raws, *(r for r in more if r not in raws))
            held.update(lore.ids_of(more))
    return raws


def keys(raws: Sequence[RawMail], request: Request, desk: Desk) -> tuple[tuple[str, bytes | None], ...]:
    """Return the published keys of these mails' signatures; what was answered once is kept, --refresh asks for what was not there."""
    names = tuple(dict.fromkeys(name for raw in raws for name in lore.key_names(raw)))
    held = {name: desk.store.result(f'dns:{name}') for name in names}
    ask = [n for n, known in held.items() if known is None or (request.refresh and not known)]
    for name, record in lore.published(ask, desk.settings.attestation.dns, desk.progress).items():
        held[name] = b'=' + record if record is not None else b''
        desk.store.put_result(f'dns:{name}', 'dns', name, held[name] or b'', desk.now())
    return tuple(sorted((name, known[1:] if known else None) for name, known in held.items() if known is not None))


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
