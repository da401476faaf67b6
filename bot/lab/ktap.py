# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads KTAP and TAP as it streams, nested to any depth a test may reach, and believes nothing that is not said.

A test is *crashed* until its own `ok` line, its plan and the numbering of its parts have all been seen to be right.
Refuses: lines that are no KTAP are kept as the output of the test they came in; none of them counts for anything.
The format: Documentation/dev-tools/ktap.rst of the kernel; TAP 13 and 14 as kselftest prints them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.model import Outcome, TestResult

_WIDEST = 1000
_DEEPEST = 8
_MOST_PARTS = 20_000
_MOST_OUTPUT = 40

_VERSION = re.compile(r'(?:K?TAP) version \d{1,3}\s*\Z')
_PLAN = re.compile(r'1\.\.(\d{1,7})(?:\s+#\s*(?i:skip)\S*\s*(.*))?\s*\Z')
_RESULT = re.compile(r'(ok|not ok)\b[ \t]*(\d{1,7})?[ \t]*(?:-[ \t]+)?([^\n]*)\Z')
_DIRECTIVE = re.compile(r'(?:^|\s)#\s*(SKIP|TODO|XFAIL|TIMEOUT|ERROR)\b:?\s*([^\n]*)\Z', re.IGNORECASE)
_BAIL = re.compile(r'Bail out!\s*(.*)\Z')
_NESTED = re.compile(r'(?:  |\t)|# (?=  |(?:not )?ok\b|1\.\.\d|K?TAP version)')


@dataclass(slots=True)
class _Level:
    """One list of tests under way: how far it is indented, what was planned, what has come, what is wrong with it."""

    depth: int = 0
    planned: int | None = None
    skip: str | None = None
    parts: list[TestResult] = field(default_factory=list)
    wrong: str = ''
    output: list[str] = field(default_factory=list)

    def blame(self, reason: str) -> None:
        self.wrong = self.wrong or reason

    def plan(self, count: int, skip: str | None) -> None:
        if self.planned is not None:
            self.blame('more than one plan')
        self.planned, self.skip = count, skip
        if skip is not None and count:
            self.blame('a plan that skips all cannot promise tests')

    def add(self, number: int | None, part: TestResult) -> None:
        if number is not None and number != len(self.parts) + 1:
            self.blame(f'test {number} came where {len(self.parts) + 1} was due')
        if len(self.parts) >= _MOST_PARTS:
            self.blame(f'more than {_MOST_PARTS} tests')
        else:
            self.parts.append(part)

    def close(self) -> tuple[Outcome, str]:
        """Return what the list as a whole has earned, and why where that is not `passed`."""
        if self.planned is None:
            self.blame('no plan' if self.parts else 'no test reported anything')
        elif self.planned != len(self.parts) and not (self.skip is not None and not self.parts):
            self.blame(f'{self.planned} tests planned, {len(self.parts)} reported')
        if self.wrong:
            return Outcome.CRASHED, self.wrong
        for outcome in (Outcome.CRASHED, Outcome.FAILED):
            bad = [p.name for p in self.parts if p.outcome is outcome]
            if bad:
                return outcome, f'{len(bad)} of {len(self.parts)} {outcome}: {", ".join(bad[:3])}'
        if all(p.outcome is Outcome.SKIPPED for p in self.parts):
            return Outcome.SKIPPED, self.skip or 'every test in it was skipped'
        return Outcome.PASSED, ''


class Reader:
    """Takes lines one by one; `result()` may be asked once, at the end."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._levels = [_Level()]

    def take(self, line: str) -> None:
        """Read one line; anything at all may be in it."""
        depth, text = _unnest(line[:_WIDEST].rstrip())
        if _VERSION.match(text):
            self._open(depth)
        elif plan := _PLAN.match(text):
            self._at(depth).plan(int(plan[1]), plan[2] if plan[0].find('#') >= 0 else None)
        elif (result := _RESULT.match(text)) and (result[2] or result[3]):
            self._result(depth, result)
        elif bail := _BAIL.match(text):
            self._at(0).blame(f'bailed out: {bail[1]}'.strip())
        elif len(self._levels[-1].output) < _MOST_OUTPUT and text.lstrip('# '):
            self._levels[-1].output.append(text.lstrip('# ').strip())

    def result(self) -> TestResult:
        """Return the whole; a list left open at the end is one whose own result never came."""
        while len(self._levels) > 1:
            level = self._levels.pop()
            level.blame('it ended without a result of its own')
            self._levels[-1].add(None, _part('unfinished', *level.close(), level))
        outcome, reason = self._levels[0].close()
        return TestResult(self._name, outcome, reason, parts=tuple(self._levels[0].parts))

    def _open(self, depth: int) -> None:
        """A version line begins a list; the outermost may also begin without one."""
        if depth == 0:
            return
        self._at(depth)

    def _at(self, depth: int) -> _Level:
        """Return the list at that depth: deeper ones still open have lost their end, a missing one is begun.

        Deeper is deeper, by two columns as the format says or by four as KUnit prints it.
        """
        while self._levels[-1].depth > depth:
            level = self._levels.pop()
            level.blame('it ended without a result of its own')
            self._levels[-1].add(None, _part('unfinished', *level.close(), level))
        if self._levels[-1].depth < depth and len(self._levels) <= _DEEPEST:
            self._levels.append(_Level(depth))
        return self._levels[-1]

    def _result(self, depth: int, match: re.Match[str]) -> None:
        nested = len(self._levels) > 1 and self._levels[-1].depth > depth >= self._levels[-2].depth
        inner = self._levels.pop() if nested else None
        level = self._at(depth)
        text = match[3]
        directive = _DIRECTIVE.search(text)
        name = text[: directive.start()].strip() if directive else text.strip()
        number = int(match[2]) if match[2] else None
        outcome, reason = _claimed(match[1] == 'ok', directive)
        if inner is not None:
            outcome, reason = _weigh(outcome, reason, *inner.close())
        if outcome is Outcome.FAILED and not reason and level.output:
            reason = level.output[-1]
        level.output.clear()
        part = TestResult(name or f'test {number or len(level.parts) + 1}', outcome, reason)
        level.add(number, part if inner is None else _with_parts(part, inner))


def _unnest(line: str) -> tuple[int, str]:
    """Return how deep a line is nested, by indentation as KTAP has it or by `# ` as kselftest has it."""
    depth = 0
    while match := _NESTED.match(line):
        line = line[match.end() :]
        depth += 1
    return depth, line


def _claimed(ok: bool, directive: re.Match[str] | None) -> tuple[Outcome, str]:
    """Return what a result line says of itself. XFAIL and TODO: the author expected the failure."""
    word = directive[1].upper() if directive else ''
    reason = directive[2].strip() if directive else ''
    if word == 'SKIP' and ok:
        return Outcome.SKIPPED, reason or 'the test said SKIP'
    if word in ('XFAIL', 'TODO'):
        return Outcome.SKIPPED, f'expected to fail: {reason}' if reason else 'expected to fail'
    if word in ('TIMEOUT', 'ERROR'):
        return (Outcome.FAILED, reason or word.lower()) if not ok else (Outcome.CRASHED, f'ok and {word} in one line')
    return (Outcome.PASSED, '') if ok else (Outcome.FAILED, reason)


def _weigh(outcome: Outcome, reason: str, inner: Outcome, why: str) -> tuple[Outcome, str]:
    """Return what a result is worth given its parts: a parent's `ok` cannot lift what a part has not earned."""
    if inner is Outcome.CRASHED or (inner is Outcome.FAILED and outcome is not Outcome.CRASHED):
        return inner, why
    if outcome is Outcome.PASSED and inner is Outcome.SKIPPED:
        return inner, why
    return outcome, reason


def _part(name: str, outcome: Outcome, reason: str, level: _Level) -> TestResult:
    return TestResult(name, outcome, reason, parts=tuple(level.parts))


def _with_parts(part: TestResult, inner: _Level) -> TestResult:
    return TestResult(part.name, part.outcome, part.reason, parts=tuple(inner.parts))
