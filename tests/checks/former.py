# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the table of what earlier kernels said otherwise against the headers of a real one.

    python -m tests.checks.former TREE VERSION

Every prototype in rules/known-kernel/FORMER that is of VERSION ("6.1") must stand in TREE as it is written there, and none
that is of other releases alone. Prints the rows that do not hold; exit code 1 when there are any. Words are not looked
up: a comment can name what is gone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.checks.c.extract import read_facts
from bot.checks.c.facts import Param, Watch
from bot.checks.tree.generations import Release, Row, rows_of
from bot.resources import shipped

HEADERS = ('include/linux/mm.h', 'include/linux/mm_types.h')


def declared(tree: Path, names: Sequence[str]) -> dict[str, set[str]]:
    """Return the parameter lists, squeezed, under which the headers of a tree declare some functions."""
    found: dict[str, set[str]] = {}
    for path in HEADERS:
        facts = read_facts((tree / path).read_bytes(), Watch(calls=tuple(names))) if (tree / path).is_file() else None
        made = [(one.name, one.params) for one in facts.prototypes] if facts is not None else []
        made += [(one.name, one.params) for one in facts.functions] if facts is not None else []
        for name, params in made:
            found.setdefault(name, set()).add(squeezed(', '.join(map(_written, params))))
    return found


def _written(param: Param) -> str:
    return f'{param.type} {param.name}'


def squeezed(params: str) -> str:
    """Return a parameter list without the blanks that mean nothing."""
    return re.sub(r'\s*([*,])\s*', r'\1', ' '.join(params.split()))


def wrong(rows: Sequence[Row], version: Release, known: dict[str, set[str]]) -> Iterator[str]:
    """Yield what a tree says otherwise than the rows of its version, and rows of other versions that it has, too."""
    for row in rows:
        if row.kind != 'prototype':
            continue
        params = squeezed(row.text[len(row.name) + 1 : -2])
        has = known.get(row.name, set())
        if row.at(version) and params not in has:
            said = ' or '.join(sorted(has)) or 'nothing of that name'
            yield f'{row.text} is not there: {said}'
        elif not row.at(version) and params in has:
            yield f'{row.text} is there, and the row says it is not'


def main(arguments: Sequence[str]) -> int:
    tree, version = arguments
    rows = list(rows_of((shipped('rules') / 'known-kernel' / 'FORMER').read_text(encoding='utf-8')))
    known = declared(Path(tree), sorted({row.name for row in rows if row.kind == 'prototype'}))
    if not known:
        print(f'{tree}: {" and ".join(HEADERS)} declare none of the functions of the table', file=sys.stderr)
        return 2
    found = list(wrong(rows, tuple(map(int, version.split('.'))), known))
    print(
        '\n'.join(
            [*found, f'{version}: {len(found)} of {sum(row.kind == "prototype" for row in rows)} rows do not hold']
        )
    )
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
