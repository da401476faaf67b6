# SPDX-License-Identifier: GPL-2.0-or-later
"""Goes on after a test that killed the kernel: what it kept from running is booted again, without it.

Promises that the verdict stays that of the first boot, and that what a later boot shows is added, never taken away. Refuses
to go on after a boot that used up its time: each further one would too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from bot.lab.plans import GuestTest
from bot.lab.protocol import NEVER_BEGAN, NEVER_ENDED
from bot.model import BootResult, Outcome, TestResult, Verdict

MOST = 8
"""Further boots of one kernel: a series that kills it in every test is known by then."""
_LIST = './selftests'
_DIED = 'the kernel died while it ran'
_BAD = (Outcome.FAILED, Outcome.CRASHED)


def to_the_end(
    tests: Sequence[GuestTest],
    whole: BootResult,
    boots: Callable[[Sequence[GuestTest]], BootResult],
    seconds: float,
) -> BootResult:
    """Boot again what is left until all has run, or one of these boots takes all its `seconds`."""
    whole = last = marked(tests, whole)
    ran = tests
    for _ in range(MOST):
        ran = rest(ran, last) if last is whole or last.seconds < seconds else ()
        if not ran:
            break
        last = marked(ran, boots(ran))
        whole = joined(whole, last)
    return whole


def marked(tests: Sequence[GuestTest], result: BootResult) -> BootResult:
    """Name the program of a list in which the kernel died: it had no time to report."""
    wanted = {t.name: t for t in tests}
    return replace(result, tests=tuple(_marked(wanted[t.name], t) for t in result.tests))


def _marked(test: GuestTest, result: TestResult) -> TestResult:
    lines, done = test.command[1:], _done(test, result)
    if test.command[0] != _LIST or not _died(result) or done == len(lines):
        return result
    return replace(result, parts=(*result.parts[:done], TestResult(lines[done], Outcome.CRASHED, _DIED)))


def _died(result: TestResult) -> bool:
    return result.outcome is Outcome.CRASHED and result.reason == NEVER_ENDED


def rest(tests: Sequence[GuestTest], result: BootResult) -> tuple[GuestTest, ...]:
    """Return what has not run because the kernel died in a test: its later programs, and the tests after it."""
    found = {t.name: t for t in result.tests}
    for number, test in enumerate(tests):
        if _died(found[test.name]):
            return (*_later(test, found[test.name]), *tests[number + 1 :])
    return ()


def _later(test: GuestTest, result: TestResult) -> tuple[GuestTest, ...]:
    """Return a list of programs without those that began."""
    after = test.command[1 + _done(test, result) :]
    return (msgspec.structs.replace(test, command=(_LIST, *after)),) if test.command[0] == _LIST and after else ()


def _done(test: GuestTest, result: TestResult) -> int:
    names = [part.name for part in result.parts]
    return next((n for n, line in enumerate(test.command[1:]) if names[n : n + 1] != [line]), len(names))


def joined(first: BootResult, later: BootResult) -> BootResult:
    """Return one result of a boot that died and the one that went on."""
    more = {t.name: t for t in later.tests}
    results = tuple(_of_both(t, more.get(t.name)) for t in first.tests)
    titles = {event.title for event in first.events}
    number = sum(what.startswith('console') for what, _ in first.logs) + 1
    return replace(
        first,
        verdict=_verdict(first, later),
        seconds=round(first.seconds + later.seconds, 2),
        events=(*first.events, *(e for e in later.events if e.title not in titles)),
        tests=results,
        logs=(*first.logs, *((f'{what}-{number}', digest) for what, digest in later.logs)),
    )


def _of_both(first: TestResult, later: TestResult | None) -> TestResult:
    if later is None:
        return first
    return later if first.reason == NEVER_BEGAN else replace(first, parts=(*first.parts, *later.parts))


def _verdict(first: BootResult, later: BootResult) -> Verdict:
    """Add the next reason: two boots that died in the same words are told once."""
    reason = later.verdict.reason
    if later.verdict.outcome not in _BAD or reason in first.verdict.reason:
        return first.verdict
    return replace(first.verdict, reason=f'{first.verdict.reason}; booted again without it: {reason}')
