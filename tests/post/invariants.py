# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts what gate and outbox were held against: python -m tests.post.invariants [HISTORIES]

Prints the tables of docs/replies.md: each invariant, its test, the histories it was checked on, how many mails went out in
them, and how many more its rules alone held back. The histories are drawn by a seed: the same number gives the same table.
"""

from __future__ import annotations

import random
import sys
from collections import Counter

from tests.post import drains
from tests.post.histories import INVARIANTS, world

HEAD = '| invariant | test (tests/post/test_gate.py) | histories | mails sent | held back by its rule alone | broken |'
DRAINS = (
    '| promise of the outbox | test (tests/post/test_drains.py) | histories | mails | copies for moderators | broken |'
)


def table(histories: int, seed: int = 1) -> list[str]:
    """Return the table of the gate, a line a string."""
    chance, sent = random.Random(seed), 0
    refused: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for _ in range(histories):
        made = world(chance.randbytes(chance.randint(40, 140)))
        sent += len(made.sent)
        refused.update(made.refused)
        broken.update({oracle.__name__: len(list(oracle(made.sent))) for oracle, _ in INVARIANTS})
    lines = [HEAD, '| --- | --- | --- | --- | --- | --- |']
    for oracle, rules in INVARIANTS:
        name, alone = oracle.__name__, sum(refused[rule] for rule in rules)
        said = name.replace('_', ' ')
        lines.append(f'| {said} | `test_invariant[{name}]` | {histories} | {sent} | {alone} | {broken[name]} |')
    return lines


def drained(histories: int, seed: int = 1) -> list[str]:
    """Return the table of the outbox, a line a string."""
    chance = random.Random(seed)
    kinds: Counter[bool] = Counter()
    broken: Counter[str] = Counter()
    for _ in range(histories):
        made = drains.world(chance.randbytes(chance.randint(20, 80)))
        kinds.update(one.draft.kind == 'moderation' for one in made.handed)
        broken.update({promise.__name__: len(list(promise(made))) for promise in drains.PROMISES})
    lines = [DRAINS, '| --- | --- | --- | --- | --- | --- |']
    for promise in drains.PROMISES:
        said, left = promise.__name__.replace('_', ' '), broken[promise.__name__]
        lines.append(f'| {said} | `test_promises` | {histories} | {kinds[False]} | {kinds[True]} | {left} |')
    return lines


if __name__ == '__main__':
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for made in (table, drained):
        print('\n'.join(made(wanted)), end='\n\n', flush=True)
