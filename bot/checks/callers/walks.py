# SPDX-License-Identifier: GPL-2.0-or-later
"""The walks of files, made once per blob and kept in the cache: they are the costly part of a check.

Promises that a walk made with other words, other prototypes, other knowledge of functions elsewhere or by other code is
not taken for this one's. Refuses to know what the events mean.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from bot.checks.c.file import File
from bot.checks.callers.follow import Walk, follow
from bot.checks.callers.wrappers import Wrappers
from bot.checks.flow.summaries import Summary, digest
from bot.checks.tree.kernel import Kernel
from bot.checks.tree.sources import Snapshot
from bot.checks.tree.words import Words

PACKAGES = ('c', 'rulebook', 'tree', 'flow', 'sights', 'callers', 'counters')
"""The packages that decide what a walk sees: walks made by other code are other walks."""

_KIND = 'c-walk'
_DECODER = msgspec.msgpack.Decoder(Walk)
_ENCODER = msgspec.msgpack.Encoder(order='deterministic')


@cache
def made_by() -> bytes:
    """Return a digest of all the code that looks at functions."""
    checks = Path(__file__).resolve().parents[1]
    files = (path for package in PACKAGES for path in sorted((checks / package).glob('*.py')))
    return hashlib.sha256(b''.join(path.read_bytes() for path in files)).digest()


class Walks:
    """What was walked at one commit, by area and blob; `base` is the commit the series stands on."""

    def __init__(self, snapshot: Snapshot, base: Walks | None = None) -> None:
        self.snapshot, self.base = snapshot, base
        self._versions: dict[int, str] = {}
        self._words: dict[int, Words] = {}
        self._known: dict[tuple[str, str, str], Walk] = {}
        self._wrappers: dict[str, Wrappers] = {}

    def of(self, kernel: Kernel, path: str, file: File) -> Walk:
        """Return what was found in the followed functions of a file."""
        if kernel.area.flow is None:
            return Walk()
        return self.with_known(kernel, path, file, self.wrappers(kernel).outside(file))

    def wrappers(self, kernel: Kernel) -> Wrappers:
        """Return what is known of the functions that other files can call."""
        title = kernel.area.title
        if title not in self._wrappers:
            before = self.base.wrappers(kernel) if self.base is not None else None
            self._wrappers[title] = Wrappers(kernel, self.snapshot, self._version(kernel), self.with_known, before)
        return self._wrappers[title]

    def with_known(self, kernel: Kernel, path: str, file: File, outside: Mapping[str, Summary]) -> Walk:
        """Return what was found in a file where some functions elsewhere are known."""
        version, blob, said = self._version(kernel), self.snapshot.blob(path) or '', digest(outside, outside)
        if (version, blob, said) not in self._known:
            kept = f'{version}{said}'
            walk = self._read(kept, blob)
            if walk is None:
                text = self.snapshot.sources.text(self.snapshot.commit, path)
                walk = follow(text, file, self._words[id(kernel)], outside) if text is not None else Walk()
                self.snapshot.sources.cache.put(_KIND, kept, blob, _ENCODER.encode(walk))
            self._known[version, blob, said] = walk
        return self._known[version, blob, said]

    def _read(self, version: str, blob: str) -> Walk | None:
        data = self.snapshot.sources.cache.get(_KIND, version, blob)
        try:
            return _DECODER.decode(data) if data is not None else None
        except (msgspec.DecodeError, msgspec.ValidationError):
            return None

    def _version(self, kernel: Kernel) -> str:
        if id(kernel) not in self._versions:
            flow = kernel.area.flow
            assert flow is not None
            words = self._words[id(kernel)] = Words(kernel, flow)
            said = hashlib.sha256(made_by() + msgspec.json.encode(kernel.area))
            said.update(repr(words.positions()).encode())
            self._versions[id(kernel)] = said.hexdigest()[:16]
        return self._versions[id(kernel)]
