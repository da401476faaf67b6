# SPDX-License-Identifier: GPL-2.0-or-later
"""What the store remembers of the sources that were read, put together again as it was known on a day.

Promises that files and directories that changed are read again, and that one bad source never hides the others: it
becomes a note. Refuses to ask an archive: only `lorebot review` and an explicit SOURCE do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import intake, lore, stages
from bot.desk import Desk, Step
from bot.errors import BotError, InfraError, UserError
from bot.model import RawMail, Series
from bot.request import Request

_ID = re.compile(r'[^\s<>()"\']{1,250}@[^\s<>()"\']{1,250}')


@dataclass(frozen=True, slots=True)
class Kept:
    """One source and the mails it gave."""

    source: lore.Source
    raws: tuple[RawMail, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Sources that belong together, as one assembly; `command` is what a command can be told to read it from."""

    kept: tuple[Kept, ...]
    assembly: lore.Assembly

    def command(self, series: Series) -> str:
        """Return the SOURCE to read a series from: its file when there is one, else its newest posting's id."""
        if len(self.kept) == 1 and self.kept[0].source.kind != 'archive' and self.assembly.series[0] == series:
            return self.kept[0].source.where
        return series.newest.message_id


def add(sources: Sequence[str], desk: Desk, refresh: bool) -> None:
    """Read these sources, so that the store remembers them; raise `UserError` for one that it cannot remember."""
    for name in sources:
        source = lore.locate(name, desk.settings.archive.url)
        if source.kind != 'archive' and source.kind not in lore.KEPT_KINDS:
            raise UserError(
                f'a source of kind {source.kind} cannot be kept', where=name, todo='give a file, a maildir or a thread'
            )
        intake.fetch(source, Request(name, refresh=refresh), desk)


def forget(name: str, desk: Desk) -> int:
    """Drop a source that was kept, and its mails; return how many. A file need not be there any more."""
    keys = [key for key, _ in desk.store.sources() if _names(name, key, desk)]
    for key in keys:
        desk.store.forget_source(key)
    return len(keys)


def _names(name: str, key: str, desk: Desk) -> bool:
    kept = lore.recall(key)
    if kept is None:
        return False
    if kept.where == name or kept.message_id == name.strip('<>'):
        return True
    try:
        return lore.same_place(lore.locate(name, desk.settings.archive.url).key, key)
    except UserError:
        return False


def remembered(desk: Desk) -> frozenset[str]:
    """Return the message-ids of all mails in the store."""
    held = (desk.store.source(key) for key, _ in desk.store.sources())
    return frozenset(one for source in held if source for one in lore.ids_of(source[1]))


def kept(desk: Desk) -> tuple[list[Kept], list[str]]:
    """Return all sources the store remembers, and what is to be said of those that cannot be read any more."""
    found, notes = [], []
    for key, read_at in desk.store.sources():
        source = lore.recall(key)
        if source is None:
            continue
        held = desk.store.source(key)
        try:
            now = source if source.kind == 'archive' else lore.locate(source.where, '')
            again = now.key != key
            raws = intake.fetch(now, Request(source.where), desk) if again else held[1] if held else ()
        except BotError as gone:
            now, raws = source, held[1] if held else ()
            notes.append(f'{source.where} cannot be read any more ({gone.what}): as it was on {read_at:%Y-%m-%d}')
        found.append(Kept(now, raws))
    return found, notes


def shelves(found: Sequence[Kept], desk: Desk, as_of: datetime | None) -> tuple[list[Shelf], list[str]]:
    """Return the assemblies of these sources on that day; sources that speak of the same mails or work are one."""
    notes: list[str] = []
    single = list(_assembled([(one,) for one in found], desk, as_of, notes))
    groups = _together(single)
    alone = [group[0] for group in groups if len(group) == 1]
    joined = [tuple(k for shelf in group for k in shelf.kept) for group in groups if len(group) > 1]
    return [*alone, *_assembled(joined, desk, as_of, notes)], notes


def _assembled(
    groups: Sequence[tuple[Kept, ...]], desk: Desk, as_of: datetime | None, notes: list[str]
) -> Iterator[Shelf]:
    """Yield one assembly a group; every job is started before the first is waited for."""
    steps: list[tuple[tuple[Kept, ...], Step]] = []
    for group in groups:
        raws = tuple(raw for one in group for raw in one.raws)
        wanted = group[0].source.message_id if len(group) == 1 else None
        ties = desk.ties(lore.ids_of(raws))
        job = stages.Assemble(raws, desk.settings.archive.prefer_lists, wanted, as_of, ties=ties)
        steps.append((group, desk.start('assemble', job, group[0].source.key)))
    for group, step in steps:
        try:
            yield Shelf(group, desk.finish(step))
        except InfraError as lost:
            notes.append(f'{", ".join(one.source.where for one in group)}: {lost.what}')


def _together(single: Sequence[Shelf]) -> list[list[Shelf]]:
    """Group assemblies that share a mail, a reference to one, a change-id, or an author's title."""
    groups: list[tuple[set[str], list[Shelf]]] = []
    for shelf in single:
        marks = _marks(shelf.assembly)
        near = [g for g in groups if g[0] & marks]
        groups = [g for g in groups if not g[0] & marks]
        groups.append((marks.union(*(g[0] for g in near)), [s for g in near for s in g[1]] + [shelf]))
    return [group for _, group in groups]


def _marks(made: lore.Assembly) -> set[str]:
    mails = [m for t in made.threads for m in t.messages]
    marks = {i for m in mails for i in (m.message_id, m.parent, *m.references) if i}
    bodies = {m.message_id: m.body for m in mails}
    for series in made.series:
        for revision in series.revisions:
            marks.add(f'title {revision.author.email} {" ".join(revision.subject.lower().split())}')
            if revision.change_id:
                marks.add(f'change-id {revision.change_id}')
            for mentioned in _ID.findall(bodies.get(revision.message_id, '')):
                marks.add(mentioned.rpartition('/')[2])
    return marks
