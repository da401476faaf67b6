# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare-and-exchange on a counter that stores another value than the one that was checked.

Promises a match at the exchange, with the check as evidence. Refuses to find any itself; see `exchanges.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.checks.flow.exchanges import Exchange
from bot.checks.kinds import Match, looks_at, told
from bot.checks.rulebook.rules import ExchangeRule
from bot.model import Evidence


def find(rule: ExchangeRule, path: str, found: Sequence[Exchange]) -> Iterator[Match]:
    """Yield the exchanges of a file on the counters that the rule names."""
    counters = {name for where in rule.where for name in where.counters}
    for one in found if looks_at(rule.paths, path) else ():
        if one.counter in counters:
            message = told(
                rule,
                function=one.function,
                counter=one.counter,
                stored=one.stored,
                checked=one.checked,
                text=one.text,
            )
            evidence = (
                Evidence(path, one.check_line, f'checked: `{one.check_text}`, which is {one.checked}'),
                Evidence(path, one.line, f'stored: {one.stored}'),
            )
            yield Match(rule, path, one.line, one.line, one.function, one.text, message, evidence)
