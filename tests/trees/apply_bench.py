# SPDX-License-Identifier: GPL-2.0-or-later
"""Applies one series as lorebot does and with bare `git am -3`, in turns, and prints the ratio; and patch ids, one by one and at once.

`python -m tests.trees.apply_bench TREE [COUNT]...`: series of so many patches (10 and 120) are made on HEAD. Bare `git am` is
given a worktree that is checked out whole, as a maintainer's is, and making that is not counted; of lorebot all is: the
search for what is merged already, the look for absent blobs, the worktree of its own.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bot import intake, lore
from bot.model import Outcome, Revision
from bot.request import Request
from bot.trees import open_tree
from bot.trees.mails import for_am
from bot.trees.runner import clean_environment
from tests.desk import desk

_TURNS = 3


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def git(*words: str, cwd: Path, stdin: bytes = b'') -> bytes:
    env = clean_environment(cwd) | {'GIT_ALLOW_PROTOCOL': 'file'}
    return subprocess.run(['git', *words], cwd=cwd, env=env, input=stdin, capture_output=True, check=True).stdout


def bare(top: Path, base: str, mails: Path) -> float:
    """Return the seconds of `git am -3` on the base; the worktree goes back to it after."""
    seconds = timed(lambda: git('am', '-q', '-3', '--keep-cr', '--patch-format=mboxrd', str(mails), cwd=top))
    git('reset', '-q', '--hard', base, cwd=top)
    return seconds


def patch_ids(revision: Revision, top: Path) -> tuple[float, float]:
    """Return the seconds that patch ids take with a process each, and with one for all."""
    diffs = [p.diff.encode('utf-8', 'surrogateescape') for p in revision.patches]
    each = timed(lambda: [git('patch-id', '--stable', cwd=top, stdin=diff) for diff in diffs])
    joined = b''.join(b'commit %040x\n' % n + diff + b'\n' for n, diff in enumerate(diffs))
    return each, timed(lambda: git('patch-id', '--stable', cwd=top, stdin=joined))


def made(top: Path, count: int) -> bytes:
    """Commit `count` small changes, a file each, and return them as the mails of a series; HEAD goes back to where it was."""
    base = git('rev-parse', 'HEAD', cwd=top).decode().strip()
    listed = git('ls-files', '--', 'mm', 'kernel', 'fs', cwd=top).decode().split('\n')
    paths = [path for path in listed if path.endswith('.c')][:count]
    for number, path in enumerate(paths, 1):
        file = top / path
        lines = file.read_text(encoding='utf-8', errors='surrogateescape').split('\n')
        lines.insert(len(lines) // 2, f'/* bench {number} */')
        file.write_text('\n'.join(lines), encoding='utf-8', errors='surrogateescape')
        git('commit', '-q', '-a', '-m', f'bench: change {path}', cwd=top)
    mails = git('format-patch', '--stdout', '--thread', '--no-signature', f'{base}..HEAD', cwd=top)
    git('reset', '-q', '--hard', base, cwd=top)
    return mails + b'\n'


def main(arguments: list[str]) -> int:
    path, counts = Path(arguments[0]).resolve(), [int(n) for n in arguments[1:]] or [10, 120]
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        top = place / 'bare'
        git('clone', '-q', '--shared', str(path), str(top), cwd=place)
        base = git('rev-parse', 'HEAD', cwd=top).decode().strip()
        for count in counts:
            (place / f'{count}.mbox').write_bytes(made(top, count))
            with desk(place / str(count)) as at:
                source = str(place / f'{count}.mbox')
                place_of, asked = lore.locate(source, at.settings.archive.url), Request(source)
                assembly = intake.assemble(place_of, asked, at, intake.read(place_of, asked, at))
            one_round(path, place, top, base, assembly.series[0].newest)
    return 0


def one_round(path: Path, place: Path, top: Path, base: str, revision: Revision) -> None:
    mails = place / 'mails'
    mails.write_bytes(b''.join(for_am(p) for p in revision.patches))
    ours, theirs = [], []

    def mine() -> None:
        with open_tree(path, place / 'shop') as tree:
            done = tree.apply(revision, base, 40, lambda *_: None)
        assert done.verdict.outcome is Outcome.PASSED, done.verdict

    for _ in range(_TURNS):
        ours.append(timed(mine))
        theirs.append(bare(top, base, mails))
    each, once = patch_ids(revision, top)
    own, their = statistics.median(ours), statistics.median(theirs)
    print(f'{len(revision.patches)} patches, median of {_TURNS}: ', end='')
    print(f'lorebot {own:.2f} s, bare git am -3 {their:.2f} s, ratio {own / their:.2f}')
    print(
        f'  patch ids: {each:.3f} s with a process each, {once:.3f} s with one for all: {each / once:.0f} times',
        flush=True,
    )


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
