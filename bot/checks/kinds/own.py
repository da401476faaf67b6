# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to pages along a path: lost, given back wrongly, used too late, taken in the wrong context.

Promises one match for each place to be mended, with the path as evidence. Refuses functions that were too large to
follow; the coverage names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from bot.checks.facts import Function
from bot.checks.file import File
from bot.checks.kernel import Kernel
from bot.checks.kinds import Match, looks_at, told
from bot.checks.kinds.call import flags_are
from bot.checks.paths import Event, Walked
from bot.checks.rules import OwnRule, OwnWhere
from bot.model import Evidence

_REASONS = {
    'lost': 'the charge stays when the function fails',
    'miscount': 'another number than was charged is given back when the function fails',
    'again': 'what was charged is given back twice',
    'split': 'the limit is tested in one step and the charge made in another',
    'foreign': 'what one task was charged is given back to another',
}


def find(rule: OwnRule, kernel: Kernel, path: str, file: File, walked: Mapping[str, Walked]) -> Iterator[Match]:
    """Yield the events of a file for which one of the rule's alternatives holds."""
    if not looks_at(rule.paths, path):
        return
    seen = set()
    for name, one in sorted(walked.items()):
        for event in one.events:
            place = (name, event.take_line, event.line, event.lock)
            if place in seen or not any(_holds(where, event, kernel, path, file, name) for where in rule.where):
                continue
            seen.add(place)
            asking = any(where.callers and where.event == event.what for where in rule.where)
            yield _match(rule, path, name, event, one.damaged, asking)


def _holds(where: OwnWhere, event: Event, kernel: Kernel, path: str, file: File, name: str) -> bool:
    return (
        where.event == event.what
        and (not where.resource or event.resource in where.resource)
        and (not where.given or any(one in where.given for one in event.given.split(',')))
        and (where.partial is None or where.partial == event.partial)
        and (not where.home or event.home in where.home)
        and (not where.lock or where.lock == event.lock)
        and (not where.take or any(fnmatchcase(event.take, one) for one in where.take))
        and (where.flags is None or _flags(where, event, kernel, path, file.functions[name]))
    )


def _flags(where: OwnWhere, event: Event, kernel: Kernel, path: str, function: Function) -> bool:
    assert where.flags is not None
    calls = [one for one in function.calls if one.callee == event.take and one.line == event.take_line]
    return any(flags_are(where.flags, kernel, path, function, call) for call in calls)


def _match(rule: OwnRule, path: str, name: str, event: Event, damaged: bool, asking: bool) -> Match:
    message = told(
        rule,
        function=name,
        take=event.take,
        take_line=event.take_line,
        here=event.here.rstrip(';'),
        line=event.here_line,
        text=event.text.rstrip(';'),
        lock=event.lock,
        given=event.given,
        reason=_REASONS.get(event.what, ''),
    )
    evidence = [Evidence(path, event.take_line, f'taken by `{event.take_text}`')]
    evidence += [Evidence(path, line, words) for line, words in event.path]
    if event.what not in ('locked', 'unlocked', 'dropped'):
        evidence.append(Evidence(path, event.here_line, f'`{event.here.rstrip(";")}`'))
    if damaged:
        evidence.append(Evidence(path, event.take_line, 'the grammar could not read all of this function'))
    statement = f'{event.take_text} -> {event.text}'
    asks = (name, event.lock) if asking else None
    return Match(rule, path, event.line, event.line, name, statement, message, tuple(evidence), asks=asks)
