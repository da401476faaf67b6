# SPDX-License-Identifier: GPL-2.0-or-later
"""One commit under all rules.

Promises that a file is judged once for every state of the headers that can change the verdict, however many commits
have it. Refuses to compare commits; that is the engine's.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from bot.checks.c.file import File
from bot.checks.callers.fields import Fields
from bot.checks.callers.lifetimes import Lifetimes
from bot.checks.callers.walks import Walks, made_by
from bot.checks.counters.budget import biases
from bot.checks.counters.fillers import filling
from bot.checks.counters.pairs import Pairs
from bot.checks.kinds import Match, balance, call, counter, exchange, flag, own, release, shape
from bot.checks.rulebook.areas import Area
from bot.checks.rulebook.rules import (
    AccessRule,
    BalanceRule,
    BiasRule,
    BudgetRule,
    CallRule,
    CompareRule,
    ExchangeRule,
    FlagRule,
    OwnRule,
    ReleaseRule,
    Rule,
    ShapeRule,
)
from bot.checks.tree.contexts import Callers
from bot.checks.tree.kernel import Kernel
from bot.checks.tree.scene import Scene
from bot.checks.tree.sources import Snapshot


class Judgement:
    """One commit under all rules; what a file yields is kept for as long as neither it nor the headers change."""

    def __init__(
        self,
        snapshot: Snapshot,
        rules: Sequence[Rule],
        memory: dict[tuple[str, str, str], list[Match]],
        lone: bool = False,
    ) -> None:
        self.snapshot, self.rules, self.memory = snapshot, rules, memory
        words = home_words(rules)
        self.kernels = {rule.area: Kernel(snapshot, rule.words, words) for rule in rules}
        self.base: Judgement | None = None
        self._tree_matches: list[Match] | None = None
        self.walks = Walks(snapshot)
        self.callers = Callers(snapshot, lone)
        self._lifetimes: dict[str, Lifetimes] = {}
        self._fields: dict[str, Fields] = {}

    def kernel(self, rule: Rule) -> Kernel:
        return self.kernels[rule.area]

    @cached_property
    def digest(self) -> str:
        return ' '.join(self.kernels[name].digest for name in sorted(self.kernels))

    @cached_property
    def scene(self) -> Scene | None:
        """The functions flags can travel through: the areas' headers and every caller in the tree."""
        kernel = next((one for one in self.kernels.values() if one.area.flags is not None), None)
        if kernel is None:
            return None
        first = self.base if self.base is not None else self
        return Scene(kernel, self.snapshot.files({*kernel.home, *self.snapshot.paths(first._scene_words)}))

    @property
    def _scene_words(self) -> list[str]:
        kernel = next((one for one in self.kernels.values() if one.area.flags is not None), None)
        return [*kernel.scene_words, *self.bias_macros] if kernel is not None else []

    @cached_property
    def bias_macros(self) -> tuple[str, ...]:
        """Return the names of all biases of all counters: who computes with one reads or builds a count."""
        counters = [(kernel, counter) for kernel in self.kernels.values() for counter in kernel.area.counters]
        return tuple(sorted({bias.macro for kernel, counter in counters for bias in biases(kernel, counter)}))

    def in_file(self, path: str, along_paths: bool = True) -> list[Match]:
        """Return what the rules about single files find in one; those that follow paths only when they are asked for."""
        return [one for match in self._judged(path, along_paths) if (one := self._asked(match)) is not None]

    def in_files(self, paths: Iterable[str], along_paths: Callable[[str], bool] = lambda path: True) -> Iterator[Match]:
        """Yield what the rules about single files find in several; what they ask of callers is searched for at once."""
        wanted, asking = list[str](), list[Match]()
        for path in paths:
            wanted.append(path)
            asking += [match for match in self._judged(path, along_paths(path)) if match.asks is not None]
        self.callers.foresee((self.kernel(one.rule), one.path, *one.asks) for one in asking if one.asks is not None)
        for path in wanted:
            yield from self.in_file(path, along_paths(path))

    def foresee(self, files: Sequence[str]) -> None:
        """Search the tree once for all that the rules will look for, the literals for `files` among it."""
        kinds = {rule.area: [one for one in self.rules if one.area == rule.area] for rule in self.rules}
        wanted = [files]
        for area, rules in kinds.items():
            kernel = self.kernels[area]
            if kernel.area.flags is not None and kernel.area.flow is not None and any(map(_follows, rules)):
                wanted.append(kernel.wrapper_words)
            if any(isinstance(rule, BudgetRule) for rule in rules):
                wanted += [filling(kernel, counter) for counter in kernel.area.counters]
        if any(isinstance(rule, ReleaseRule) for rule in self.rules):
            wanted += [words] if (words := self._scene_words) else []
        self.snapshot.foresee(wanted)

    def _judged(self, path: str, along_paths: bool) -> list[Match]:
        blob, file = self.snapshot.blob(path), self.snapshot.file(path)
        if blob is None or file is None:
            return []
        key = (blob, path, f'{self.digest} {along_paths}')
        if key not in self.memory:
            rules = [
                one for one in self.rules if along_paths or not isinstance(one, OwnRule | ExchangeRule | ShapeRule)
            ]
            found = [match for rule in rules for match in self._in_file(rule, path, file)]
            self.memory[key] = [replace(_allowed(match, file), commit=self.snapshot.commit) for match in found]
        return self.memory[key]

    def _asked(self, match: Match) -> Match | None:
        """Return a match that depends on callers, who may stand in other files, with what was found out; None if it falls."""
        if match.asks is None:
            return match
        notes = self.callers.without(self.kernel(match.rule), match.path, *match.asks)
        return replace(match, evidence=(*match.evidence, *notes)) if notes is not None else None

    def _in_file(self, rule: Rule, path: str, file: File) -> Iterator[Match]:
        kernel = self.kernel(rule)
        if isinstance(rule, CallRule):
            yield from call.find(rule, kernel, path, file)
        elif isinstance(rule, AccessRule):
            yield from counter.accesses(rule, kernel, path, file)
        elif isinstance(rule, CompareRule):
            yield from counter.compares(rule, kernel, path, file)
        elif isinstance(rule, BiasRule):
            yield from counter.bias_uses(rule, kernel, path, file)
        elif isinstance(rule, ExchangeRule):
            yield from exchange.find(rule, path, self.walks.of(kernel, path, file).exchanges)
        elif isinstance(rule, ShapeRule):
            yield from shape.find(rule, kernel, path, file, self.walks.of(kernel, path, file).shapes)
        elif isinstance(rule, OwnRule):
            walked = self.walks.of(kernel, path, file).functions
            yield from own.find(rule, kernel, path, file, walked, lambda *place: self.lifetimes(kernel).ending(*place))

    def lifetimes(self, kernel: Kernel) -> Lifetimes:
        """Return who ends what is taken, for an area."""
        if kernel.area.title not in self._lifetimes:
            self._lifetimes[kernel.area.title] = Lifetimes(kernel, self.walks)
        return self._lifetimes[kernel.area.title]

    def unsure(self, scope: Container[str]) -> list[str]:
        """Return, for some files, the fields of which nothing can be said, and why."""
        kernels = {rule.area: self.kernel(rule) for rule in self.rules if isinstance(rule, OwnRule)}
        fields = (self.fields(one) for one in kernels.values() if one.area.flags is not None)
        return sorted(
            {words for one in fields if one.events is not None for path, words in one.unsure if path in scope}
        )

    def pairs(self, kernel: Kernel) -> Pairs:
        """Return the functions of an area that take and give back counts."""
        flagged = next((one for one in self.kernels.values() if one.area.flags is not None), kernel)
        return Pairs(kernel, flagged, made_by())

    def in_tree(self) -> Iterator[Match]:
        """Yield what the rules about the tree as a whole find."""
        if self._tree_matches is None:
            found = [replace(match, commit=self.snapshot.commit) for match in self._in_tree()]
            files = {one.path: self.snapshot.file(one.path) for one in found}
            self._tree_matches = [_allowed(one, file) if (file := files[one.path]) else one for one in found]
        yield from self._tree_matches

    def _in_tree(self) -> Iterator[Match]:
        for rule in self.rules:
            if isinstance(rule, FlagRule):
                yield from flag.find(rule, self.kernel(rule), self.base.kernel(rule) if self.base is not None else None)
            elif isinstance(rule, BudgetRule):
                yield from counter.budgets(rule, self.kernel(rule))
            elif isinstance(rule, BalanceRule):
                yield from balance.find(rule, self.pairs(self.kernel(rule)).unbalanced())
            elif isinstance(rule, ReleaseRule) and self.scene is not None:
                yield from release.find(rule, self.scene)
            elif isinstance(rule, OwnRule) and rule.words.flags is not None:
                yield from self._in_fields(rule)

    def _in_fields(self, rule: OwnRule) -> Iterator[Match]:
        kernel = self.kernel(rule)
        for path, walked in self.fields(kernel).events.items():
            file = self.snapshot.file(path)
            if file is not None:
                found = own.find(rule, kernel, path, file, walked, lambda *place: self.lifetimes(kernel).ending(*place))
                told = {(one.rule.id, one.line) for one in self._judged(path, True)}
                yield from (one for one in found if (rule.id, one.line) not in told)

    def fields(self, kernel: Kernel) -> Fields:
        """Return the fields that pages are kept in from one function to the next, for an area."""
        if kernel.area.title not in self._fields:
            self._fields[kernel.area.title] = Fields(kernel, self.walks)
        return self._fields[kernel.area.title]


def _follows(rule: Rule) -> bool:
    return isinstance(rule, OwnRule | ExchangeRule | ShapeRule)


def _allowed(match: Match, file: File) -> Match:
    """Mark what a comment with a reason allows, on a line of the finding or right above it."""
    for one in file.facts.allowed:
        if one.rule == match.rule.id and one.reason and match.line - 1 <= one.line <= match.end_line:
            return replace(match, allowed=one.reason)
    return match


def home_words(rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return the literals by which the files that declare an area's subject are found."""
    words: set[str] = set()
    for rule in rules:
        words.update([rule.words.flags.prefix] if rule.words.flags is not None else [])
        named = (*rule.words.groups.values(), *rule.words.gates.values())
        words.update(_literal(name) for names in named for name in names if not name.startswith('@'))
        for field, counting in rule.words.counters.items():
            words.add(field)
            words.update(_literal(name) for name in (*counting.read, *counting.change))
    return _shortest(words)


def file_words(rules: Sequence[Rule], kernels: dict[str, Kernel], along_paths: bool = True) -> tuple[str, ...]:
    """Return the literals one of which a file must hold for a rule about files to find anything.

    What is found along paths depends on the file alone: with `along_paths` false, such rules ask for no file.
    """
    words: set[str] = set()
    for rule in rules:
        area = rule.words
        if isinstance(rule, OwnRule | ExchangeRule | ShapeRule) and not along_paths:
            continue
        if isinstance(rule, CallRule):
            words.update(
                _literal(name) for where in rule.where for name in where.functions for name in _opened(area, name)
            )
        elif isinstance(rule, AccessRule):
            words.update(f'{sign}{field}' for where in rule.where for field in where.fields for sign in ('->', '.'))
        elif isinstance(rule, ExchangeRule):
            words.update(f'{sign}{field}' for where in rule.where for field in where.counters for sign in ('->', '.'))
        elif isinstance(rule, ShapeRule) and rule.literals:
            words.update(rule.literals)
        elif isinstance(rule, OwnRule | ShapeRule) and area.flow is not None:
            taken = [name for one in area.flow.resources if one.amount is None for name in one.take]
            taken += [name for one in area.flow.accounts for name in (*one.fields, *one.both, *one.charge)]
            words.update(_literal(name) for wanted in taken for name in _opened(area, wanted))
            words.update(_literal(name) for name in (*area.flow.extract, *area.flow.dirty) if 'folio' not in name)
        elif isinstance(rule, CompareRule | BiasRule):
            counters = {getattr(where, 'counter', None) for where in rule.where}
            counters |= {name for where in rule.where for name in getattr(where, 'counters', ())}
            words.update(_macros(kernels[rule.area], counters))
    return _shortest(words)


def _macros(kernel: Kernel, counters: set[str | None]) -> list[str]:
    return [bias.macro for name in sorted(filter(None, counters)) for bias in biases(kernel, name)]


def _opened(area: Area, name: str) -> Sequence[str]:
    return area.groups.get(name[1:], ()) if name.startswith('@') else (name,)


def _shortest(words: set[str]) -> tuple[str, ...]:
    """Return the words that hold no other one: a file with the longer has the shorter too."""
    return tuple(
        sorted(word for word in words if word and not any(one and one != word and one in word for one in words))
    )


def _literal(name: str) -> str:
    return max(name.split('*'), key=len)
