# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures how fast mails become a ledger, end to end with the store: `./bot.sh bench [--json] [--write] [MBOX...]`.

Without names the mboxes of the shared corpus that nobody annotated are taken. Times are those of the processor (this
process and the git it starts), so that other work on the machine does not count; one core does it all. The ratio is
against parsing the same mails with the standard library's `email` and nothing else, in the same run.
"""

from __future__ import annotations

import argparse
import email
import json
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from bot import config, engine, lore, questions, stages, trees
from bot.desk import Desk
from bot.model import Ledger, RawMail
from bot.model.memory import Memory
from bot.store import Store
from tests import measurements
from tests.conftest import SHARED
from tests.lab import bench as of_the_lab

NOW = datetime(2026, 1, 1, tzinfo=UTC)
UPDATES = 15
COPIES = (1, 4, 16)
AIM_RATE, AIM_UPDATE = 150.0, 50.0


class Inline(Executor):
    """Performs jobs where it is asked, documents and all: what one core does, without the start of a process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(stages.perform(args[0], lambda *_: None))
        return future


def seconds() -> float:
    """Return the processor time of this process and of those it waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@contextmanager
def desk(directory: Path, executor: Executor) -> Iterator[Desk]:
    settings = config.load(None, {'store.path': str(directory)}).settings
    with Store(settings.store_dir / 'store.sqlite3') as store:
        yield Desk(settings, store, executor, lambda *_: None, lambda: NOW)


def mails_of(path: Path) -> list[RawMail]:
    archive = config.load().settings.archive
    return list(lore.read(lore.locate(str(path), archive.url), archive, trees.run, lambda *_: None))


def ledger(at: Desk, key: str) -> Ledger:
    """Do what a review does with the mails that the store holds under a key, up to the ledger, and keep it."""
    held = at.store.source(key)
    assert held is not None
    facts = str(at.facts)
    job = stages.Assemble(held[1], at.settings.archive.prefer_lists, None, None, facts)
    made: lore.Assembly = at.finish(at.start('assemble', job, key))
    series = made.series[0] if made.series else None
    asked = stages.Questions(made.threads, series, at.settings.questions, None, facts=facts)
    found: Ledger = at.finish(at.start('questions', asked, key))
    return found


@dataclass(frozen=True)
class Rate:
    """How many mails a second of one core become a kept ledger, and how many times longer that takes than parsing."""

    name: str
    mails: int
    rate: float
    again: float
    parsing: float


def rate(path: Path, directory: Path) -> Rate:
    begin = seconds()
    raws = mails_of(path)
    with desk(directory, Inline()) as at:
        at.store.put_source(path.stem, raws, NOW)
        ledger(at, path.stem)
        took = seconds() - begin
        parsed = _parsing(raws)
        more = [*raws, _one_more(raws)]
        begin = seconds()
        at.store.put_source(path.stem, more, NOW)
        ledger(at, path.stem)
        again = seconds() - begin
    return Rate(path.stem, len(raws), len(raws) / took, 1000 * again, took / parsed)


def _parsing(raws: Sequence[RawMail]) -> float:
    begin = seconds()
    for raw in raws:
        email.message_from_bytes(raw.raw)
    return max(seconds() - begin, 0.01)


def _one_more(raws: Sequence[RawMail]) -> RawMail:
    """Return a new answer to the newest mail."""
    last = lore.parse(raws, ())[-1]
    quoted = '\n'.join(f'> {t}' for t in last.lines[:40])
    date = format_datetime((last.date or NOW) + timedelta(hours=1))
    text = (
        f'From: Rita Reader <rita@reader.example>\nDate: {date}\nSubject: Re: {last.subject[:60]}\n'
        f'Message-ID: <one-more@reader.example>\nIn-Reply-To: <{last.message_id}>\n'
        f'References: {" ".join(f"<{r}>" for r in (*last.references[-9:], last.message_id))}\n\n'
        f'{quoted}\n\nWhy is this needed, and who would call it from there?\n'
    )
    return RawMail(text.encode('utf-8', 'replace'), None, 'bench')


@dataclass(frozen=True)
class Update:
    """What one more mail costs a process that holds the conversation in its memory, in milliseconds."""

    name: str
    mails: int
    questions: int
    median: float
    p95: float


def update(path: Path, count: int = UPDATES) -> Update:
    """Let the last `count` mails of a conversation come one by one."""
    raws = mails_of(path)
    place = {m.message_id: n for n, m in enumerate(lore.parse(raws, ()))}
    ordered = sorted(raws, key=lambda r: place[lore.parse([r], ())[0].message_id])
    memory = Memory()
    found = _grow(ordered[:-count], memory)
    times = []
    for size in range(len(ordered) - count + 1, len(ordered) + 1):
        begin = seconds()
        found = _grow(ordered[:size], memory)
        times.append(1000 * (seconds() - begin))
    return Update(path.stem, len(raws), len(found.questions), statistics.median(times), _p95(times))


def _grow(raws: Sequence[RawMail], memory: Memory) -> Ledger:
    with memory:
        made = lore.assemble(lore.parse(raws, ()), None, trees.run)
        graph = lore.quotes([m for t in made.threads for m in t.messages])
        series = made.series[0] if made.series else None
        return questions.ask(made.threads, series, graph, config.load().settings.questions)


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[max(round(0.95 * len(times)) - 1, 0)]


@dataclass(frozen=True)
class Archive:
    """What one more mail of one conversation costs, jobs, facts and store included, beside so many other mails."""

    copies: int
    mails: int
    update: float


def archives(path: Path, directory: Path) -> list[Archive]:
    """Fill one store with more and more copies of a conversation; time an update of the first each time."""
    raws, out = mails_of(path), []
    with desk(directory, Inline()) as at:
        for number in range(max(COPIES)):
            key = f'copy {number}'
            at.store.put_source(key, [_renamed(r, number) for r in raws], NOW)
            ledger(at, key)
            if number + 1 in COPIES:
                times = [_one_update(at, raws, 1000 * number + n) for n in range(5)]
                out.append(Archive(number + 1, (number + 1) * len(raws), statistics.median(times)))
    return out


def _one_update(at: Desk, raws: Sequence[RawMail], number: int) -> float:
    more = RawMail(_one_more(raws).raw.replace(b'one-more@', b'%d@' % number), None, 'bench')
    begin = seconds()
    at.store.put_source('copy 0', [*(_renamed(r, 0) for r in raws), _renamed(more, 0)], NOW)
    ledger(at, 'copy 0')
    return 1000 * (seconds() - begin)


def _renamed(raw: RawMail, number: int) -> RawMail:
    """Return the mail as one of another conversation: every id in its headers has another name."""
    head, gap, body = raw.raw.partition(b'\n\n')
    return RawMail(re.sub(rb'<([^<>\s]+@)', rb'<c%d.\1' % number, head) + gap + body, raw.archived, raw.origin)


def through_processes(path: Path, directory: Path) -> float:
    """Return the seconds, by the clock, that one more mail takes when each job is a process of its own."""
    raws, executor = mails_of(path), engine.local(1)
    try:
        with desk(directory, executor) as at:
            at.store.put_source(path.stem, raws, NOW)
            ledger(at, path.stem)
            begin = time.perf_counter()
            at.store.put_source(path.stem, [*raws, _one_more(raws)], NOW)
            ledger(at, path.stem)
            return time.perf_counter() - begin
    finally:
        engine.abandon()
        executor.shutdown()


def measure(paths: Sequence[Path]) -> dict[str, Any]:
    """Return all figures; conversations from short to long."""
    paths = sorted(paths, key=lambda p: p.stat().st_size)
    with tempfile.TemporaryDirectory(prefix='lorebot-bench-') as scratch:
        top = Path(scratch)
        rates = [_say(rate(p, top / 'rates')) for p in paths]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        updates = [_say(update(p)) for p in paths]
        beside = [_say(a) for a in archives(paths[0], top / 'archives')]
        processes = through_processes(paths[len(paths) // 2], top / 'processes')
    mails = sum(r.mails for r in rates)
    return {
        'rates': [asdict(r) for r in rates],
        'rate': mails / sum(r.mails / r.rate for r in rates),
        'parsing': sum(r.mails / r.rate for r in rates) / sum(r.mails / r.rate / r.parsing for r in rates),
        'peak_mib': peak,
        'updates': [asdict(u) for u in updates],
        'archives': [asdict(a) for a in beside],
        'processes': {'name': paths[len(paths) // 2].stem, 'seconds': processes},
    }


def _say(figure: Any) -> Any:
    print(figure, file=sys.stderr)
    return figure


def table(found: dict[str, Any]) -> str:
    rates = [
        f'{r["name"][:34]:35s}{r["mails"]:6d}{r["rate"]:10.0f}{r["parsing"]:10.1f}{r["again"]:12.0f}{u["questions"]:8d}'
        f'{u["median"]:9.0f}{u["p95"]:7.0f}'
        for r, u in zip(found['rates'], found['updates'], strict=True)
    ]
    beside = [f'{a["copies"]:8d} x{a["mails"]:8d} mails{a["update"]:8.0f} ms' for a in found['archives']]
    return '\n'.join(
        [
            f'{"":35s}{"":6s}{"mails/s":>10s}{"x email":>10s}{"next mail,":>12s}{"":8s}{"in memory, ms":>16s}',
            f'{"conversation":35s}{"mails":>6s}{"per core":>10s}{"parsing":>10s}{"jobs, ms":>12s}{"items":>8s}'
            f'{"median":>9s}{"p95":>7s}',
            *rates,
            '',
            f'all: {found["rate"]:.0f} mails/s per core end to end with the store (aim {AIM_RATE:.0f}), '
            f'{found["parsing"]:.1f} times the parsing by `email` alone; peak {found["peak_mib"]:.0f} MiB',
            f'one more mail in memory: aim {AIM_UPDATE:.0f} ms',
            '',
            'one more mail, jobs and store included, beside other conversations in the store:',
            *beside,
            f'the same with a process for each job ({found["processes"]["name"]}): '
            f'{found["processes"]["seconds"]:.1f} s by the clock',
        ]
    )


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ['--lab']:
        return of_the_lab.main(arguments[1:])
    parser = argparse.ArgumentParser(prog='./bot.sh bench', description='How fast mails become a ledger.')
    parser.add_argument('mboxes', nargs='*', type=Path)
    parser.add_argument('--json', action='store_true', help='one JSON document')
    parser.add_argument('--write', action='store_true', help='put the table into docs/measurements.md')
    options = parser.parse_args(arguments)
    paths = options.mboxes or sorted((SHARED / 'corpus/unannotated').glob('*.mbox'))
    if not paths:
        print('bench: no mbox was given, and the shared corpus of real mail is not beside this checkout (../shared)')
        return 2
    found = measure(paths)
    print(json.dumps(found) if options.json else table(found))
    if options.write:
        measurements.write('bench', './bot.sh bench --write', table(found))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
