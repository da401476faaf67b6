# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of a tree at its commits, as facts; everything costly is done once per blob and kept in the cache.

Promises that what could not be read is named in `absent` and never taken for a file without findings.
Refuses files that are no C: only `.c` and `.h` are looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, cast

import msgspec

from bot.checks.c.extract import read_facts
from bot.checks.c.facts import Watch, decode, encode
from bot.checks.c.file import File
from bot.model import FactCache, FileChange, FilesAt, Progress

_FACTS = 'c-facts'
_LISTING = 'c-listing'
_REMEMBERED = 8
_SHOWN = 4 << 20
_ASKED = 48
_Made = TypeVar('_Made')


class _Listing(msgspec.Struct, array_like=True):
    """Paths with their blobs that hold one of some literals, and those that could not be searched."""

    found: dict[str, str]
    absent: list[str]


class Sources:
    """All commits of one check: what is known of a blob is known for every commit that has it."""

    def __init__(self, files: FilesAt, cache: FactCache, watch: Watch, progress: Progress) -> None:
        self.files, self.cache, self.watch, self.progress = files, cache, watch, progress
        self.version = watch.version
        self.absent: dict[str, str] = {}
        self._files: dict[str, File] = {}
        self._lines: dict[tuple[str, str], list[str]] = {}
        self._made: dict[object, object] = {}
        self._texts: dict[tuple[str, str], bytes] = {}
        self._parsed = 0

    def once(self, key: object, make: Callable[[], _Made]) -> _Made:
        """Return what was made under a key, for as long as this check lasts; the key must name all that it depends on."""
        if key not in self._made:
            self._made[key] = make()
        return cast(_Made, self._made[key])

    def at(self, commit: str) -> Snapshot:
        return Snapshot(self, commit)

    def file(self, commit: str, path: str, blob: str) -> File | None:
        """Return a blob's facts, from memory, the cache or the file itself; None when this clone lacks the blob."""
        known = self._files.get(blob)
        if known is None:
            cached = self.cache.get(_FACTS, self.version, blob)
            facts = decode(cached) if cached is not None else None
            if facts is None:
                text = self.text(commit, path)
                if text is None:
                    return None
                self._parsed += 1
                self.progress('reading C files for the first time', self._parsed, 0)
                facts = read_facts(text, self.watch)
                self.cache.put(_FACTS, self.version, blob, encode(facts))
            known = self._files[blob] = File(facts)
        if known.facts.unread:
            self.absent[path] = known.facts.unread
        return known

    def text(self, commit: str, path: str) -> bytes | None:
        try:
            return self.files.read(commit, path)
        except LookupError:
            self.absent[path] = 'its blob is not in this clone'
            return None

    def lines(self, commit: str, path: str) -> list[str]:
        """Return the lines of a file, none where it cannot be read or is huge; the last few files are remembered."""
        key = commit, path
        if key not in self._lines:
            text = self.text(commit, path) or b''
            while len(self._lines) > _REMEMBERED:
                self._lines.pop(next(iter(self._lines)))
            self._lines[key] = text.decode('utf-8', 'replace').split('\n') if len(text) <= _SHOWN else []
        return self._lines[key]

    def blob(self, commit: str, path: str) -> str | None:
        try:
            return self.files.blob_id(commit, path)
        except LookupError:
            self.absent[path] = 'its directory is not in this clone'
            return None

    def listing(self, commit: str, literals: Sequence[str], under: Sequence[str]) -> dict[str, str]:
        """Return path and blob of every C file below `under` that holds one of the literals."""
        listing = self._kept(commit, literals, under)
        if listing is None:
            self.progress('searching the tree', 0, 0)
            found, absent = self.files.containing(commit, list(literals), list(under))
            listing = self._keep(commit, literals, under, filter(is_c, found), filter(is_c, absent))
        return self._completed(commit, literals, listing)

    def foresee(self, commit: str, wanted: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], dict[str, str]]:
        """Return the listings of several sets of literals, over the whole tree, made in one search; {} if there is no need.

        To read the tree is what a search costs, whatever it looks for: files that hold any literal are told apart after it.
        """
        sets = [literals for literals in wanted if literals and self._kept(commit, literals, ()) is None]
        if len(sets) < 2:
            return {}
        self.progress('searching the tree', 0, 0)
        found, absent = self.files.containing(commit, sorted({word for literals in sets for word in literals}), [])
        paths: list[list[str]] = [[] for _ in sets]
        for path in filter(is_c, found):
            text = self.text(commit, path) or b''
            for literals, holding in zip(sets, paths, strict=True):
                if any(word.encode() in text for word in literals):
                    holding.append(path)
        lost = list(filter(is_c, absent))
        made = ((one, self._keep(commit, one, (), holding, lost)) for one, holding in zip(sets, paths, strict=True))
        return {literals: self._completed(commit, literals, listing) for literals, listing in made}

    def _kept(self, commit: str, literals: Sequence[str], under: Sequence[str]) -> _Listing | None:
        cached = self.cache.get(_LISTING, _key(literals, under), commit)
        try:
            return msgspec.msgpack.decode(cached, type=_Listing) if cached is not None else None
        except (msgspec.DecodeError, msgspec.ValidationError):
            return None

    def _keep(
        self, commit: str, literals: Sequence[str], under: Sequence[str], found: Iterable[str], absent: Iterable[str]
    ) -> _Listing:
        listing = _Listing({path: self.blob(commit, path) or '' for path in sorted(found)}, sorted(absent))
        self.cache.put(_LISTING, _key(literals, under), commit, msgspec.msgpack.encode(listing))
        return listing

    def _completed(self, commit: str, literals: Sequence[str], listing: _Listing) -> dict[str, str]:
        """Look again at what could not be searched: another clone, or this one since, may have the blob."""
        found = dict(listing.found)
        for path in listing.absent:
            if self.holds(commit, path, literals):
                found[path] = self.blob(commit, path) or ''
        return found

    def holds(self, commit: str, path: str, literals: Sequence[str]) -> bool:
        """Tell whether a file can be read and has one of the literals; the last texts asked about are remembered."""
        key = commit, path
        if key not in self._texts:
            while len(self._texts) > _ASKED:
                self._texts.pop(next(iter(self._texts)))
            text = self.text(commit, path)
            if text is None or len(text) > _SHOWN:
                return text is not None and any(word.encode() in text for word in literals)
            self._texts[key] = text
        return any(word.encode() in self._texts[key] for word in literals)


class Snapshot:
    """The tree at one commit; one made by `after` shares all that its changes did not touch."""

    def __init__(
        self, sources: Sources, commit: str, before: Snapshot | None = None, changed: Iterable[FileChange] = ()
    ) -> None:
        self.sources, self.commit, self.before = sources, commit, before
        self._blobs: dict[str, str | None] = {}
        self._listings: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, str]] = {}
        for change in changed:
            self._blobs[change.old_path] = None
        for change in changed:
            self._blobs[change.path] = change.new_blob
        self.touched = frozenset(self._blobs)

    def after(self, commit: str, changes: Sequence[FileChange]) -> Snapshot:
        return Snapshot(self.sources, commit, self, changes)

    def blob(self, path: str) -> str | None:
        if path not in self._blobs:
            if self.before is not None:
                self._blobs[path] = self.before.blob(path)
            else:
                self._blobs[path] = self.sources.blob(self.commit, path)
        return self._blobs[path]

    def file(self, path: str) -> File | None:
        """Return a file's facts; None where there is no such file or its blob is absent (then it is in `absent`)."""
        blob = self.blob(path)
        return self.sources.file(self.commit, path, blob) if blob else None

    def files(self, paths: Iterable[str]) -> dict[str, File]:
        """Return those of the files that can be read, in order of their paths."""
        read = ((path, self.file(path)) for path in sorted(set(paths)))
        return {path: file for path, file in read if file is not None}

    def paths(self, literals: Sequence[str], under: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the C files that hold one of the literals, in order of their paths."""
        return tuple(sorted(self._listing(tuple(sorted(literals)), tuple(sorted(under)))))

    def foresee(self, wanted: Iterable[Sequence[str]]) -> None:
        """Say which sets of literals `paths` will be asked for, so that the tree is searched once for all of them."""
        base = self
        while base.before is not None:
            base = base.before
        fresh = dict.fromkeys(tuple(sorted(literals)) for literals in wanted)
        made = base.sources.foresee(base.commit, [one for one in fresh if (one, ()) not in base._listings])
        for literals, found in made.items():
            base._listings[literals, ()] = found
            base._blobs.update(found)

    def _listing(self, literals: tuple[str, ...], under: tuple[str, ...]) -> dict[str, str]:
        known = self._listings.get((literals, under))
        if known is None:
            known = self._listings[literals, under] = self._made(literals, under)
        return known

    def _made(self, literals: tuple[str, ...], under: tuple[str, ...]) -> dict[str, str]:
        if self.before is None:
            found = self.sources.listing(self.commit, literals, under)
            self._blobs.update(found)
            return found
        found = {path: blob for path, blob in self.before._listing(literals, under).items() if path not in self.touched}
        for path in sorted(self.touched):
            blob = self._blobs[path]
            asked = blob and is_c(path) and (not under or path.startswith(under))
            if blob and asked and self.sources.holds(self.commit, path, literals):
                found[path] = blob
        return found


def _key(literals: Sequence[str], under: Sequence[str]) -> str:
    return hashlib.sha256('\0'.join([*sorted(literals), '', *sorted(under)]).encode()).hexdigest()[:16]


def is_c(path: str) -> bool:
    return path.endswith(('.c', '.h'))
