# SPDX-License-Identifier: GPL-2.0-or-later
"""Raw mails out of one epoch of a public-inbox: a bare git repository with one mail a commit.

The tree of a commit has `m`, the mail that came in, or `d`, the mail that was taken out again. The committer date is
when the archive took the mail in. Refuses repositories that are no epoch, and histories beyond the size limit.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import UnknownSource
from bot.lore.headers import from_raw, message_ids
from bot.model import GitOutput, GitRunner, Progress, RawMail

# Blobs asked for in one `git cat-file`: bounds what is held in memory twice.
_BATCH = 500
_COMMIT = re.compile(r'([0-9a-f]{40,64}) (\d{1,11})')


def read_epoch(
    path: Path, git: GitRunner, limit: int, progress: Progress, since: datetime | None = None
) -> list[RawMail]:
    """Return the mails of an epoch, oldest first, removed ones left out; `since` is compared with the archive's time."""
    found: dict[tuple[str, str], RawMail] = {}
    for mail, removed in epoch_mails(path, git, progress, since):
        limit -= len(mail.raw)
        if limit < 0:
            raise UnknownSource(
                'the epoch holds more mail than archive.max_answer_mib allows',
                where=path.name,
                todo='raise the limit, or cut the thread out into an mbox',
            )
        if removed:
            found.pop(_key(mail.raw), None)
        else:
            found[_key(mail.raw)] = mail
    return list(found.values())


def epoch_mails(
    path: Path, git: GitRunner, progress: Progress, since: datetime | None = None
) -> Iterator[tuple[RawMail, bool]]:
    """Yield every mail of an epoch, oldest first, and whether it was taken out again there.

    Holds a bounded number of them at a time, whatever the length of the epoch.
    """
    commits = _commits(path, git)
    tip = _batch(path, git, '--batch-check', [f'{commits[-1][0]}:{f}' for f in 'md'])
    if b' blob ' not in tip:
        raise _no_epoch(path)
    wanted = [(c, t) for c, t in commits if since is None or t >= since]
    del commits
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        for at, removal, data in _blobs(path, git, [c for c, _ in part]):
            yield RawMail(data, part[at][1], path.name), removal
        progress('read', min(start + _BATCH, len(wanted)), len(wanted))


def _commits(path: Path, git: GitRunner) -> list[tuple[str, datetime]]:
    listed = git('--git-dir', str(path), 'log', '--reverse', '--format=%H %ct', 'HEAD', '--')
    lines = listed.stdout.decode('ascii', 'replace').split('\n')
    found = [(m[1], datetime.fromtimestamp(int(m[2]), UTC)) for m in map(_COMMIT.fullmatch, lines) if m]
    if listed.status or not found:
        raise _no_epoch(path)
    return found


def _no_epoch(path: Path) -> UnknownSource:
    return UnknownSource(
        'a git repository, but no public-inbox epoch: its newest commit has neither `m` nor `d`',
        where=path.name,
        todo='give the bare repository of one epoch, such as git/0.git',
    )


def _batch(path: Path, git: GitRunner, how: str, names: list[str]) -> bytes:
    answer: GitOutput = git('--git-dir', str(path), 'cat-file', how, stdin='\n'.join([*names, '']).encode())
    if answer.status:
        raise UnknownSource('git cannot read the epoch', where=f'{path.name}: {answer.stderr.strip()[:200]}')
    return answer.stdout


def _blobs(path: Path, git: GitRunner, commits: list[str]) -> Iterator[tuple[int, bool, bytes]]:
    """Yield (index of the commit, whether it is a removal, mail)."""
    out = _batch(path, git, '--batch', [f'{c}:{f}' for c in commits for f in 'md'])
    at = 0
    for asked in range(2 * len(commits)):
        end = out.index(b'\n', at)
        head = out[at:end].split(b' ')
        at = end + 1
        if len(head) != 3 or head[1] != b'blob':
            continue  # `<name> missing`: the other of the two files is there
        size = int(head[2])
        yield asked // 2, asked % 2 == 1, out[at : at + size]
        at += size + 1


def _key(data: bytes) -> tuple[str, str]:
    # The same mail may come in twice with different text: both copies are kept, `parse` notes the difference.
    ids = message_ids(from_raw(data, 'Message-ID'))
    return (ids[0] if ids else '', hashlib.sha256(data.partition(b'\n\n')[2]).hexdigest())
