# SPDX-License-Identifier: GPL-2.0-or-later
"""The command an engine runs: one job on stdin, its answer on stdout."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

from bot import engine, stages


@click.command(hidden=True)
@click.argument('spec', type=click.File('rb'))
def job(spec: BinaryIO) -> None:
    """Perform the job that SPEC (- for stdin) describes."""
    sys.stdout.buffer.write(engine.answer(spec.read(), stages.perform))
