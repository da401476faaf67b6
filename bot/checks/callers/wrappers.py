# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known, over the whole tree at one commit, of functions that take or give back pages for others.

Promises a fixpoint over who calls whom: a function is summed up with all that is known of those it calls. A name that is
defined twice and differs means nothing, and the reason is kept. A maintainer's word goes before what was inferred.
Refuses functions that no file but their own can call, and chains of wrappers deeper than its rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

import msgspec

from bot.checks.c.facts import Fact
from bot.checks.c.file import File
from bot.checks.callers.follow import Walk
from bot.checks.flow.summaries import Summary, Taken, digest
from bot.checks.rulebook.areas import Wrapper
from bot.checks.sights.fillings import Filling
from bot.checks.tree.kernel import Kernel
from bot.checks.tree.sources import Snapshot, is_c

_KIND = 'c-wrappers'
_ROUNDS = 6
_SEARCHES = 3
_SHARED = ('include/',)
_DEEP = 4
Follow = Callable[[Kernel, str, File, Mapping[str, Summary]], Walk]


class Entry(Fact, frozen=True):
    """One file: what it was summed up with, what came of it, what it defines for others and calls of others."""

    blob: str
    outside: str
    summaries: tuple[Summary, ...]
    defines: tuple[str, ...]
    calls: tuple[str, ...]
    fillings: tuple[Filling, ...] = ()


class Table(Fact, frozen=True):
    """All files that take, give back, or call what does; `known` by name, `where` its file."""

    entries: dict[str, Entry] = {}
    known: dict[str, Summary] = {}
    where: dict[str, str] = {}


_DECODER = msgspec.msgpack.Decoder(Table)
_ENCODER = msgspec.msgpack.Encoder(order='deterministic')


class Wrappers:
    """The table of one area at one commit, made when first asked for; `before` is that of the base."""

    def __init__(
        self, kernel: Kernel, snapshot: Snapshot, version: str, follow: Follow, before: Wrappers | None
    ) -> None:
        self.kernel, self.snapshot, self.version, self.follow, self.before = kernel, snapshot, version, follow, before
        self.said = kernel.area.wrappers
        self._table: Table | None = None

    @property
    def table(self) -> Table:
        if self._table is None:
            self._table = self._updated(self.before.table) if self.before is not None else self._whole()
        return self._table

    def outside(self, file: File) -> dict[str, Summary]:
        """Return what is known of the functions that a file calls and does not define."""
        if self.kernel.area.flags is None:
            return {}
        return _outside(self.table.known, file.calls, file.functions)

    def _whole(self) -> Table:
        cache, commit = self.snapshot.sources.cache, self.snapshot.commit
        data = cache.get(_KIND, self.version, commit)
        try:
            if data is not None:
                return _DECODER.decode(data)
        except (msgspec.DecodeError, msgspec.ValidationError):
            pass
        table = self._settled(Table(), self.snapshot.paths(self.kernel.wrapper_words), _SEARCHES)
        cache.put(_KIND, self.version, commit, _ENCODER.encode(table))
        return table

    def _updated(self, old: Table) -> Table:
        """Return the base's table with what the series touched summed up again."""
        touched = [path for path in sorted(self.snapshot.touched) if is_c(path)]
        entries = {path: one for path, one in old.entries.items() if path not in self.snapshot.touched}
        return self._settled(Table(entries, old.known, old.where), touched, 0)

    def _settled(self, table: Table, paths: Iterable[str], searches: int) -> Table:
        """Sum files up until nothing new is known; new names are searched for in the tree while searches are left."""
        entries, waiting, searched = dict(table.entries), set(paths), set(table.known)
        known, where = table.known, table.where
        for _ in range(_ROUNDS):
            for path in sorted(waiting):
                entry = self._entry(path, entries.get(path), known)
                if entry is not None:
                    entries[path] = entry
            before = known
            known, where = self._merged(entries)
            changed = {name for name in known.keys() | before.keys() if known.get(name) != before.get(name)}
            fresh = sorted(name for name in known.keys() - searched if self._worth_searching(known[name]))
            searched.update(fresh)
            waiting = {path for path, one in entries.items() if changed.intersection(one.calls)}
            if fresh and searches > 0:
                searches -= 1
                waiting.update(path for path in self._mentioning(fresh, where) if path not in entries)
            if not waiting:
                break
        return Table(entries, known, where)

    def _mentioning(self, names: Sequence[str], where: Mapping[str, str]) -> set[str]:
        """Return the files that may call some functions: all of the tree where a shared header names them, else beside."""
        shared = set[str]()
        for path in self.snapshot.paths(names, _SHARED):
            text = self.snapshot.sources.text(self.snapshot.commit, path) or b''
            shared.update(name for name in names if name.encode() in text)
        local = sorted(name for name in set(names) - shared if where[name])
        beside = {'/'.join(where[name].split('/')[:-1][:_DEEP]) + '/' for name in local}
        found = set(self.snapshot.paths(sorted(shared))) if shared else set()
        return found | (set(self.snapshot.paths(local, sorted(beside))) if local else set())

    def _worth_searching(self, one: Summary) -> bool:
        flow = self.kernel.area.flow
        common = {resource.name for resource in flow.resources if resource.common} if flow is not None else set()
        taken = one.taken is not None and not one.top
        return taken or any(resource not in common for _, _, resource in one.gives)

    def _entry(self, path: str, old: Entry | None, known: Mapping[str, Summary]) -> Entry | None:
        file = self.snapshot.file(path) if old is None else None
        calls = (
            old.calls if old is not None else tuple(sorted(file.calls.keys() - file.functions.keys())) if file else ()
        )
        outside = {name: known[name] for name in calls if name in known and not known[name].top}
        said = digest(outside, outside)
        blob = self.snapshot.blob(path)
        if old is not None and (old.outside, old.blob) == (said, blob):
            return old
        file = file or self.snapshot.file(path)
        if file is None or blob is None:
            return None
        walk = self.follow(self.kernel, path, file, outside)
        header = path.endswith('.h')
        mine = tuple(one for one in walk.summaries if header or not one.static)
        defines = tuple(sorted(name for name, one in file.functions.items() if not (one.static or one.macro)))
        return Entry(blob, said, mine, defines, calls, walk.fillings)

    def _merged(self, entries: Mapping[str, Entry]) -> tuple[dict[str, Summary], dict[str, str]]:
        found: dict[str, list[tuple[str, Summary]]] = {}
        for path in sorted(entries, key=lambda path: (path.endswith('.h'), path)):
            for one in entries[path].summaries:
                found.setdefault(one.name, []).append((path, one))
        known, where = dict[str, Summary](), dict[str, str]()
        defining = _defining(entries, found.keys())
        for name, made in sorted(found.items()):
            where[name], known[name] = made[0]
            others = [path for path in defining.get(name, ()) if path != where[name]]
            differs = [
                path for path, one in made[1:] if one.taken != known[name].taken or one.gives != known[name].gives
            ]
            both = sorted({*others, *differs})
            if both:
                reason = f'defined differently in {", ".join(both[:3])}{" ..." if len(both) > 3 else ""}'
                known[name] = msgspec.structs.replace(known[name], top=reason)
        for name, said in self.said.items():
            known[name] = _said(name, said, known.get(name))
            where.setdefault(name, '')
        return known, where


def _defining(entries: Mapping[str, Entry], names: Set[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, one in entries.items():
        for name in names & set(one.defines):
            found.setdefault(name, []).append(path)
    return found


def _said(name: str, one: Wrapper, inferred: Summary | None) -> Summary:
    """Return a maintainer's word as a summary; the flags and the lines stay those of the code."""
    found = inferred or Summary(name)
    was = found.taken or Taken('', '', '')
    place = (one.argument, one.field, one.count)
    taken = Taken(one.takes, one.result, one.into, *place, was.fails, was.flags, was.sites) if one.takes else None
    gives = tuple((give.argument, give.field, give.resource) for give in one.gives)
    return Summary(name, found.line, found.static, taken, gives, one.frees, one.keeps, '', one.why, found.params)


def _outside(known: Mapping[str, Summary], calls: Iterable[str], own: Iterable[str]) -> dict[str, Summary]:
    mine = set(own)
    return {name: known[name] for name in calls if name in known and name not in mine and not known[name].top}
