# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks lorebot and its peers the same question of the same tree in one run: every call that takes GUP flags.

    python -m tests.checks.bench REPOSITORY:COMMIT TREE [--series MBOX] [--series-tree DIR] [--peers a,b] [--write]

TREE holds the files of COMMIT. CPU time is that of the command and all its children, the start of interpreters
included; memory is that of the largest process. The truth is counted without any parser (`sites.plain_lines`): names
before a parenthesis inside braces. Peers are taken from the PATH; those that are missing are named, never assumed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.checks import load_rules
from bot.resources import shipped
from tests import measurements
from tests.checks.sites import judged, plain_lines

TOP = Path(__file__).resolve().parents[2]
COLD, WARM, SERIES = 5.0, 30.0, 1.0  # aims: spatch's CPU time over ours, cold and warm; seconds for a series
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Run:
    """What a command cost, what it wrote, and how it ended."""

    cpu: float
    wall: float
    mib: int
    output: str
    status: int


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    run: Run
    found: int | None = None
    false: int = 0
    missed: int = 0


def timed(command: Sequence[str], cwd: Path, environment: dict[str, str] | None = None) -> Run:
    """Run a command; its own rusage and that of the children it waited for are what counts."""
    with tempfile.TemporaryFile() as out:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, stdout=out, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - begin
        out.seek(0)
        text = out.read().decode('utf-8', 'replace')
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss >> 10, text, process.returncode)


def truth(tree: Path) -> tuple[frozenset[str], frozenset[Place], list[str]]:
    """Return the names asked for, the places of their calls, and the files that mention them."""
    judgement = judged(tree)
    kernel = next(one for one in judgement.kernels.values() if one.area.flags is not None)
    names = kernel.group(('@get', '@pin'))
    paths = list(judgement.snapshot.paths(sorted(names)))
    places = {(path, line) for path in paths for line in plain_lines((tree / path).read_bytes(), names)}
    return names, frozenset(places), paths


def listed(output: str) -> set[Place]:
    """Read lines that begin with PATH:LINE:."""
    found = (re.match(r'(?:\./)?(.+?):(\d+):', line) for line in output.splitlines())
    return {(one[1], int(one[2])) for one in found if one}


def of_diff(output: str, names: frozenset[str]) -> set[Place]:
    """Read the starred lines that spatch prints as a diff."""
    word = re.compile(rf'\b({"|".join(names)})\s*\(')
    path, number, found = '', 0, set()
    for line in output.splitlines():
        if line.startswith('--- '):
            path = line[4:].split('\t')[0].removeprefix('./')
        elif hunk := re.match(r'@@ -(\d+)', line):
            number = int(hunk[1])
        elif line[:1] in '- ':
            if line.startswith('-') and word.search(line):
                found.add((path, number))
            number += 1
    return found


class Peers:
    """The commands of the peers, with what they write read as places."""

    def __init__(self, tree: Path, names: frozenset[str], paths: Sequence[str], scratch: Path) -> None:
        self.tree, self.names, self.paths, self.scratch = tree, names, list(paths), scratch
        self.either = '|'.join(sorted(names))

    def all(self) -> dict[str, Callable[[], Iterator[tuple[str, Run, set[Place]]]]]:
        return {'rg': self.rg, 'spatch': self.spatch, 'ast-grep': self.ast_grep, 'semgrep': self.semgrep,
                'weggli': self.weggli}  # fmt: skip

    def rg(self) -> Iterator[tuple[str, Run, set[Place]]]:
        words = [part for name in sorted(self.names) for part in ('-e', f'{name}(')]
        run = timed(['rg', '-nF', '--no-ignore', '--no-heading', '-tc', *words, '.'], self.tree)
        yield 'ripgrep, lines only', run, listed(run.output)

    def spatch(self) -> Iterator[tuple[str, Run, set[Place]]]:
        script = self.scratch / 'sites.cocci'
        arms = '\n|\n'.join(f'* {name}(es)' for name in sorted(self.names))
        script.write_text(f'@@\nexpression list es;\n@@\n(\n{arms}\n)\n')
        for name, more in (('spatch', ()), ('spatch, headers too', ('--include-headers',))):
            run = timed(
                ['spatch', '--very-quiet', '--no-includes', *more, '--sp-file', str(script), '--dir', '.'], self.tree
            )
            yield name, run, of_diff(run.output, self.names)

    def ast_grep(self) -> Iterator[tuple[str, Run, set[Place]]]:
        rule = self.scratch / 'sites.yml'
        rule.write_text(
            'id: sites\nlanguage: c\nmessage: site\nrule:\n  kind: call_expression\n  has:\n    field: function\n'
            f'    regex: ^({self.either})$\n'
        )
        for name, where in (('ast-grep, the files rg names', self.paths), ('ast-grep, whole tree', ['.'])):
            run = timed(
                ['ast-grep', 'scan', '--no-ignore', 'vcs', '--rule', str(rule), '--json=stream', *where], self.tree
            )
            hits = (re.search(r'"range":\{.*?"start":\{"line":(\d+)', one) for one in run.output.splitlines())
            files = (re.search(r'"file":"([^"]+)"', one) for one in run.output.splitlines())
            found = {(f[1].removeprefix('./'), int(h[1]) + 1) for f, h in zip(files, hits, strict=True) if f and h}
            yield name, run, found

    def semgrep(self) -> Iterator[tuple[str, Run, set[Place]]]:
        rule = self.scratch / 'semgrep.yml'
        arms = '\n'.join(f'    - pattern: {name}(...)' for name in sorted(self.names))
        rule.write_text(
            f'rules:\n- id: sites\n  languages: [c]\n  severity: INFO\n  message: x\n  pattern-either:\n{arms}\n'
        )
        command = ['semgrep', 'scan', '--metrics=off', '--disable-version-check', '--config', str(rule), '--json']
        run = timed([*command, '--no-git-ignore', '--max-target-bytes=0', *self.paths], self.tree)
        found = re.findall(r'"path":\s*"([^"]+)",\s*"start":\s*\{[^}]*"line":\s*(\d+)', run.output)
        yield 'semgrep, the files rg names', run, {(path, int(line)) for path, line in found}

    def weggli(self) -> Iterator[tuple[str, Run, set[Place]]]:
        run = timed(['weggli', '-R', f'$f=^({self.either})$', '{$f(_);}', '.'], self.tree)
        yield 'weggli', run, listed(run.output)


_INSTALLED = {'PYTHONPATH': str(TOP), 'PYTHONDONTWRITEBYTECODE': ''}
"""As after an installation: modules are compiled once, whatever the variables of this shell say."""


def compiled() -> None:
    timed([sys.executable, '-m', 'compileall', '-q', 'bot', 'tests'], TOP, _INSTALLED)


def ours(place: str, scratch: Path) -> Iterator[tuple[str, Run, set[Place]]]:
    command = [sys.executable, '-m', 'tests.checks.sites', place, str(scratch / 'facts.sqlite3')]
    for name in ('lorebot, cold', 'lorebot, warm'):
        run = timed(command, TOP, _INSTALLED)
        yield name, run, listed(run.output)


def whole(repository: str, commit: str, scratch: Path) -> Iterator[Row]:
    """Check the whole tree by all rules: without an index, and again with it."""
    for name in ('all rules, cold', 'all rules, warm'):
        yield Row(name, _bot(scratch, ['check', '--tree', repository, '--rev', commit, '--format', 'json']))


def series(mbox: Path, tree: Path, scratch: Path) -> Iterator[Row]:
    """Check a series without an index, all over with it, and by its checks alone: what came before them is held then."""
    asked = ['check', '--series', str(mbox), '--tree', str(tree), '--format', 'json']
    yield Row('a series, cold', _bot(scratch, asked))
    for kept in scratch.glob('*/lorebot/store.sqlite3*'):
        kept.unlink()
    yield Row('a series, warm index', _bot(scratch, asked))
    # All rules by name are the same work under another key: only the checks are done again.
    named = [part for rule in load_rules([shipped('rules')]) for part in ('--rule', rule.id)]
    yield Row('its checks alone, warm index', _bot(scratch, [*asked, *named]))
    empty = scratch / 'empty.c'
    empty.write_text('int nothing;\n')
    yield Row('of that, to start and end', _bot(scratch, ['check', '--alone', str(empty), '--format', 'json']))


def _bot(scratch: Path, arguments: Sequence[str]) -> Run:
    home = {f'XDG_{what}_HOME': str(scratch / what.lower()) for what in ('DATA', 'CACHE', 'CONFIG', 'STATE')}
    return timed([sys.executable, '-m', 'bot', *arguments], scratch, {**home, **_INSTALLED})


def table(rows: Sequence[Row], truth: int, missing: Sequence[str]) -> str:
    """Return the rows, each with its CPU time over ours."""
    cold, warm = (next((r.run.cpu for r in rows if r.name == f'lorebot, {what}'), 0.0) for what in ('cold', 'warm'))
    lines = [
        f'{"":32}{"CPU s":>8}{"wall s":>8}{"MiB":>6}{"found":>7}{"false":>7}{"missed":>8}{"/ cold":>8}{"/ warm":>8}'
    ]
    for row in rows:
        counts = ('', '', '') if row.found is None else (row.found, row.false, row.missed)
        ratios = [f'{row.run.cpu / ours:.1f}' if ours and row.found is not None else '' for ours in (cold, warm)]
        lines.append(
            f'{row.name:32}{row.run.cpu:8.2f}{row.run.wall:8.1f}{row.run.mib:6}'
            + ''.join(f'{one!s:>{width}}' for one, width in zip((*counts, *ratios), (7, 7, 8, 8, 8), strict=True))
            + (f'  exit {row.run.status}' if row.run.status not in (0, 1) else '')
        )
    peer = next((row.run.cpu for row in rows if row.name == 'spatch'), 0.0)
    lines += ['', f'{truth} calls, counted without a parser']
    if peer and cold and warm:
        lines.append(
            f'spatch takes {peer / cold:.1f} times our CPU time cold (aim {COLD:g}), {peer / warm:.0f} times warm (aim {WARM:g})'
        )
    lines += [f'missing here: {", ".join(missing)}'] if missing else []
    return '\n'.join(lines)


def measure(options: argparse.Namespace) -> str:
    with tempfile.TemporaryDirectory(prefix='lorebot-bench-') as name:
        scratch = Path(name)
        compiled()
        names, places, paths = truth(options.tree)
        peers = {peer: run for peer, run in Peers(options.tree, names, paths, scratch).all().items()
                 if not options.peers or peer in options.peers.split(',')}  # fmt: skip
        missing = [peer for peer in peers if shutil.which(peer) is None]
        rows = []
        asked = [lambda: ours(options.place, scratch), *(run for peer, run in peers.items() if peer not in missing)]
        for ask in asked:
            for label, run, found in ask():
                rows.append(_say(Row(label, run, len(found & places), len(found - places), len(places - found))))
        repository, _, commit = options.place.rpartition(':')
        rows += map(_say, whole(repository, commit, scratch))
        if options.series:
            rows += map(
                _say, series(options.series.resolve(), (options.series_tree or Path(repository)).resolve(), scratch)
            )
    return table(rows, len(places), missing)


def _say(row: Row) -> Row:
    print(f'{row.name}: {row.run.cpu:.2f} s', file=sys.stderr)
    return row


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='python -m tests.checks.bench', description='The same question to all.')
    parser.add_argument('place', metavar='REPOSITORY:COMMIT')
    parser.add_argument('tree', type=Path, metavar='TREE')
    parser.add_argument('--series', type=Path, metavar='MBOX')
    parser.add_argument('--series-tree', type=Path, metavar='DIR')
    parser.add_argument('--peers', default='', metavar='NAMES', help='only these, comma between; "none" for none')
    parser.add_argument('--write', action='store_true', help='put the table into docs/measurements.md')
    return parser.parse_args(given)


def main(given: Sequence[str]) -> int:
    options = arguments(given)
    told = measure(options)
    print(told)
    if options.write:
        measurements.write('checks', 'python -m tests.checks.bench REPOSITORY:COMMIT TREE --write', told)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
