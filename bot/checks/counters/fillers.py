# SPDX-License-Identifier: GPL-2.0-or-later
"""Constants that code anywhere in the tree adds to a counter at once: what fills its bits without anybody pinning.

Promises every call that changes the counter by a number this tree's source decides, with that number, the largest first.
Refuses numbers that only run time knows; one that is a constant less something is taken for the constant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.checks.c.facts import Change
from bot.checks.tree.kernel import Kernel
from bot.model import BudgetFiller

_RAISES = re.compile(r'(?:.*_)?(?:add|set|init|inc)(?:_\w+)?|set_\w+')
_LESS = re.compile(r'\(*\s*([A-Z][A-Z0-9_]+)[\s)]*-\s*[a-z]')
_FIELD = re.compile(r'[\w>.\[\]-]*(?:->|\.)(\w+)')
_LEAST = 256


def filling(kernel: Kernel, counter: str) -> list[str]:
    """Return the literals one of which a file holds that adds to a counter."""
    change = kernel.area.counters[counter].change
    return sorted({max(name.split('*'), key=len) for name in change if _RAISES.fullmatch(name.replace('*', 'add'))})


@lru_cache(maxsize=64)
def fillers(kernel: Kernel, counter: str, biases: tuple[str, ...]) -> tuple[BudgetFiller, ...]:
    """Return what is added to a counter at once, the largest first; multiples of its `biases` are no fillers."""
    counting = kernel.area.counters.get(counter)
    if counting is None:
        return ()
    found = set[BudgetFiller]()
    for path, file in kernel.snapshot.files(kernel.snapshot.paths(filling(kernel, counter))).items():
        for function in file.counting:
            for change in function.changes:
                if (
                    change.counter == counter
                    and _RAISES.fullmatch(change.callee)
                    and not set(biases) & set(change.names)
                ):
                    found.update(_filler(kernel, path, function.name, change))
    return tuple(sorted(found, key=lambda one: (-one.amount, one.file, one.line)))


def _filler(kernel: Kernel, path: str, function: str, change: Change) -> Iterator[BudgetFiller]:
    """Yield what a call adds, when it is worth naming: less than a few hundred are references like any other."""
    values = [value for text in change.amounts for value in _worth(kernel, path, text)]
    largest = max(values, default=0)
    if largest >= _LEAST:
        yield BudgetFiller(largest, path, change.line, function, change.text)


def _worth(kernel: Kernel, path: str, text: str) -> Iterator[int]:
    value = kernel.fold(text, path).value
    if value is None and (less := _LESS.match(text)) is not None:
        value = kernel.fold(less[1], path).value
    if value is not None:
        yield value
        return
    field = _FIELD.fullmatch(text.strip())
    source = kernel.snapshot.sources.text(kernel.snapshot.commit, path) if field is not None else None
    if field is not None and source is not None:
        stores = re.compile(rf'(?:->|\.){field[1]}\s*\+?=\s*([A-Z(0-9][^;,]{{0,60}});'.encode())
        for one in stores.finditer(source):
            inner = kernel.fold(one[1].decode('ascii', 'replace'), path).value
            if inner is not None:
                yield inner
