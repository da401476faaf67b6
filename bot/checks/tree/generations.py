# SPDX-License-Identifier: GPL-2.0-or-later
"""Which kernel a file without a tree was written for, by its own calls and words, and what that kernel said otherwise.

Promises the newest release whose prototypes and names fit best: a file that fits the newest kernel is judged by that.
Refuses to date by what no row of `rules/known-kernel/FORMER` names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.checks.c.extract import read_facts
from bot.checks.c.facts import Watch

Release = tuple[int, ...]
_ROW = re.compile(r'([\d.]+) +([\d.]+|-) +(.+)')
_PROTOTYPE = re.compile(r'(\w+)\((.*)\);')
_WORD = re.compile(rb'[A-Za-z_]\w*')
_ZERO_PINS_END: Release = (6, 5)
"""The first release in which pins of the zero page are not counted: c8070b787519 (mm: Don't pin ZERO_PAGE)."""
_RELEASE_PATH = {
    True: 'static void gup_put_folio(struct folio *folio)\n{\n\tif (is_zero_folio(folio))\n\t\treturn;\n}\n',
    False: 'static void gup_put_folio(struct folio *folio)\n{\n\tfolio_put_refs(folio, 1);\n}\n',
}


@dataclass(frozen=True, slots=True)
class Row:
    first: Release
    last: Release | None
    name: str
    text: str = ''
    arity: int = -1
    kind: str = 'prototype'

    def at(self, release: Release) -> bool:
        return self.first <= release and (self.last is None or release <= self.last)


@dataclass(frozen=True, slots=True)
class Generation:
    """The kernels that files fit equally well: from `earliest` to those that are as `release`, before `until` (None for now)."""

    earliest: Release
    release: Release
    until: Release | None
    rows: tuple[Row, ...]
    because: tuple[str, ...]

    @property
    def note(self) -> str:
        """Say which kernels, and what showed it; '' for the newest."""
        if self.until is None:
            return ''
        said = ', '.join(self.because[:3])
        return f'calls are judged as those of kernels before {_dotted(self.until)}, which they fit: {said}'

    def headers(self, known: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return the headers of the newest kernel with what this one said otherwise."""
        found = dict(known)
        path = 'mm/gup.c'
        found[path] = known.get(path, b'') + _RELEASE_PATH[self.release >= _ZERO_PINS_END].encode()
        if self.until is None:
            return found
        names = {row.name for row in self.rows if row.kind == 'prototype'}
        declared = re.compile(r'\b(\w+)\(')
        lines = known['include/linux/mm.h'].decode().splitlines(keepends=True)
        kept = [line for line in lines if (at := declared.search(line)) is None or at[1] not in names]
        own = [f'long {row.text}\n' for row in self.rows if row.kind == 'prototype' and row.at(self.release)]
        found['include/linux/mm.h'] = ''.join([*kept, *own]).encode()
        return found

    @property
    def silent(self) -> frozenset[str]:
        """The rules that speak of what may have been right then."""
        at = self.release if self.until is None else self.earliest
        return frozenset(row.name for row in self.rows if row.kind == 'rule' and not row.at(at))


def generation_of(texts: Iterable[bytes], former: str) -> Generation:
    """Return the kernel that the calls and words of some files fit best, the newest of equals."""
    rows = tuple(rows_of(former))
    texts = list(texts)
    named = {row.name for row in rows if row.kind == 'prototype'}
    calls = {
        (call.callee, len(call.args))
        for text in texts
        for function in read_facts(text, Watch(calls=tuple(sorted(named)))).functions
        for call in function.calls
        if call.callee in named
    }
    dating = {row.name.encode(): row for row in rows if row.kind == 'word'}
    words = {dating[word] for text in texts for word in set(_WORD.findall(text)) & dating.keys()}
    bounds = sorted({row.first for row in rows} | {_following(row.last) for row in rows if row.last is not None})
    odd = {bound: _misfits(bound, rows, calls, words) for bound in bounds}
    best = max(bounds, key=lambda bound: (-len(odd[bound]), bound))
    later = next((bound for bound in bounds if bound > best), None)
    alike = min(bound for bound in bounds if len(odd[bound]) == len(odd[best]))
    gone = tuple(sorted(set(odd[bounds[-1]]) - set(odd[best])))
    return Generation(alike, best, later, rows, gone)


def rows_of(former: str) -> Iterable[Row]:
    """Yield the rows of the table of what was otherwise; lines that are none are passed over."""
    for line in former.splitlines():
        match = _ROW.fullmatch(line)
        if match is None:
            continue
        first, last, text = _release(match[1]), None if match[2] == '-' else _release(match[2]), match[3]
        prototype = _PROTOTYPE.fullmatch(text)
        if prototype is not None:
            yield Row(first, last, prototype[1], text, prototype[2].count(',') + 1)
        else:
            kind, _, name = text.partition(' ')
            yield Row(first, last, name, kind=kind)


def _misfits(release: Release, rows: Iterable[Row], calls: set[tuple[str, int]], words: set[Row]) -> list[str]:
    fitting = {(row.name, row.arity) for row in rows if row.kind == 'prototype' and row.at(release)}
    found = [f'{name}() with {arity} argument{"" if arity == 1 else "s"}' for name, arity in calls - fitting]
    return found + [row.name for row in words if not row.at(release)]


def _release(text: str) -> Release:
    return tuple(map(int, text.split('.')))


def _following(release: Release) -> Release:
    return (*release[:-1], release[-1] + 1)


def _dotted(release: Release) -> str:
    return '.'.join(map(str, release))
