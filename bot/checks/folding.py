# SPDX-License-Identifier: GPL-2.0-or-later
"""Findings at the callers of a function that are one fault of the function.

Promises to put them together only where every call of a static function gives it pages that its one release does not
fit: then it is the release that is wrong, and the calls are the evidence. Refuses where any call of it is right: then
the callers that are wrong are told one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.checks.c.facts import Call, Function
from bot.checks.judgement import Judgement
from bot.checks.kinds import Match, told
from bot.checks.rulebook.rules import OwnRule
from bot.checks.tree.words import Words
from bot.model import Evidence

_FEWEST = 2
_NAMED = 8


def folded(judgement: Judgement, matches: Sequence[Match]) -> list[Match]:
    """Return matches in their order, those at the calls of one function as one at its release."""
    groups: dict[tuple[str, str, str], list[Match]] = {}
    for one in matches:
        if isinstance(one.rule, OwnRule) and one.values and not one.allowed:
            groups.setdefault((one.rule.id, one.path, _called(one)), []).append(one)
    instead: dict[int, Match | None] = {}
    for (_, path, name), those in groups.items():
        release = _release(judgement, path, name, those)
        if release is not None:
            instead |= {id(one): None for one in those}
            instead[id(those[0])] = _at(those, *release)
    return [made for one in matches if (made := instead.get(id(one), one)) is not None]


def _called(match: Match) -> str:
    return match.mark[1].partition('(')[0]


def _release(judgement: Judgement, path: str, name: str, those: Sequence[Match]) -> tuple[Function, Call] | None:
    """Return a function and the only call in it that gives pages back, if all calls of the function are accused."""
    file = judgement.snapshot.file(path)
    function = file.functions.get(name) if file is not None else None
    if file is None or function is None or not function.static:
        return None
    calls = {call.line for _, call in file.calls.get(name, ())}
    if len(calls) < _FEWEST or not calls <= {one.line for one in those}:
        return None
    given = dict(those[0].values).get('given', '')
    releases = list(_releases(judgement, those[0], function, given.split(',')))
    return (function, releases[0]) if len(releases) == 1 else None


def _releases(judgement: Judgement, match: Match, function: Function, given: Sequence[str]) -> Iterator[Call]:
    kernel = judgement.kernel(match.rule)
    words = Words(kernel, kernel.area.flow) if kernel.area.flow is not None else None
    for call in function.calls if words is not None else ():
        meaning = words.meaning(call.callee) if words is not None else None
        if meaning is not None and meaning.role == 'give' and any(one.name in given for one in meaning.resources):
            yield call


def _at(those: Sequence[Match], function: Function, call: Call) -> Match:
    first, values = those[0], dict(those[0].values)
    if values.get('taker', '') == first.function and not values['where'].startswith(f'{first.function}('):
        values['where'] = f'{first.function}(), {values["where"]}'
    said = told(first.rule, **{**values, 'function': function.name, 'here': call.text, 'text': call.text})
    lines = {one.line: f'`{one.mark[1]}` in {one.function}()' for one in those}
    evidence = [*first.evidence[:1], *(Evidence(first.path, line, lines[line]) for line in sorted(lines)[:_NAMED])]
    return replace(
        first,
        line=call.line,
        end_line=call.end_line,
        function=function.name,
        statement=call.text,
        message=f'{said}; all {len(lines)} calls of {function.name}() give it such pages',
        evidence=tuple(evidence),
        mark=('', call.text),
        weak=all(one.weak for one in those),
        values=(),
    )
