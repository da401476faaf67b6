# SPDX-License-Identifier: GPL-2.0-or-later
"""Aligns the quoted lines of a mail with the lines of the mail it answers, at linear cost.

Promises that every match names lines of the other mail that hold the same words. Refuses paraphrases: less than
half of a line's words in common is no identity.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.lore.quote_parse import View

_MOVED = 4
_SEED = 3
_CANDIDATES = 24
_LINE_SHARE = 0.5
_RUN_SHARE = 0.6


@dataclass(slots=True)
class Index:
    """What alignment needs to know of a mail that is quoted; made once a mail, the words only when asked for."""

    view: View
    lines: dict[tuple[int, str], list[int]]
    anywhere: dict[str, list[int]]
    words: list[str] = field(default_factory=list)
    homes: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    seeds: dict[tuple[str, ...], list[int]] = field(default_factory=dict)

    def tokenise(self) -> None:
        if self.starts:
            return
        for number, key in enumerate(self.view.keys):
            self.starts.append(len(self.words))
            parts = key.split()
            self.words.extend(parts)
            self.homes.extend([number] * len(parts))
        for at in range(len(self.words) - _SEED + 1):
            places = self.seeds.setdefault(tuple(self.words[at : at + _SEED]), [])
            if len(places) < 8 * _CANDIDATES:
                places.append(at)


def index(view: View) -> Index:
    """Index the lines of a mail by depth and text."""
    lines: dict[tuple[int, str], list[int]] = {}
    anywhere: dict[str, list[int]] = {}
    for number, key in enumerate(view.keys):
        if key:
            lines.setdefault((view.depths[number], key), []).append(number)
            anywhere.setdefault(key, []).append(number)
    return Index(view, lines, anywhere)


Match = tuple[int, int, str]
"""First and last line in the other mail (0-based) and the step that found them."""


def align(child: View, wanted: Sequence[int], parent: Index) -> dict[int, Match]:
    """Match the `wanted` quoted lines of `child` with `parent`, exact lines first, then words."""
    found = _anchors(child, wanted, parent)
    _repeated(child, wanted, parent, found)
    _by_words(child, wanted, parent, found)
    return found


def align_loosely(child: View, wanted: Sequence[int], other: Index) -> dict[int, Match]:
    """Match quoted lines with an ancestor's lines of any depth; lines of one or two words only beside a match."""
    found: dict[int, Match] = {}
    shift = 0
    for number in wanted:
        places = other.anywhere.get(child.keys[number])
        if not places or (len(child.keys[number].split()) < _SEED and number - 1 not in found):
            continue
        at = bisect_left(places, number + shift)
        best = min(places[max(at - 1, 0) : at + 1], key=lambda p: abs(p - number - shift))
        found[number] = (best, best, 'ancestor')
        shift = best - number
    _by_words(child, wanted, other, found)
    return found


def _anchors(child: View, wanted: Sequence[int], parent: Index) -> dict[int, Match]:
    single: list[tuple[int, int]] = []
    for number in wanted:
        places = parent.lines.get((child.depths[number] - 1, child.keys[number]))
        if places and len(places) == 1:
            single.append((number, places[0]))
    kept = set(_rising([p for _, p in single]))
    return {c: (p, p, 'exact') for i, (c, p) in enumerate(single) if i in kept or len(child.keys[c].split()) >= _MOVED}


def _rising(values: Sequence[int]) -> list[int]:
    """Return the indices of a longest strictly rising subsequence (patience sorting)."""
    tails: list[int] = []
    ends: list[int] = []
    back: list[int] = []
    for at, value in enumerate(values):
        slot = bisect_left(tails, value)
        if slot == len(tails):
            tails.append(value)
            ends.append(at)
        else:
            tails[slot], ends[slot] = value, at
        back.append(ends[slot - 1] if slot else -1)
    chain: list[int] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(at)
        at = back[at]
    return chain[::-1]


def _repeated(child: View, wanted: Sequence[int], parent: Index, found: dict[int, Match]) -> None:
    """Place lines that the parent holds more than once nearest to where their neighbours came from."""
    before_child, before_parent = -1, -1
    for number in wanted:
        if number in found:
            before_child, before_parent = number, found[number][0]
            continue
        places = parent.lines.get((child.depths[number] - 1, child.keys[number])) if child.keys[number] else None
        if not places:
            continue
        expected = before_parent + number - before_child
        at = bisect_left(places, expected)
        best = min(places[max(at - 1, 0) : at + 1], key=lambda p: abs(p - expected))
        found[number] = (best, best, 'exact')
        before_child, before_parent = number, best


def _by_words(child: View, wanted: Sequence[int], parent: Index, found: dict[int, Match]) -> None:
    run: list[int] = []
    previous: int | None = None
    for number in wanted:
        if number in found or not child.keys[number]:
            if number in found:
                _match_run(child, run, parent, previous, found)
                run, previous = [], found[number][1]
            continue
        run.append(number)
    _match_run(child, run, parent, previous, found)


def _match_run(child: View, run: list[int], parent: Index, previous: int | None, found: dict[int, Match]) -> None:
    if not run:
        return
    parent.tokenise()
    words: list[str] = []
    homes: list[int] = []
    for number in run:
        parts = child.keys[number].split()
        words.extend(parts)
        homes.extend([number] * len(parts))
    start = 0
    if previous is not None and previous + 1 < len(parent.starts):
        start = parent.starts[previous + 1]
        start = max(start - 12, 0)
    hits = _greedy(words, [child.depths[h] for h in homes], parent, start)
    _accept(run, homes, hits, parent, found)


def _greedy(words: list[str], depths: list[int], parent: Index, expected: int) -> list[int]:
    """Return for each word its place in the parent, -1 for none: longest common runs, nearest place first."""
    hits = [-1] * len(words)
    at = 0
    while at < len(words):
        place = _seed(words, depths, at, parent, expected)
        if place < 0:
            at += 1
            continue
        while at > 0 and place > 0 and hits[at - 1] < 0 and words[at - 1] == parent.words[place - 1]:
            at, place = at - 1, place - 1
        while at < len(words) and place < len(parent.words) and words[at] == parent.words[place]:
            hits[at] = place
            at, place = at + 1, place + 1
        expected = place
    return hits


def _seed(words: list[str], depths: list[int], at: int, parent: Index, expected: int) -> int:
    """Return where the words from `at` on stand in the parent: at the expected place, else by three words."""
    near = range(expected, min(expected + 4, len(parent.words)))
    short = len(words) - at
    for place in near:
        length = min(2, short)
        if parent.words[place : place + length] == words[at : at + length]:
            return place
    places = parent.seeds.get(tuple(words[at : at + _SEED])) if short >= _SEED else None
    if not places:
        return -1
    middle = bisect_left(places, expected)
    window = places[max(middle - _CANDIDATES // 2, 0) : middle + _CANDIDATES // 2]
    wanted = depths[at] - 1
    return min(window, key=lambda p: (parent.view.depths[parent.homes[p]] != wanted, p < expected, abs(p - expected)))


def _accept(run: list[int], homes: list[int], hits: list[int], parent: Index, found: dict[int, Match]) -> None:
    by_line: dict[int, list[int]] = {n: [] for n in run}
    for home, hit in zip(homes, hits, strict=True):
        by_line[home].append(hit)
    share = sum(h >= 0 for h in hits) / len(hits)
    for number, places in by_line.items():
        good = [p for p in places if p >= 0]
        enough = 1.0 if share < _RUN_SHARE and len(places) < 8 else _LINE_SHARE
        if good and len(good) >= enough * len(places):
            lines = _together([parent.homes[p] for p in good])
            found[number] = (lines[0], lines[-1], 'tokens')


def _together(lines: list[int]) -> list[int]:
    """Return the largest group of neighbouring lines: a stray word elsewhere must not stretch the span."""
    groups: list[list[int]] = [[lines[0]]]
    for line in lines[1:]:
        if abs(line - groups[-1][-1]) <= 3:
            groups[-1].append(line)
        else:
            groups.append([line])
    return sorted(sorted(groups, key=len)[-1])
