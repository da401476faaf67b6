# SPDX-License-Identifier: GPL-2.0-or-later
"""The console corpus: tests/data/console/NNN is a header of expectations, a blank line and the raw log.

FROM: where the log comes from: a boot, or `derived from NNN: how` (tests/lab/derive_consoles.py)
ENDED: off | panic | cut
TITLE, KIND, AT, FATAL, COUNT: one group an event, in order; AT, FATAL and COUNT only where they say something
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.lab.console import Console, read_console

CORPUS = Path(__file__).resolve().parents[1] / 'data' / 'console'


@dataclass(frozen=True)
class Entry:
    path: Path
    origin: str
    header: str
    log: bytes


def entries() -> list[Entry]:
    return [read(path) for path in sorted(CORPUS.glob('[0-9][0-9][0-9]'))]


def read(path: Path) -> Entry:
    header, _, log = path.read_bytes().partition(b'\n\n')
    text = header.decode()
    return Entry(path, text.partition('\n')[0].removeprefix('FROM: '), text, log)


def write(path: Path, origin: str, log: bytes) -> None:
    """Write an entry with what the parser says now as its expectations: to be read by a person before it is kept."""
    path.write_bytes(header(origin, read_console(log)).encode() + b'\n\n' + log)


def header(origin: str, console: Console) -> str:
    lines = [f'FROM: {origin}', f'ENDED: {console.ended}']
    for event in console.events:
        lines += [f'TITLE: {event.title}', f'KIND: {event.kind}']
        lines += [f'AT: {event.at}'] if event.at else []
        lines += ['FATAL: yes'] if event.fatal else []
        lines += [f'COUNT: {event.count}'] if event.count > 1 else []
    return '\n'.join(lines)
