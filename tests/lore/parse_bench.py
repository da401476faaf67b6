# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast a long series becomes a Series beside b4 alone, and how much memory a long epoch takes.

`python -m tests.lore.parse_bench [PATCHES [MAILS]]` (120, 100000) makes both itself. CPU time counts git's as well. b4 does
the same work on the same mails: its mailbox, its series, its mails for `git am`.
"""

from __future__ import annotations

import logging
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import b4
import liblore.utils

from bot import trees
from bot.lore import assemble, b4_adapter, parse
from bot.lore.epoch import epoch_mails
from bot.model import RawMail
from tests.lore.letters import diff, posting

_ROUNDS = 3


def cpu(work: Callable[[], object]) -> float:
    """Return the seconds of CPU that work takes with all its processes, the best of some rounds."""
    best = float('inf')
    for _ in range(_ROUNDS):
        before = sum(os.times()[:4])
        work()
        best = min(best, sum(os.times()[:4]) - before)
    return best


def long_series(count: int) -> list[bytes]:
    def change(n: int) -> str:
        return ''.join(diff(f'mm/file{n}_{k}.c', old=f'line {k}', new=f'call_{n}_{k}();') for k in range(4))

    return posting('a', [f'change number {n}' for n in range(count)], changes=[change(n) for n in range(count)])


def by_b4(mails: list[bytes]) -> int:
    box = b4.LoreMailbox()
    for mail in mails:
        box.add_message(liblore.utils.parse_message(mail))
    series = box.get_series(1, codereview_trailers=False)
    assert series is not None
    return len(series.get_am_ready(noaddtrailers=True, allowbadchars=True))


def by_us(mails: list[bytes]) -> int:
    raws = [RawMail(mail, None, 'bench') for mail in mails]
    return len(assemble(parse(raws, ()), None, trees.run).series[0].newest.patches)


def ratio(count: int) -> tuple[float, float]:
    mails = long_series(count)
    b4_adapter.read_subject('[PATCH] x')
    assert by_us(mails) == by_b4(mails) == count
    return cpu(lambda: by_us(mails)), cpu(lambda: by_b4(mails))


def make_epoch(where: Path, count: int) -> None:
    """Make a public-inbox epoch: a commit with one file `m` a mail."""
    subprocess.run(['git', 'init', '-q', '--bare', str(where)], check=True)
    with subprocess.Popen(['git', '--git-dir', str(where), 'fast-import', '--quiet'], stdin=subprocess.PIPE) as fast:
        assert fast.stdin is not None
        for chunk in _commits(count):
            fast.stdin.write(chunk)
    assert fast.returncode == 0
    subprocess.run(['git', '--git-dir', str(where), 'symbolic-ref', 'HEAD', 'refs/heads/master'], check=True)


def _commits(count: int) -> Iterator[bytes]:
    body = b'A line of text that somebody wrote to the list about pages and their counts.\n' * 30
    for n in range(count):
        head = f'From: a@x\nSubject: mail {n}\nDate: Fri, 01 Mar 2024 09:00:00 +0000\nMessage-ID: <{n}@bench>\n\n'
        mail = head.encode() + body
        at = 1709280000 + n
        yield f'commit refs/heads/master\ncommitter a <a@x> {at} +0000\ndata 1\nm\nM 100644 inline m\n'.encode()
        yield f'data {len(mail)}\n'.encode() + mail + b'\n'


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def memory(count: int) -> list[tuple[int, float]]:
    """Return the peak in MiB after a tenth, a half and all mails of an epoch were read and each was parsed."""
    marks, found = (count // 10, count // 2, count), []
    with tempfile.TemporaryDirectory() as scratch:
        make_epoch(Path(scratch) / '0.git', count)
        for done, (mail, _) in enumerate(epoch_mails(Path(scratch) / '0.git', trees.run, lambda *_: None), 1):
            assert parse([mail], ())[0].date is not None
            if done in marks:
                found.append((done, peak()))
    return found


def main(patches: int, mails: int) -> int:
    logging.disable(logging.CRITICAL)
    ours, theirs = ratio(patches)
    print(f'{patches} patches: {ours:.2f} s CPU, b4 alone {theirs:.2f} s: {ours / theirs:.2f} times (aim 1.5)')
    for done, mib in memory(mails):
        print(f'{done} mails of an epoch read and parsed: peak {mib:.0f} MiB')
    return 0 if ours <= 1.5 * theirs else 1


if __name__ == '__main__':
    given = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*[*given, *(120, 100_000)[len(given) :]]))
