# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks for all shapes in the functions of a file.

Promises an order that depends on the file alone. Refuses to know what a shape is; each module here has its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.checks.c.facts import Function
from bot.checks.c.graph import Graph
from bot.checks.sights.counted import asserted, counted, repeatable
from bot.checks.sights.drops import drops
from bot.checks.sights.frees import frees
from bot.checks.sights.pagecounts import page_counts
from bot.checks.sights.shapes import Body, Shape
from bot.checks.sights.zeroes import zeroes
from bot.checks.tree.words import Words

_SEEKERS = (drops, page_counts, zeroes, counted, frees)


def shapes_of(
    graphs: Mapping[str, Graph], words: Words, functions: dict[str, Function], text: bytes
) -> tuple[Shape, ...]:
    """Return the shapes of a file, by function and line."""
    found = [
        shape
        for name, graph in sorted(graphs.items())
        for seeker in (_SEEKERS if not graph.lost else ())
        for shape in seeker(Body(name, graph, words, graphs))
    ]
    found += [shape for one in functions.values() for shape in asserted(one)]
    found += repeatable(functions, text)
    return tuple(sorted(found, key=lambda one: (one.line, one.what, one.given)))
