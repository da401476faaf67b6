# SPDX-License-Identifier: GPL-2.0-or-later
"""A git runner, quiet progress, archive settings, and one public-inbox server for all tests of a run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from bot import config
from bot.model import GitOutput, GitRunner, Progress
from tests.lore.public_inbox import PROGRAMS, PublicInbox

__all__ = ['inbox']


@pytest.fixture(scope='session')
def git() -> GitRunner:
    env = {'PATH': os.environ['PATH'], 'HOME': '/nonexistent', 'LC_ALL': 'C', 'GIT_CONFIG_NOSYSTEM': '1'}
    env |= {'GIT_CONFIG_GLOBAL': '/dev/null', 'GIT_TERMINAL_PROMPT': '0'}

    def run(*args: str, cwd: Path | None = None, stdin: bytes = b'') -> GitOutput:
        done = subprocess.run(['git', *args], cwd=cwd, input=stdin, capture_output=True, env=env, check=False)
        return GitOutput(done.returncode, done.stdout, done.stderr.decode(errors='replace'))

    return run


@pytest.fixture
def quiet() -> Progress:
    return lambda what, done, total: None


@pytest.fixture
def settings() -> config.Archive:
    return msgspec.structs.replace(config.load().settings.archive, connect_timeout=5.0, read_timeout=20.0)


@pytest.fixture(scope='session')
def inbox(tmp_path_factory: pytest.TempPathFactory, need: Callable[..., None]) -> Iterator[PublicInbox]:
    """Return a running server without lists; each test adds lists under names of its own."""
    need(*PROGRAMS)
    with PublicInbox(tmp_path_factory.mktemp('public-inbox')) as server:
        yield server
