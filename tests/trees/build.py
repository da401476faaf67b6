# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes small real git repositories, and the revision that a range of their commits would be on a list."""

from __future__ import annotations

import email
import email.policy
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from bot.model import BaseHint, Patch, Person, Preimage, Revision, Span

START = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)
AUTHOR = Person('A U Thor', 'author@example.org')


class Source:
    """A repository with a worktree, one commit a call, one day between commits."""

    def __init__(self, path: Path, *init: str) -> None:
        self.path, self._days = path, 0
        subprocess.run(['git', 'init', '-q', '-b', 'main', *init, str(path)], check=True)

    def copied(self, path: Path) -> Source:
        """Return the same repository in another place."""
        made = Source.__new__(Source)
        made.path, made._days = shutil.copytree(self.path, path, symlinks=True), self._days
        return made

    def git(self, *args: str, stdin: bytes = b'', **env: str) -> str:
        return git(self.path, *args, stdin=stdin, **env)

    def commit(self, files: Mapping[str, str | bytes | None], subject: str = 'change') -> str:
        """Write (None: remove) the files, commit, return the id."""
        for name, content in files.items():
            path = self.path / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git('add', '-A')
        return self.seal(subject)

    def seal(self, subject: str) -> str:
        """Commit the index as it is."""
        self._days += 1
        day = (START + timedelta(days=self._days)).isoformat()
        self.git('commit', '-q', '--allow-empty', '-m', subject, GIT_AUTHOR_DATE=day, GIT_COMMITTER_DATE=day)
        return self.git('rev-parse', 'HEAD')


def git(path: Path, *args: str, stdin: bytes = b'', **env: str) -> str:
    who = {'GIT_AUTHOR_NAME': AUTHOR.name, 'GIT_AUTHOR_EMAIL': AUTHOR.email}
    who |= {'GIT_COMMITTER_NAME': 'C O Mitter', 'GIT_COMMITTER_EMAIL': 'committer@example.org'}
    done = subprocess.run(
        ['git', '-c', 'protocol.file.allow=always', *args],
        cwd=path,
        input=stdin,
        capture_output=True,
        env=os.environ | who | env,
        check=False,
    )
    assert done.returncode == 0, f'git {args}: {done.stderr.decode()}'
    return done.stdout.decode('utf-8', 'surrogateescape').rstrip('\n')


def posted(source: Source, base: str, tip: str = 'HEAD', hints: tuple[BaseHint, ...] = ()) -> Revision:
    """Return BASE..TIP as the lore room would hand it over."""
    commits = source.git('rev-list', '--reverse', f'{base}..{tip}').split()
    mails = [source.git('format-patch', '-1', '--stdout', '--no-signature', '-M', c) + '\n' for c in commits]
    patches = [mailed(text.encode('utf-8', 'surrogateescape'), n + 1, len(mails)) for n, text in enumerate(mails)]
    return revision(patches, hints)


def mailed(raw: bytes, position: int = 1, total: int = 1) -> Patch:
    """Return the patch in one mail of `git format-patch`."""
    am = raw.partition(b'\n')[2] if raw.startswith(b'From ') else raw
    headers = email.message_from_bytes(am, policy=email.policy.default)
    body = am.partition(b'\n\n')[2].decode('utf-8', 'surrogateescape')
    at = body.find('diff --git ')
    diff = body[at:] if at >= 0 else ''
    date = parsedate_to_datetime(str(headers['date'])) if headers['date'] else None
    subject = re.sub(r'^\[[^\]]*\] *', '', str(headers['subject'] or ''))
    images = tuple(preimages(diff))
    msgid = f'{hashlib.sha256(raw).hexdigest()[:12]}@example.org'
    files = tuple(image.path for image in images)
    return Patch(position, total, msgid, subject, AUTHOR, date, '', '', diff, files, images, '', am)


def preimages(diff: str) -> list[Preimage]:
    found, path = [], ''
    for line in diff.split('\n'):
        if line.startswith('diff --git '):
            path = line.rpartition(' b/')[2]
        index = re.match(r'index ([0-9a-f]+)\.\.([0-9a-f]+)', line)
        if index:
            found.append(Preimage(path, index.group(1), index.group(2)))
    return found


def revision(patches: list[Patch], hints: tuple[BaseHint, ...] = (), missing: tuple[int, ...] = ()) -> Revision:
    first = patches[0]
    return Revision(
        version=1,
        posting=1,
        rfc=False,
        resend=False,
        message_id=first.message_id,
        cover=None,
        subject=first.subject,
        author=AUTHOR,
        date=first.date,
        change_id=None,
        patches=tuple(patches),
        expected=len(patches) + len(missing),
        missing=missing,
        base_hints=hints,
        trailers=(),
        thread_root=first.message_id,
    )


def base_commit(value: str) -> BaseHint:
    return BaseHint('base-commit', value, Span('cover@example.org', 1, 1))


def everything(top: Path) -> dict[str, str]:
    """Return the digest (or link target) of every file below `top`, git's own included, and when it was written.

    Time stamps of objects do not count: git renews that of one it would otherwise write again, wherever it stands.
    """
    found = {}
    for path in sorted(top.rglob('*')):
        name = path.relative_to(top).as_posix()
        if path.is_symlink():
            found[name] = f'link {path.readlink()}'
        elif path.is_file():
            stat = path.stat()
            written = 0 if '/objects/' in f'/{name}' else stat.st_mtime_ns
            found[name] = f'{stat.st_mode:o} {written} {hashlib.sha256(path.read_bytes()).hexdigest()}'
    return found


def numbered(count: int, **changed: str) -> str:
    """Return `count` lines of C; `line7='x'` replaces the seventh."""
    return ''.join(f'{changed.get(f"line{n}", f"int value_{n};")}\n' for n in range(1, count + 1))


def quiet(what: str, done: int, total: int) -> None:
    """Take progress and show nothing."""
