# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches as mails: those that `git am` is fed, and a range of commits written as the series it would be on a list.

Promises that one mail stays one patch whatever its text says, and that the bytes depend on the commits alone.
Refuses ranges that are no series: merges, nothing, or more than a list would bear.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from bot.errors import TreeError
from bot.model import GitOutput, Patch, RawMail
from bot.trees.base import Resolve
from bot.trees.runner import Runner, first_line

_FROM = re.compile(rb'^(>*From )', re.MULTILINE)
_CR_HEADER = re.compile(rb'^(?:diff --git |\+\+\+ ).*\r$', re.MULTILINE)
_BLANK = re.compile(rb'\r?\n\r?\n')
_DATE = re.compile(rb'^date:[ \t]*(.*(?:\n[ \t].*)*)\n', re.IGNORECASE | re.MULTILINE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 4102444800  # the year 2100: git takes later ones for something else
_MOST = 1000
_DOMAIN = 'range.lorebot.invalid'


def for_am(patch: Patch) -> bytes:
    """Return the mail as `git am --patch-format=mboxrd --keep-cr` takes it, as exactly one message.

    Without a usable Date git would take the clock's, and the commit id would change with every run.
    """
    mail = without_transport_crs(patch.am)
    if mail.startswith(b'From '):
        mail = mail.partition(b'\n')[2]
    blank = _BLANK.search(mail)
    headers, body = (mail[: blank.start()], mail[blank.end() :]) if blank else (mail, b'')
    whole = _dated(headers.replace(b'\r', b'') + b'\n', patch.date or _EPOCH) + b'\n' + body
    return b'From ' + b'0' * 40 + b' Mon Sep 17 00:00:00 2001\n' + _FROM.sub(rb'>\1', whole) + b'\n\n'


def without_transport_crs(raw: bytes) -> bytes:
    """Drop the CRs at line ends when the headers of the diff have them, too: then they are not the file's."""
    return raw.replace(b'\r\n', b'\n') if _CR_HEADER.search(raw) else raw


def _dated(headers: bytes, fallback: datetime) -> bytes:
    """Write the date anew: what Python can read of one, git may refuse."""
    claimed = _DATE.search(headers)
    date = fallback
    try:
        found = parsedate_to_datetime(claimed.group(1).decode('ascii', 'replace')) if claimed else fallback
        date = found if 0 <= found.timestamp() < _LATEST else fallback
    except (ValueError, TypeError, OverflowError, IndexError):
        pass
    return _DATE.sub(b'', headers) + b'Date: ' + format_datetime(date).encode('ascii') + b'\n'


def range_as_mails(rev_range: str, repo: Path, scratch: Path, resolve: Resolve, run: Runner) -> tuple[RawMail, ...]:
    """Write the commits of BASE..TIP as one threaded series; raise `TreeError` when they cannot make one."""

    def git(*args: str) -> GitOutput:
        return run(f'--git-dir={repo}', *args)

    old, new = _ends(rev_range, resolve)
    base = git('merge-base', old, new).stdout.decode().strip()
    if not base:
        raise _refused(rev_range, 'the two ends have no common ancestor here', 'fetch more history, or name other ends')
    commits = git('rev-list', '--reverse', '--topo-order', f'{old}..{new}').stdout.decode().split()
    if not commits or len(commits) > _MOST:
        raise _refused(rev_range, f'{len(commits)} commits make no series', f'name a range of 1 to {_MOST}')
    if git('rev-list', '--merges', '--max-count=1', f'{old}..{new}').stdout.strip():
        raise _refused(rev_range, 'it has merges in it', 'name a range without merges')
    shape = ('--numbered-files', '--no-signature', '--no-cover-letter', '--no-thread', '--full-index', '--binary', '-M')
    done = git('format-patch', '-q', '-o', str(scratch), *shape, '--no-ext-diff', '--topo-order', f'{old}..{new}')
    if done.status:
        raise _refused(rev_range, first_line(done.stderr), 'fetch what is absent')
    files = [scratch / str(n + 1) for n in range(len(commits))]
    return tuple(
        _threaded(file.read_bytes(), commit, commits[0], base, f'git range {rev_range}')
        for file, commit in zip(files, commits, strict=True)
    )


def _ends(rev_range: str, resolve: Resolve) -> tuple[str, str]:
    first, dots, last = rev_range.partition('..')
    if not dots or last.startswith('.'):
        raise _refused(rev_range, 'not of the form BASE..TIP', 'write it as v6.10..my-branch')
    ends = [resolve(end or 'HEAD') for end in (first, last)]
    for end, found in zip((first, last), ends, strict=True):
        if found is None:
            raise _refused(rev_range, f'{end or "HEAD"} names no commit', 'check the names')
    return str(ends[0]), str(ends[1])


def _refused(rev_range: str, why: str, todo: str) -> TreeError:
    return TreeError(f'the range cannot be read as a series: {why}', where=rev_range[:80], todo=todo)


def _threaded(mail: bytes, commit: str, first: str, base: str, origin: str) -> RawMail:
    mail = mail.partition(b'\n')[2] if mail.startswith(b'From ') else mail
    threading = f'Message-ID: <{commit}@{_DOMAIN}>\n'
    if commit == first:
        mail += f'\nbase-commit: {base}\n'.encode()
    else:
        threading += f'In-Reply-To: <{first}@{_DOMAIN}>\nReferences: <{first}@{_DOMAIN}>\n'
    return RawMail(threading.encode() + mail, None, origin)
