# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps the lines that findings show, by the blobs they stand in: a finding that was shown before costs no reading.

Promises lines of the very blobs a finding names; a finding whose words, lines or blobs differ is another one. Refuses to
keep what could not be read.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec

from bot.checks.excerpts import with_excerpts
from bot.checks.tree.sources import Snapshot
from bot.model import Excerpt, Finding

_KIND = 'c-shown'


class _Shown(msgspec.Struct, array_like=True):
    """The lines of the finding itself, and of each of its evidence."""

    own: tuple[Excerpt, ...]
    evidence: tuple[Excerpt | None, ...]


_DECODER = msgspec.msgpack.Decoder(_Shown)


@cache
def _made_by() -> bytes:
    here = Path(__file__).resolve().parent
    return hashlib.sha256((here / 'excerpts.py').read_bytes() + (here / 'shown.py').read_bytes()).digest()


def shown(finding: Finding, mark: tuple[str, str], snapshot: Snapshot, commit: str) -> Finding:
    """Return the finding with its lines as they stand at `commit`; `mark` is as for `with_excerpts`."""
    blobs = {path: _blob(snapshot, commit, path) for path in {finding.file, *(one.file for one in finding.evidence)}}
    version = _version(finding, mark, blobs)
    cache, blob = snapshot.sources.cache, blobs[finding.file]
    data = cache.get(_KIND, version, blob) if blob else None
    known = _read(data) if data is not None else None
    if known is not None and len(known.evidence) == len(finding.evidence):
        pairs = zip(finding.evidence, known.evidence, strict=True)
        return replace(finding, excerpt=known.own, evidence=tuple(replace(one, excerpt=it) for one, it in pairs))
    made = with_excerpts(finding, mark, lambda path: snapshot.sources.lines(commit, path))
    if all(blobs.values()) and made.excerpt:
        kept = _Shown(made.excerpt, tuple(one.excerpt for one in made.evidence))
        cache.put(_KIND, version, blob, msgspec.msgpack.encode(kept))
    return made


def _blob(snapshot: Snapshot, commit: str, path: str) -> str:
    known = snapshot.blob(path) if commit == snapshot.commit else snapshot.sources.blob(commit, path)
    return known or ''


def _version(finding: Finding, mark: tuple[str, str], blobs: dict[str, str]) -> str:
    said = [(blobs[one.file], one.line, one.note) for one in finding.evidence]
    words = msgspec.json.encode([finding.line, finding.end_line, mark, said])
    return hashlib.sha256(_made_by() + words).hexdigest()[:24]


def _read(data: bytes) -> _Shown | None:
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
