# SPDX-License-Identifier: GPL-2.0-or-later
"""Follows findings from commit to commit: introduced, fixed, moved, pre-existing, or introduced and fixed later.

Promises that a finding keeps its identity when lines shift, when its file is renamed, and when its statement moves to
another function or file in one patch. Refuses to identify by line numbers; they are for the reader.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from bot.checks.kinds import Match
from bot.model import Evidence, FileChange, FindingClass

_REWRITTEN = 0.75

Key = tuple[str, str, str, str]
"""Rule, path, function, statement."""


@dataclass(frozen=True, slots=True)
class Step:
    """All matches at one commit; `position` is the patch that made it, None for the base."""

    position: int | None
    matches: tuple[Match, ...]
    changes: tuple[FileChange, ...]


@dataclass(slots=True)
class Life:
    """A finding over the commits; `match` is as it was last seen."""

    match: Match
    born: int | None
    moved: int | None = None
    died: int | None = None
    fingerprint: str = ''
    notes: tuple[Evidence, ...] = field(default=())

    @property
    def class_(self) -> FindingClass:
        if self.died is not None:
            return 'fixed' if self.born is None else 'fixed-later'
        if self.born is not None:
            return 'introduced'
        return 'moved' if self.moved is not None else 'pre-existing'

    @property
    def patch(self) -> int | None:
        """Return the patch to name: the one that brought it, else that which fixed or moved it."""
        return self.born if self.born is not None else self.died if self.died is not None else self.moved


def lives(steps: Sequence[Step]) -> list[Life]:
    """Return every finding that any commit has, once."""
    alive = [Life(match, None) for match in steps[0].matches]
    dead: list[Life] = []
    for step in steps[1:]:
        alive, gone = _next(alive, step)
        dead += gone
    return _with_fingerprints([*alive, *dead])


def _next(alive: Iterable[Life], step: Step) -> tuple[list[Life], list[Life]]:
    renamed = {change.old_path: change.path for change in step.changes if change.old_path != change.path}
    changed = {change.path: change.new_ranges for change in step.changes}
    waiting: dict[Key, list[Life]] = {}
    for life in alive:
        path = renamed.get(life.match.path, life.match.path)
        life.match = replace(life.match, path=path)
        waiting.setdefault(_key(life.match), []).append(life)
    seen: dict[Key, list[Match]] = {}
    for match in step.matches:
        seen.setdefault(_key(match), []).append(match)
    kept, fresh = [], []
    for key, matches in seen.items():
        old = sorted(waiting.pop(key, []), key=lambda life: life.match.line)
        same, new = _split(matches, len(old), changed.get(key[1], ()))
        for life, match in zip(old, same, strict=False):
            life.match = match
            kept.append(life)
        for life in old[len(same) :]:
            waiting.setdefault(key, []).append(life)
        fresh += new
    return _settled(kept, fresh, [life for lost in waiting.values() for life in lost], step.position)


def _split(matches: list[Match], known: int, ranges: Sequence[tuple[int, int]]) -> tuple[list[Match], list[Match]]:
    """Choose which of several equal matches are the new ones: first those on lines the patch wrote."""
    ordered = sorted(matches, key=lambda match: match.line)
    extra = len(ordered) - known
    if extra <= 0:
        return ordered, []
    on_new = [one for one in ordered if any(first <= one.line <= last for first, last in ranges)]
    new = (on_new + [one for one in reversed(ordered) if one not in on_new])[:extra]
    return [one for one in ordered if one not in new], new


def _settled(
    kept: list[Life], fresh: list[Match], lost: list[Life], position: int | None
) -> tuple[list[Life], list[Life]]:
    """Pair what went with what came: the same statement elsewhere was moved, nearly the same one in place was rewritten."""
    for match in sorted(fresh, key=lambda one: (one.path, one.line)):
        partner = next((life for life in lost if _is_moved(life.match, match)), None)
        if partner is None:
            kept.append(Life(match, position))
            continue
        lost.remove(partner)
        partner.match, partner.moved = match, position
        kept.append(partner)
    for life in lost:
        life.died = position
        if life.born is not None:
            note = f'introduced by patch {life.born}, gone since patch {position}'
            life.notes = (*life.notes, Evidence(life.match.path, life.match.line, note))
    return kept, lost


def _is_moved(old: Match, new: Match) -> bool:
    if old.rule.id != new.rule.id:
        return False
    if old.statement == new.statement:
        return True
    same_place = old.path == new.path and old.function == new.function
    return same_place and SequenceMatcher(None, old.statement, new.statement).ratio() >= _REWRITTEN


def _key(match: Match) -> Key:
    return match.rule.id, match.path, match.function, match.statement


def _with_fingerprints(found: list[Life]) -> list[Life]:
    """Number equal findings in the order of their lines and hash what identifies them."""
    counts: dict[Key, int] = {}
    for life in sorted(found, key=lambda life: (_key(life.match), life.died is not None, life.match.line)):
        key = _key(life.match)
        counts[key] = counts.get(key, 0) + 1
        life.fingerprint = hashlib.sha256('\0'.join([*key, str(counts[key])]).encode()).hexdigest()[:16]
    return found
