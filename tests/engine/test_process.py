# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs that end in every way a job can end; each is a real process."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from bot import engine
from bot.engine.process import run_job
from bot.errors import Bug, JobLost, TreeError
from bot.model import Progress

ANSWER = 'import sys; from bot.engine import answer\ndef perform(spec, progress):\n    {body}\nsys.stdout.buffer.write(answer(sys.stdin.buffer.read(), perform))\n'


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, '-c', code)


def job(body: str) -> tuple[str, ...]:
    return python(ANSWER.format(body=body))


def test_a_job_answers_with_its_document() -> None:
    assert run_job(b'{"n": 1}', 1, command=job('return spec')) == b'{"n": 1}'


def test_a_large_document_passes_both_ways_while_stderr_is_busy() -> None:
    spec = json.dumps('x' * 3_000_000).encode()
    noisy = 'print("y" * 2_000_000, file=sys.stderr); return spec'
    assert run_job(spec, 1, command=job(noisy)) == spec


def test_progress_arrives_in_order() -> None:
    seen: list[tuple[str, int, int]] = []
    body = '[progress("apply", n, 3) for n in range(1, 4)]; return b"1"'
    report: Progress = lambda what, done, total: seen.append((what, done, total))  # noqa: E731
    run_job(b'', 1, report, command=job(body))
    assert seen == [('apply', 1, 3), ('apply', 2, 3), ('apply', 3, 3)]


def test_an_error_of_the_job_is_raised_again_with_its_parts() -> None:
    body = 'from bot.errors import TreeError; raise TreeError("no tree", where="x", todo="do y")'
    with pytest.raises(TreeError) as caught:
        run_job(b'', 1, command=job(body))
    assert (caught.value.what, caught.value.where, caught.value.todo) == ('no tree', 'x', 'do y')


def test_an_error_class_nobody_knows_is_a_bug() -> None:
    with pytest.raises(Bug):
        run_job(b'', 1, command=python('print(\'{"error": "Nope", "what": "", "where": "", "todo": ""}\')'))


@pytest.mark.parametrize(
    ('code', 'said'),
    [
        ('import os; os.abort()', 'SIGABRT'),
        ('raise ValueError("last words")', 'last words'),
        ('import os; os._exit(0)', 'exit status 0'),
        ('print("{\\"ok\\":1", end=""); import os, sys; sys.stdout.flush(); os._exit(5)', 'exit status 5'),
    ],
)
def test_a_job_that_dies_is_lost_with_its_last_words(code: str, said: str) -> None:
    with pytest.raises(JobLost, match=said):
        run_job(b'spec', 1, command=python(code))


def test_a_job_that_hangs_is_killed_with_all_its_children(tmp_path: Path) -> None:
    child = tmp_path / 'pid'
    code = (
        'import subprocess, sys, time\n'
        'child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])\n'
        f'open({str(child)!r}, "w").write(str(child.pid))\n'
        'time.sleep(600)\n'
    )
    with pytest.raises(JobLost, match='longer than'):
        run_job(b'', 0.05, command=python(code))
    assert gone(int(child.read_text()))


def test_abandoning_ends_what_runs() -> None:
    ended: list[BaseException] = []

    def run() -> None:
        try:
            run_job(b'', 1, command=python('import time; time.sleep(600)'))
        except JobLost as lost:
            ended.append(lost)

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        engine.abandon()
        thread.join(0.05)
    assert 'SIGKILL' in str(ended[0])


def gone(pid: int) -> bool:
    """Tell whether a process has ended; a zombie that init has not collected yet has."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
            if Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] == 'Z':
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False
