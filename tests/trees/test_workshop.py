# SPDX-License-Identifier: GPL-2.0-or-later
"""lorebot's own repository under the hardest treatment: killed runs, runs side by side, and what is left of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from bot.model import Outcome
from bot.trees import open_tree
from tests.trees.build import everything, quiet
from tests.trees.conftest import Desk

DIE = """
    import os, pickle, signal, sys
    from pathlib import Path
    from bot.trees import open_tree

    def progress(what, done, total):
        if what == 'applying patches':
            print('now', flush=True)
            if sys.argv[4] == 'die':
                os.kill(os.getpid(), signal.SIGKILL)
            sys.stdin.read()

    with open_tree(Path(sys.argv[1]), Path(sys.argv[2])) as tree:
        done = tree.apply(pickle.loads(Path(sys.argv[3]).read_bytes()), None, 40, progress)
        print(done.verdict.outcome, flush=True)
"""


def start(desk: Desk, shop: Path, how: str) -> subprocess.Popen[bytes]:
    import pickle

    posted = shop.parent / 'series'
    posted.write_bytes(pickle.dumps(desk.series))
    program = [sys.executable, '-c', textwrap.dedent(DIE), str(desk.source.path), str(shop), str(posted), how]
    top = Path(__file__).resolve().parents[2]
    return subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=top)


def working(run: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """Wait until the run has its worktree."""
    assert run.stdout is not None and run.stdout.readline() == b'now\n'
    return run


def left(shop: Path) -> list[str]:
    return sorted(path.name for path in shop.glob('*/work/*'))


def test_what_a_killed_run_left_is_swept_at_the_next_start(desk: Desk, shop: Path) -> None:
    before = everything(desk.source.path)
    run = working(start(desk, shop, 'die'))
    run.communicate()
    assert run.returncode == -signal.SIGKILL
    assert len(left(shop)) == 2, 'a lock and a directory'
    with open_tree(desk.source.path, shop) as tree:
        assert left(shop) == []
        assert tree.apply(desk.series, None, 40, quiet).verdict.outcome is Outcome.PASSED
    assert left(shop) == [] and everything(desk.source.path) == before


def test_the_worktree_of_a_living_run_stays(desk: Desk, shop: Path) -> None:
    run = working(start(desk, shop, 'live'))
    mine = left(shop)
    assert len(mine) == 2
    with open_tree(desk.source.path, shop) as tree:
        assert left(shop) == mine
        assert tree.apply(desk.series, None, 40, quiet).verdict.outcome is Outcome.PASSED
        assert left(shop) == mine
    out, _ = run.communicate()
    assert out.split()[-1] == b'passed' and run.returncode == 0
    assert left(shop) == []


def test_many_first_runs_at_once_make_one_repository(desk: Desk, shop: Path) -> None:
    runs = [start(desk, shop, 'live') for _ in range(3)]
    ends = [run.communicate() for run in runs]
    assert [(run.returncode, out.split()[-1]) for run, (out, _) in zip(runs, ends, strict=True)] == [(0, b'passed')] * 3
    assert left(shop) == [] and len(list(shop.glob('*/*'))) == 2


def test_stale_locks_of_git_and_half_made_repositories_go(desk: Desk, shop: Path) -> None:
    with open_tree(desk.source.path, shop) as tree:
        tree.apply(desk.series, None, 40, quiet)
    (home,) = shop.iterdir()
    (ref,) = (home / 'repo.git/refs/lorebot').iterdir()
    lock, half, fresh = ref.with_name(f'{ref.name}.lock'), home / 'new-1234', home / 'new-5678'
    lock.touch()
    half.mkdir()
    fresh.mkdir()
    for old in (lock, half):
        os.utime(old, (0, 0))
    with open_tree(desk.source.path, shop) as tree:
        assert not lock.exists() and not half.exists() and fresh.exists()
        assert tree.apply(desk.series, None, 40, quiet).verdict.outcome is Outcome.PASSED


def test_refs_are_named_by_hashes_alone(desk: Desk, shop: Path) -> None:
    with open_tree(desk.source.path, shop) as tree:
        tree.apply(desk.series, None, 40, quiet)
    (ref,) = shop.glob('*/repo.git/refs/lorebot/*')
    assert len(ref.name) == 40 and set(ref.name) <= set('0123456789abcdef')
