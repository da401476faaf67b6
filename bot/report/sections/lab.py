# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds and boots, patch by patch: what is new against the patch before; the rest is counted. No seconds: they vary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from bot.model import NO_IMAGE, BootResult, BuildResult, FirstBad, Outcome, Verdict
from bot.model.lab import TestResult
from bot.report.contexts import BlameLine, GridRow, LabLine, LabSection
from bot.report.sections.frame import Frame
from bot.report.words import counted

_CELL = {Outcome.PASSED: 'ok', Outcome.FAILED: 'FAIL', Outcome.SKIPPED: '-', Outcome.CRASHED: 'LOST'}
_MOST_LEAVES = 4
Result = BuildResult | BootResult
Label = Callable[[int], str]


def build_section(frame: Frame) -> LabSection:
    label = _label(frame)
    builds = sorted(frame.report.builds, key=lambda b: (b.position, b.target))
    rows = [_line(label, b, b.target, tuple(_diagnostics(label, b))) for b in builds]
    names = sorted({b.target for b in builds})
    cells = {(b.target, b.position): b.verdict.outcome for b in builds}
    return LabSection(
        'build',
        *_said(frame.verdict('build')),
        rows=_telling(rows),
        heads=_heads(label, cells),
        grid=_grid([(name, name) for name in names], cells),
        again=_again((b.target, b) for b in builds),
        blame=_blame(label, frame.report.first_bad, names),
        notes=tuple(_build_notes(builds)),
    )


def boot_section(frame: Frame) -> LabSection:
    return boots_section(frame.report.boots, frame.verdict('boot'), frame.report.first_bad, _label(frame))


def _label(frame: Frame) -> Label:
    return lambda position: frame.label(position) if position else 'base'


def boots_section(results: Sequence[BootResult], verdict: Verdict, bad: Sequence[FirstBad], label: Label) -> LabSection:
    """Return what was booted; `label` says how a patch is called."""
    boots = sorted(results, key=lambda b: (b.position, b.machine))
    bases = {b.machine: b for b in boots if b.position == 0}
    rows = [_line(label, b, b.machine, tuple(_console(b, bases.get(b.machine)))) for b in boots]
    machines = sorted({b.machine for b in boots})
    tests = [(f'{m}/{t}', t) for m in machines for t in _tests(boots, m)]
    lines = [row for m in machines for row in ((m, m), *(t for t in tests if t[0].startswith(f'{m}/')))]
    cells = {(b.machine, b.position): b.verdict.outcome for b in boots}
    cells |= {(f'{b.machine}/{t.name}', b.position): t.outcome for b in boots for t in b.tests}
    return LabSection(
        'boot',
        *_said(verdict),
        rows=_telling(rows),
        heads=_heads(label, cells),
        grid=_grid(lines, cells),
        again=_again((b.machine, b) for b in boots),
        blame=_blame(label, bad, machines),
        notes=tuple(_boot_notes(boots)),
    )


def complaints(frame: Frame, result: Result) -> Iterator[tuple[bool, str]]:
    """Yield what a compiler or a console said of one patch, and whether the patch brought it."""
    if isinstance(result, BuildResult):
        for d in result.diagnostics:
            yield True, f'{d.where}: {d.severity}: {d.message}' + (f' [{d.option}]' if d.option else '')
        return
    base = next((b for b in frame.report.boots if b.machine == result.machine and b.position == 0), None)
    for event in result.events:
        yield True, (event.title or event.text) + (f' at {event.at}' if event.at else '')
        if event.trace:
            yield False, f'by {" < ".join(event.trace[:6])}'
    for test in _worse(result, base):
        yield True, f'{test.name} {test.outcome}' + (f', {test.reason}' if test.reason else '')
    for event in result.known:
        yield False, f'{event.title or event.text}, on the base as well'


def _said(verdict: Verdict) -> tuple[str, str]:
    return str(verdict.outcome), verdict.reason


def _telling(rows: Iterable[LabLine]) -> tuple[LabLine, ...]:
    """Leave out what the table says as well, and fold what several targets or machines say in the same words.

    The details are then those of the first: they differ in the lines of a console.
    """
    folded: dict[tuple[str, str, str], LabLine] = {}
    for row in rows:
        if row.outcome == 'skipped' and not row.details and row.patch != 'base' and row.reason == NO_IMAGE:
            continue
        if row.outcome != 'passed' or row.details:
            key = (row.patch, row.outcome, row.reason)
            same = folded.get(key)
            folded[key] = replace(same, target=f'{same.target}, {row.target}') if same else row
    return tuple(folded.values())


def _line(label: Label, result: Result, target: str, details: tuple[str, ...]) -> LabLine:
    kept = result.artefacts if result.verdict.outcome is not Outcome.PASSED else ()
    return LabLine(
        patch=label(result.position),
        target=target,
        outcome=str(result.verdict.outcome),
        reason=result.verdict.reason,
        details=details,
        artefacts=tuple(f'{name} {digest}' for name, digest in sorted(kept)),
        reproducer=result.reproducer if result.verdict.outcome is not Outcome.PASSED else '',
    )


def _grid(lines: Sequence[tuple[str, str]], cells: dict[tuple[str, int], Outcome]) -> tuple[GridRow, ...]:
    """Return a row for each (key, name); the key of a test has its machine before a slash."""
    positions = _positions(cells)
    rows = []
    for key, name in lines:
        found = [cells.get((key, position)) for position in positions]
        rows.append(GridRow(name, tuple(_CELL[outcome] if outcome else '' for outcome in found), key != name))
    return tuple(rows)


def _heads(label: Label, cells: dict[tuple[str, int], Outcome]) -> tuple[str, ...]:
    return tuple(label(position) for position in _positions(cells))


def _positions(cells: dict[tuple[str, int], Outcome]) -> list[int]:
    return sorted({position for _, position in cells})


def _again(results: Iterable[tuple[str, Result]]) -> tuple[str, ...]:
    """Return one command for each target or machine that something is wrong on: the same for all patches."""
    passed = (Outcome.PASSED, Outcome.SKIPPED)
    said = {name: r.reproducer for name, r in results if r.reproducer and r.verdict.outcome not in passed}
    return tuple(f'{name}: {said[name]}' for name in sorted(said))


def _tests(boots: Sequence[BootResult], machine: str) -> list[str]:
    return list(dict.fromkeys(t.name for b in boots if b.machine == machine for t in b.tests))


def _blame(label: Label, found: Sequence[FirstBad], places: Sequence[str]) -> tuple[BlameLine, ...]:
    """Fold what several targets or machines show into one line."""
    folded: dict[tuple[int, str, int | None, tuple[int, ...]], list[str]] = {}
    for bad in found:
        head, _, what = bad.check.partition(': ')
        kind, _, place = head.rpartition(' ')
        if place in places:
            said = f'{kind}: {what}'.strip(': ') if what else f'{kind} fails'
            folded.setdefault((bad.patch, said, bad.fixed_by, bad.masked), []).append(place)
    lines = []
    for (patch, what, fixed_by, masked), where in folded.items():
        more = [f'gone with {label(fixed_by)}'] if fixed_by is not None else []
        more += [f'not to be seen in {", ".join(label(n) for n in masked)}'] if masked else []
        lines.append(BlameLine(label(patch), what, ', '.join(sorted(where)), '; '.join(more)))
    return tuple(lines)


def _diagnostics(label: Label, build: BuildResult) -> Iterator[str]:
    for d in build.diagnostics:
        yield f'{d.where}: {d.severity}: {d.message}' + (f' [{d.option}]' if d.option else '')
    if build.inherited is not None:
        yield f'the break is that of {label(build.inherited)}'
    for d in build.fixed:
        yield f'gone: {d.where}: {d.message}'
    for path in build.unbuilt:
        yield f'{path} cannot be compiled by this target: nothing is said of it'
    for path in build.flagged:
        yield f'the build itself executes {path}'


def _console(boot: BootResult, base: BootResult | None) -> Iterator[str]:
    for event in boot.events:
        lines = f'line {event.first}' if event.first == event.last else f'lines {event.first}-{event.last}'
        yield f'{event.title or event.text} ({lines} of the console)'
        if event.at:
            yield f'at {event.at}'
        if event.trace:
            yield f'by {" < ".join(event.trace[:6])}'
        yield from event.places[:_MOST_LEAVES]
    dead = any(event.fatal for event in boot.events)
    for test in _worse(boot, base):
        if not (dead and test.outcome is Outcome.CRASHED):
            yield f'{test.name} {test.outcome}' + (f', {test.reason}' if test.reason else '')
            yield from (f'{test.name}: {leaf}' for leaf in list(_leaves(test))[:_MOST_LEAVES])
    if boot.known:
        yield f'{counted(len(boot.known), "event")} as on the base'


def _worse(boot: BootResult, base: BootResult | None) -> Iterator[TestResult]:
    """Yield the tests that did not pass, for a patch only those that ended otherwise on the base."""
    before = {t.name: (t.outcome, t.reason) for t in base.tests} if base and boot.position else {}
    for test in boot.tests:
        if test.outcome is not Outcome.PASSED and before.get(test.name) != (test.outcome, test.reason):
            yield test


def _leaves(test: TestResult) -> Iterator[str]:
    for part in test.parts:
        if part.parts:
            yield from _leaves(part)
        elif part.outcome in (Outcome.FAILED, Outcome.CRASHED):
            yield f'{part.name}: {part.outcome}' + (f', {part.reason}' if part.reason else '')


def _build_notes(builds: Sequence[BuildResult]) -> Iterator[str]:
    for base in (b for b in builds if b.position == 0):
        if base.config:
            yield f'{base.target}: configuration {base.config[:12]}'
        if base.held:
            yield f'{base.target}: {counted(base.held, "complaint")} of the base, held against no patch'
        if base.lost:
            yield f'{base.target}: asked for and not had: {", ".join(base.lost)}'
    yield from _confined(builds)


def _boot_notes(boots: Sequence[BootResult]) -> Iterator[str]:
    for base in (b for b in boots if b.position == 0 and b.facts):
        facts = dict(base.facts)
        shown = [
            f'{name} {facts[name]}' for name in ('release', 'mode', 'entry', 'qemu', 'accelerator') if name in facts
        ]
        yield f'{base.machine}: {", ".join(shown)}'
    if any(b.facts for b in boots):
        yield 'the kernel under test prints its own results: one that lies on purpose is not found out'
    yield from _confined(boots)


def _confined(results: Sequence[Result]) -> Iterator[str]:
    for said in sorted({r.sandbox for r in results if r.sandbox}):
        yield f'sandbox: {said}'
