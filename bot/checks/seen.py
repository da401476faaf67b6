# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks for all shapes in the functions of a file.

Promises an order that depends on the file alone. Refuses to know what a shape is; each module here has its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.checks.counted import asserted, counted, repeatable
from bot.checks.drops import drops
from bot.checks.facts import Function
from bot.checks.graph import Graph
from bot.checks.pagecounts import page_counts
from bot.checks.shapes import Body, Shape
from bot.checks.words import Words
from bot.checks.zeroes import zeroes

_SEEKERS = (drops, page_counts, zeroes, counted)


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
