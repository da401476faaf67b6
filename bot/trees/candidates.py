# SPDX-License-Identifier: GPL-2.0-or-later
"""The commits a series may stand on, in the order they are tried: HEAD, branches, remote branches, tags.

Promises one git process for all branches and one for all tags, and neither before it is their turn. Refuses nothing:
what is not in this clone is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.model import GitRunner
from bot.trees.clone import Refs

_SKEW = timedelta(days=1)
"""What a mail's clock may be behind that of the tree it was made on."""


@dataclass(frozen=True, slots=True)
class Candidate:
    name: str
    commit: str


@dataclass(frozen=True, slots=True)
class _Dated:
    name: str
    commit: str
    date: float


def candidates(refs: Refs, repo: Path, posted: datetime | None, max_tags: int, run: GitRunner) -> Iterator[Candidate]:
    """Yield every commit once, under the first name it has.

    Branches come newest first; tags newest first among those older than the mail, then the younger ones, oldest first:
    a base is not younger than its patches. At most `max_tags` tags.
    """
    seen = set()
    for found in _in_order(refs, repo, posted, max_tags, run):
        if found.commit not in seen:
            seen.add(found.commit)
            yield found


def _in_order(refs: Refs, repo: Path, posted: datetime | None, max_tags: int, run: GitRunner) -> Iterator[Candidate]:
    if refs.head:
        yield Candidate(_head_name(refs), refs.head)
    branches = {n: o for n, o in refs.by_name.items() if n.startswith(('refs/heads/', 'refs/remotes/'))}
    dated = _dated(branches, repo, run)
    for prefix in ('refs/heads/', 'refs/remotes/'):
        yield from _named(sorted((d for d in dated if d.name.startswith(prefix)), key=lambda d: (-d.date, d.name)))
    tags = _dated({n: o for n, o in refs.by_name.items() if n.startswith('refs/tags/')}, repo, run)
    yield from _named(_nearest(tags, posted)[:max_tags])


def _nearest(tags: list[_Dated], posted: datetime | None) -> list[_Dated]:
    limit = (posted + _SKEW).timestamp() if posted else float('inf')
    older = sorted((t for t in tags if t.date <= limit), key=lambda t: (-t.date, t.name))
    return older + sorted((t for t in tags if t.date > limit), key=lambda t: (t.date, t.name))


def _named(found: Iterable[_Dated]) -> Iterator[Candidate]:
    for one in found:
        yield Candidate(_label(one.name), one.commit)


def _head_name(refs: Refs) -> str:
    here = {n for n, o in refs.by_name.items() if o == refs.head} | {
        n for n, o in refs.peeled.items() if o == refs.head
    }
    also = [n for n in sorted(here) if n == refs.branch] + [n for n in sorted(here) if n.startswith('refs/tags/')]
    return f'HEAD ({", ".join(map(_label, also[:3]))})' if also else 'HEAD'


def _label(name: str) -> str:
    for prefix, word in (('refs/heads/', 'branch '), ('refs/remotes/', 'remote branch '), ('refs/tags/', 'tag ')):
        if name.startswith(prefix):
            return word + name.removeprefix(prefix)
    return name


def _dated(named: Mapping[str, str], repo: Path, run: GitRunner) -> list[_Dated]:
    """Look up the commit behind each ref and its committer date; leave out what is absent or no commit."""
    names = sorted(named)
    asked = ''.join(f'{named[name]}^{{commit}}\n' for name in names).encode()
    out = run(f'--git-dir={repo}', 'cat-file', '--batch', stdin=asked).stdout if names else b''
    found, at = [], 0
    for name in names:
        end = out.find(b'\n', at)
        commit, _, size = out[at:end].partition(b' commit ')
        at = end + 1
        if size:
            found.append(_Dated(name, commit.decode(), _committed(out[at : at + int(size)])))
            at += int(size) + 1
    return found


def _committed(commit: bytes) -> float:
    for line in commit.split(b'\n\n', 1)[0].split(b'\n'):
        if line.startswith(b'committer '):
            seconds = line.rsplit(b' ', 2)[-2]
            return float(seconds) if seconds.isdigit() else 0.0
    return 0.0
