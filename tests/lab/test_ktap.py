# SPDX-License-Identifier: GPL-2.0-or-later
"""KTAP as kselftest and KUnit print it, and every way in which it can be less than it claims."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.lab.ktap import Reader
from bot.model import Outcome, TestResult

PASSED, FAILED, SKIPPED, CRASHED = Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED, Outcome.CRASHED


def read(text: str) -> TestResult:
    return read_lines(text.splitlines())


def read_lines(lines: Iterable[str]) -> TestResult:
    reader = Reader('t')
    for line in lines:
        reader.take(line)
    return reader.result()


def test_a_plan_that_is_met_is_passed() -> None:
    result = read('TAP version 13\n1..2\nok 1 one\n# note\nok 2 - two\n# Totals: pass:2 fail:0')
    assert (result.outcome, [p.name for p in result.parts]) == (PASSED, ['one', 'two'])


def test_the_plan_may_come_last() -> None:
    assert read('TAP version 13\nok 1 one\n1..1').outcome is PASSED


def test_one_failure_fails_and_says_why() -> None:
    result = read('1..2\nok 1 one\n# expected 1 got 2\nnot ok 2 two')
    assert (result.outcome, result.parts[1].reason) == (FAILED, 'expected 1 got 2')
    assert result.reason == '1 of 2 failed: two'


def test_suites_of_kunit_are_indented_by_four() -> None:
    suite = '    KTAP version 1\n    # Subtest: {0}\n    1..2\n    ok 1 a\n    {1} 2 b\n    # module: m\n# {0}: pass:2\n{1} {2} {0}\n'
    result = read('KTAP version 1\n' + suite.format('list', 'ok', 1) + suite.format('hash', 'ok', 2) + '1..2')
    assert (result.outcome, result.reason) == (PASSED, '')
    assert [(p.name, [q.name for q in p.parts]) for p in result.parts] == [('list', ['a', 'b']), ('hash', ['a', 'b'])]
    result = read('KTAP version 1\n' + suite.format('list', 'ok', 1) + suite.format('hash', 'not ok', 2) + '1..2')
    assert (result.outcome, result.reason) == (FAILED, '1 of 2 failed: hash')
    lines = '1..1\n    1..1\n        1..1\n        ok 1 deep\n    ok 1 inner\nok 1 outer'
    assert read(lines).parts[0].parts[0].parts[0].name == 'deep'


def test_silence_is_crashed() -> None:
    assert read('').outcome is CRASHED
    assert read('hello\nok').outcome is CRASHED


def test_what_was_promised_and_did_not_come_is_crashed() -> None:
    assert read('1..3\nok 1 one\nok 2 two').reason == '3 tests planned, 2 reported'
    assert read('ok 1 one').reason == 'no plan'
    assert read('1..1\nok 1 one\nok 2 two').outcome is CRASHED
    assert read('1..2\nok 1 one\nok 3 three').reason == 'test 3 came where 2 was due'
    assert read('1..1\n1..1\nok 1 x').reason == 'more than one plan'
    assert read('1..2\nok 1 a\nBail out! no memory\n').reason == 'bailed out: no memory'


def test_directives() -> None:
    result = read('1..4\nok 1 a # SKIP no device\nok 2 b # XFAIL known\nnot ok 3 c # TIMEOUT 45 seconds\nok 4 d')
    assert [p.outcome for p in result.parts] == [SKIPPED, SKIPPED, FAILED, PASSED]
    assert result.parts[0].reason == 'no device'
    assert read('1..1\nnot ok 1 a # SKIP but it ran').outcome is FAILED


def test_all_skipped_is_skipped_never_passed() -> None:
    assert read('1..0 # SKIP no /dev/kvm') == TestResult('t', SKIPPED, 'no /dev/kvm')
    assert read('1..1\nok 1 a # SKIP x').outcome is SKIPPED


NESTED = """KTAP version 1
1..2
  KTAP version 1
  1..2
    KTAP version 1
    1..1
    ok 1 deepest
  ok 1 inner
  not ok 2 other
not ok 1 suite
ok 2 plain
"""


def test_nesting() -> None:
    result = read(NESTED)
    assert result.outcome is FAILED
    assert [p.outcome for p in result.parts] == [FAILED, PASSED]
    assert result.parts[0].parts[0].parts[0].name == 'deepest'


def test_a_parent_that_says_ok_cannot_hide_a_part() -> None:
    hidden = read('1..1\n  1..2\n  ok 1 a\n  not ok 2 b\nok 1 suite')
    assert (hidden.outcome, hidden.parts[0].outcome) == (FAILED, FAILED)
    assert read('1..1\n  1..2\n  ok 1 a\nok 1 suite').outcome is CRASHED


def test_a_part_without_an_end_is_crashed() -> None:
    assert read('1..1\n  KTAP version 1\n  1..1\n  ok 1 a').outcome is CRASHED


def test_kselftests_own_nesting() -> None:
    result = read(
        'TAP version 13\n1..1\n# TAP version 13\n# 1..2\n# ok 1 a\n# ok 2 b # SKIP c\nok 1 selftests: mm: gup'
    )
    assert (result.outcome, len(result.parts[0].parts)) == (PASSED, 2)


def trees(depth: int) -> st.SearchStrategy[list[object]]:
    leaf = st.sampled_from([PASSED, FAILED, SKIPPED])
    if not depth:
        return st.lists(leaf, min_size=1, max_size=4)
    return st.lists(leaf | trees(depth - 1), min_size=1, max_size=4)


def printed(tree: list[object], indent: str = '') -> tuple[list[str], Outcome]:
    """Print a tree as KTAP, with what a naive reading of it gives."""
    lines, outcomes = [f'{indent}KTAP version 1', f'{indent}1..{len(tree)}'], []
    for number, node in enumerate(tree, 1):
        if isinstance(node, list):
            inner, outcome = printed(node, indent + '  ')
            lines += inner
        else:
            assert isinstance(node, Outcome)
            outcome = node
        outcomes.append(outcome)
        word = 'not ok' if outcome is FAILED else 'ok'
        lines.append(f'{indent}{word} {number} n{number}' + (' # SKIP s' if outcome is SKIPPED else ''))
    if FAILED in outcomes:
        return lines, FAILED
    return lines, SKIPPED if set(outcomes) == {SKIPPED} else PASSED


def shape(result: TestResult) -> list[object]:
    return [shape(p) if p.parts else p.outcome for p in result.parts]


@settings(max_examples=150, deadline=None)
@given(trees(3))
def test_what_is_printed_is_read_back(tree: list[object]) -> None:
    lines, outcome = printed(tree)
    result = read_lines(lines)
    assert (result.outcome, shape(result)) == (outcome, tree)


@settings(max_examples=150, deadline=None)
@given(trees(2), st.data())
def test_a_line_lost_is_never_passed(tree: list[object], data: st.DataObject) -> None:
    lines, _ = printed(tree)
    counted = [n for n, line in enumerate(lines) if 'version' not in line]
    lost = data.draw(st.sampled_from(counted))
    assert read_lines(lines[:lost] + lines[lost + 1 :]).outcome in (CRASHED, FAILED)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(['1..2', 'ok 1', 'ok 2 b', 'not ok', '  ok 1', '    1..1', 'TAP version 13', '# ok 1'])
        | st.text(max_size=40)
    )
)
def test_any_lines_are_read(lines: list[str]) -> None:
    result = read_lines(lines)
    if result.outcome is PASSED:
        assert all(p.outcome in (PASSED, SKIPPED) for p in result.parts) and result.parts
