# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what our init said: its marks and each test's own lines, all bearing the nonce of this boot.

Promises: a line without the nonce counts for nothing, whatever it says. It cannot promise more: the kernel under test
carries both channels and could forge them if it wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.lab.ktap import Reader
from bot.lab.plans import GuestTest
from bot.model import Outcome, TestResult

NEVER_BEGAN, NEVER_ENDED = 'it never began', 'it began and never ended'
_WIDEST = 1000
_PAIR = re.compile(r'([a-z]{1,20})=(\S{1,100})')
_KSFT_PASS, _KSFT_SKIP = 0, 4
_KILLED, _ABSENT = 137, (126, 127)


@dataclass(slots=True)
class Said:
    """What was heard of one test."""

    started: float | None = None
    ended: float | None = None
    status: int | None = None
    reader: Reader = field(default_factory=lambda: Reader(''))


@dataclass(slots=True)
class Transcript:
    """All that was heard: facts of the boot mark, tests by name, the last taint, whether `done` was said."""

    facts: dict[str, str] = field(default_factory=dict)
    tests: dict[str, Said] = field(default_factory=dict)
    taint: int = 0
    done: bool = False
    strange: int = 0

    @property
    def running(self) -> str:
        """Return the test that had begun and not ended, '' for none."""
        return next((name for name, said in self.tests.items() if said.ended is None), '')


def read_transcript(lines: Iterable[str], nonce: str) -> Transcript:
    """Read a channel, or the messages of a console; lines of others are counted as strange."""
    transcript, mark = Transcript(), f'lorebot {nonce} '
    current: Said | None = None
    for line in lines:
        text = line[:_WIDEST].rstrip()
        if not text.startswith(mark):
            transcript.strange += bool(text)
        elif text.startswith(f'{mark}| '):
            if current is not None:
                current.reader.take(text[len(mark) + 2 :])
        else:
            current = _mark(transcript, text[len(mark) :], current)
    return transcript


def _mark(transcript: Transcript, text: str, current: Said | None) -> Said | None:
    words = text.split(' ')
    pairs = dict(_PAIR.findall(text))
    if pairs.get('taint', '').isdigit():
        transcript.taint = int(pairs['taint'])
    if words[0] == 'boot':
        transcript.facts.update({k: pairs[k] for k in ('channel', 'release', 'cpus') if k in pairs})
    elif words[0] == 'start' and len(words) > 1 and words[1] not in transcript.tests:
        current = transcript.tests[words[1]] = Said(started=_seconds(pairs), reader=Reader(words[1]))
    elif words[0] == 'end' and len(words) > 1 and words[1] in transcript.tests and pairs.get('status', '').isdigit():
        said = transcript.tests[words[1]]
        said.status, said.ended = int(pairs['status']), _seconds(pairs)
        current = None
    elif words[0] == 'done':
        transcript.done = True
    return current


def _seconds(pairs: dict[str, str]) -> float:
    try:
        return float(pairs.get('uptime', '0')[:12])
    except ValueError:
        return 0.0


def outcome(test: GuestTest, said: Said | None, must_run: bool) -> TestResult:
    """Return what a test has earned: its end mark, its status and its own KTAP must all agree."""
    if said is None:
        return TestResult(test.name, Outcome.CRASHED, NEVER_BEGAN)
    result = said.reader.result()
    if said.status is None:
        return _as(result, Outcome.CRASHED, NEVER_ENDED)
    seconds = round(said.ended - said.started, 2) if said.ended is not None and said.started is not None else None
    return _as(result, *_weighed(test, said.status, result, must_run), seconds)


def _weighed(test: GuestTest, status: int, result: TestResult, must_run: bool) -> tuple[Outcome, str]:
    if status in _ABSENT:
        return Outcome.CRASHED, 'it could not be run in the guest'
    if status == _KILLED:
        return Outcome.FAILED, f'it took longer than {test.seconds} seconds'
    if result.outcome is Outcome.SKIPPED and status in (_KSFT_PASS, _KSFT_SKIP) and must_run:
        return Outcome.FAILED, f'it skipped what this configuration has: {result.reason}'
    allowed = {Outcome.SKIPPED: (_KSFT_PASS, _KSFT_SKIP), Outcome.PASSED: (_KSFT_PASS,)}.get(result.outcome)
    if allowed is not None and status not in allowed:
        return Outcome.FAILED, f'it ended with status {status}'
    return result.outcome, result.reason


def _as(result: TestResult, outcome: Outcome, reason: str, seconds: float | None = None) -> TestResult:
    return TestResult(result.name, outcome, reason, seconds, result.parts)
