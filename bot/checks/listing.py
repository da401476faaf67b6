# SPDX-License-Identifier: GPL-2.0-or-later
"""The wrappers of a tree as a table a maintainer can review, and write down otherwise in `wrappers.toml`.

Promises every function that takes or gives back pages for others, with the line it was read off, what no caller can rely
on with its reason, and names in `wrappers.toml` that the tree does not have. Refuses to list what stays in one file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.checks.flow.summaries import Summary, Taken
from bot.checks.judgement import Judgement
from bot.checks.rulebook.rules import Rule
from bot.checks.tree.kernel import Kernel
from bot.checks.tree.sources import Sources
from bot.model import FactCache, FilesAt, Progress

_RESULTS = {
    'count': 'returns how many',
    'zero': 'returns 0 on success',
    'truth': 'returns true on success',
    'pointer': 'returns a pointer',
    '': 'no one result says success',
}


@dataclass(frozen=True, slots=True)
class Wrapper:
    """One function; `takes` and `gives` are phrases, `kind` the resource with how long it is meant to be held."""

    name: str
    file: str
    line: int
    takes: str = ''
    kind: str = ''
    argument: int | None = None
    field: str = ''
    count: int | None = None
    result: str = ''
    gives: tuple[str, ...] = ()
    inferred_from: tuple[str, ...] = ()
    unsure: str = ''
    said: str = ''


@dataclass(frozen=True, slots=True)
class WrapperList:
    wrappers: tuple[Wrapper, ...] = ()
    notes: tuple[str, ...] = ()


def list_wrappers(files: FilesAt, rev: str, rules: Sequence[Rule], cache: FactCache, progress: Progress) -> WrapperList:
    """Return what is known of a tree's functions that take or give back for others, in order of their names."""
    judgement = Judgement(Sources(files, cache, rules[0].watch, progress).at(rev), rules, {})
    found, notes = list[Wrapper](), list[str]()
    for kernel in judgement.kernels.values():
        if kernel.area.flags is None or kernel.area.flow is None:
            continue
        table = judgement.walks.wrappers(kernel).table
        found += [_listed(kernel, table.where.get(name, ''), one) for name, one in sorted(table.known.items())]
        notes += [
            f'wrappers.toml: this tree has no function {name}()'
            for name in sorted(kernel.area.wrappers)
            if not table.where.get(name) and not any(name in entry.calls for entry in table.entries.values())
        ]
    return WrapperList(tuple(found), tuple(notes))


def _listed(kernel: Kernel, path: str, one: Summary) -> Wrapper:
    taken = one.taken
    gives = tuple(sorted({_place(nth, field, name, one.params) for nth, field, name in one.gives}))
    head = {'name': one.name, 'file': path, 'line': one.line, 'gives': gives, 'unsure': one.top, 'said': one.said}
    if taken is None:
        return Wrapper(**head)  # type: ignore[arg-type]
    return Wrapper(
        **head,  # type: ignore[arg-type]
        takes=_into(taken, one.params),
        kind=f'{taken.resource}{_length(kernel, path, taken)}',
        argument=taken.argument if taken.argument >= 0 else None,
        field=taken.field,
        count=taken.count if taken.count >= 0 else None,
        result=_RESULTS[taken.result],
        inferred_from=tuple(f'{callee}() in line {line}' for callee, line in taken.sites),
    )


def _into(taken: Taken, params: Sequence[str]) -> str:
    if taken.into == 'result':
        return 'into what it returns' if not taken.field else f'into {taken.field} of what it returns'
    name = params[taken.argument] if taken.argument < len(params) else f'argument {taken.argument}'
    return f'into `{name}`' if taken.into == 'argument' else f'into `{name}->{taken.field.replace(".", "->")}`'


def _place(nth: int, field: str, resource: str, params: Sequence[str]) -> str:
    name = params[nth] if nth < len(params) else f'argument {nth}'
    if field[:1] == '?':
        return f'{resource} of something in `{name}`'
    return f'{resource} of `{name}{"->" if field else ""}{field}`'


def _length(kernel: Kernel, path: str, taken: Taken) -> str:
    """Say whether the flags ask for a long stay, where the area has a flag for that."""
    flags = kernel.worth(taken.flags, path) if taken.flags is not None else None
    words = kernel.area.flags
    long = kernel.bits((words.lasting,)) if words is not None and words.lasting else 0
    if flags is None or not long:
        return ''
    if flags.must & long:
        return ', longterm'
    return ', longterm or not' if flags.may & long or not flags.exact else ''
