# SPDX-License-Identifier: GPL-2.0-or-later
"""Scores the rules on real mistakes and their fixes: a directory of cases, each with before.c, after.c and case.json.

    python -m tests.checks.cases DIR [--json FILE]

HIT: the expected rule is found within 6 lines of the expected line of before.c and not at all in after.c. BOTH: it is
found there, but in after.c, too. Findings of other rules in after.c are noise and are listed. Files are checked without
a tree, under the path that case.json names. Exit code 0 whatever the score is: it is a measurement.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from bot.checks import Rule, check_alone, load_rules
from bot.model import Finding
from bot.resources import shipped
from tests.checks.files import quiet

NEAR = 6  # lines; the README of the shared cases says so

Score = Literal['HIT', 'BOTH', 'FAR', 'MISS', 'NO RULE']


@dataclass(frozen=True, slots=True)
class Case:
    """One scored case: `noise` are findings in after.c, `other` is what before.c got besides the expected rule."""

    name: str
    rule: str
    line: int
    score: Score
    found: tuple[str, ...]
    noise: tuple[str, ...]
    other: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def family(self) -> str:
        """Return the area and letter of the rule: "GUP-P"."""
        return self.rule.rstrip('0123456789')


def score(directory: Path, rules: Sequence[Rule]) -> Case:
    """Check both files of a case; its first expectation counts, as every case has one mistake."""
    said = json.loads((directory / 'case.json').read_text(encoding='utf-8'))
    expected = said['expect_before'][0]
    path = said.get('file') or 'drivers/case.c'
    path = path if path.endswith(('.c', '.h')) else 'drivers/case.c'
    before, after = (
        check_alone({path: (directory / name).read_bytes()}, shipped('rules') / 'known-kernel', rules, quiet)
        for name in ('before.c', 'after.c')
    )
    own = [one for one in before.findings if one.rule == expected['rule']]
    near = [one for one in own if abs(one.line - expected['line']) <= NEAR]
    left = any(one.rule == expected['rule'] for one in after.findings)
    known = any(rule.id == expected['rule'] for rule in rules)
    result: Score = 'HIT' if near and not left else 'BOTH' if near else 'FAR' if own else 'MISS' if known else 'NO RULE'
    return Case(
        directory.name,
        expected['rule'],
        expected['line'],
        result,
        _told(own),
        _told(after.findings),
        _told(one for one in before.findings if one.rule != expected['rule']),
        tuple(f'{side}: {note}' for side, one in (('before', before), ('after', after)) for note in one.coverage.not_read),
    )  # fmt: skip


def _told(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(f'{one.rule}:{one.line}' for one in findings)


def score_all(top: Path) -> list[Case]:
    """Score every case below a directory, in the order of their names."""
    rules = load_rules([shipped('rules')])
    return [score(path.parent, rules) for path in sorted(top.glob('*/case.json'))]


def table(cases: Sequence[Case]) -> str:
    """Return a line for each case, then families, false findings in after.c, and totals."""
    width = max((len(case.name) for case in cases), default=4)
    lines = [f'{"case":{width}}  expected      score    found in before.c (others) | in after.c']
    for case in cases:
        found = ' '.join(case.found) or '-'
        other = f' ({" ".join(case.other)})' if case.other else ''
        expected = f'{case.rule}:{case.line}'
        lines.append(
            f'{case.name:{width}}  {expected:12}  {case.score:7}  {found}{other} | {" ".join(case.noise) or "-"}'
        )
    lines += ['', 'family  cases  HIT']
    sizes = Counter(case.family for case in cases)
    hits = Counter(case.family for case in cases if case.score == 'HIT')
    lines += [f'{family:6}  {sizes[family]:5}  {hits[family]:3}' for family in sorted(sizes)]
    noise = [f'{case.name} {one}' for case in cases for one in case.noise]
    lines += ['', f'false findings in after.c: {len(noise)}', *(f'  {one}' for one in noise)]
    lines += [f'not read: {case.name} {note}' for case in cases for note in case.unread]
    kinds = Counter(case.score for case in cases)
    told = ', '.join(f'{kind} {kinds[kind]}' for kind in ('BOTH', 'FAR', 'MISS', 'NO RULE') if kinds[kind])
    return '\n'.join([*lines, '', f'HIT {kinds["HIT"]} of {len(cases)}' + (f'; {told}' if told else '')])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog='python -m tests.checks.cases', description='Rules against real fixes.')
    parser.add_argument('directory', type=Path, metavar='DIR')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the scores there, too')
    options = parser.parse_args(arguments)
    cases = score_all(options.directory)
    if not cases:
        print(f'{options.directory}: there is no */case.json below it', file=sys.stderr)
        return 2
    print(table(cases))
    if options.json:
        options.json.write_text(json.dumps([asdict(case) for case in cases], indent=1) + '\n', encoding='utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
