# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the base that would take a series which stopped in conflict: among all candidates, then in the history of its files.

Promises that what it names was tried with `git am`, and a limit to what is tried. Refuses to say that it is the author's:
whether it is taken is decided in applying.py.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from bot.model import BaseAttempt, GitRunner
from bot.trees.base import BaseSearch
from bot.trees.candidates import Candidate

_YEARS = timedelta(days=3 * 365)
_COMMITS = 4000
_MEASURED = 40
_TRIED = 4
_RAW = re.compile(r':\d{6} \d{6} ([0-9a-f]{40}) ([0-9a-f]{40}) [A-Z]\d*\t(.*)')

Candidates = Iterator[Candidate]
Trial = Callable[[str], bool]
"""Tells whether the series applies to a commit."""


def nearest(search: BaseSearch, others: Candidates, past: Candidates, failed: str, trial: Trial) -> BaseAttempt | None:
    """Return the candidate nearest to what the patches expect that does take them, None when none of those tried does."""
    known = {a.commit: a for a in search.attempts if a.commit}
    measured = [known.get(c.commit) or search.measured('blob match', c) for c in others]
    measured += [search.measured('history of the files', c) for c in past if c.commit not in known]
    ranked = sorted((a for a in measured if a.commit and a.commit != failed), key=lambda a: -a.found)
    some = [a for a in ranked if a.found][:_TRIED]
    # With none of its files as expected a series rarely goes in, and a try takes seconds: the nearest one will do.
    for attempt in some or ranked[:1]:
        if trial(attempt.commit or ''):
            return attempt
    return None


def past(
    search: BaseSearch, heads: Sequence[Candidate], posted: datetime | None, repo: Path, run: GitRunner
) -> Iterator[Candidate]:
    """Yield commits of the history in which files are as the patches expect them: the newest first, and of many those with most such files.

    A commit that makes such a file counts, and the parent of one that changes it.
    """
    paths = [want.path for want in search.wanted]
    if not paths or not heads:
        return
    blobs = {want.path: want.blob for want in search.wanted}
    since = (f'--since={int((posted - _YEARS).timestamp())}',) if posted else ()
    shape = ('--no-merges', f'--max-count={_COMMITS}', '--format=%H %P', '--raw', '--no-abbrev', '--no-renames')
    asked = ''.join(f'{head.commit}\n' for head in heads).encode()
    done = run(f'--git-dir={repo}', 'log', *since, *shape, '--stdin', '--', *paths, stdin=asked)
    hits: Counter[str] = Counter()
    commit = parent = ''
    for line in done.stdout.decode('utf-8', 'surrogateescape').split('\n'):
        raw = _RAW.match(line)
        if raw:
            blob = blobs.get(raw[3], '-')
            hits.update([commit] if raw[2].startswith(blob) else [parent] if parent and raw[1].startswith(blob) else [])
        elif line:
            commit, _, parents = line.partition(' ')
            parent = parents.partition(' ')[0]
    best = {oid for oid, _ in hits.most_common(_MEASURED)}
    yield from (Candidate(oid[:12], oid) for oid in hits if oid in best)
