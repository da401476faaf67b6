# SPDX-License-Identifier: GPL-2.0-or-later
"""A test that kills the kernel hides nothing that comes after it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.lab.onward import MOST, rest, to_the_end
from bot.lab.plans import GuestTest
from bot.lab.protocol import NEVER_BEGAN, NEVER_ENDED
from bot.model import BootResult, ConsoleEvent, Outcome, TestResult, failed, passed

A = GuestTest('', ('./a',), 9, name='a')
LIST = GuestTest('', ('./selftests', 'one', 'two -x', 'three', 'four'), 9, name='list')
LAST = GuestTest('', ('./last',), 9, name='last')
TESTS = (A, LIST, LAST)


def guest(tests: Sequence[GuestTest], *killers: str) -> BootResult:
    """Play a kernel that dies in each of the killers."""
    results: list[TestResult] = []
    died = ''
    for test in tests:
        if died:
            results.append(TestResult(test.name, Outcome.CRASHED, NEVER_BEGAN))
            continue
        lines = test.command[1:] if test.command[0] == './selftests' else (test.name,)
        died = next((line for line in lines if line in killers), '')
        parts = tuple(TestResult(line, Outcome.PASSED) for line in lines[: lines.index(died) if died else None])
        parts = parts if len(lines) > 1 or test.name == 'list' else ()
        results.append(
            TestResult(test.name, *((Outcome.CRASHED, NEVER_ENDED) if died else (Outcome.PASSED, '')), parts=parts)
        )
    title = f'kernel BUG in {died}'
    return BootResult(
        1,
        'm',
        failed(f'{title} while it ran') if died else passed(),
        2.0,
        events=(ConsoleEvent('bug', title, died, '', title, 1, 2, fatal=True),) if died else (),
        tests=tuple(results),
        logs=(('console', died or 'whole'), ('channel0', 'x')),
    )


def run(*killers: str, seconds: float = 9) -> tuple[BootResult, int]:
    boots = 0

    def again(left: Sequence[GuestTest]) -> BootResult:
        nonlocal boots
        boots += 1
        return guest(left, *killers)

    return to_the_end(TESTS, guest(TESTS, *killers), again, seconds), boots


def told(result: BootResult) -> dict[str, str]:
    leaves = [p for t in result.tests for p in (t.parts or (t,))]
    return {leaf.name: str(leaf.outcome) for leaf in leaves}


def test_nothing_is_booted_again_where_nothing_died() -> None:
    assert run()[1] == 0 and rest(TESTS, guest(TESTS, 'last')) == ()


def test_what_comes_after_the_killer_is_run_without_it() -> None:
    result, boots = run('a')
    assert (boots, result.seconds, result.verdict) == (1, 4.0, failed('kernel BUG in a while it ran'))
    assert told(result) == {'a': 'crashed', **dict.fromkeys(('one', 'two -x', 'three', 'four', 'last'), 'passed')}
    assert [name for name, _ in result.logs] == ['console', 'channel0', 'console-2', 'channel0-2']


def test_the_programs_of_a_list_are_gone_on_with_one_by_one() -> None:
    result, boots = run('one', 'three', 'four')
    assert boots == 3 and len(result.events) == 3
    assert told(result) == {
        'a': 'passed',
        'one': 'crashed',
        'two -x': 'passed',
        'three': 'crashed',
        'four': 'crashed',
        'last': 'passed',
    }
    assert [t.outcome for t in result.tests] == [Outcome.PASSED, Outcome.CRASHED, Outcome.PASSED]
    assert result.verdict.reason == (
        'kernel BUG in one while it ran; booted again without it: kernel BUG in three while it ran; '
        'booted again without it: kernel BUG in four while it ran'
    )


def test_a_kernel_that_dies_without_end_is_left_alone() -> None:
    lines = tuple(f'p{n}' for n in range(40))
    test = GuestTest('', ('./selftests', *lines), 9, name='list')
    boots = []

    def again(left: Sequence[GuestTest]) -> BootResult:
        boots.append(left)
        return guest(left, *lines)

    to_the_end((test,), guest((test,), *lines), again, 9)
    assert len(boots) == MOST


def test_a_boot_that_used_up_its_time_is_the_last() -> None:
    assert run('one', 'three', 'four', seconds=2.0)[1] == 1
