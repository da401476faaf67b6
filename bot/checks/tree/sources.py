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
                self.progress('reading C', self._parsed, 0)
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
        key = hashlib.sha256('\0'.join([*sorted(literals), '', *sorted(under)]).encode()).hexdigest()[:16]
        cached = self.cache.get(_LISTING, key, commit)
        if cached is not None:
            try:
                return self._completed(commit, literals, msgspec.msgpack.decode(cached, type=_Listing))
            except (msgspec.DecodeError, msgspec.ValidationError):
                pass
        self.progress('searching the tree', 0, 0)
        found, absent = self.files.containing(commit, list(literals), list(under))
        blobs = {path: self.blob(commit, path) or '' for path in sorted(found) if is_c(path)}
        listing = _Listing(blobs, sorted(path for path in absent if is_c(path)))
        self.cache.put(_LISTING, key, commit, msgspec.msgpack.encode(listing))
        return self._completed(commit, literals, listing)

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
            if blob and is_c(path) and (not under or path.startswith(under)):
                if self.sources.holds(self.commit, path, literals):
                    found[path] = blob
        return found


def is_c(path: str) -> bool:
    return path.endswith(('.c', '.h'))
