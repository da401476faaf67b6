# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a program that the user named in the settings, such as the one that takes mail; nothing of a mail is in its command."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from bot.errors import ToolMissing
from bot.model import Ran


def run_program(command: Sequence[str], stdin: bytes, seconds: float) -> Ran:
    """Run it with its standard input and wait; raise `ToolMissing` when it cannot be started. Never goes by a shell."""
    try:
        done = subprocess.run(list(command), input=stdin, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return Ran(None, b'', f'took longer than {seconds:g} seconds')
    except OSError as failure:
        raise ToolMissing(
            f'{command[0]} cannot be started', where=failure.strerror or '', todo='correct [send] command'
        ) from None
    return Ran(done.returncode, done.stdout, done.stderr.decode('utf-8', 'replace'))
