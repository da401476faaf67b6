# SPDX-License-Identifier: GPL-2.0-or-later
"""Who brought it: against an oracle that looks at every pair of positions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.lab.attribute import first_bad, matrix
from bot.model import (
    BootResult,
    BuildResult,
    ConsoleEvent,
    Diagnostic,
    FirstBad,
    Outcome,
    TestResult,
    failed,
    passed,
    skipped,
)

WORDS = {'.': Outcome.PASSED, 'x': Outcome.FAILED, '?': Outcome.SKIPPED, '!': Outcome.CRASHED}


def row(text: str) -> dict[int, Outcome]:
    return {n: WORDS[c] for n, c in enumerate(text)}


def said(text: str) -> list[tuple[int, int | None, tuple[int, ...]]]:
    return [(b.patch, b.fixed_by, b.masked) for b in first_bad({'check': row(text)})]


def test_rows() -> None:
    assert said('....') == []
    assert said('..xx') == [(2, None, ())]
    assert said('.x..') == [(1, 2, ())]
    assert said('xx..') == [(0, 2, ())]
    assert said('.?xx') == [(2, None, (1,))]
    assert said('.x?.') == [(1, 3, (2,))]
    assert said('.x.x') == [(1, 2, ()), (3, None, ())]
    assert said('.x!!') == [(1, None, (2, 3))]
    assert said('.??.') == []


def test_the_reason_is_a_sentence() -> None:
    (bad,) = first_bad({'c': row('.?x?.')})
    assert bad.reason == (
        'patch 2 is the first seen to fail; patch 1 before it could not be seen; gone with patch 4; patch 3 could not be seen'
    )


def oracle(text: str) -> list[tuple[int, int | None, tuple[int, ...]]]:
    """For each bad position whose nearest seen predecessor is not bad: the nearest later good one, and the unseen around."""
    found = []
    for n, word in enumerate(text):
        earlier = [m for m in range(n) if text[m] in '.x']
        if word != 'x' or (earlier and text[earlier[-1]] == 'x'):
            continue
        good = next((m for m in range(n + 1, len(text)) if text[m] == '.'), None)
        end = len(text) if good is None else good
        last = max(m for m in range(n, end) if text[m] == 'x')
        begin = earlier[-1] + 1 if earlier else 0
        unseen = [m for m in (*range(begin, n), *range(last + 1, end)) if text[m] in '?!']
        found.append((n, good, tuple(unseen)))
    return found


@given(st.text('.x?!', max_size=12))
def test_the_oracle_agrees(text: str) -> None:
    assert said(text) == oracle(text)


@given(st.dictionaries(st.text(max_size=3), st.text('.x?!', max_size=6), max_size=4))
def test_checks_do_not_touch_each_other(texts: dict[str, str]) -> None:
    together = first_bad({name: row(text) for name, text in texts.items()})
    alone = [bad for name in sorted(texts) for bad in first_bad({name: row(texts[name])})]
    assert list(together) == alone


@given(st.text('.x?!', max_size=12))
def test_a_row_may_have_holes(text: str) -> None:
    holed = {n: WORDS[c] for n, c in enumerate(text) if c != '?'}
    full = {n: WORDS[c] for n, c in enumerate(text)}
    inside = range(min(holed, default=0), max(holed, default=-1) + 1)
    full = {n: o for n, o in full.items() if n in inside}
    assert first_bad({'c': holed}) == first_bad({'c': full})


WARNING = Diagnostic('cc', 'warning', 'mm/gup.c', 9, 'f', "unused variable 'x'", '-Wunused-variable', 'k')
SPLAT = ConsoleEvent('warning', 'WARNING in f', 'f', 'mm/gup.c:9', 'WARNING', 1, 2)
PANIC = ConsoleEvent('hyp', 'nVHE hyp BUG in g', 'g', '', 'kvm', 1, 2, fatal=True)


def boot(position: int, *events: ConsoleEvent, test: Outcome = Outcome.PASSED) -> BootResult:
    verdict = failed('x') if events or test is Outcome.FAILED else passed()
    return BootResult(position, 'm', verdict, 1.0, events, tests=(TestResult('gup', test),))


def test_a_series_with_a_little_of_everything() -> None:
    builds = [
        BuildResult(0, 't', passed(), 1.0),
        BuildResult(1, 't', failed('new'), 1.0, diagnostics=(WARNING,)),
        BuildResult(2, 't', failed('broken'), 1.0, broken=True),
        BuildResult(3, 't', passed(), 1.0, fixed=(WARNING,)),
        BuildResult(4, 't', passed(), 1.0),
    ]
    boots = [
        boot(0),
        boot(1, SPLAT),
        BootResult(2, 'm', skipped('no image'), 0.0),
        boot(3, PANIC, test=Outcome.CRASHED),
        boot(4, test=Outcome.FAILED),
    ]
    found = {b.check: (b.patch, b.fixed_by, b.masked) for b in first_bad(matrix(builds, boots))}
    assert found == {
        'build t': (2, 3, ()),
        "warning t: f: unused variable 'x'": (1, 3, ()),
        'boot m': (1, None, ()),
        'm: WARNING in f': (1, 4, (2, 3)),
        'm: nVHE hyp BUG in g': (3, 4, (2,)),
        'm: gup': (4, None, (2, 3)),
    }


def test_the_type_is_plain() -> None:
    assert first_bad({'c': row('.x')}) == (FirstBad('c', 1, None, (), 'patch 1 is the first seen to fail'),)
