# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs one job in a process of its own: a crash, a leak or a hang of a stage stays there.

The protocol is one JSON document on stdin and one on stdout. Lines on stderr that begin with PROGRESS are reports of
progress, all others are kept as the last words of a job that dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import bot
from bot import errors
from bot.model import Progress

_running: set[int] = set()

# The same program as this one, wherever it was imported from; and with -P, because the directory we stand in may be a
# patched kernel tree with a bot/ or a json.py of its own.
_HERE = str(Path(bot.__file__).resolve().parents[1])
_START = f'import sys; sys.path.insert(0, {_HERE!r}); from bot.cli import main; main()'
LOREBOT_JOB = (sys.executable, '-P', '-c', _START, 'job', '-')
PROGRESS = '\x1eprogress '
_LAST_WORDS = 20


def run_job(
    spec: bytes, minutes: float, progress: Progress | None = None, command: Sequence[str] = LOREBOT_JOB
) -> bytes:
    """Run the command (`lorebot job -`) with the document on stdin and return its answer.

    Raise the job's own `UserError` or `InfraError` again, and `JobLost` when it died, or had to be killed for taking too long.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    _running.add(process.pid)
    words: deque[str] = deque(maxlen=_LAST_WORDS)
    assert process.stderr is not None
    listener = threading.Thread(target=_listen, args=(process.stderr, words, progress), daemon=True)
    listener.start()
    try:
        answered, expired = _converse(process, spec, minutes * 60)
    finally:
        end(process.pid)
        process.wait()
        _running.discard(process.pid)
    listener.join(timeout=5)
    if expired:
        raise errors.JobLost(f'the stage took longer than {minutes:g} minutes', todo='raise [engine] stage_minutes')
    return _unwrap(answered, process.returncode, words)


def end(group: int) -> None:
    """Kill a whole process group, if any of it is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def abandon() -> None:
    """End all jobs of this process: they have sessions of their own and do not hear a Ctrl-C."""
    for group in list(_running):
        end(group)


def answer(spec: bytes, perform: Callable[[bytes, Progress], bytes]) -> bytes:
    """Perform a job in this process and wrap what it gives, or the error it raises, for `run_job` on the other side."""
    try:
        return b'{"ok":' + perform(spec, _report) + b'}'
    except errors.BotError as failure:
        parts = {'what': failure.what, 'where': failure.where, 'todo': failure.todo}
        return json.dumps({'error': type(failure).__name__, **parts}).encode()


def _report(what: str, done: int, total: int) -> None:
    print(f'{PROGRESS}{json.dumps([what, done, total])}', file=sys.stderr, flush=True)  # noqa: T201


def _converse(process: subprocess.Popen[bytes], spec: bytes, seconds: float) -> tuple[bytes, bool]:
    """Write the spec, read the answer: not `communicate()`, which would fight the listener for stderr."""
    answered: list[bytes] = []
    assert process.stdin is not None and process.stdout is not None
    reader = threading.Thread(target=lambda out: answered.append(out.read()), args=(process.stdout,), daemon=True)
    reader.start()
    threading.Thread(target=_tell, args=(process.stdin, spec), daemon=True).start()
    reader.join(seconds)
    return (answered[0] if answered else b''), reader.is_alive()


def _tell(stream: IO[bytes], spec: bytes) -> None:
    with contextlib.suppress(BrokenPipeError, ValueError):
        stream.write(spec)
        stream.close()


def _listen(stream: IO[bytes], words: deque[str], progress: Progress | None) -> None:
    for raw in stream:
        line = raw.decode(errors='replace').rstrip('\n')
        if not line.startswith(PROGRESS):
            words.append(line)
        elif progress is not None:
            progress(*json.loads(line[len(PROGRESS) :]))


def _unwrap(answered: bytes, status: int, words: deque[str]) -> bytes:
    if status == 0 and answered.startswith(b'{"ok":'):
        return answered[len(b'{"ok":') : -1]
    if status == 0 and answered:
        said = json.loads(answered)
        kind = getattr(errors, said['error'], errors.Bug)
        raise kind(said['what'], where=said['where'], todo=said['todo'])
    cause = f'signal {signal.Signals(-status).name}' if status < 0 else f'exit status {status}'
    raise errors.JobLost(f'the stage ended with {cause}', where=' | '.join(list(words)[-3:]))
