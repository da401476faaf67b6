# SPDX-License-Identifier: GPL-2.0-or-later
"""Stand-ins that ship with lorebot: the demo's kernel-shaped tree and the conversation about a series made on it.

Everything comes from the files of config/demo, which were written for lorebot. The same files give the same commits
and the same mails; what a mail says of its base and blobs is true for the tree. Nothing is fetched and nobody is asked.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Any

from bot.errors import Bug, UserError
from bot.model import GitRunner

_MARK = 'lorebot-demo'
_NOTE = 'written for lorebot; the people in it do not exist'
_CUT = '\n---\n'
_DIFF_START = '\ndiff --git '
_DIFF = ('diff-tree', '-r', '--no-renames', '--diff-algorithm=myers', '--abbrev=12', '--stat=72', '--summary')


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo was built: its mails, its tree (bases only, no patch of the series), the newest cover letter's id."""

    mbox: Path
    tree: Path
    message_id: str


@dataclass(frozen=True, slots=True)
class _Text:
    """A file of the story: leading `#` lines dropped, header fields, the rest."""

    headers: dict[str, str]
    body: str

    @property
    def text(self) -> str:
        """Return the body above `---`: a commit message without its subject, or what a cover letter says."""
        return self.body.partition(_CUT)[0].strip() + '\n'

    @property
    def notes(self) -> str:
        """Return what stands between `---` and the diff, and an empty line; '' when nothing does."""
        notes = self.body.partition(_CUT)[2].partition(_DIFF_START)[0].strip()
        return f'{notes}\n\n' if notes and not notes.startswith('diff --git ') else ''

    @property
    def diff(self) -> str:
        return self.body[self.body.index(_DIFF_START) + 1 :]


@dataclass(frozen=True, slots=True)
class _Mail:
    message_id: str
    parent: str | None
    subject: str
    author: str
    date: str
    body: str

    @property
    def when(self) -> datetime:
        return parsedate_to_datetime(self.date)


def build_demo(story: Path, directory: Path, git: GitRunner) -> Demo:
    """Build `directory`/tree and `directory`/series.mbox from the files below `story`, over what an earlier call left.

    Raises `UserError` when `directory`/tree is something else.
    """
    plan = tomllib.loads((story / 'story.toml').read_text(encoding='utf-8'))
    tree, mbox = directory / 'tree', directory / 'series.mbox'
    _make_room(tree)
    _build_tree(story, plan, _Repository(tree, git))
    mails: list[_Mail] = []
    for posting in plan['posting']:
        with tempfile.TemporaryDirectory(prefix='lorebot-demo-') as scratch:
            author = _borrowing(_Repository(Path(scratch), git), tree)
            mails += _posting(story / posting['directory'], plan, posting, author)
    mbox.write_bytes(_as_mbox(mails, plan))
    return Demo(mbox, tree, plan['posting'][-1]['message_id'].format(0))


def _make_room(tree: Path) -> None:
    if tree.exists():
        if not (tree / '.git' / _MARK).is_file():
            raise UserError('will not overwrite a directory that is not the demo', where=str(tree), todo='move it away')
        shutil.rmtree(tree)
    tree.mkdir(parents=True)


@dataclass(frozen=True, slots=True)
class _Repository:
    """One git repository, written to by plumbing, so that dates and people are the story's and not this machine's."""

    path: Path
    git: GitRunner

    def __call__(self, *args: str, stdin: str = '') -> str:
        done = self.git(*args, cwd=self.path, stdin=stdin.encode())
        if done.status != 0:
            raise Bug('the demo cannot be built', where=f'git {args[0]}: {done.stderr.strip()}', todo='report it')
        return done.stdout.decode()

    def commit(self, parent: str | None, author: str, date: str, message: str) -> str:
        """Commit the index and return the commit's id; no branch moves."""
        when = parsedate_to_datetime(date)
        person = f'{author} {int(when.timestamp())} {when.strftime("%z")}'
        lines = [f'tree {self("write-tree").strip()}', *([f'parent {parent}'] if parent else [])]
        lines += [f'author {person}', f'committer {person}', '', message]
        return self('hash-object', '-t', 'commit', '-w', '--stdin', stdin='\n'.join(lines)).strip()

    def apply(self, patch: _Text, parent: str) -> str:
        """Apply a patch to the index, commit it and return the commit's id."""
        self('apply', '--cached', '--whitespace=nowarn', '-', stdin=patch.diff)
        message = f'{patch.headers["Subject"]}\n\n{patch.text}'
        return self.commit(parent, patch.headers['From'], patch.headers['Date'], message)


def _borrowing(author: _Repository, tree: Path) -> _Repository:
    """Make a bare repository that reads the tree's objects and keeps its own: the tree never holds a patch of the series."""
    author('init', '--quiet', '--bare')
    alternates = author.path / 'objects/info/alternates'
    alternates.write_text(f'{(tree / ".git/objects").resolve()}\n', encoding='utf-8')
    (author.path / 'refs/tags').mkdir(parents=True, exist_ok=True)
    shutil.copytree(tree / '.git/refs/tags', author.path / 'refs/tags', dirs_exist_ok=True)
    return author


def _build_tree(story: Path, plan: dict[str, Any], tree: _Repository) -> None:
    tree('init', '--quiet', '--initial-branch=master')
    (tree.path / '.git' / _MARK).write_text(_NOTE + '\n', encoding='utf-8')
    for source in sorted(path for path in (story / 'tree').rglob('*') if path.is_file()):
        copy = tree.path / source.relative_to(story / 'tree')
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    tree('add', '--all', '--force')
    first = plan['tree']
    tip = tree.commit(None, first['author'], first['date'], first['subject'] + '\n')
    tree('update-ref', f'refs/tags/{first["tag"]}', tip)
    for later in plan['later']:
        tip = tree.apply(_read(story / later['patch']), tip)
        tree('update-ref', f'refs/tags/{later["tag"]}', tip)
    tree('update-ref', 'refs/heads/master', tip)
    tree('reset', '--quiet', '--hard', tip)


def _posting(place: Path, plan: dict[str, Any], posting: dict[str, Any], author: _Repository) -> Iterator[_Mail]:
    """Yield the cover letter, the patches and the replies of one posting."""
    base = author('rev-parse', f'refs/tags/{posting["base"]}').strip()
    author('read-tree', base)
    cover = _read(place / '0-cover.mail')
    patches = [_read(path) for path in sorted(place.glob('*.patch'))]
    commits = [base]
    for patch in patches:
        commits.append(author.apply(patch, commits[-1]))
    diffs = (author(*_DIFF, '-p', before, after) for before, after in zip(commits, commits[1:], strict=False))
    bodies = [_cover_body(cover, patches, author(*_DIFF, base, commits[-1]), base, plan['series']['change_id'])]
    bodies += [f'{p.text}---\n{p.notes}{diff}-- \n{_NOTE}\n' for p, diff in zip(patches, diffs, strict=True)]
    top = posting['message_id'].format(0)
    for position, (text, body) in enumerate(zip([cover, *patches], bodies, strict=True)):
        subject = f'[{posting["prefix"]} {position}/{len(patches)}] {text.headers["Subject"]}'
        told = text.headers | {'Subject': subject, 'Message-ID': posting['message_id'].format(position)}
        yield _mail(told | ({'In-Reply-To': top} if position else {}), body)
    for reply in map(_read, sorted((place / 'replies').glob('*.mail'))):
        yield _mail(reply.headers, reply.body)


def _mail(told: dict[str, str], body: str) -> _Mail:
    parent = told.get('In-Reply-To', '').strip('<>') or None
    return _Mail(told['Message-ID'].strip('<>'), parent, told['Subject'], told['From'], told['Date'], body)


def _cover_body(cover: _Text, patches: list[_Text], stat: str, base: str, change_id: str) -> str:
    """Add to the text what b4 adds to a cover letter: list of patches, diffstat, base-commit, change-id."""
    name = parseaddr(cover.headers['From'])[0]
    notes = f'{cover.notes}---\n' if cover.notes else ''
    subjects = ''.join(f'      {patch.headers["Subject"]}\n' for patch in patches)
    return (
        f'{cover.text}\n---\n{notes}{name} ({len(patches)}):\n{subjects}\n{stat.lstrip(chr(10))}---\n'
        f'base-commit: {base}\nchange-id: {change_id}\n\nBest regards,\n-- \n{name}\n'
    )


def _read(path: Path) -> _Text:
    head, _, body = path.read_text(encoding='utf-8').partition('\n\n')
    fields = [line for line in head.splitlines() if not line.startswith('#')]
    return _Text({name: value for name, _, value in (field.partition(': ') for field in fields)}, body)


def _as_mbox(mails: list[_Mail], plan: dict[str, Any]) -> bytes:
    """Write the mails in mboxrd form, by date."""
    known = {mail.message_id: mail for mail in mails}
    ordered = sorted(mails, key=lambda mail: (mail.when, mail.message_id))
    texts = (re.sub(r'^(>*From )', r'>\1', _as_text(mail, known, plan), flags=re.MULTILINE) for mail in ordered)
    return ''.join(f'From mboxrd@z Thu Jan  1 00:00:00 1970\n{text}\n' for text in texts).encode()


def _as_text(mail: _Mail, known: dict[str, _Mail], plan: dict[str, Any]) -> str:
    ancestors = list(_ancestors(mail, known))
    lists = plan['lists']
    parent = known[mail.parent] if mail.parent else None
    answers = parent is not None and parent.author != mail.author
    fields = {
        'From': mail.author,
        'To': parent.author if parent and answers else ', '.join(lists['to']),
        'Cc': ', '.join([*lists['to'], *lists['cc']] if answers else lists['cc']),
        'Subject': mail.subject,
        'Date': mail.date,
        'Message-ID': f'<{mail.message_id}>',
        'In-Reply-To': f'<{mail.parent}>' if mail.parent else '',
        'References': ' '.join(f'<{ancestor}>' for ancestor in reversed(ancestors)),
        'List-Id': ', '.join(f'<{parseaddr(name)[1].replace("@", ".")}>' for name in lists['to']),
        'MIME-Version': '1.0',
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Transfer-Encoding': '8bit',
        'X-Lorebot-Demo': _NOTE,
    }
    head = ''.join(f'{name}: {value}\n' for name, value in fields.items() if value)
    return f'{head}\n{mail.body}'


def _ancestors(mail: _Mail, known: dict[str, _Mail]) -> Iterator[str]:
    parent = mail.parent
    while parent is not None:
        yield parent
        parent = known[parent].parent
