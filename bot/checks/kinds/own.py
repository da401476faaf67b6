# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to pages along a path: lost, given back wrongly, used too late, taken in the wrong context.

Promises one match for each place to be mended, with the path as evidence. Refuses functions that were too large to
follow; the coverage names them.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from bot.checks.c.file import File
from bot.checks.callers.lifetimes import Ending
from bot.checks.flow.events import Event, Walked
from bot.checks.kinds import Match, looks_at, told
from bot.checks.kinds.call import flags_are, worth_is
from bot.checks.rulebook.rules import OwnRule, OwnWhere
from bot.checks.tree.kernel import Kernel
from bot.model import Evidence

_REASONS = {
    'lost': 'the charge stays when the function fails',
    'miscount': 'another number than was charged is given back when the function fails',
    'again': 'what was charged is given back twice',
    'split': 'the limit is tested in one step and the charge made in another',
    'stale': 'which leaves the field as it is when that fails',
    'stale reset': 'which takes back what a failure left there only after others can have seen it',
    'foreign': 'what one task was charged is given back to another',
}

Endings = Callable[[str, str], Ending]


def find(
    rule: OwnRule, kernel: Kernel, path: str, file: File, walked: Mapping[str, Walked], endings: Endings
) -> Iterator[Match]:
    """Yield the events of a file for which one of the rule's alternatives holds; `endings` by path and function."""
    if not looks_at(rule.paths, path):
        return
    for name, one in sorted(walked.items()):
        held = [one for one in one.events if any(_holds(where, one, kernel, path, file, name) for where in rule.where)]
        for event, others in _by_place(held, one.never):
            end = endings(path, name) if any(where.ends for where in rule.where) else None
            if end is not None and not any(end.by in where.ends for where in rule.where):
                continue
            asking = any(where.callers and where.event == event.what for where in rule.where)
            match = _match(rule, path, name, event, one.damaged, asking, end)
            yield _all_ways(match, event, others) if others else match


def _by_place(events: Iterable[Event], never: Container[int]) -> Iterator[tuple[Event, Sequence[Event]]]:
    """Yield one event for each place to be mended, with those that the same mending ends.

    Where no way out gives back what was taken, the ways are one fault: to tell each would be to say it many times.
    """
    places: dict[tuple[object, ...], list[Event]] = {}
    for event in events:
        everywhere = event.what == 'lost' and not event.taken_in and event.take_line in never
        place = (event.take_line,) if everywhere else (event.take_line, event.line, event.lock)
        places.setdefault(place, []).append(event)
    for found in places.values():
        lines = {event.line: event for event in reversed(found[1:]) if event.line != found[0].line}
        yield found[0], [lines[line] for line in sorted(lines)]


def _all_ways(match: Match, event: Event, others: Sequence[Event]) -> Match:
    rest = 'nor does the other way out' if len(others) == 1 else f'nor do the {len(others)} other ways out'
    evidence = [Evidence(match.path, one.line, f'nor here: `{one.text.rstrip(";")}`') for one in others]
    return replace(
        match,
        message=f'{match.message}; {rest}',
        statement=f'{event.take_text} -> never given back',
        evidence=(*match.evidence, *evidence),
    )


def _holds(where: OwnWhere, event: Event, kernel: Kernel, path: str, file: File, name: str) -> bool:
    return (
        where.event == event.what
        and (not where.resource or event.resource in where.resource)
        and (not where.given or any(one in where.given for one in event.given.split(',')))
        and (not where.fact or event.fact in where.fact)
        and (where.partial is None or where.partial == event.partial)
        and (not where.home or event.home in where.home)
        and (not where.lock or where.lock == event.lock)
        and (not where.take or any(fnmatchcase(event.take, one) for one in where.take))
        and (where.flags is None or _flags(where, event, kernel, path, file, event.taker or name))
    )


def _flags(where: OwnWhere, event: Event, kernel: Kernel, path: str, file: File, name: str) -> bool:
    assert where.flags is not None
    if event.flags is not None:
        return worth_is(where.flags, kernel, path, event.flags)
    taken_in = kernel.snapshot.file(event.taken_in) if event.taken_in else file
    if taken_in is None or name not in taken_in.functions:
        return False
    path, function = event.taken_in or path, taken_in.functions[name]
    calls = [one for one in function.calls if one.callee == event.take and one.line == event.take_line]
    return any(flags_are(where.flags, kernel, path, function, call) for call in calls)


def _match(rule: OwnRule, path: str, name: str, event: Event, damaged: bool, asking: bool, end: Ending | None) -> Match:
    values = {
        'function': name,
        'take': event.take,
        'take_line': event.take_line,
        'here': event.here.rstrip(';'),
        'line': event.here_line,
        'text': event.text.rstrip(';'),
        'lock': event.lock,
        'given': event.given,
        'fact': event.fact,
        'taker': event.taker or name,
        'where': _where(event, name),
        'reason': _REASONS.get(f'{event.what} {event.fact}', _REASONS.get(event.what, '')),
        'ends': ', '.join(f'{one}()' for _, one, _ in end.places[:3]) if end is not None else '',
    }
    message = told(rule, **values)
    taken_in = event.taken_in or path
    evidence = [Evidence(taken_in, event.take_line, f'taken by `{event.take_text}`')] if event.take_text else []
    evidence += [Evidence(path, line, words) for line, words in event.path]
    if event.what not in ('locked', 'unlocked', 'dropped'):
        evidence.append(Evidence(path, event.here_line, f'`{event.here.rstrip(";")}`'))
    if end is not None:
        by = f', reached by {", ".join(end.roots[:5])}' if end.roots else ''
        evidence += [Evidence(where, line, f'{one}() gives such pages back{by}') for where, one, line in end.places[:3]]
    if damaged:
        evidence.append(Evidence(path, event.take_line, 'the grammar could not read all of this function'))
    statement = f'{event.take_text} -> {event.text}'
    mark = ('', event.text.rstrip(';'))
    asks = (name, event.lock) if asking else None
    where = (path, event.line, event.line, name)
    said = tuple((key, str(value)) for key, value in values.items()) if event.what == 'mismatch' else ()
    return Match(rule, *where, statement, message, tuple(evidence), mark=mark, asks=asks, weak=event.weak, values=said)


def _where(event: Event, name: str) -> str:
    """Return where something was taken, in words: the line, and the function and the file where those are others."""
    if event.taker in ('', name):
        return f'line {event.take_line}'
    return f'{event.taker}(), {f"{event.taken_in}:" if event.taken_in else "line "}{event.take_line}'
