# SPDX-License-Identifier: GPL-2.0-or-later
"""The rich report with a build that brings a warning and a boot that ends in a splat."""

from __future__ import annotations

from dataclasses import replace

from bot.model import BootResult, BuildResult, FirstBad, Outcome, Report, failed, passed
from bot.model.lab import ConsoleEvent, Diagnostic, TestResult
from tests.report.example import rich

WARNING = Diagnostic(
    'gcc', 'warning', 'drivers/misc/lend.c', 124, 'lend_map', "unused variable 'left'", '-Wunused-variable', 'k1'
)
SPLAT = ConsoleEvent(
    'warning', 'WARNING in try_grab_folio', 'try_grab_folio', 'mm/gup.c:143', 'WARNING: CPU: 0', 410, 431
)


def with_lab() -> Report:
    found = rich()
    verdicts = dict(found.verdicts) | {'build': failed('patch 3 brings a warning'), 'boot': failed('patch 2 warns')}
    return replace(
        found,
        first_bad=(FirstBad("warning arm64: lend_map: unused variable 'left'", 3, None, (), 'patch 3 is the first'),),
        verdicts=tuple(verdicts.items()),
        builds=(
            BuildResult(3, 'arm64', failed('1 new warning'), 81.5, (WARNING,), held=4, reproducer='make lend.o'),
            BuildResult(0, 'arm64', passed(), 90.25, artefacts=(('Image', 'sha256:00ff'),)),
        ),
        boots=(
            BootResult(
                2,
                'pkvm',
                failed('a warning'),
                12.5,
                events=(SPLAT,),
                known=(SPLAT,),
                tests=(TestResult('gup/1', Outcome.PASSED, '', 0.5), TestResult('gup/2', Outcome.FAILED, 'not ok')),
                facts=(('release', '6.10.0-rc6'),),
            ),
        ),
    )
