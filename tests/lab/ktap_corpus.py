# SPDX-License-Identifier: GPL-2.0-or-later
"""The KTAP corpus: tests/data/ktap/NNN is a header of expectations, a blank line and what a test printed in the guest.

FROM: a boot and the test, or `derived from NNN: how`
OUTCOME, REASON: of the whole; LEAVES: how many innermost parts had each outcome; PART: one line for each outermost part

    python -m tests.lab.ktap_corpus        writes the derived entries of RECIPES again
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.lab.ktap import Reader
from bot.lab.verdict import leaves
from bot.model import TestResult

CORPUS = Path(__file__).resolve().parents[1] / 'data' / 'ktap'
Recipe = Callable[[list[str]], list[str]]


@dataclass(frozen=True)
class Entry:
    path: Path
    origin: str
    header: str
    lines: list[str]


def entries() -> list[Entry]:
    return [read(path) for path in sorted(CORPUS.glob('[0-9][0-9][0-9]'))]


def read(path: Path) -> Entry:
    header, _, log = path.read_text(encoding='utf-8').partition('\n\n')
    return Entry(path, header.partition('\n')[0].removeprefix('FROM: '), header, log.split('\n'))


def parsed(lines: list[str]) -> TestResult:
    reader = Reader('test')
    for line in lines:
        reader.take(line)
    return reader.result()


def header(origin: str, result: TestResult) -> str:
    counts = Counter(str(outcome) for _, outcome in leaves(result))
    told = [f'FROM: {origin}', f'OUTCOME: {result.outcome}']
    told += [f'REASON: {result.reason}'] if result.reason else []
    told += [f'LEAVES: {", ".join(f"{n} {name}" for name, n in sorted(counts.items()))}']
    return '\n'.join([*told, *(f'PART: {p.outcome} {p.name}' for p in result.parts)])


def write(path: Path, origin: str, lines: list[str]) -> None:
    """Write an entry with what the parser says now as its expectations: to be read by a person before it is kept."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'{header(origin, parsed(lines))}\n\n' + '\n'.join(lines), encoding='utf-8')


def cut(share: float) -> Recipe:
    return lambda lines: lines[: int(len(lines) * share)]


def without(mark: str) -> Recipe:
    """Lose the first line that has the mark."""
    return lambda lines: [
        line for n, line in enumerate(lines) if n != next(i for i, x in enumerate(lines) if mark in x)
    ]


def printk(lines: list[str]) -> list[str]:
    """Put a kernel line into the middle of every seventh line, as a console that is shared does."""
    return [
        f'{x[: len(x) // 2]}[    1.978627] raw: {x[len(x) // 2 :]}' if n % 7 == 6 else x for n, x in enumerate(lines)
    ]


def kselftest(lines: list[str]) -> list[str]:
    """Nest by a hash and a blank instead of by columns, as kselftest's runner does."""
    return [f'# {line.lstrip()}' if line.startswith('  ') else line for line in lines]


RECIPES: dict[str, tuple[str, str, Recipe]] = {
    '021': ('001', 'cut in the middle', cut(0.5)),
    '022': ('001', 'the result of one suite lost', without('ok 3 list-kunit-test')),
    '023': ('002', 'the plan of one program lost', without('  1..1')),
    '024': ('002', 'nested as by kselftest', kselftest),
    '025': ('006', 'kernel lines in the middle of every seventh', printk),
    '026': ('003', 'printed twice', lambda lines: lines + lines),
}


def main() -> None:
    for number, (source, how, recipe) in RECIPES.items():
        write(CORPUS / number, f'derived from {source}: {how}', recipe(read(CORPUS / source).lines))


if __name__ == '__main__':
    main()
