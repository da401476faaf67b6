# SPDX-License-Identifier: GPL-2.0-or-later
"""The walks of files, made once per blob and kept in the cache: they are the costly part of a check.

Promises that a walk made with other words, other prototypes or by other code is not taken for this one's. Refuses to
know what the events mean.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import msgspec

from bot.checks.facts import MAKERS
from bot.checks.file import File
from bot.checks.graph import unpacked
from bot.checks.habits import habits_of
from bot.checks.kernel import Kernel
from bot.checks.paths import Walked, walk_paths
from bot.checks.words import Words
from bot.model import FactCache

_KIND = 'c-walk'
_WALKERS = (*MAKERS, 'arms', 'habits', 'live', 'ownership', 'paths', 'state', 'values', 'walks', 'words', 'writes')
_DECODER = msgspec.msgpack.Decoder(dict[str, Walked])
_ENCODER = msgspec.msgpack.Encoder(order='deterministic')


@cache
def _made_by() -> bytes:
    here = Path(__file__).resolve().parent
    return hashlib.sha256(b''.join((here / f'{name}.py').read_bytes() for name in _WALKERS)).digest()


class Walks:
    """What was walked, by area and blob."""

    def __init__(self, facts: FactCache, version: str) -> None:
        self.facts, self.version = facts, version
        self._versions: dict[int, str] = {}
        self._words: dict[int, Words] = {}
        self._known: dict[tuple[str, str], dict[str, Walked]] = {}

    def of(self, kernel: Kernel, blob: str, file: File) -> dict[str, Walked]:
        """Return what was found in each followed function of a file."""
        version = self._version(kernel)
        if (version, blob) not in self._known:
            self._known[version, blob] = self._read(version, blob) or self._made(kernel, version, blob, file)
        return self._known[version, blob]

    def _read(self, version: str, blob: str) -> dict[str, Walked] | None:
        data = self.facts.get(_KIND, version, blob)
        try:
            return _DECODER.decode(data) if data is not None else None
        except (msgspec.DecodeError, msgspec.ValidationError):
            return None

    def _made(self, kernel: Kernel, version: str, blob: str, file: File) -> dict[str, Walked]:
        words = self._words[id(kernel)]
        graphs = {name: unpacked(one.graph) for name, one in file.functions.items() if one.graph}
        habits = habits_of(graphs, words)
        walked = {name: walk_paths(graph, words, habits) for name, graph in graphs.items()}
        kept = {name: one for name, one in walked.items() if one.events or one.gave_up}
        self.facts.put(_KIND, version, blob, _ENCODER.encode(kept))
        return kept

    def _version(self, kernel: Kernel) -> str:
        if id(kernel) not in self._versions:
            flow = kernel.area.flow
            assert flow is not None
            words = self._words[id(kernel)] = Words(kernel, flow)
            said = hashlib.sha256(_made_by() + self.version.encode() + msgspec.json.encode(kernel.area))
            said.update(repr(words.positions()).encode())
            self._versions[id(kernel)] = said.hexdigest()[:16]
        return self._versions[id(kernel)]
