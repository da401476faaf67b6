# SPDX-License-Identifier: GPL-2.0-or-later
"""Adds up what a function does to counters, path by path, as linear forms of its parameters and constants.

Promises one outcome for each combination of flags and of folios that it tells apart, with what the functions it calls do
counted in. Refuses a function whose sum depends on how often a loop runs, that sets a counter outright, or that has too
many paths: it has no outcomes then, and nobody is accused by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.checks.c.graph import END, Graph, Step, Term
from bot.checks.flow.linear import Form, added, form, scaled
from bot.checks.flow.replacing import SYMBOL, read_as, settled, substituted
from bot.checks.tree.words import matches

_MAX_PATHS = 600
_MAX_OUTCOMES = 48
_DEEP = 7
_MORE, _LESS = frozenset({'add', 'inc', 'get'}), frozenset({'sub', 'dec', 'put'})
_OUTRIGHT = frozenset({'set', 'freeze', 'unfreeze', 'xchg', 'and', 'or', 'xor'})
_ATOMIC = re.compile(r'(?:raw_)?(?:arch_)?atomic(?:64|_long)?_(\w+)')
Conditions = frozenset[tuple[str, bool]]
Deltas = tuple[tuple[str, tuple[tuple[tuple[str, ...], int], ...]], ...]
Truth = str
"""What a result is known to be: `0`, `1` (anything that is neither nothing nor an error), `-` (an error), or '' (anything)."""


class TooHard(Exception):
    """The function has no sum that can be told."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one way through a function does: under which conditions, to which counters, with what result; `line` is that of
    the last change."""

    conditions: Conditions
    deltas: Deltas
    result: Truth
    line: int

    def of(self, counter: str) -> Form:
        return dict(dict(self.deltas).get(counter, ()))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`counters` maps a counter to the functions that change it, `kinds` are tests by which folios differ, `apart` tests for
    pages that are not counted, `prefix` starts the names of flags."""

    counters: Mapping[str, tuple[str, ...]]
    kinds: tuple[str, ...]
    apart: tuple[str, ...]
    prefix: str


@dataclass(slots=True)
class _Path:
    at: int
    values: dict[str, Form]
    truths: dict[str, Truth]
    asked: dict[str, str]
    conditions: dict[str, bool]
    deltas: dict[str, Form]
    equal: dict[str, Form] = field(default_factory=dict)
    exchanged: dict[str, tuple[str, Form]] = field(default_factory=dict)
    seen: dict[int, Deltas] = field(default_factory=dict)
    line: int = 0

    def copy(self) -> _Path:
        return replace(
            self,
            values=dict(self.values),
            truths=dict(self.truths),
            asked=dict(self.asked),
            conditions=dict(self.conditions),
            deltas=dict(self.deltas),
            equal=dict(self.equal),
            exchanged=dict(self.exchanged),
            seen=dict(self.seen),
        )


Resolve = Callable[[str], Graph | None]


class Nets:
    """The sums of the functions of one tree; `resolve` returns the steps of a function that changes counters."""

    def __init__(self, vocabulary: Vocabulary, resolve: Resolve) -> None:
        self.vocabulary, self.resolve = vocabulary, resolve
        self._known: dict[str, tuple[Outcome, ...] | None] = {}

    def of(self, name: str, depth: int = 0) -> tuple[Outcome, ...] | None:
        """Return the outcomes of a function, None when they cannot be told."""
        if name not in self._known:
            self._known[name] = None
            graph = self.resolve(name)
            try:
                if graph is not None and not graph.lost and depth < _DEEP:
                    self._known[name] = tuple(dict.fromkeys(_Sum(self, graph, depth).outcomes()))
            except TooHard:
                pass
        return self._known[name]


class _Sum:
    def __init__(self, nets: Nets, graph: Graph, depth: int) -> None:
        self.nets, self.graph, self.depth = nets, graph, depth
        self.words = nets.vocabulary

    def outcomes(self) -> Iterator[Outcome]:
        waiting, paths, found = [_Path(0, {}, {}, {}, {}, {})], 0, set[Outcome]()
        while waiting:
            path = waiting.pop()
            paths += 1
            if paths > _MAX_PATHS or len(found) > _MAX_OUTCOMES:
                raise TooHard
            while path is not None:
                step = self.graph.steps[path.at]
                if step.kind == 'return' or step.next[0] == END != path.at and step.kind != 'test':
                    found.add(self._outcome(step, path))
                    break
                more = self._stepped(step, path)
                if not more:
                    break
                path, *rest = more
                waiting += rest
        return iter(sorted(found, key=repr))

    def _outcome(self, step: Step, path: _Path) -> Outcome:
        result = self._truth(step.terms[0], path) if step.kind == 'return' and step.terms else ''
        deltas = {name: settled(one, path.equal) for name, one in path.deltas.items()}
        return Outcome(frozenset(path.conditions.items()), _plain(deltas), result, path.line)

    def _stepped(self, step: Step, path: _Path) -> list[_Path]:
        """Return the paths that follow a step; none where it ends or goes round again with nothing changed."""
        now = _plain(path.deltas)
        if path.at in path.seen:
            if path.seen[path.at] != now:
                raise TooHard
            return []
        path.seen[path.at] = now
        if step.kind == 'test':
            return [self._moved(one, at) for one, at in self._arms(step, path) if at != END]
        found = self._called(step, path) if step.kind == 'call' else [path]
        if step.kind == 'set' and step.target is not None and step.target.op == 'n':
            self._assigned(step.target.text, step.terms[0], path)
        return [self._moved(one, step.next[0]) for one in found]

    def _moved(self, path: _Path, at: int) -> _Path:
        path.at = at
        return path

    def _assigned(self, name: str, term: Term, path: _Path) -> None:
        truth, asked = self._truth(term, path), path.asked.get(term.text) if term.op == 'n' else None
        path.values[name] = form(term, path.values)
        for known in (path.truths, path.asked, path.exchanged):
            known.pop(name, None)
        if truth:
            path.truths[name] = truth
        if asked:
            path.asked[name] = asked

    def _truth(self, term: Term, path: _Path) -> Truth:
        if term.op == 'n' and term.text in path.truths:
            return path.truths[term.text]
        if term.op == 'f' and term.text in ('ERR_PTR', 'PTR_ERR', 'ERR_CAST'):
            return '-'
        value = form(term, path.values)
        if not value:
            return '0'
        if set(value) == {()}:
            return '-' if value[()] < 0 else '1'
        if len(value) == 1 and _is_errno(*next(iter(value.items()))):
            return '-'
        return '1' if '*' in self.graph.returns and term.op in ('n', 'f', '&') else ''

    def _called(self, step: Step, path: _Path) -> list[_Path]:
        name, target = step.callee, step.target.text if step.target is not None and step.target.op == 'n' else ''
        for known in (path.values, path.truths, path.asked, path.exchanged):
            known.pop(target, None)
        if matches(name, self.words.apart):
            path.truths[target] = '0'
            return [path]
        if matches(name, self.words.kinds):
            path.asked[target] = name
            return [path]
        if name.startswith('check_') and name.endswith('_overflow') and len(step.terms) == 3:
            self._checked(name, step.terms, path)
            path.truths[target] = '0'
            return [path]
        counter, how, rest = self._change(step)
        if counter:
            return self._changed(step, counter, how, rest, target, path)
        outcomes = self.nets.of(name, self.depth + 1)
        if outcomes is None and self.nets.resolve(name) is not None:
            raise TooHard
        found = [one for each in outcomes or () if (one := self._with(each, step, target, path)) is not None]
        if target and outcomes is None:
            path.values[target] = {(f'{SYMBOL}{path.at}',): 1}
        return found if outcomes is not None else [path]

    def _checked(self, name: str, terms: Sequence[Term], path: _Path) -> None:
        place = terms[2].parts[0] if terms[2].op == '&' and terms[2].parts else terms[2]
        sign = (
            {'add': '+', 'sub': '-', 'mul': '*'}[name.split('_')[1]]
            if name.split('_')[1] in ('add', 'sub', 'mul')
            else '?'
        )
        path.values[place.text] = form(Term(sign, parts=tuple(terms[:2])), path.values)

    def _change(self, step: Step) -> tuple[str, str, tuple[Term, ...]]:
        """Return the counter a call changes, how, and the arguments but the counter; '' when it is no change by itself."""
        atomic = _ATOMIC.fullmatch(step.callee)
        if atomic is not None or 'cmpxchg' in step.callee:
            counter = next((one for term in step.terms if (one := self._field(term))), '')
            rest = tuple(term for term in step.terms if not self._field(term))
            return counter, atomic[1] if atomic is not None else step.callee, rest
        for counter, names in self.words.counters.items():
            words = set(step.callee.split('_'))
            if matches(step.callee, names) and words & (_MORE | _LESS | _OUTRIGHT):
                return counter, step.callee, step.terms[1:]
        return '', '', ()

    def _field(self, term: Term) -> str:
        place = term.parts[0] if term.op == '&' and term.parts else term
        return place.text if place.op == '.' and place.text in self.words.counters else ''

    def _changed(
        self, step: Step, counter: str, how: str, rest: tuple[Term, ...], target: str, path: _Path
    ) -> list[_Path]:
        words = how.split('_')
        if 'cmpxchg' in how:
            return self._exchanged(step, counter, rest, 'try' in words, target, path)
        if _OUTRIGHT & set(words):
            raise TooHard
        if words[0] == 'read' or 'count' in words:
            path.values[target] = {(f'{SYMBOL}{path.at}',): 1}
            return [path]
        directed = [word for word in words if word in _MORE | _LESS]
        if not directed:
            raise TooHard
        single = {'inc', 'dec', 'get'} & set(words) or (directed[-1] == 'put' and not rest)
        amount: Form = {(): 1} if single or not rest else form(rest[0], path.values)
        sign = 1 if directed[-1] in _MORE else -1
        done = path.copy()
        done.deltas[counter] = added(done.deltas.get(counter, {}), scaled(amount, sign))
        done.line = step.line
        if not {'try', 'unless'} & set(words):
            return [done]
        done.truths[target], path.truths[target] = '1', '0'
        return [done, path]

    def _exchanged(
        self, step: Step, counter: str, rest: tuple[Term, ...], tries: bool, target: str, path: _Path
    ) -> list[_Path]:
        """An exchange that succeeds adds what is new less what was there; one that fails goes round again."""
        if len(rest) < 2:
            raise TooHard
        old = rest[0].parts[0] if rest[0].op == '&' and rest[0].parts else rest[0]
        before = form(old, path.values)
        change = added(form(rest[1], path.values), scaled(before, -1))
        path.deltas[counter] = added(path.deltas.get(counter, {}), change)
        path.line = step.line
        if tries:
            path.truths[target] = '1'
        else:
            path.values[target] = before
        return [path]

    def _with(self, outcome: Outcome, step: Step, target: str, path: _Path) -> _Path | None:
        """Return the path on which a call had an outcome, None when the conditions rule that out."""
        graph = self.nets.resolve(step.callee)
        given = dict(zip(graph.params if graph is not None else (), step.terms, strict=False))
        names = {name: form(term, path.values) for name, term in given.items()}
        after = path.copy()
        for condition, holds in sorted(outcome.conditions):
            flags = next((term for name, term in given.items() if 'flags' in name), None)
            known = self._bit(condition, flags, path) if condition.startswith(self.words.prefix) else None
            known = after.conditions.get(condition) if known is None else known
            if known is not None and known is not holds:
                return None
            if (
                flags is None
                or not condition.startswith(self.words.prefix)
                or self._bit(condition, flags, path) is None
            ):
                after.conditions[condition] = holds
        for counter, one in outcome.deltas:
            change = substituted(dict(one), names, f'{path.at}.')
            after.deltas[counter] = added(after.deltas.get(counter, {}), change)
            after.line = step.line
        if outcome.result:
            after.truths[target] = outcome.result
        return after

    def _bit(self, flag: str, flags: Term | None, path: _Path) -> bool | None:
        """Tell whether flags that are written out hold one; None when they are a variable's."""
        if flags is None:
            return None
        parts = [one.text for one in flags.inside() if one.op in ('n', 'k')]
        if flags.op in ('n', '|', 'k') and all(text.startswith(self.words.prefix) or text == '0' for text in parts):
            return flag in parts
        return None

    def _arms(self, step: Step, path: _Path) -> list[tuple[_Path, int]]:
        ways = [(one, 0 if truth else 1) for one, truth in self._split(step.terms[0], path)]
        return [(one, step.next[way]) for one, way in ways if way not in step.warns]

    def _split(self, term: Term, path: _Path) -> list[tuple[_Path, bool]]:
        """Return the paths on which a test holds and does not."""
        if term.op == '!':
            return [(one, not truth) for one, truth in self._split(term.parts[0], path)]
        if term.op in ('==', '!=') and len(term.parts) == 2 and _is_nothing(term.parts[1]):
            swap = term.op == '=='
            return [(one, truth is not swap) for one, truth in self._split(term.parts[0], path)]
        if term.op == '&' and len(term.parts) == 2:
            flags = self._flags(term)
            if flags:
                return list(self._asked(flags, path))
        if term.op == 'n' and term.text in path.asked:
            return list(self._asked((path.asked[term.text],), path))
        known = self._known(term, path)
        if known is not None:
            return [(path, known)]
        return self._compared(term, path)

    def _flags(self, term: Term) -> tuple[str, ...]:
        for part in term.parts:
            names = [one.text for one in part.inside() if one.op in ('n', 'k')]
            if names and part.op in ('n', '|', 'k') and all(name.startswith(self.words.prefix) for name in names):
                return tuple(sorted(names))
        return ()

    def _asked(self, names: tuple[str, ...], path: _Path) -> Iterator[tuple[_Path, bool]]:
        """Split by whether one of some flags is set, or by one kind."""
        known = [path.conditions.get(name) for name in names]
        if True in known:
            yield path, True
            return
        open_ = [name for name, one in zip(names, known, strict=True) if one is None]
        for nth, name in enumerate(open_):
            yes = path.copy()
            yes.conditions.update(dict.fromkeys(open_[:nth], False) | {name: True})
            yield yes, True
        no = path.copy()
        no.conditions.update(dict.fromkeys(open_, False))
        yield no, False

    def _known(self, term: Term, path: _Path) -> bool | None:
        if term.op == 'f' and term.text in ('IS_ERR', 'IS_ERR_OR_NULL') and term.parts:
            truth = self._truth(term.parts[0], path)
            return None if not truth else truth == '-' or (truth == '0' and 'NULL' in term.text)
        if term.op in ('<', '>', '<=', '>=') and len(term.parts) == 2 and _is_nothing(term.parts[1]):
            truth = self._truth(term.parts[0], path)
            return {'<': truth == '-', '>=': truth != '-'}.get(term.op) if truth else None
        if term.op in ('n', 'k'):
            truth = self._truth(term, path)
            return truth != '0' if truth else None
        return None

    def _compared(self, term: Term, path: _Path) -> list[tuple[_Path, bool]]:
        """Split at any other test; that two values are the same is remembered for one that was read."""
        yes, no = path, path.copy()
        if term.op not in ('==', '!=') or len(term.parts) != 2:
            value = form(term, path.values)
            if read_as(value):
                no.equal[read_as(value)] = {}
            return [(yes, True), (no, False)]
        one, other = (form(part, path.values) for part in term.parts)
        if added(one, scaled(other, -1)) == {}:
            return [(yes, term.op == '==')]
        same = yes if term.op == '==' else no
        for left, right in ((one, other), (other, one)):
            if read_as(left):
                same.equal[read_as(left)] = right
                break
        return [(yes, True), (no, False)]


def _is_errno(key: tuple[str, ...], times: int) -> bool:
    return len(key) == 1 and ((times == 1 and key[0].startswith('-E')) or (times == -1 and key[0].startswith('E')))


def _is_nothing(term: Term) -> bool:
    return term.op in ('k', 'n') and term.text in ('0', 'NULL', 'false')


def _plain(deltas: Mapping[str, Form]) -> Deltas:
    return tuple((name, tuple(sorted(one.items()))) for name, one in sorted(deltas.items()) if one)
