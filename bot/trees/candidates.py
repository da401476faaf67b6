# SPDX-License-Identifier: GPL-2.0-or-later
"""The commits a series may stand on, in the order they are tried: those of the tree that is named for it (in the subject, in
MAINTAINERS), HEAD, branches, remote branches, tags.

Promises one git process for all branches and one for all tags, and neither before it is their turn. Refuses nothing:
what is not in this clone is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from bot.model import GitRunner
from bot.trees.clone import Refs

_NEXT = re.compile(r'next-\d{8}')
_MOST_HEADS = 64
_MOST_WISHED = 12
_SKEW = timedelta(days=1)
"""What a mail's clock may be behind that of the tree it was made on."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`how` says why it is tried, in the words of the report."""

    name: str
    commit: str
    how: str = 'blob match'


@dataclass(frozen=True, slots=True)
class Wish:
    """What the author or MAINTAINERS say of the tree: `how` in words, and the refs that would be it.

    `word` is a part of a ref's name between slashes ("net-next"); `prefix` stands before the refs of one remote.
    """

    how: str
    word: str = ''
    prefix: str = ''

    def fits(self, ref: str) -> bool:
        """Tell whether a full ref name is meant; of releases of linux-next, tags `next-20240618`, all are."""
        if not ref.startswith(('refs/heads/', 'refs/remotes/', 'refs/tags/')) or ref.endswith('/HEAD'):
            return False
        if self.prefix:
            return ref.startswith(self.prefix)
        parts = [part.lower() for part in ref.split('/')[2:]]
        word = self.word.lower()
        if word in ('next', 'linux-next') and any(_NEXT.fullmatch(part) for part in parts):
            return True
        return word in parts or '/' in word and '/'.join(parts).endswith(word)


@dataclass(frozen=True, slots=True)
class _Dated:
    name: str
    commit: str
    date: float


def candidates(
    refs: Refs, repo: Path, posted: datetime | None, max_tags: int, run: GitRunner, wishes: Sequence[Wish] = ()
) -> Iterator[Candidate]:
    """Yield every commit once, under the first name it has; those that a wish fits come first.

    Branches come newest first; tags newest first among those older than the mail, then the younger ones, oldest first:
    a base is not younger than its patches. At most `max_tags` tags.
    """
    seen = set()
    for found in chain(_wished(refs, wishes, repo, run), _in_order(refs, repo, posted, max_tags, run)):
        if found.commit not in seen:
            seen.add(found.commit)
            yield found


def heads(refs: Refs) -> list[Candidate]:
    """Return HEAD and all branches, each commit once: what a series is merged into."""
    found = {refs.head: _head_name(refs)} if refs.head else {}
    for name, oid in sorted(refs.by_name.items()):
        if name.startswith(('refs/heads/', 'refs/remotes/')):
            found.setdefault(oid, _label(name))
    return [Candidate(name, oid) for oid, name in found.items()][:_MOST_HEADS]


def _wished(refs: Refs, wishes: Sequence[Wish], repo: Path, run: GitRunner) -> Iterator[Candidate]:
    for wish in wishes:
        fitting = {name: oid for name, oid in refs.by_name.items() if wish.fits(name)}
        for found in _named(sorted(_dated(fitting, repo, run), key=lambda d: (-d.date, d.name))[:_MOST_WISHED]):
            yield Candidate(found.name, found.commit, wish.how)


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
