# SPDX-License-Identifier: GPL-2.0-or-later
"""Which tree a series is for: the tag in its subject, the T: lines of MAINTAINERS; and which refs of this clone those are.

Promises that a URL is only compared with the remotes of the clone. Refuses to ask any of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.model import GitRunner, Revision
from bot.trees.candidates import Wish
from bot.trees.clone import Clone

_URL = re.compile(r'(?:git\s+)?((?:git|https?|ssh)://\S+|\S+@\S+:\S+)(?:\s+(\S+))?')
_MOST = 4


def by_subject(revision: Revision) -> list[Wish]:
    """Return a wish for each tag that the subject has beside PATCH, version and number."""
    tags = dict.fromkeys(h.value for h in revision.base_hints if h.kind == 'subject-tag')
    return [Wish(f'subject tag {tag}', word=tag) for tag in list(tags)[:_MOST]]


def by_homes(homes: Sequence[tuple[str, str]], remotes: Mapping[str, str]) -> list[Wish]:
    """Return a wish for each T: line whose tree is a remote of this clone."""
    found = []
    for title, line in homes:
        url, branch = _parted(line)
        for name, place in remotes.items():
            if url and _place(url) == _place(place):
                prefix = f'refs/remotes/{name}/{branch}'
                found.append(Wish(f'T: of {title}', prefix=prefix))
    return found[:_MOST]


def url(line: str) -> str:
    """Return the URL of a T: line, '' when it names none that git can clone."""
    return _parted(line)[0]


def remotes(clone: Clone, run: GitRunner) -> dict[str, str]:
    """Return the URL of each remote by name, as the clone's own configuration has it."""
    done = run(f'--git-dir={clone.git_dir}', 'config', '-z', '--get-regexp', r'^remote\..*\.url$')
    rows = (row.partition('\n') for row in done.stdout.decode('utf-8', 'surrogateescape').split('\0') if row)
    return {key.removeprefix('remote.').removesuffix('.url'): value for key, _, value in rows}


def _parted(line: str) -> tuple[str, str]:
    found = _URL.match(line.strip())
    return (found[1], found[2] or '') if found else ('', '')


def _place(address: str) -> str:
    """Return host and path, whatever the protocol: git.kernel.org serves one tree by several."""
    bare = re.sub(r'^[a-z+]+://', '', address.strip().lower())
    bare = re.sub(r'^[^/@]*@', '', bare).replace(':', '/', 1)
    return re.sub(r'(?:\.git)?/*$', '', re.sub(r'^(?:git\.kernel\.org|kernel\.googlesource\.com)/', 'kernel/', bare))
