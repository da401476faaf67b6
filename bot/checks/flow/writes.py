# SPDX-License-Identifier: GPL-2.0-or-later
"""Assignments and stores along a path: who comes to know what was taken.

Promises that pages written down where others can find them are no longer this function's to give back. Refuses to tell
two elements of one array apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.checks.c.graph import Graph, Step, Term
from bot.checks.flow.habits import Habit
from bot.checks.flow.live import fields_read
from bot.checks.flow.state import State, Token
from bot.checks.flow.values import Value, base, bounded, evaluate, leaves, owner, pointed
from bot.checks.tree.words import Meaning, Words


@dataclass(frozen=True, slots=True)
class Happening:
    """Something a rule may speak of: what, with which token, at which step; `given` is the resource it was given back as,
    `fact` what else is known of it."""

    what: str
    token: Token
    step: int
    given: str = ''
    lock: str = ''
    fact: str = ''


Report = Callable[[Happening], None]


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out: the step, what it returns, whether that says that the function failed, and what was taken by then."""

    step: int
    value: Value | None
    signs: frozenset[str]
    failed: bool
    tokens: tuple[Token, ...]


class Writes:
    """The assignments of one function, applied to states."""

    def __init__(
        self, graph: Graph, words: Words, habits: Mapping[str, Habit], wrappers: Mapping[str, Meaning], report: Report
    ) -> None:
        self.graph, self.words, self.habits, self.report = graph, words, habits, report
        self.wrappers = wrappers
        self.leaving: list[Exit] = []
        self.busy, self.read = set[int](), set[int]()
        self.staying: set[str] = set()
        called = [habits[step.callee] for step in graph.steps if step.kind == 'call' and step.callee in habits]
        self.fields = fields_read(graph) | {count[4] for habit in called for count in habit.counts if count[4]}
        self.zero_is_fine = (
            any(step.kind == 'return' and step.terms and step.terms[0] == Term('k', '0') for step in graph.steps)
            or self._returns_a_set_zero()
        )
        self.wrapped = {nth for nth, step in enumerate(graph.steps) if step.kind == 'call' and step.callee in wrappers}
        self.reported = {
            nth for nth in self.wrapped if wrappers[graph.steps[nth].callee].resources[0].object is not None
        }
        self.takes = {
            nth
            for nth, step in enumerate(graph.steps)
            if step.kind == 'call' and (step.callee in wrappers or words.meaning(step.callee).role == 'take')
        }

    def _returns_a_set_zero(self) -> bool:
        names = {step.terms[0].text for step in self.graph.steps if step.kind == 'return' and step.terms}
        return any(
            step.kind == 'set' and step.target is not None and step.target.text in names
            and step.terms[0] == Term('k', '0')
            for step in self.graph.steps
        )  # fmt: skip

    def gives(self, step: Step) -> bool:
        return self.words.meaning(step.callee).role == 'give'

    def value(self, term: Term, state: State) -> Value:
        return evaluate(term, state.env, state.mem)

    def assign(self, nth: int, step: Step, state: State) -> None:
        assert step.target is not None
        target, term = step.target, step.terms[0]
        value = ('?',) if term.op == 'each' else bounded(self.value(term, state))
        if target.op != 'n':
            self._store(nth, target, value, state)
            return
        fresh: Value = ('s', nth, target.text)
        if any(one.op == 'n' and one.text == target.text for one in term.inside()) and term.op != 'n':
            before = self.value(Term('n', target.text), state)
            signs = state.signs(before)
            state.forget(fresh)
            value = self._moved(target.text, term, state, fresh)
            self._summed(term, signs, value, state)
            self._summed_untested(term, fresh, state)
        elif value == ('?',):
            if term.op == 'each' and self._is_array(target.text):
                return
            state.forget(fresh)
            value = fresh
        state.env[target.text] = value
        if target.text[:1] not in ('%', '#', '') and target.text not in self.graph.types:
            self._stored(value, state)

    def _moved(self, name: str, term: Term, state: State, fresh: Value) -> Value:
        """A counter that goes on is a new number each time; a pointer that goes on still points into its array."""
        if term.op in '+-' and '*' in self.graph.types.get(name, ''):
            return ('f', '+', base(self.value(Term('n', name), state)), fresh)
        if not any(part.op == 'n' and part.text == name for part in term.parts[:1]) or term.op == 'f':
            value = self.value(term, state)
            return value if fresh not in leaves(value) and len(tuple(leaves(value))) < 4 else fresh
        return fresh

    def _summed(self, term: Term, before: frozenset[str], total: Value, state: State) -> None:
        """A counter to which the number that was taken is added: it is nothing only when nothing was taken."""
        if term.op != '+' or len(term.parts) != 2 or '-' in before or total[0] != 's':
            return
        parts = [self.value(part, state) for part in term.parts]
        token = next((one for one in map(state.token_of, parts) if one is not None), None)
        if token is not None and token.result == 'count' and '-' not in token.signs:
            state.facts[total] = frozenset('+') if '0' not in before & token.signs else frozenset('0+')
            state.related['sum', total, token.value] = True

    def _summed_untested(self, term: Term, fresh: Value, state: State) -> None:
        """Note that a number had a result added to it before the result was looked at."""
        added = [self.value(part, state) for part in term.parts] if term.op == '+' else []
        steps = {one.step for one in state.tokens.values() if one.value in added and 'n' in one.outcome}
        state.sums |= {(fresh, step) for step in steps}

    def _is_array(self, name: str) -> bool:
        return '*' in self.graph.types.get(name, '') and 'page' in self.graph.types.get(name, '')

    def _store(self, nth: int, target: Term, value: Value, state: State) -> None:
        self.into(nth, target, value, state)
        if target.op == '[':
            where = base(self.value(target.parts[0], state))
            for token in self.held(state):
                if base(value) in (token.base, token.owner) and where not in (token.base, token.owner):
                    self.escape(token, state)
            return
        place = pointed(self.value(target.parts[0], state), state.env) if target.parts else ('?',)
        if target.op == '*' and place[0] == 'i' and target.parts[0].op == '&':
            return
        if self.is_local(place, state):
            self._remember(place, value, state)
        else:
            self._stored(value, state)
        self.written_down(place, value, state)
        field = target.text if target.op == '.' else '*'
        if field in self.fields:
            key = (place, field)
            state.forget(('s', nth, field))
            state.mem[key] = value if value != ('?',) else ('s', nth, field)

    def into(self, nth: int, target: Term, value: Value, state: State) -> None:
        """Look at a store before it is made; the account of contents replaces this."""

    def written_down(self, place: Value, value: Value, state: State) -> None:
        """Look at what was stored in an object; the account of arrays replaces this."""

    def _remember(self, place: Value, value: Value, state: State) -> None:
        """Pages written down in an object of this function belong to it from now on."""
        for token in self.held(state):
            if base(value) == token.base:
                state.tokens[token.step] = replace(token, owner=place)

    def _stored(self, value: Value, state: State) -> None:
        """A value is written where others can find it."""
        for token in list(state.tokens.values()):
            if token.held == 'held' and (token.base == base(value) or token.owner == value) and token.home != 'object':
                self.escape(token, state)
                state.tokens[token.step] = replace(state.tokens[token.step], home='object')
            elif token.held == 'held' and token.base == base(value) and value[:2] == ('f', 'as'):
                state.tokens[token.step] = replace(token, seen=token.seen | {'told'})
            elif token.value in leaves(value):
                state.tokens[token.step] = replace(state.tokens[token.step], counted=True)
        state.shared |= {one for one in leaves(value) if one[0] in ('s', '&')}

    def is_local(self, place: Value, state: State) -> bool:
        """Tell whether an object is this function's own and nobody else knows of it."""
        root = owner(place)
        if root[0] == 'i':
            name = str(root[1])
            kind = self.graph.types.get(name, '*')
            return name not in self.graph.params and '*' not in kind and not kind.startswith('static')
        return root[0] == 's' and len(root) > 3 and root not in state.shared

    def held(self, state: State) -> list[Token]:
        return [token for token in state.tokens.values() if token.held == 'held']

    def escape(self, token: Token, state: State) -> None:
        self.busy.add(token.step)
        state.tokens[token.step] = replace(state.tokens[token.step], held='escaped')
