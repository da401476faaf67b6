# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds and boots, patch by patch: what is new against the patch before; the rest is counted. No seconds: they vary."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model import BootResult, BuildResult, Outcome
from bot.report.contexts import LabLine, LabSection
from bot.report.sections.frame import Frame
from bot.report.words import counted


def build_section(frame: Frame) -> LabSection:
    builds = sorted(frame.report.builds, key=lambda b: (b.position, b.target))
    return _lab(frame, 'build', tuple(_line(frame, b, b.target, tuple(_diagnostics(frame, b))) for b in builds))


def boot_section(frame: Frame) -> LabSection:
    boots = sorted(frame.report.boots, key=lambda b: (b.position, b.machine))
    return _lab(frame, 'boot', tuple(_line(frame, b, b.machine, tuple(_console(b))) for b in boots))


def _lab(frame: Frame, stage: str, rows: tuple[LabLine, ...]) -> LabSection:
    verdict = frame.verdict(stage)
    return LabSection(stage, str(verdict.outcome), verdict.reason, rows)


def _line(frame: Frame, result: BuildResult | BootResult, target: str, details: tuple[str, ...]) -> LabLine:
    return LabLine(
        patch=_patch(frame, result.position),
        target=target,
        outcome=str(result.verdict.outcome),
        reason=result.verdict.reason,
        details=details,
        artefacts=tuple(f'{name} {digest}' for name, digest in sorted(result.artefacts)),
        reproducer=result.reproducer,
    )


def _patch(frame: Frame, position: int) -> str:
    return frame.label(position) if position else 'base'


def _diagnostics(frame: Frame, build: BuildResult) -> Iterator[str]:
    for d in build.diagnostics:
        yield f'{d.where}: {d.severity}: {d.message}' + (f' [{d.option}]' if d.option else '')
    if build.inherited is not None:
        yield f'the break is that of {_patch(frame, build.inherited)}'
    if build.fixed:
        yield f'{counted(len(build.fixed), "complaint")} gone'
    if build.held:
        yield f'{counted(build.held, "complaint")} as before'
    for path in build.flagged:
        yield f'the build itself executes {path}'


def _console(boot: BootResult) -> Iterator[str]:
    for event in boot.events:
        lines = f'line {event.first}' if event.first == event.last else f'lines {event.first}-{event.last}'
        yield f'{event.title or event.text} ({lines} of the console)'
    for test in boot.tests:
        if test.outcome is not Outcome.PASSED:
            yield f'{test.name} {test.outcome}' + (f', {test.reason}' if test.reason else '')
    if boot.known:
        yield f'{counted(len(boot.known), "event")} as on the base'
