# SPDX-License-Identifier: GPL-2.0-or-later
r"""Matches the patterns of MAINTAINERS without handing them to a regular expression engine: a tree is not trusted.

F: and X: are globs; N: and K: are expressions, of which this knows alternatives, groups, classes, `. ^ $ \b \w \d \s` and
`* + ? {m,n}`. Promises time in proportion to text times pattern, whatever both are (a simulated automaton, after
K. Thompson, CACM 1968). Refuses (ValueError) what it does not know: look-around, back references, long patterns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_LONGEST = 300
_MOST_STEPS = 2000
_DEEPEST = 20
_CLASSES: dict[str, Callable[[str], bool]] = {
    'd': lambda c: c in '0123456789',
    'w': lambda c: c == '_' or (c.isascii() and c.isalnum()),
    's': lambda c: c in ' \t\n\r\f\v',
}
_CONTROLS = {'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f'}

Test = Callable[[str], bool]


def glob_matches(pattern: str, path: str) -> bool:
    """Tell whether an F: or X: line covers a path: `*` and `?` stay within a directory, `x/` and `x` hold all below x."""
    wanted, parts = pattern.rstrip('/').split('/'), path.split('/')
    if len(parts) < len(wanted) or not pattern.strip('/'):
        return False
    below = len(parts) > len(wanted)
    if below and not pattern.endswith('/') and ('*' in pattern or '?' in pattern):
        return False
    if not below and pattern.endswith('/'):
        return False
    return all(_word(w, p) for w, p in zip(wanted, parts, strict=False))


def _word(glob: str, name: str) -> bool:
    """Match one name with `*` and `?`: the last `*` seen is all that is ever tried again, so time stays a product."""
    at = star = mark = 0
    back = False
    while mark + 0 < len(name) or at < len(glob):
        if at < len(glob) and glob[at] == '*':
            back, star, at = True, at, at + 1
            kept = mark
        elif at < len(glob) and mark < len(name) and glob[at] in ('?', name[mark]):
            at, mark = at + 1, mark + 1
        elif back and kept < len(name):
            kept += 1
            at, mark = star + 1, kept
        else:
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Step:
    """One instruction: read a character that passes `test`, be at a place, go on at one or two others, or be done."""

    kind: str
    test: Test | None = None
    to: tuple[int, ...] = ()


class Expression:
    """An N: or K: expression; `found_in` tells whether any part of a text matches."""

    def __init__(self, source: str) -> None:
        if len(source) > _LONGEST:
            raise ValueError('too long')
        self._source, self._at, self._depth = source, 0, 0
        self._steps: list[_Step] = []
        self._alternatives()
        if self._at < len(source):
            raise ValueError('unbalanced )')
        self._emit(_Step('done'))

    def found_in(self, text: str) -> bool:
        now: set[int] = set()
        for place in range(len(text) + 1):
            now = self._closure({0, *now}, text, place)
            if any(self._steps[i].kind == 'done' for i in now):
                return True
            if place < len(text):
                now = {i + 1 for i in now if (test := self._steps[i].test) is not None and test(text[place])}
        return False

    def _closure(self, some: set[int], text: str, place: int) -> set[int]:
        """Return all steps that can be reached without reading a character."""
        seen: set[int] = set()
        todo = list(some)
        while todo:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            step = self._steps[at]
            if step.kind == 'go':
                todo.extend(step.to)
            elif step.kind in _PLACES and _PLACES[step.kind](text, place):
                todo.append(at + 1)
        return seen

    def _emit(self, step: _Step) -> int:
        if len(self._steps) >= _MOST_STEPS:
            raise ValueError('too many steps')
        self._steps.append(step)
        return len(self._steps) - 1

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _alternatives(self) -> None:
        start, ends = len(self._steps), []
        self._sequence()
        while self._peek() == '|':
            self._at += 1
            self._insert(start, (1, len(self._steps) - start + 2))
            ends.append(self._emit(_Step('go')))
            start = len(self._steps)
            self._sequence()
        for end in ends:
            self._steps[end] = _Step('go', to=(len(self._steps),))

    def _insert(self, at: int, relative: tuple[int, int]) -> None:
        """Put a fork before the steps from `at` on; their own targets move with them."""
        moved = [_Step(s.kind, s.test, tuple(t + 1 if t >= at else t for t in s.to)) for s in self._steps[at:]]
        del self._steps[at:]
        self._emit(_Step('go', to=(at + relative[0], at + relative[1])))
        for step in moved:
            self._emit(step)

    def _sequence(self) -> None:
        while self._peek() not in ('', '|', ')'):
            start = len(self._steps)
            self._atom()
            self._repeat(start)

    def _repeat(self, start: int) -> None:
        least, most = self._count()
        body = self._steps[start:]
        if (least, most) == (1, 1):
            return
        del self._steps[start:]
        for _ in range(least):
            self._copy(body, start)
        if most is None:
            at = self._emit(_Step('go'))
            self._copy(body, start)
            self._emit(_Step('go', to=(at,)))
            self._steps[at] = _Step('go', to=(at + 1, len(self._steps)))
            return
        forks = []
        for _ in range(most - least):
            forks.append(self._emit(_Step('go')))
            self._copy(body, start)
        for at in forks:
            self._steps[at] = _Step('go', to=(at + 1, len(self._steps)))

    def _copy(self, body: list[_Step], start: int) -> None:
        shift = len(self._steps) - start
        for step in body:
            self._emit(_Step(step.kind, step.test, tuple(t + shift for t in step.to)))

    def _count(self) -> tuple[int, int | None]:
        """Read what says how often the atom before may stand; lazy marks change nothing here."""
        mark = self._peek()
        known: dict[str, tuple[int, int | None]] = {'*': (0, None), '+': (1, None), '?': (0, 1)}
        if mark == '{':
            inside, close, _ = self._source[self._at + 1 :].partition('}')
            low, comma, high = inside.partition(',')
            if not close or not low.isdigit() or (high and not high.isdigit()):
                raise ValueError('a count that is none')
            self._at += len(inside) + 2
            found: tuple[int, int | None] = (int(low), (int(high) if high else None) if comma else int(low))
        elif mark in known:
            self._at += 1
            found = known[mark]
        else:
            return (1, 1)
        if found[0] > 50 or (found[1] or 0) > 50:
            raise ValueError('too many repeats')
        self._at += self._peek() == '?'
        return found

    def _atom(self) -> None:
        char = self._peek()
        self._at += 1
        if char == '(':
            self._group()
        elif char == '[':
            self._emit(_Step('read', self._class()))
        elif char in ('^', '$'):
            self._emit(_Step(char))
        elif char == '\\':
            self._escape()
        elif char == '.':
            self._emit(_Step('read', lambda c: c != '\n'))
        elif char in '*+?':
            raise ValueError('nothing to repeat')
        else:
            self._emit(_Step('read', char.__eq__))

    def _group(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError('nested too deep')
        if self._peek() == '?':
            if self._source[self._at : self._at + 2] != '?:':
                raise ValueError('a kind of group that is not known here')
            self._at += 2
        self._alternatives()
        if self._peek() != ')':
            raise ValueError('unbalanced (')
        self._at += 1
        self._depth -= 1

    def _escape(self) -> None:
        char = self._peek()
        self._at += 1
        if char in ('b', 'B'):
            self._emit(_Step(char))
        else:
            self._emit(_Step('read', _escaped(char)))

    def _class(self) -> Test:
        """Read up to the `]` of a character class."""
        source, negative = self._source, self._peek() == '^'
        self._at += negative
        tests: list[Test] = []
        first = True
        while first or self._peek() != ']':
            first = False
            char = self._peek()
            self._at += 1
            if not char or source[self._at - 1 : self._at + 1] in ('[:', '[.', '[='):
                raise ValueError('a class that is not known here')
            if char == '\\':
                tests.append(_escaped(self._peek()))
                self._at += 1
            elif self._peek() == '-' and source[self._at + 1 : self._at + 2] not in ('', ']'):
                tests.append(_between(char, source[self._at + 1]))
                self._at += 2
            else:
                tests.append(char.__eq__)
        self._at += 1
        return lambda c: any(t(c) is True for t in tests) != negative


def _between(low: str, high: str) -> Test:
    return lambda c: low <= c <= high


def _escaped(char: str) -> Test:
    if not char:
        raise ValueError('a \\ at the end')
    if char.lower() in _CLASSES:
        plain = _CLASSES[char.lower()]
        return plain if char.islower() else lambda c: not plain(c)
    if char in _CONTROLS:
        return _CONTROLS[char].__eq__
    if char.isalnum():
        raise ValueError(f'\\{char} is not known here')
    return char.__eq__


def _edge(text: str, place: int) -> bool:
    word = _CLASSES['w']
    before = place > 0 and word(text[place - 1])
    return before != (place < len(text) and word(text[place]))


_PLACES: dict[str, Callable[[str, int], bool]] = {
    '^': lambda text, place: place == 0,
    '$': lambda text, place: place == len(text),
    'b': _edge,
    'B': lambda text, place: not _edge(text, place),
}


@lru_cache(maxsize=4096)
def expression(source: str) -> Expression | None:
    """Return the expression, None when it is one that is not known here."""
    try:
        return Expression(source)
    except ValueError:
        return None
