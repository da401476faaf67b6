# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine as the probes see it: what is on its PATH, what a program answers, which devices it has."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_SECONDS = 20.0
_VERSION = re.compile(r'[0-9]{1,9}(?:\.[0-9]{1,9})+')


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program printed, both streams together; `status` is None when it could not be run or did not end."""

    status: int | None
    text: str


Which = Callable[[str], str | None]
Run = Callable[[Sequence[str], str], Answer]


def run_program(argv: Sequence[str], stdin: str = '') -> Answer:
    """Run a program in the C locale, for at most twenty seconds."""
    try:
        done = subprocess.run(
            argv,
            input=stdin.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            env={'PATH': os.environ.get('PATH', os.defpath), 'LC_ALL': 'C', 'HOME': '/nonexistent'},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(None, f'no answer within {_SECONDS:g} seconds')
    except OSError as failure:
        return Answer(None, failure.strerror or str(failure))
    return Answer(done.returncode, done.stdout.decode(errors='replace'))


def run_visibly(argv: Sequence[str]) -> int:
    """Run a program on the user's own terminal, for as long as it takes; return its exit status, 127 if there is none.

    What it prints goes to stderr: stdout is the result only.
    """
    try:
        return subprocess.run(argv, stdout=2, check=False).returncode
    except OSError:
        return 127


@dataclass(frozen=True, slots=True)
class Machine:
    """Injected into every probe, so that a test can hand in a PATH of its own."""

    which: Which = shutil.which
    run: Run = run_program
    devices: Path = Path('/dev')
    python: str = sys.executable

    def ask(self, program: str, *args: str, stdin: str = '') -> Answer | None:
        """Run a program by its full path; None when it is not on the PATH."""
        path = self.which(program)
        return None if path is None else self.run([path, *args], stdin)


def version_in(text: str) -> str:
    """Return the first dotted number of a text, '' when there is none."""
    found = _VERSION.search(text)
    return found.group() if found else ''


def at_least(found: str, minimum: str) -> bool:
    """Compare dotted numbers by value; a missing part counts as zero."""
    have, want = ([int(part) for part in version.split('.')] for version in (found, minimum))
    width = max(len(have), len(want))
    return have + [0] * (width - len(have)) >= want + [0] * (width - len(want))
