# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds what lorebot finds in a released kernel against what people found when they read the same lines.

    lorebot check --tree TREE --format json > found.json
    python -m tests.checks.triage found.json 7.3.4

tests/checks/triage.toml has one entry for each finding that was read: is it true, and why. Prints what nobody has read
yet, what was read and is found no longer, and the precision by severity and rule. Exit code 1 when something is unread.
docs/standing-findings.md is made from the same entries.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name('triage.toml')
_VERDICTS = ('true', 'false', 'open')

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """One finding as somebody read it; `verdict` is true, false or open (it depends on what the code does not show)."""

    kernel: str
    rule: str
    severity: str
    file: str
    function: str
    verdict: str
    why: str
    count: int = 1

    @property
    def key(self) -> Key:
        return self.rule, self.file, self.function


def readings(path: Path = TABLE) -> list[Reading]:
    """Read the table; raise `ValueError` for a verdict that is none."""
    entries = [Reading(**entry) for entry in tomllib.loads(path.read_text(encoding='utf-8')).get('finding', ())]
    for entry in entries:
        if entry.verdict not in _VERDICTS:
            raise ValueError(f'{path.name}: {entry.rule} in {entry.file}: verdict {entry.verdict!r} is none')
    return sorted(entries, key=lambda r: (r.kernel, r.severity, r.key))


def found(document: Mapping[str, Any]) -> Counter[Key]:
    """Count the findings of `lorebot check --format json` by rule, file and function."""
    return Counter((f['rule'], f['file'], f['function']) for f in document['findings'])


def precision(entries: Iterable[Reading]) -> Iterator[tuple[str, int, int, int]]:
    """Yield (what, true, false, open), first by severity, then by rule."""
    counts: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for entry in entries:
        for group in ((0, entry.severity), (1, entry.rule)):
            counts[group][entry.verdict] += entry.count
    for (_, name), count in sorted(counts.items()):
        yield name, count['true'], count['false'], count['open']


def compared(document: Mapping[str, Any], entries: Iterable[Reading]) -> tuple[Counter[Key], Counter[Key]]:
    """Return what nobody has read and what is found no longer."""
    read: Counter[Key] = Counter()
    for entry in entries:
        read[entry.key] += entry.count
    now = found(document)
    return now - read, read - now


def table() -> str:
    """Return the page docs/standing-findings.md without its title."""
    return '\n'.join(_page())


def _page() -> Iterator[str]:
    yield 'What `lorebot check --tree TREE` finds in released kernels, each read by hand. `open`: the code alone does not tell.'
    for kernel, group in groupby(readings(), key=lambda r: r.kernel):
        entries = list(group)
        yield f'\n## Linux {kernel}\n\n| | true | false | open | precision |\n| --- | --- | --- | --- | --- |'
        for name, true, false, unsure in precision(entries):
            yield f'| {name} | {true} | {false} | {unsure} | {share(true, false, unsure)} |'
        yield '\n| rule | where | is | why |\n| --- | --- | --- | --- |'
        for entry in entries:
            times = f' ({entry.count} times)' if entry.count > 1 else ''
            yield f'| {entry.rule} | `{entry.file}` `{entry.function}()`{times} | {entry.verdict} | {entry.why} |'


def share(true: int, false: int, unsure: int) -> str:
    """Return the share of true findings; what is open counts as false."""
    return f'{100 * true / (true + false + unsure):.0f} %' if true + false + unsure else '-'


def main(arguments: list[str]) -> int:
    document, kernel = json.loads(Path(arguments[0]).read_text(encoding='utf-8')), arguments[1]
    entries = [entry for entry in readings() if entry.kernel == kernel]
    unread, gone = compared(document, entries)
    for word, keys in (('unread', unread), ('gone', gone)):
        for (rule, file, function), count in sorted(keys.items()):
            print(f'{word:7} {rule} {file} {function}() x{count}')
    now = found(document)
    for name, true, false, unsure in precision(entry for entry in entries if entry.key in now):
        print(f'{name:10} {true:4} true {false:4} false {unsure:4} open  {share(true, false, unsure)}')
    return 1 if unread else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
