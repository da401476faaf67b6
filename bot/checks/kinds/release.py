# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages taken with a flag that giving back depends on, given back by a function that does not know it.

Promises nothing about flags that the tree's own release path never tests. Refuses what it cannot follow; see `arrival.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from bot.checks.kinds import Match, looks_at, told
from bot.checks.rulebook.rules import ReleaseRule
from bot.checks.tree.arrival import arrivals, release_relevant
from bot.checks.tree.scene import Scene
from bot.model import Evidence


def find(rule: ReleaseRule, scene: Scene) -> Iterator[Match]:
    """Yield the calls that give pages back without a flag they may have been taken with."""
    kernel = scene.kernel
    pinned = kernel.area.flags.pinned if kernel.area.flags else ''
    for flag in kernel.flags.values():
        wanted = [
            where for where in rule.where if not where.flags or any(fnmatchcase(flag.name, one) for one in where.flags)
        ]
        if flag.name == pinned or not wanted or not release_relevant(scene, flag):
            continue
        for one in arrivals(scene, flag).releases():
            if looks_at(rule.paths, one.path):
                source = one.source
                message = told(
                    rule,
                    flag=flag.name,
                    function=one.function.name,
                    release=one.call.callee,
                    why=source.why,
                    **{'from': f'{source.call.callee}() in {source.function.name}()'},
                )
                evidence = (
                    Evidence(source.path, source.call.line, source.why),
                    Evidence(flag.path, flag.line, f'{flag.name} is defined here'),
                )
                place = (one.path, one.call.line, one.call.end_line, one.function.name)
                yield Match(rule, *place, one.call.text, message, evidence)
