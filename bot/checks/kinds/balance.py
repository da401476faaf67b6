# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions that take a count and functions that give it back, and what the two leave in a counter together.

Promises one match for each pair and counter. Refuses to find any itself; see `pairs.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.checks.counters.pairs import Unbalanced
from bot.checks.kinds import Match, looks_at, told
from bot.checks.rulebook.rules import BalanceRule
from bot.model import Evidence


def find(rule: BalanceRule, found: Sequence[Unbalanced]) -> Iterator[Match]:
    """Yield the pairs of which one of the rule's alternatives speaks."""
    seen = set()
    for one in found:
        key = one.path, one.taker, one.giver, one.counter
        if key in seen or not looks_at(rule.paths, one.path):
            continue
        if not any(one.counter in where.counters and _is_pair(one, where.pairs) for where in rule.where):
            continue
        seen.add(key)
        message = told(
            rule,
            function=one.taker,
            release=one.giver,
            counter=one.counter,
            taken=one.taken,
            given=one.given,
            when=one.when,
        )
        evidence = (
            Evidence(one.path, one.giver_line, f'{one.giver}() takes {one.given} from {one.counter} for {one.when}'),
        )
        statement = f'{one.giver} {one.counter} {one.taken} {one.given}'
        yield Match(rule, one.path, one.line, one.line, one.taker, statement, message, evidence)


def _is_pair(one: Unbalanced, pairs: Sequence[str]) -> bool:
    for pair in pairs:
        take, _, give = pair.partition(':')
        if take in one.taker.split('_') and give in one.giver.split('_'):
            return True
    return False
