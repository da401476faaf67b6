# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the commits that patches of a posting became: by patch id first, then by title and author.

Promises two git processes for the history since the posting and one for all patch ids. Refuses to look before the day of
the posting (a commit is not older than its mail), and to call a patch merged for its title alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.model import GitRunner, Merged, Patch, Person
from bot.model.series import bare_subject
from bot.trees.candidates import Candidate

_SKEW = timedelta(days=1)
_MOST = 300_000
"""Commits looked at; about two years of mainline."""
_COMPARED = 2000
_PLAIN = (
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    '--src-prefix=a/',
    '--dst-prefix=b/',
    '--full-index',
    '--text',
)


@dataclass(frozen=True, slots=True)
class _Commit:
    oid: str
    head: str
    written: int
    author: Person
    subject: str


def merged(
    patches: Sequence[Patch], posted: datetime | None, heads: Sequence[Candidate], repo: Path, run: GitRunner
) -> tuple[Merged, ...]:
    """Return the patches that the history of any head has, each with its commit, by position."""
    if posted is None or not heads:
        return ()
    near = [c for c in _since(posted - _SKEW, heads, repo, run) if any(_alike(c, p) for p in patches)][:_COMPARED]
    ids = _patch_ids([c.oid for c in near], repo, run) if near else {}
    return tuple(found for patch in patches if (found := _commit_of(patch, near, ids)) is not None)


def _commit_of(patch: Patch, near: Sequence[_Commit], ids: dict[str, str]) -> Merged | None:
    same = next((c for c in near if patch.patch_id and ids.get(c.oid) == patch.patch_id), None)
    if same is not None:
        return Merged(patch.position, same.oid, 'patch id', same.head)
    titled = next((c for c in near if _titled(c, patch) and _by(c, patch)), None)
    return Merged(patch.position, titled.oid, 'title and author', titled.head) if titled else None


def _alike(commit: _Commit, patch: Patch) -> bool:
    """Tell whether the ids are worth comparing: `git am` keeps the title, or at least the time of the mail."""
    return _titled(commit, patch) or (patch.date is not None and commit.written == int(patch.date.timestamp()))


def _titled(commit: _Commit, patch: Patch) -> bool:
    return bare_subject(commit.subject) == bare_subject(patch.subject) != ''


def _by(commit: _Commit, patch: Patch) -> bool:
    one, other = commit.author, patch.author
    return bool(one.email and one.email == other.email.lower()) or bool(one.name and one.name == other.name)


def _since(day: datetime, heads: Sequence[Candidate], repo: Path, run: GitRunner) -> Iterator[_Commit]:
    shape = (
        '--no-merges',
        f'--max-count={_MOST}',
        '-z',
        '--source',
        '--format=%H%n%S%n%at%n%ae%n%an%n%s',
        '--no-show-signature',
    )
    names = {head.commit: head.name for head in heads}
    asked = ''.join(f'{oid}\n' for oid in names).encode()
    done = run(f'--git-dir={repo}', 'log', f'--since={int(day.timestamp())}', *shape, '--stdin', stdin=asked)
    for row in done.stdout.decode('utf-8', 'replace').split('\0'):
        fields = row.split('\n', 5)
        if len(fields) == 6 and fields[2].isdigit():
            author = Person(fields[4], fields[3].lower())
            yield _Commit(fields[0], names.get(fields[1], ''), int(fields[2]), author, fields[5])


def _patch_ids(commits: Sequence[str], repo: Path, run: GitRunner) -> dict[str, str]:
    """Return the stable patch id of each commit; those whose files are not in this clone have none."""
    asked = ''.join(f'{oid}\n' for oid in commits).encode()
    shown = run(f'--git-dir={repo}', 'diff-tree', '--stdin', '-p', '-r', *_PLAIN, stdin=asked)
    told = run(f'--git-dir={repo}', 'patch-id', '--stable', stdin=shown.stdout).stdout.decode('ascii', 'replace')
    return {oid: patch_id for patch_id, _, oid in (line.partition(' ') for line in told.splitlines())}
