# SPDX-License-Identifier: GPL-2.0-or-later
"""What building and booting a patch gave; made by the lab room.

What a clock measured stands in `seconds` fields only: a report that leaves those out is the same every time.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.outcome import Outcome, Verdict

NO_IMAGE = 'there is no image: it was not built'
"""The reason of a boot that the build has explained already."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One line of a tool that checks or translates source. `key` is equal for the same complaint at another line.

    `severity` is error, warning or note; `option` the switch that asked (`-Wunused-variable`), '' where unknown.
    """

    tool: str
    severity: str
    file: str
    line: int
    function: str
    message: str
    option: str = ''
    key: str = ''

    @property
    def where(self) -> str:
        return f'{self.file}:{self.line}' if self.line else self.file


@dataclass(frozen=True, slots=True)
class BuildResult:
    """One patch (position; 0 is the base) built for one target; `reproducer` is the command that does it again.

    `diagnostics` are new against the parent patch, `fixed` were there and are gone, `held` counts the rest. `flagged`
    are files of the patch that the build itself executes, `unbuilt` those this target cannot compile. `broken` tells that the tree does not build at this patch,
    `inherited` that this is an earlier patch's fault, or the base's (0). `sandbox` says what confined it, `lost` which
    configuration symbols were asked for and not had, `compiler` what the compiler calls itself.
    """

    position: int
    target: str
    verdict: Verdict
    seconds: float
    diagnostics: tuple[Diagnostic, ...] = ()
    fixed: tuple[Diagnostic, ...] = ()
    held: int = 0
    flagged: tuple[str, ...] = ()
    unbuilt: tuple[str, ...] = ()
    inherited: int | None = None
    broken: bool = False
    artefacts: tuple[tuple[str, str], ...] = ()
    reproducer: str = ''
    config: str = ''
    lost: tuple[str, ...] = ()
    sandbox: str = ''
    log: str = ''
    compiler: str = ''


@dataclass(frozen=True, slots=True)
class ConsoleEvent:
    """Something that went wrong on a console. `first`, `last` are 1-based lines of the log, `at` the kernel's file:line.

    `title` is what syzkaller would call it; `fatal` tells that the kernel did not go on. `frames` are the functions of
    `trace` as printed, with offset and size; `places` where they are in the source and whose line that is, in words.
    """

    kind: str
    title: str
    function: str
    at: str
    text: str
    first: int
    last: int
    count: int = 1
    fatal: bool = False
    trace: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestResult:
    """One guest test, or a part of one (`gup/3 thp`); `seconds` None where the guest did not say."""

    __test__ = False

    name: str
    outcome: Outcome
    reason: str = ''
    seconds: float | None = None
    parts: tuple[TestResult, ...] = ()


@dataclass(frozen=True, slots=True)
class BootResult:
    """One kernel booted on one machine; `events` are console lines that matter, in order, `known` those the base has too.

    `facts` are what was seen of the guest, as (name, value): release, mode, entry, channel, taint, accelerator, QEMU.
    `artefacts` are what went in, by digest; `logs` what this very run printed, by digest: like `seconds`, never twice
    the same.
    """

    position: int
    machine: str
    verdict: Verdict
    seconds: float
    events: tuple[ConsoleEvent, ...] = ()
    known: tuple[ConsoleEvent, ...] = ()
    tests: tuple[TestResult, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    artefacts: tuple[tuple[str, str], ...] = ()
    logs: tuple[tuple[str, str], ...] = ()
    reproducer: str = ''
    sandbox: str = ''
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class FirstBad:
    """The patch that brought a failure: `check` is a target, test or title; `patch` 0 is the base.

    `fixed_by` is the later patch after which it is gone; `masked` are patches whose state could not be seen;
    `reason` is one sentence of evidence.
    """

    check: str
    patch: int
    fixed_by: int | None = None
    masked: tuple[int, ...] = ()
    reason: str = ''
