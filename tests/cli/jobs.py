# SPDX-License-Identifier: GPL-2.0-or-later
"""For stories of many commands: their jobs run in this process, as starting one costs more than what it does.

That a job does the same in a process of its own is tested where the engine is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot import cli, engine, stages
from bot.model import Progress

Run = Callable[..., str]


def runner(directory: Path, patch: pytest.MonkeyPatch, output: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command below `directory`, with a store there, and returns what it prints."""

    def here(spec: bytes, minutes: float, progress: Progress) -> bytes:
        return stages.perform(spec, progress)

    patch.setattr(engine, 'run_job', here)
    patch.chdir(directory)
    (directory / 'my.toml').write_text(f'[store]\npath = "{directory}/store"\n')

    def command(*arguments: object, status: int = 0) -> str:
        output.readouterr()
        assert cli.run([*map(str, arguments), '--config', 'my.toml']) == status
        return output.readouterr().out

    return command
