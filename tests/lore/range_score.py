# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares lorebot's own range-diff with git's: `python -m tests.lore.range_score PATH... [-v]`.

For every two postings of a series in PATH (thread directories, mboxes) git gets a repository made for the purpose: each
patch is a commit on a tree that holds exactly the lines its hunks expect, at their line numbers. The commits that put
these trees in place are merges, which `git range-diff` leaves out, so git sees the patches and nothing else.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot import lore
from bot.lore.diff import _path, header_paths
from bot.model import Patch, PatchChange, Revision
from bot.trees import run
from tests.questions.mails import messages

_HUNK = re.compile(r'@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)')
_LINE = re.compile(r'\s*(-|\d+):\s+\S+ ([=!<>])\s+(-|\d+):')
_ENV = {'PATH': '/usr/bin:/bin', 'HOME': '/nonexistent', 'GIT_CONFIG_NOSYSTEM': '1', 'LC_ALL': 'C.UTF-8'}


@dataclass(slots=True)
class Changed:
    """One file of a patch, before and after; '' for a side that is not there."""

    old: str = ''
    new: str = ''
    mode: str = '100644'
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def fill(self, old: int, new: int, heading: str) -> None:
        """Bring both sides to a hunk's first lines; the function git shows for it stands right above."""
        gap = max(0, old - 1 - len(self.before), new - 1 - len(self.after))
        filler = [f' line {len(self.before) + n}' for n in range(gap)]
        for side, start in ((self.before, old), (self.after, new)):
            side += filler[: max(0, start - 1 - len(side))]
        if heading and self.before and self.after and self.before[-1].startswith(' line '):
            self.before[-1] = self.after[-1] = heading


def changes(diff: str) -> Iterator[Changed]:
    """Read a diff as both sides of each file it touches."""
    one: Changed | None = None
    left = right = 0
    for line in diff.split('\n'):
        if (left > 0 or right > 0) and one is not None:
            mark = line[:1] or ' '
            if mark in ' -\t':
                one.before.append(line[1:])
            if mark in ' +\t':
                one.after.append(line[1:])
            left, right = left - (mark in ' -\t'), right - (mark in ' +\t')
        elif line.startswith('diff --git '):
            if one is not None:
                yield one
            one = Changed(*(header_paths(line) or ('', '')))
        elif one is not None and (head := _HUNK.match(line)):
            left, right = int(head[2] or 1), int(head[4] or 1)
            one.fill(int(head[1]) + (left == 0), int(head[3]) + (right == 0), head[5])
        elif one is not None:
            _header(one, line)
    if one is not None:
        yield one


def _header(one: Changed, line: str) -> None:
    if line.startswith('new file mode '):
        one.old, one.mode = '', line[14:20]
    elif line.startswith('deleted file mode '):
        one.new = ''
    elif line.startswith('rename from '):
        one.old = _path(f'a/{line[12:]}')
    elif line.startswith('rename to '):
        one.new = _path(f'b/{line[10:]}')


class Import:
    """A stream for `git fast-import`: one branch for each posting."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.marks = 0

    def commit(
        self, branch: str, message: str, author: str, parents: Sequence[int], tree: dict[str, tuple[str, str]]
    ) -> int:
        self.marks += 1
        self._line(f'commit refs/heads/{branch}', f'mark :{self.marks}')
        self._line(f'author {author} 1700000000 +0000', 'committer t <t@example.org> 1700000000 +0000')
        self._data(message.encode())
        if parents:
            self._line(f'from :{parents[0]}', *(f'merge :{one}' for one in parents[1:]))
        self._line('deleteall')
        for path, (mode, text) in sorted(tree.items()):
            quoted = path.replace('\\', '\\\\').replace('"', '\\"')
            self._line(f'M {mode} inline "{quoted}"')
            self._data(text.encode('utf-8', 'surrogateescape'))
        self._line('')
        return self.marks

    def _line(self, *lines: str) -> None:
        self.parts += [f'{line}\n'.encode('utf-8', 'surrogateescape') for line in lines]

    def _data(self, data: bytes) -> None:
        self.parts += [f'data {len(data)}\n'.encode(), data, b'\n']


def posted(stream: Import, branch: str, revision: Revision) -> None:
    """Write one posting: under every patch a merge that puts the lines it expects in place."""
    nobody = 'n <n@example.org>'
    root = stream.commit(f'{branch}-base', 'nothing', nobody, (), {})
    at = base = stream.commit(f'{branch}-base', 'nothing yet', nobody, (root,), {})
    for patch in revision.patches:
        files = list(changes(patch.diff))
        before = {one.old: (one.mode, _text(one.before)) for one in files if one.old}
        after = {one.new: (one.mode, _text(one.after)) for one in files if one.new}
        other = base if at != base else root
        ground = stream.commit(branch, 'ground', nobody, (at, other), before)
        at = stream.commit(branch, _message(patch), _author(patch), (ground,), after)


def _text(lines: Sequence[str]) -> str:
    return ''.join(f'{line}\n' for line in lines)


def _message(patch: Patch) -> str:
    return f'{patch.subject}\n\n{patch.commit_message.strip()}\n'


def _author(patch: Patch) -> str:
    name = re.sub(r'[<>\n]', '', patch.author.name or patch.author.email)
    return f'{name} <{re.sub(r"[<>]", "", patch.author.email)}>'


def by_git(old: Revision, new: Revision, scratch: Path) -> list[tuple[int, int, str]]:
    """Return git's own answer as (old position, new position, sign)."""
    stream = Import()
    posted(stream, 'old', old)
    posted(stream, 'new', new)
    git = ['git', '-C', str(scratch)]
    subprocess.run(['git', 'init', '-q', '--bare', str(scratch)], check=True, env=_ENV)
    subprocess.run([*git, 'fast-import', '--quiet'], input=b''.join(stream.parts), check=True, env=_ENV)
    ranges = [f'{name}-base..{name}' for name in ('old', 'new')]
    shown = subprocess.run(
        [*git, 'range-diff', '--no-color', '-s', '--creation-factor=60', *ranges],
        check=True, capture_output=True, env=_ENV,
    ).stdout.decode('utf-8', 'replace')  # fmt: skip
    before, after = [p.position for p in old.patches], [p.position for p in new.patches]
    found = []
    for line in shown.split('\n'):
        if hit := _LINE.match(line):
            left, right = (0 if n == '-' else int(n) for n in (hit[1], hit[3]))
            found.append((before[left - 1] if left else 0, after[right - 1] if right else 0, hit[2]))
    return found


_SIGNS = {'same': '=', 'message': '!', 'code': '!', 'new': '>', 'gone': '<'}


def signs(found: Sequence[PatchChange]) -> list[tuple[int, int, str]]:
    return [(one.old, one.new, _SIGNS[one.how]) for one in found]


def pairs(path: Path) -> Iterator[tuple[Revision, Revision]]:
    made = lore.assemble(messages(path), None, run)
    for series in made.series:
        for old, new in zip(series.revisions, series.revisions[1:], strict=False):
            if old.patches and new.patches and all(p.diff for r in (old, new) for p in r.patches):
                yield old, new


def main(arguments: Sequence[str]) -> int:
    compared = patches = agreed = 0
    for path in [Path(one) for one in arguments if not one.startswith('-')]:
        for old, new in pairs(path):
            with tempfile.TemporaryDirectory() as scratch:
                theirs = set(by_git(old, new, Path(scratch)))
            ours = set(signs(lore.compare(old, new)))
            compared, patches, agreed = compared + 1, patches + len(theirs | ours), agreed + len(theirs & ours)
            if ours != theirs or '-v' in arguments:
                name = f'{path.stem[:40]} #{old.posting} to #{new.posting}'
                print(
                    f'{name}: {len(theirs & ours)} of {len(theirs | ours)}; git alone {sorted(theirs - ours)}, lorebot alone {sorted(ours - theirs)}'
                )
    print(f'{compared} pairs of postings, {agreed} of {patches} patches alike: {agreed / max(patches, 1):.1%}')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
