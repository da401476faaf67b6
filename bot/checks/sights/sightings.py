# SPDX-License-Identifier: GPL-2.0-or-later
"""What is seen in the functions of one file without walking their paths: marks, results, and pages by their place.

Promises events of the same form as the walks', so that one kind of rule speaks of both. Refuses functions without a graph.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.checks.c.file import File
from bot.checks.c.graph import Graph
from bot.checks.flow.events import Event
from bot.checks.flow.roots import Named
from bot.checks.sights.holdings import holding_events
from bot.checks.sights.marks import callbacks_of, device_events, mark_events, marks
from bot.checks.sights.results import fields_tested, result_events
from bot.checks.tree.words import Words


def sightings(graphs: Mapping[str, Graph], words: Words, text: bytes, file: File) -> dict[str, tuple[Event, ...]]:
    """Return the events by function."""
    named = [Named(name, graph, words) for name, graph in sorted(graphs.items()) if graph.steps and not graph.lost]
    found: dict[str, list[Event]] = {one.name: [] for one in named}
    takes = any(next(one.calls('take'), None) is not None for one in named)
    from_users = takes or any(_unpins(one) for one in named)
    callbacks, tested = callbacks_of(text, file, words), {one.name: fields_tested(one.graph.steps) for one in named}
    marked = any(marks(words, step) for one in named for _, step in one.calls('dirty', 'give'))
    for one in named:
        found[one.name] += mark_events(one, from_users, callbacks)
        found[one.name] += device_events(one, from_users) if not marked else ()
        if takes:
            found[one.name] += result_events(one, graphs, tested)
    for name, event in holding_events(named):
        known = [one for one in found[name] if (one.what, one.line) == (event.what, event.line)]
        found[name] += [event] if not known else []
    return {name: tuple(events) for name, events in found.items() if events}


def _unpins(one: Named) -> bool:
    return any(
        resource.name == 'pin' for _, step in one.calls('give') for resource in one.words.meaning(step.callee).resources
    )
