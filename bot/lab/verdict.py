# SPDX-License-Identifier: GPL-2.0-or-later
"""Says what a boot is worth. It begins as crashed; every proof that is missing has its own words.

The order is that of trust: how QEMU ended, what the console shows, whether our init spoke with this boot's nonce, whether
protection stands, then the tests, then warnings and taint, then a clean power-off. QEMU's own status proves nothing by
being 0: it is 0 for success, panic and oops alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.lab import protocol, shapes
from bot.lab.console import Console, messages, new_events, read_console
from bot.lab.plans import GuestTest, Machine
from bot.lab.sandbox import Ran
from bot.lab.watch import Ended
from bot.model import BootResult, ConsoleEvent, Outcome, TestResult, Verdict, crashed, failed, passed, skipped

_BAD = (Outcome.FAILED, Outcome.CRASHED)
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that one boot left behind. `channels` is the text of each result port; `must_run` names tests that may not skip."""

    ran: Ran
    console: bytes
    channels: tuple[bytes, ...]
    nonce: str
    flooded: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and all it rests on."""

    verdict: Verdict
    events: tuple[ConsoleEvent, ...]
    known: tuple[ConsoleEvent, ...]
    tests: tuple[TestResult, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Case:
    evidence: Evidence
    machine: Machine
    base: BootResult | None
    console: Console
    heard: protocol.Transcript
    new: tuple[ConsoleEvent, ...]
    tests: tuple[TestResult, ...]
    facts: dict[str, str]


def judge(
    evidence: Evidence,
    machine: Machine,
    tests: Sequence[GuestTest],
    must_run: frozenset[str] = frozenset(),
    base: BootResult | None = None,
) -> Judged:
    """Weigh one boot; with the base's boot, what the base does too is no fault of the patch."""
    console = read_console(evidence.console)
    said = [m.text for m in messages(_whole(evidence.console))]
    heard = _heard(evidence, said)
    results = tuple(protocol.outcome(t, heard.tests.get(t.name), t.name in must_run) for t in tests)
    known = (*base.events, *base.known) if base else ()
    new = new_events(console.events, known)
    facts = {**heard.facts, **dict(_proofs(machine, said)), 'taint': str(heard.taint)}
    case = _Case(evidence, machine, base, console, heard, new, results, facts)
    return Judged(
        verdict=_verdict(case),
        events=new,
        known=tuple(e for e in console.events if e not in new),
        tests=results,
        facts=tuple(sorted(facts.items())),
    )


def _heard(evidence: Evidence, said: list[str]) -> protocol.Transcript:
    """Read the port that spoke; where the guest found none, the kernel's log has everything."""
    for channel in evidence.channels:
        if channel:
            lines = _whole(channel).decode('utf-8', 'replace').split('\n')
            heard = protocol.read_transcript(lines, evidence.nonce)
            if heard.facts:
                return heard
    return protocol.read_transcript(said, evidence.nonce)


def _whole(text: bytes) -> bytes:
    """Leave out a last line that lacks its end: half a number is another number."""
    return text[: text.rfind(b'\n') + 1]


def _proofs(machine: Machine, said: list[str]) -> Iterator[tuple[str, str]]:
    for proof in machine.proof:
        pattern = shapes.template(proof.line)
        match = next((m for m in map(pattern.match, said) if m), None)
        if match:
            yield proof.name, proof.value.replace('{word}', match.groupdict().get('word') or '')


def _verdict(case: _Case) -> Verdict:
    for ask in _QUESTIONS:
        answer = ask(case)
        if answer is not None:
            return answer if ask in _AGAINST_BASE else _blamed(answer, case.base)
    return passed(_held(case))


def _blamed(verdict: Verdict, base: BootResult | None) -> Verdict:
    if base is not None and base.verdict == verdict and verdict.outcome in _BAD:
        return skipped(f'the base ends in the same way: {verdict.reason}')
    return verdict


def _held(case: _Case) -> str:
    """Return what a pass leaves unsaid: failures that the base has too."""
    names = [t.name for t in case.tests if t.outcome in _BAD]
    return f'{", ".join(names)} fail as on the base' if names else ''


def _flooded(case: _Case) -> Verdict | None:
    if case.evidence.flooded or case.console.flooded:
        return failed(f'the console was flooded: its log is cut{_during(case)}')
    return None


def _hung(case: _Case) -> Verdict | None:
    if case.evidence.ran.ended is not Ended.TIMEOUT:
        return None
    what = _story(case.new) if case.new else 'no output from test machine'
    return failed(f'hang: {what}{_during(case)}')


def _emulator(case: _Case) -> Verdict | None:
    ran = case.evidence.ran
    if ran.ended is Ended.EXIT and ran.status == 0:
        return None
    words = ran.output.decode('utf-8', 'replace').strip().splitlines()
    return crashed(
        f'QEMU ended with {ran.ended} {ran.status if ran.status is not None else ""}: {" ".join(words[-1:])}'
    )


def _panicked(case: _Case) -> Verdict | None:
    if _fatal(case.new):
        return failed(f'{_story(case.new)}{_during(case)}')
    if case.console.ended == 'panic' and not _fatal(case.console.events):
        return crashed('the kernel stopped without saying why')
    return None


def _story(events: Sequence[ConsoleEvent]) -> str:
    """Return the first event, which is nearest to the cause, and the fatal one where that is another."""
    titles = list(dict.fromkeys([events[0].title, *(e.title for e in _fatal(events)[:1])]))
    return ', then '.join(titles)


def _during(case: _Case) -> str:
    if not case.heard.facts:
        return ' before init'
    return f' while {case.heard.running} ran' if case.heard.running else ''


def _booted(case: _Case) -> Verdict | None:
    if case.heard.facts:
        return None
    return crashed('init was not heard: nothing bears the nonce of this boot')


def _protected(case: _Case) -> Verdict | None:
    for proof in case.machine.proof:
        if proof.name not in case.facts:
            return failed(proof.missing)
    return None


def _tested(case: _Case) -> Verdict | None:
    before = {test.name: test for test in case.base.tests} if case.base else {}
    fresh = [t for t in case.tests if t.outcome in _BAD and not _as_before(t, before.get(t.name))]
    if not fresh:
        return None
    worst = Outcome.CRASHED if all(t.outcome is Outcome.CRASHED for t in fresh) else Outcome.FAILED
    return Verdict(worst, '; '.join(f'{t.name}: {t.reason}' for t in fresh[:_NAMED]))


def _quiet(case: _Case) -> Verdict | None:
    if case.new:
        return failed(f'new on the console: {", ".join(e.title for e in case.new[:_NAMED])}')
    beyond = case.heard.taint & ~case.machine.taint.allowed
    if beyond and not (case.base and beyond & ~_taint(case.base) == 0):
        return failed(f'the kernel is tainted by {beyond} and the console does not say why')
    return None


def _finished(case: _Case) -> Verdict | None:
    if not case.heard.done:
        return crashed('the last mark of init is missing')
    if case.console.ended != 'off':
        return crashed('it did not power off cleanly')
    if all(t.outcome is Outcome.SKIPPED for t in case.tests) and case.tests:
        return skipped(f'every test was skipped: {case.tests[0].name}: {case.tests[0].reason}')
    return None


_QUESTIONS: tuple[Callable[[_Case], Verdict | None], ...] = (
    _flooded,
    _hung,
    _emulator,
    _panicked,
    _booted,
    _protected,
    _tested,
    _quiet,
    _finished,
)
# These have taken away already what the base does too: what they still say is new, even in the same words.
_AGAINST_BASE = (_tested, _quiet)


def _fatal(events: Sequence[ConsoleEvent]) -> tuple[ConsoleEvent, ...]:
    return tuple(e for e in events if e.fatal)


def _as_before(test: TestResult, base: TestResult | None) -> bool:
    """Tell whether the base's test ended as badly: the same parts failed, or none did and the whole ended in the same way."""
    if base is None or base.outcome not in _BAD:
        return False
    failures = _failures(test)
    return failures <= _failures(base) if failures else (test.outcome, test.reason) == (base.outcome, base.reason)


def _failures(test: TestResult) -> frozenset[str]:
    """Return the paths of all that failed in a test."""
    return frozenset(leaf for leaf, outcome in leaves(test) if outcome in _BAD)


def leaves(test: TestResult, above: str = '') -> Iterator[tuple[str, Outcome]]:
    """Yield every innermost part of a test as path and outcome; a test without parts is its own."""
    path = f'{above}/{test.name}' if above else test.name
    if not test.parts:
        yield path, test.outcome
    for part in test.parts:
        yield from leaves(part, path)


def _taint(base: BootResult) -> int:
    return int(dict(base.facts).get('taint', '0'))


def flaky(results: Sequence[BootResult]) -> BootResult:
    """Return the result of several boots of one kernel: unlike outcomes are a failure that says how often."""
    worst = next((r for r in results if r.verdict.outcome in _BAD), results[-1])
    bad = sum(r.verdict.outcome in _BAD for r in results)
    if 0 < bad < len(results):
        reason = f'flaky: {bad} of {len(results)} boots failed: {worst.verdict.reason}'
        worst = replace(worst, verdict=replace(worst.verdict, reason=reason))
    return replace(worst, attempts=len(results), seconds=sum(r.seconds for r in results))
