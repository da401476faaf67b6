# SPDX-License-Identifier: GPL-2.0-or-later
"""Matches two sides so that the sum of gains is the highest there is.

Successive best augmenting paths (Jewell 1958, Busacker and Gowen 1960): each path is found over the pairs that gain
anything, so two postings that share little cost little.
"""

from __future__ import annotations

from collections.abc import Mapping


def heaviest(gains: Mapping[tuple[int, int], int]) -> dict[int, int]:
    """Return the matching of left to right of the highest total; only pairs with a gain above 0 are ever taken."""
    right: dict[int, dict[int, int]] = {}
    for (i, j), gain in sorted(gains.items()):
        if gain > 0:
            right.setdefault(i, {})[j] = gain
    matched: dict[int, int] = {}
    while (path := _best_path(right, matched)) is not None:
        matched.update(path)
    return matched


def _best_path(right: Mapping[int, Mapping[int, int]], matched: Mapping[int, int]) -> dict[int, int] | None:
    """Return the pairs to set along the path that gains most, None when none gains.

    `best[j]` is the gain of the best alternating path that ends in `j`, `via[j]` the left end of its last pair.
    """
    owner = {j: i for i, j in matched.items()}
    best: dict[int, int] = {}
    via: dict[int, int] = {}
    fresh = {i: 0 for i in right if i not in matched}
    while fresh:
        reached: dict[int, int] = {}
        for i, so_far in fresh.items():
            for j, gain in right[i].items():
                if matched.get(i) != j and so_far + gain > best.get(j, 0):
                    best[j], via[j] = so_far + gain, i
                    if j in owner:
                        reached[owner[j]] = best[j] - right[owner[j]][j]
        fresh = reached
    ends = [j for j in best if j not in owner]
    if not ends:
        return None
    at, path = max(ends, key=lambda j: (best[j], -j)), {}
    while at is not None:
        path[via[at]] = at
        at = matched.get(via[at])  # type: ignore[assignment]
    return path
