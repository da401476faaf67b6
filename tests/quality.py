# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints how good the ledger is on the shared gold, and fails when it got worse: `./bot.sh quality`.

    ./bot.sh quality                    scores, quotes and guard metrics; exit status 1 when one fell beyond its noise
    ./bot.sh quality --set              accept what is measured now: writes tests/questions/quality.toml
    ./bot.sh quality --quotes           quote attribution on every reply of the corpus; some minutes
    ./bot.sh quality --quotes --write   and put the table into docs/measurements.md
    ./bot.sh quality --json             one document instead of the table

The shared gold and corpus stand beside the checkout (../shared); without them there is nothing to measure (status 2).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from tests import measurements
from tests.conftest import SHARED
from tests.questions import quality, quote_score
from tests.questions.mails import messages

REPLACED = 'quotes'


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    if not (SHARED / 'gold').is_dir() or not (SHARED / 'corpus').is_dir():
        print('quality: the shared gold and corpus of real mail are not beside this checkout (../shared)')
        return 2
    if options.quotes:
        return _quotes(options.write)
    table = quality.read_table()
    found = quality.measure(SHARED, quality.wanted(table))
    wrong = [] if options.set else quality.failures(found, table)
    if options.set:
        quality.TABLE.write_text(quality.written(found, quality.TABLE.read_text(encoding='utf-8')), encoding='utf-8')
    seen = quality.guards([quality.conversation(p) for p in unannotated()])
    if options.json:
        print(json.dumps({'scores': {k: asdict(v) for k, v in found.items()}, 'guards': asdict(seen), 'wrong': wrong}))
    else:
        print('\n'.join([*_lines(found, table), *_guards(seen), *wrong]))
    return 1 if wrong else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog='./bot.sh quality', description='How good the ledger is on the shared gold.')
    parser.add_argument('--set', action='store_true', help='accept what is measured now as the least to hold')
    parser.add_argument('--quotes', action='store_true', help='quote attribution on every reply of the corpus')
    parser.add_argument('--write', action='store_true', help='with --quotes: put the table into docs/measurements.md')
    parser.add_argument('--json', action='store_true', help='one JSON document')
    return parser.parse_args(arguments)


def unannotated() -> list[Path]:
    return sorted((SHARED / 'corpus/unannotated').glob('*.mbox'))


def _lines(found: Mapping[str, quality.Measured], table: Mapping[str, object]) -> list[str]:
    least = quality.floors(table)
    head = f'{"":24s}{"now":>8s}{"least":>8s}{"noise":>8s}{"of":>8s}'
    rows = [
        f'{name:24s}{one.value:8.4f}{least.get(name, 0.0):8.4f}{one.noise:8.4f}{one.count:8d}'
        for name, one in found.items()
    ]
    return [f'{len(quality.wanted(table))} gold conversations', head, *rows]


def _guards(seen: quality.Guards) -> list[str]:
    return [
        '',
        f'guards, no gate: {seen.mails} mails that nobody annotated, {seen.questions} questions',
        f'  quoted lines without a writer  {seen.unattributed:7.3%}',
        f'  questions put to nobody        {seen.to_nobody:7.1%}',
        f'  only possible questions        {seen.possible:7.1%}',
    ]


def _quotes(write: bool) -> int:
    """Measure every reply of the corpus, the held-out conversations included: they are run, never read."""
    rows = []
    for path in [*sorted((SHARED / 'corpus/threads').iterdir()), *unannotated()]:
        rows.append((path.stem, quote_score.measure(messages(path))))
        print(f'{path.stem}: {rows[-1][1].mails} mails', file=sys.stderr)
    text = quote_score.table(rows)
    print(text)
    if write:
        measurements.write(REPLACED, './bot.sh quality --quotes --write', text)
    shares = quote_score.summary(quote_score.total(t for _, t in rows))
    return 0 if all(shares[name] >= least for name, least in quote_score.TARGETS.items()) else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
