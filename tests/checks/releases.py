# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what the rules find in two releases of a kernel: what is new, what is gone, and which functions changed.

    python -m tests.checks.releases OLD NEW [-v] [--json FILE]

OLD and NEW are unpacked source trees or `REPOSITORY:REV`. A point release holds fixes: a new finding is false until it
is read, a finding that is gone is a real fix or a rewrite. Findings are matched by fingerprint (rule, path, function,
statement), as in a series. A function pair counts when both releases have the function, its text differs by more than
blanks and comments, and either side names what the rules watch.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.checks import Rule, check_rev, load_rules
from bot.checks.c.cparse import Unit, Unreadable, squeeze
from bot.checks.tree.sources import is_c
from bot.model import CheckResult, FilesAt, Finding
from bot.resources import shipped
from bot.trees.blobs import Files
from bot.trees.runner import Runner
from tests.checks.files import Directory, Memory, quiet


@dataclass(frozen=True, slots=True)
class Release:
    """One tree: its files, the commit to ask for, and the digest of every C file by path."""

    name: str
    files: FilesAt
    commit: str
    digests: dict[str, str]


@dataclass(frozen=True, slots=True)
class Compared:
    changed: int
    pairs: tuple[str, ...]
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    standing: tuple[int, int]

    @property
    def rate(self) -> float:
        """Return the new findings per 1000 changed files."""
        return 1000 * len(self.new) / self.changed if self.changed else 0.0


def release(place: str) -> Release:
    """Open an unpacked tree or a commit of a repository."""
    if Path(place).is_dir() and not (Path(place) / '.git').exists():
        top = Path(place)
        paths = (path for pattern in ('*.c', '*.h') for path in top.rglob(pattern) if path.is_file())
        digests = {str(path.relative_to(top)): hashlib.sha1(path.read_bytes()).hexdigest() for path in paths}
        return Release(top.name, Directory(top), 'tree', digests)
    repository, _, rev = place.partition(':')
    commit = _git(repository, 'rev-parse', '--verify', '--end-of-options', f'{rev or "HEAD"}^{{commit}}').strip()
    listed = _git(repository, 'ls-tree', '-r', '-z', commit).split('\0')
    entries = [entry.split('\t', 1) for entry in listed if entry]
    digests = {path: said.split()[2] for said, path in entries if is_c(path)}
    directory = Path(_git(repository, 'rev-parse', '--absolute-git-dir').strip())
    return Release(place, Files(directory, Runner()), commit, digests)


def _git(repository: str, *args: str) -> str:
    done = subprocess.run(['git', '-C', repository, *args], capture_output=True, check=True)
    return done.stdout.decode('utf-8', 'replace')


def changed_files(old: Release, new: Release) -> list[str]:
    """Return the C files that differ or are there on one side only."""
    both = old.digests.keys() | new.digests.keys()
    return sorted(path for path in both if old.digests.get(path) != new.digests.get(path))


def pairs(old: Release, new: Release, changed: Sequence[str], rules: Sequence[Rule]) -> Iterator[str]:
    """Yield "path function()" of every pair that has to do with the rules' subject."""
    watch = rules[0].watch
    touches = re.compile('|'.join(map(re.escape, sorted({*watch.prefixes, *watch.calls, *watch.counters}))).encode())
    for path in changed:
        texts = [one.files.read(one.commit, path) if path in one.digests else None for one in (old, new)]
        if all(text is not None and touches.search(text) for text in texts):
            before, after = (_functions(text or b'') for text in texts)
            for name in sorted(before.keys() & after.keys()):
                if before[name] != after[name] and any(touches.search(one[name].encode()) for one in (before, after)):
                    yield f'{path} {name}()'


def _functions(text: bytes) -> dict[str, str]:
    try:
        unit = Unit(text)
    except Unreadable:
        return {}
    return {one.name: squeeze(text[one.start : one.end].decode('utf-8', 'replace')) for one in unit.bodies}


def compare(old: Release, new: Release, rules: Sequence[Rule]) -> Compared:
    """Check both releases whole and pair their findings."""
    before, after = (_checked(one, rules) for one in (old, new))
    known = [{one.fingerprint: one for one in result.findings} for result in (before, after)]
    changed = changed_files(old, new)
    return Compared(
        len(changed),
        tuple(pairs(old, new, changed, rules)),
        tuple(one for one in after.findings if one.fingerprint not in known[0]),
        tuple(one for one in before.findings if one.fingerprint not in known[1]),
        (len(before.findings), len(after.findings)),
    )


def _checked(one: Release, rules: Sequence[Rule]) -> CheckResult:
    return check_rev(one.files, one.commit, rules, Memory(), quiet)


def table(found: Compared, old: str, new: str, every: bool = False) -> str:
    """Return the comparison in words; `every` lists the function pairs, too."""
    lines = [
        f'{old} -> {new}: {found.changed} C files differ, {len(found.pairs)} pairs of functions touch these APIs',
        f'standing findings: {found.standing[0]} -> {found.standing[1]}',
        f'NEW {len(found.new)} ({found.rate:.2f} per 1000 changed files), FIXED {len(found.gone)}',
    ]
    for word, some in (('NEW', found.new), ('FIXED', found.gone)):
        lines += [
            f'  {word:5} {f.rule} {f.severity:7} {f.file}:{f.line} {f.function}(): {f.message}'
            for f in sorted(some, key=lambda f: (f.file, f.line, f.rule))
        ]
    return '\n'.join([*lines, *(f'  pair  {one}' for one in found.pairs if every)])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog='python -m tests.checks.releases', description='Two releases, one account.')
    parser.add_argument('old', metavar='OLD')
    parser.add_argument('new', metavar='NEW')
    parser.add_argument('-v', '--verbose', action='store_true', help='list the pairs of functions')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the findings there, too')
    options = parser.parse_args(arguments)
    found = compare(release(options.old), release(options.new), load_rules([shipped('rules')]))
    print(table(found, Path(options.old).name, Path(options.new).name, options.verbose))
    spent = sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f'{spent:.0f} s of CPU time, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB')
    if options.json:
        told = {name: [[f.rule, f.file, f.line, f.function, f.message] for f in some]
                for name, some in (('new', found.new), ('fixed', found.gone))}  # fmt: skip
        options.json.write_text(json.dumps(told, indent=1) + '\n', encoding='utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
