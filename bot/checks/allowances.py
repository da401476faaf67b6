# SPDX-License-Identifier: GPL-2.0-or-later
"""Comments in the source that keep a rule quiet, and what became of each.

Promises that none works unseen: one that is heeded is told with its reason, one without a reason and one that nothing
needs are told, too. Refuses to say that a comment is idle where its rule was not looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.checks.judgement import Judgement
from bot.checks.kinds import Match

Key = tuple[str, str, str]
"""Rule, path, statement."""


def heeded(matches: Iterable[Match]) -> dict[Key, str]:
    """Return what comments keep rules quiet about, by rule, path and statement."""
    return {
        (one.rule.id, one.path, one.statement): f'{one.path}:{one.line}: a comment allows {one.rule.id}: {one.allowed}'
        for one in matches
        if one.allowed
    }


def idle(judgement: Judgement, paths: Iterable[str]) -> Iterator[str]:
    """Yield a note for every comment that has no reason or keeps no rule quiet, in files that were judged whole."""
    known = {rule.id for rule in judgement.rules}
    in_tree = list(judgement.in_tree())
    for path in sorted(set(paths)):
        file = judgement.snapshot.file(path)
        comments = [one for one in file.facts.allowed if one.rule in known] if file is not None else []
        found = [*judgement.in_file(path), *(one for one in in_tree if one.path == path)] if comments else []
        for one in comments:
            here = [match for match in found if match.rule.id == one.rule and _beside(one.line, match)]
            if here and not one.reason:
                yield f'{path}:{one.line}: a comment allows {one.rule} and gives no reason: it is not heeded'
            elif not here:
                yield f'{path}:{one.line}: a comment allows {one.rule}, and nothing there needs it: take it away'


def _beside(line: int, match: Match) -> bool:
    return match.line - 1 <= line <= match.end_line
