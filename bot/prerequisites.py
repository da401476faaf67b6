# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the patches that a posting says must be there before it: in its own mails, in what the store remembers, in the archive.

Promises one entry for each thing that was found, in the order the author named them, and that a source the store has is put
together for this once: after that the names of what it holds tell whether it is worth looking at. Refuses to follow what
those need in their turn, and to ask an archive when the mails did not come from one.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import partial

from bot import intake, lore, resources
from bot.desk import Desk
from bot.errors import BotError, InfraError
from bot.model import BaseHint, Patch, Prerequisite, Revision, Series
from bot.request import Request

log = logging.getLogger(__name__)

_KINDS = ('prerequisite-patch-id', 'prerequisite-message-id', 'prerequisite-change-id', 'depends-on')
_MOST = 100
_ASKED = 5
# A kept source takes about half a second the first time, and next to nothing after that.
_READ = 60


def gather(assembly: lore.Assembly, source: lore.Source, request: Request, desk: Desk) -> tuple[Prerequisite, ...]:
    """Return what was found of the newest posting's prerequisites; what was not is left out."""
    series = assembly.series[0]
    hints = [h for h in series.newest.base_hints if h.kind in _KINDS][:_MOST]
    if not hints:
        return ()
    near = list(assembly.series[1:])
    found = {h: need for h in hints if (need := _among(h, near))}
    found |= _remembered([h for h in hints if h not in found], source, desk)
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


def _remembered(hints: Sequence[BaseHint], source: lore.Source, desk: Desk) -> dict[BaseHint, Prerequisite]:
    """Return what every other source that the store has holds of these; one that cannot be read holds up nobody."""
    found: dict[BaseHint, Prerequisite] = {}
    anew = 0
    for key, at in desk.store.sources():
        wanted = [h for h in hints if h not in found]
        if not wanted:
            break
        names = _names(key, at, desk)
        if key == source.key or (names is None and anew >= _READ):
            continue
        if names is None or any(map(partial(_named, names), wanted)):
            anew += names is None
            series = _series(key, at, desk)
            found |= {h: need for h in wanted if (need := _among(h, series))}
    if anew >= _READ:
        log.info('%d kept sources were looked at for prerequisites; the rest is looked at the next time', anew)
    return found


def _series(key: str, at: datetime, desk: Desk) -> tuple[Series, ...]:
    """Put a kept source together, and keep the names of what it holds."""
    kept, held = lore.recall(key), desk.store.source(key)
    made: tuple[Series, ...] = ()
    if kept is not None and held is not None:
        try:
            made = intake.assemble(kept, Request(kept.where), desk, held[1]).series
        except InfraError as lost:
            log.info('%s: %s', kept.where, lost)
            return ()
        except BotError as unread:
            log.info('%s: %s', kept.where, unread)
    names = sorted({name for one in made for name in _all_names(one)})
    desk.store.put_result(_index(key, at), 'names', key, '\n'.join(names).encode('utf-8', 'replace'), desk.now())
    return made


def _all_names(series: Series) -> Iterator[str]:
    """Yield all by which a posting may be named as needed by another one."""
    yield series.change_id or ''
    for revision in series.revisions:
        yield revision.message_id
        yield from (name for patch in revision.patches for name in (patch.message_id, patch.patch_id or ''))


def _names(key: str, at: datetime, desk: Desk) -> frozenset[str] | None:
    """Return the names of what a source holds, None when nobody looked since it was read."""
    kept = desk.store.result(_index(key, at))
    return None if kept is None else frozenset(kept.decode().split('\n'))


def _index(key: str, at: datetime) -> str:
    return f'names:{resources.code()}:{at.isoformat()}:{key}'


def _named(names: Collection[str], hint: BaseHint) -> bool:
    if hint.kind == 'prerequisite-patch-id':
        return any(name.startswith(hint.value) for name in names)
    return (hint.value.partition(':')[0] if hint.kind == 'prerequisite-change-id' else hint.value) in names


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
