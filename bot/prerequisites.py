# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the patches that a posting says must be there before it: in its own mails, in what the store remembers, in the archive.

Promises one entry for each thing that was found, in the order the author named them. Refuses to follow what those need in
their turn, and to ask an archive when the mails did not come from one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from bot import intake, lore
from bot.desk import Desk
from bot.errors import BotError
from bot.model import BaseHint, Patch, Prerequisite, Revision, Series
from bot.request import Request

log = logging.getLogger(__name__)

_KINDS = ('prerequisite-patch-id', 'prerequisite-message-id', 'prerequisite-change-id', 'depends-on')
_MOST = 100
_ASKED = 5


def gather(assembly: lore.Assembly, source: lore.Source, request: Request, desk: Desk) -> tuple[Prerequisite, ...]:
    """Return what was found of the newest posting's prerequisites; what was not is left out."""
    series = assembly.series[0]
    hints = [h for h in series.newest.base_hints if h.kind in _KINDS][:_MOST]
    if not hints:
        return ()
    near = list(assembly.series[1:])
    found = {h: need for h in hints if (need := _among(h, near))}
    if len(found) < len(hints):
        kept = list(_remembered(source, desk))
        found |= {h: need for h in hints if h not in found and (need := _among(h, kept))}
    if source.kind == 'archive':
        found |= _asked(source, [h for h in hints if h not in found], request, desk)
    return tuple(found[h] for h in hints if h in found)


def _among(hint: BaseHint, series: Sequence[Series]) -> Prerequisite | None:
    for one in series:
        for revision in reversed(one.revisions):
            patches = _meant(hint, one, revision)
            if patches:
                where = f'v{revision.version} of "{revision.subject}" <{revision.message_id}>'
                return Prerequisite(hint.kind, hint.value, where, patches)
    return None


def _meant(hint: BaseHint, series: Series, revision: Revision) -> tuple[Patch, ...]:
    """Return the patches of a posting that the hint means: one by its id, or all of what it names."""
    if hint.kind == 'prerequisite-patch-id':
        return tuple(p for p in revision.patches if p.patch_id and p.patch_id.startswith(hint.value))[:1]
    if not revision.complete:
        return ()
    if hint.kind == 'prerequisite-change-id':
        change, _, version = hint.value.partition(':')
        fits = series.change_id == change and version.lstrip('v') in ('', str(revision.version))
    else:
        fits = hint.value in (revision.message_id, *(p.message_id for p in revision.patches))
    return revision.patches if fits else ()


def _remembered(source: lore.Source, desk: Desk) -> Iterator[Series]:
    """Yield the series of every other source that the store has; a source that cannot be read holds up nobody."""
    for key, _ in desk.store.sources():
        kept, held = lore.recall(key), desk.store.source(key)
        if key == source.key or kept is None or held is None:
            continue
        try:
            made = intake.assemble(kept, Request(kept.where), desk, held[1])
        except BotError as lost:
            log.info('%s: %s', kept.where, lost)
            continue
        yield from made.series


def _asked(
    source: lore.Source, hints: Sequence[BaseHint], request: Request, desk: Desk
) -> dict[BaseHint, Prerequisite]:
    """Ask the archive the series is from for postings that are named by message-id."""
    found: dict[BaseHint, Prerequisite] = {}
    named = [h for h in hints if h.kind in ('prerequisite-message-id', 'depends-on') and '@' in h.value]
    for hint in named[:_ASKED]:
        try:
            # In brackets: bare, an id made like a URL would be asked of the host it names.
            there = lore.locate(f'<{hint.value}>', source.where)
            if there.kind != 'archive':
                continue
            asked = Request(hint.value, refresh=request.refresh, as_of=request.as_of)
            made = intake.assemble(there, asked, desk, intake.fetch(there, asked, desk, keep=False))
        except BotError as lost:
            log.info('%s %s: %s', hint.kind, hint.value, lost)
            continue
        need = _among(hint, made.series)
        if need is not None:
            found[hint] = need
    return found
