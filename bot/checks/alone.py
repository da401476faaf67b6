# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks files that stand in no kernel tree.

What the tree would say (flags, prototypes, argument checks) is taken from the newest kernel known, in
`rules/known-kernel`, and the coverage says so; where the calls of the files are those of an older kernel, that one's
prototypes count. Refuses to show lines of those headers as evidence: they are our own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.checks.engine import check_rev
from bot.checks.rulebook.reading import with_wrappers
from bot.checks.rulebook.rules import Rule
from bot.checks.tree.generations import generation_of
from bot.model import CheckResult, FactCache, FileChange, Finding, Progress

_COMMIT = 'alone'


class _Overlay:
    """`FilesAt` over texts by path; there is one state of them."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self.texts = texts

    def read(self, commit: str, path: str) -> bytes | None:
        return self.texts.get(path)

    def blob_id(self, commit: str, path: str) -> str | None:
        return hashlib.sha256(self.texts[path]).hexdigest() if path in self.texts else None

    def containing(
        self, commit: str, literals: Sequence[str], under: Sequence[str] = ()
    ) -> tuple[list[str], list[str]]:
        words = [word.encode() for word in literals]
        listed = [path for path in sorted(self.texts) if not under or path.startswith(tuple(under))]
        return [path for path in listed if any(word in self.texts[path] for word in words)], []

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        return ()


class _NoCache:
    """Keeps nothing: a few files are read sooner than a cache is asked, and their listing is of no commit."""

    def get(self, kind: str, version: str, blob: str) -> bytes | None:
        return None

    def put(self, kind: str, version: str, blob: str, fact: bytes) -> None:
        pass


def check_alone(texts: Mapping[str, bytes], headers: Path, rules: Sequence[Rule], progress: Progress) -> CheckResult:
    """Check texts by name as files of the kernel that `headers` describes; every finding is `pre-existing`."""
    version, date = (headers / 'RELEASE').read_text(encoding='utf-8').splitlines()[-1].split()
    known = {
        str(path.relative_to(headers)): path.read_bytes() for path in sorted(headers.rglob('*.[ch]')) if path.is_file()
    }
    cache: FactCache = _NoCache()
    made_for = generation_of(texts.values(), (headers / 'FORMER').read_text(encoding='utf-8'))
    known = made_for.headers(known)
    rules = with_wrappers([rule for rule in rules if rule.id not in made_for.silent], headers / 'wrappers.toml')
    result = check_rev(_Overlay({**known, **texts}), _COMMIT, rules, cache, progress, sorted(texts), lone=True)
    findings, allowed = (tuple(_without_ours(one, texts) for one in some) for some in (result.findings, result.allowed))
    note = f'no tree: flags, prototypes and argument checks are those of Linux {version} ({date})'
    notes = [note, *([made_for.note] if made_for.note else [])]
    coverage = replace(result.coverage, notes=(*notes, *result.coverage.notes))
    return replace(result, findings=findings, allowed=allowed, coverage=coverage)


def _without_ours(finding: Finding, texts: Mapping[str, bytes]) -> Finding:
    return replace(finding, evidence=tuple(line for line in finding.evidence if line.file in texts))
