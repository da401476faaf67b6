# SPDX-License-Identifier: GPL-2.0-or-later
"""What a name is worth in the tree at one commit: macros and enumerators folded from their source.

Promises the value the tree gives, never one that was remembered; None and a reason where the tree gives none, or gives
several. Refuses arithmetic on anything but integer constants.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from bot.checks.c.cexpr import Folded, NotConstant, Scope, Term, Word, binary, cast, evaluate, fold, parse, unknown
from bot.checks.c.facts import Define, Enumerator
from bot.checks.tree.sources import Snapshot

_MACRO_NAME = re.compile(r'[A-Z_][A-Z0-9_]{2,}\Z')
_MAX_DEPTH = 40
_MAX_PLACES = 60
_SHARED = 'include/'


class Home(Protocol):
    """Where names are looked for first: the headers of the area, already read."""

    def defining(self, name: str) -> Iterator[tuple[str, Define | Enumerator]]: ...


class Constants:
    """Values at one commit; the same name is folded once, for one word size."""

    def __init__(self, snapshot: Snapshot, home: Home, word: Word = 64) -> None:
        self.snapshot, self.home, self.word = snapshot, home, word
        self._values: dict[tuple[str, str], Folded] = {}
        self._folding: list[str] = []

    def value(self, name: str, near: str = '') -> Folded:
        """Return what a macro or enumerator is worth; `near` is the file that uses it, whose own definition wins."""
        key = (name, near if self._is_own(name, near) else posixpath.dirname(near))
        if key not in self._values:
            if name in self._folding or len(self._folding) >= _MAX_DEPTH:
                return unknown(f'{name} is defined by itself')
            self._folding.append(name)
            self._values[key] = self._resolved(name, near)
            self._folding.pop()
        return self._values[key]

    def fold(self, text: str, near: str = '') -> Folded:
        """Fold the text of an expression that stands in the file `near`."""
        return fold(text, self._scope(near, {}))

    def _is_own(self, name: str, near: str) -> bool:
        return bool(self._defined_in(near, name))

    def _defined_in(self, path: str, name: str) -> list[tuple[str, Define | Enumerator]]:
        file = self.snapshot.file(path) if path else None
        return [(path, one) for one in file.constants.get(name, ())] if file is not None else []

    def _resolved(self, name: str, near: str) -> Folded:
        values: dict[Folded, None] = {}
        for path, found in self.definitions(name, near):
            values[self._worth(found, path)] = None
        known = [value for value in values if value.value is not None]
        if len({value.value for value in known}) > 1:
            return unknown(f'{name} has several values in this tree')
        return known[0] if known else next(iter(values), unknown(f'{name} is not defined where it was looked for'))

    def definitions(self, name: str, near: str = '') -> Iterator[tuple[str, Define | Enumerator]]:
        """Yield definitions from the nearest place that has any: the file, the area's headers, its directory, include/."""
        found = self._defined_in(near, name) or list(self.home.defining(name))
        if not found and _MACRO_NAME.match(name):
            below = (f'{posixpath.dirname(near)}/', _SHARED) if posixpath.dirname(near) else (_SHARED,)
            for path in self._places(name, below):
                found += self._defined_in(path, name)
        yield from found

    def _places(self, name: str, below: tuple[str, ...]) -> tuple[str, ...]:
        """Return the files that define a macro by that name, else those that mention it; a name all use is not looked up there."""
        defining = self.snapshot.paths([f'define {name}', f'define\t{name}'], below)
        if defining:
            return defining if len(defining) <= _MAX_PLACES else ()
        mentioning = self.snapshot.paths([name], below)
        return mentioning if len(mentioning) <= _MAX_PLACES else ()

    def _worth(self, found: Define | Enumerator, path: str) -> Folded:
        if isinstance(found, Enumerator):
            if found.value:
                return self.fold(found.value, path)
            first = self.value(found.after, path) if found.after and found.after != found.name else Folded(0)
            return binary('+', first, Folded(found.offset))
        if found.params is not None:
            return unknown(f'{found.name} takes arguments')
        return self.fold(found.body, path) if found.body else unknown(f'{found.name} is defined as nothing')

    def _scope(self, near: str, bound: Mapping[str, Folded]) -> Scope:
        def name(text: str) -> Folded:
            return bound[text] if text in bound else self.value(text, near)

        def call(text: str, operands: tuple[Term, ...], scope: Scope) -> Folded:
            return self._called(text, [evaluate(one, scope) for one in operands], operands, near)

        return Scope(name, call, self.word)

    def _called(self, name: str, given: list[Folded], operands: tuple[Term, ...], near: str) -> Folded:
        """Fold a function-like macro: the kernel's bit helpers by meaning, any other by its body in this tree."""
        if name in _SUFFIXED and operands:
            return _suffixed(given[0], operands[1].text if len(operands) > 1 else _SUFFIXED[name], self.word)
        if (bit := _BITS.get(name)) is not None and len(given) == bit[1]:
            return _bits(given, cast(bit[0], Folded(0), self.word))
        if len(self._folding) >= _MAX_DEPTH:
            return unknown(f'{name} is nested too deep')
        self._folding.append(name)
        values = {self._expanded(found, given, path) for path, found in self.definitions(name, near)}
        self._folding.pop()
        known = {value for value in values if value.value is not None}
        return known.pop() if len(known) == 1 else unknown(f'{name}() is no constant that could be folded')

    def _expanded(self, found: Define | Enumerator, given: list[Folded], path: str) -> Folded:
        if not isinstance(found, Define) or found.params is None or len(found.params) != len(given):
            return unknown(f'{found.name} is called with other arguments')
        try:
            return evaluate(parse(found.body), self._scope(path, dict(zip(found.params, given, strict=True))))
        except NotConstant as error:
            return unknown(f'{found.name}: {error}')


_SUFFIXED = {'UL': 'UL', 'ULL': 'ULL', '_UL': 'UL', '_ULL': 'ULL', '_AC': '', 'U': 'U'}
_BITS = {
    'BIT': ('unsigned long', 1),
    '_BITUL': ('unsigned long', 1),
    'BIT_ULL': ('unsigned long long', 1),
    '_BITULL': ('unsigned long long', 1),
    'GENMASK': ('unsigned long', 2),
    'GENMASK_ULL': ('unsigned long long', 2),
    'BIT_U8': ('u8', 1),
    'BIT_U16': ('u16', 1),
    'BIT_U32': ('u32', 1),
    'BIT_U64': ('u64', 1),
}


def _suffixed(value: Folded, suffix: str, word: Word) -> Folded:
    longs = suffix.upper().count('L')
    return cast(f'{"unsigned " if "U" in suffix.upper() else ""}{"long " * longs or "int"}'.strip(), value, word)


def _bits(given: list[Folded], kind: Folded) -> Folded:
    """Return the bit, or the bits from the second to the first operand, as an unsigned value of that type."""
    high, low = given[0].value, given[-1].value
    if high is None or low is None:
        return next(one for one in given if one.value is None)
    if not 0 <= low <= high < kind.bits:
        return unknown(f'bits {high}..{low} do not fit in {kind.bits} bits')
    return Folded((1 << (high + 1)) - (1 << low) if len(given) == 2 else 1 << high, kind.bits, False)
