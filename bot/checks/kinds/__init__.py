# SPDX-License-Identifier: GPL-2.0-or-later
"""The kinds of rules: each module finds what rules of its kind describe, in one file or in the tree at one commit.

Promises matches with the lines that prove them. Refuses to compare commits; that is the engine's.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.checks.rulebook.rules import PLACEHOLDERS, Paths, Rule
from bot.model import Evidence


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule found at one commit; `statement` is what identifies it when lines move.

    `mark` is what stands right before the faulty expression, and the expression; '' means all of the statement.
    `commit` is one at which the file stands as it was judged.
    `asks` is a function and a lock: the match stands when some caller comes without the lock (see `contexts.py`).
    `weak`: it is less sure than its rule says. `values` are the words of its message, where others may tell it anew.
    """

    rule: Rule
    path: str
    line: int
    end_line: int
    function: str
    statement: str
    message: str
    evidence: tuple[Evidence, ...] = ()
    allowed: str = ''
    mark: tuple[str, str] = ('', '')
    commit: str = ''
    asks: tuple[str, str] | None = None
    weak: bool = False
    values: tuple[tuple[str, str], ...] = ()


def looks_at(paths: Paths, path: str) -> bool:
    """Tell whether a rule looks at a file."""
    if any(_below(path, place) for place in paths.outside):
        return False
    return not paths.within or any(_below(path, place) for place in paths.within)


def _below(path: str, place: str) -> bool:
    return path == place or path.startswith(place) if '*' not in place else fnmatchcase(path, place)


def told(rule: Rule, **values: object) -> str:
    """Return the rule's message with its placeholders filled."""
    return rule.message.format_map(
        dict.fromkeys(PLACEHOLDERS[rule.kind], '') | {key: str(value) for key, value in values.items()}
    )
