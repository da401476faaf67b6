# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs spoilt kernel functions through parser, flow engine and every rule, as `lorebot check` would.

    python -m tests.checks.fuzz N [--seed S] [--tree DIR] [--processes P] [--minutes M] [--only CASE]

Promises that a case is reported when it raises, takes more than the CPU time a function may take, more memory than
allowed, or yields a finding outside its file; each with seed and number, which make it again. A process that dies or is
stuck where Python cannot look is started again behind the case. Refuses to run without limits.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from bot.checks import load_rules
from bot.checks.judgement import Judgement
from bot.checks.tree.sources import Sources
from bot.model import FileChange
from bot.resources import shipped
from tests.checks.mutate import examples, functions, mutant

SECONDS = 5.0  # CPU time of one case, and as much again for every 200 KiB
STUCK = 60  # seconds of CPU time after which a process counts as hanging in C code, however loaded the machine is
MEMORY = 1 << 30  # address space of one process
_PATH = 'drivers/fuzz/fuzz.c'
_RENEWED = 200


class TooSlow(Exception):
    """A case used up the CPU time a function may take."""


@dataclass(slots=True)
class Told:
    """What came out of a range of cases; `faults` are (case, what)."""

    cases: int = 0
    found: int = 0
    slowest: float = 0.0
    slowest_case: int = -1
    faults: list[tuple[int, str]] = field(default_factory=list)


class _One:
    """`FilesAt` over the headers of the newest kernel known and one file that changes."""

    def __init__(self) -> None:
        top = shipped('rules') / 'known-kernel'
        self.headers = {str(path.relative_to(top)): path.read_bytes() for path in sorted(top.rglob('*.[ch]'))}
        self.text, self.number = b'', 0

    def read(self, commit: str, path: str) -> bytes | None:
        return self.text if path == _PATH else self.headers.get(path)

    def blob_id(self, commit: str, path: str) -> str | None:
        return f'case {self.number}' if path == _PATH else path if path in self.headers else None

    def containing(
        self, commit: str, literals: Sequence[str], under: Sequence[str] = ()
    ) -> tuple[list[str], list[str]]:
        words = [word.encode() for word in literals]
        below = [path for path in self.headers if not under or path.startswith(tuple(under))]
        return [path for path in below if any(word in self.headers[path] for word in words)], []

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        return ()


class _Facts:
    """A cache that is emptied."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str, str], bytes] = {}

    def get(self, kind: str, version: str, blob: str) -> bytes | None:
        return self.known.get((kind, version, blob))

    def put(self, kind: str, version: str, blob: str, fact: bytes) -> None:
        self.known[kind, version, blob] = fact


class Bench:
    """Judges one text after the other by all shipped rules."""

    def __init__(self) -> None:
        self.files, self.cache = _One(), _Facts()
        self.rules = load_rules([shipped('rules')])
        self.generation = 0
        self._renew()

    def _renew(self) -> None:
        self.cache.known = {key: fact for key, fact in self.cache.known.items() if not key[2].startswith('case ')}
        sources = Sources(self.files, self.cache, self.rules[0].watch, lambda what, done, total: None)
        self.judgement = Judgement(sources.at('fuzz'), self.rules, {})

    def run(self, text: bytes, number: int) -> int:
        """Return how many findings a text has; raise `ValueError` for one that stands outside it."""
        if number // _RENEWED != self.generation:
            self.generation = number // _RENEWED
            self._renew()
        self.files.text, self.files.number = text, number
        self.judgement.snapshot._blobs.pop(_PATH, None)
        found = self.judgement.in_file(_PATH)
        last = text.count(b'\n') + 1
        for one in found:
            lines = [one.line, one.end_line, *(line.line for line in one.evidence if line.file == _PATH)]
            if not all(1 <= line <= last for line in lines):
                raise ValueError(f'{one.rule.id} names lines {lines} of {last}')
        return len(found)


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlow('more CPU time than a function of its size may take')


def run(cases: Sequence[int], sources: Sequence[bytes], seed: int, progress: Any = None) -> Told:
    """Run cases in this process; a fault is told with the innermost lines of its traceback."""
    bench, told = Bench(), Told()
    before = signal.signal(signal.SIGPROF, _too_slow)
    try:
        for case in cases:
            if progress is not None:
                progress(case, told)
            _timed(bench, told, mutant(sources, seed, case), case)
    finally:
        signal.signal(signal.SIGPROF, before)
    return told


def _timed(bench: Bench, told: Told, text: bytes, case: int) -> None:
    begin = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_PROF, SECONDS * (1 + len(text) / (200 << 10)))
        told.found += bench.run(text, case)
    except (Exception, RecursionError) as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        places = [f'{Path(at.filename).name}:{at.lineno}' for at in traceback.extract_tb(error.__traceback__)[-4:]]
        told.faults.append((case, f'{type(error).__name__}: {str(error)[:200]} at {" < ".join(reversed(places))}'))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    spent = time.process_time() - begin
    told.cases += 1
    if spent > told.slowest:
        told.slowest, told.slowest_case = spent, case


def sources_of(tree: str) -> list[bytes]:
    """Return functions to spoil: those of the examples, and those of a tree's files that touch pages."""
    found = examples()
    if tree:
        words = ['pin_user_page', 'get_user_page', 'iov_iter_extract', 'page_ref_', 'folio_ref_', '_refcount']
        flags = [part for word in words for part in ('-e', word)]
        listed = subprocess.run(
            ['grep', '-rlFZ', '--include=*.c', *flags, '.'], cwd=tree, capture_output=True, check=False
        )
        found += functions([Path(tree, path.decode()) for path in sorted(listed.stdout.split(b'\0')) if path])
    return found


def work(options: argparse.Namespace) -> int:
    """Be one process: run every P-th case from a number on, tell the state after each in a file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    faulthandler.register(signal.SIGXCPU, chain=True)
    state, end = Path(options.state), time.monotonic() + 60 * options.minutes

    def progress(case: int, told: Told) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + STUCK, resource.RLIM_INFINITY))
        state.write_text(json.dumps([case, told.cases, told.found, told.slowest, told.slowest_case, told.faults]))
        if time.monotonic() > end:
            raise KeyboardInterrupt

    cases = range(options.first, options.cases, options.processes)
    try:
        told = run(cases, sources_of(options.tree), options.seed, progress)
        state.write_text(json.dumps([-1, told.cases, told.found, told.slowest, told.slowest_case, told.faults]))
    except KeyboardInterrupt:
        pass
    return 0


def _worker(options: argparse.Namespace, nth: int, scratch: Path) -> Iterator[Told]:
    """Yield what processes tell, one after the other, started again behind a case that killed one."""
    first, end = nth, time.monotonic() + 60 * options.minutes
    while first < options.cases and (left := end - time.monotonic()) > 0:
        state = scratch / f'{nth}.json'
        command = [sys.executable, '-m', 'tests.checks.fuzz', str(options.cases), '--seed', str(options.seed)]
        command += ['--tree', options.tree, '--processes', str(options.processes), '--minutes', str(left / 60)]
        with (scratch / f'{nth}.err').open('wb') as errors:
            process = subprocess.Popen([*command, '--first', str(first), '--state', str(state)], stderr=errors)
        yield Told()
        while process.poll() is None:
            yield Told()
        case, cases, found, slowest, slowest_case, faults = json.loads(state.read_text())
        told = Told(cases, found, slowest, slowest_case, [(at, what) for at, what in faults])
        if process.returncode:
            last = (scratch / f'{nth}.err').read_text(errors='replace').strip().splitlines()[-12:]
            told.faults.append((case, f'the process ended with {process.returncode}: {" | ".join(last)}'))
        yield told
        if not process.returncode:
            return
        first = case + options.processes


def in_processes(options: argparse.Namespace) -> Told:
    """Run all cases in processes with limits of their own and put together what they tell."""
    total = Told()
    with tempfile.TemporaryDirectory(prefix='lorebot-fuzz-') as scratch:
        workers = [_worker(options, nth, Path(scratch)) for nth in range(options.processes)]
        while workers:
            for worker in list(workers):
                told = next(worker, None)
                if told is None:
                    workers.remove(worker)
                    continue
                total.cases, total.found = total.cases + told.cases, total.found + told.found
                total.faults += told.faults
                if told.slowest > total.slowest:
                    total.slowest, total.slowest_case = told.slowest, told.slowest_case
            time.sleep(0.2)
    return total


def report(told: Told, seed: int) -> str:
    lines = [
        f'{told.cases} spoilt functions, seed {seed}: {len(told.faults)} faults, {told.found} findings, '
        f'slowest {told.slowest:.2f} s CPU (case {told.slowest_case})'
    ]
    return '\n'.join([*lines, *(f'  case {case}: {what}' for case, what in sorted(told.faults))])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog='python -m tests.checks.fuzz', description='Spoilt functions through it all.')
    parser.add_argument('cases', type=int, metavar='N')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--tree', default='', help='take functions of this source tree, too')
    parser.add_argument('--processes', type=int, default=2)
    parser.add_argument('--minutes', type=float, default=600)
    parser.add_argument('--only', type=int, help='run this case alone, without limits, and print its text')
    parser.add_argument('--first', type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument('--state', default='', help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.state:
        return work(options)
    if options.only is not None:
        text = mutant(sources_of(options.tree), options.seed, options.only)
        sys.stdout.buffer.write(text + b'\n')
        print(Bench().run(text, 0), 'findings')
        return 0
    told = in_processes(options)
    print(report(told, options.seed))
    return 1 if told.faults else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
