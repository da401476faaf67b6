# SPDX-License-Identifier: GPL-2.0-or-later
"""What one step does to what was taken: the transfer functions of the walk in `paths.py`.

Promises that whatever may keep a page ends the account of it. Refuses to accuse on what it does not know: a function
that is neither in the words of the area nor in this file is taken to keep what it is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.checks.graph import Graph, Step, Term
from bot.checks.habits import Habit
from bot.checks.live import fields_read
from bot.checks.rules import Resource
from bot.checks.state import Home, State, Token
from bot.checks.values import ZERO, Value, base, evaluate, leaves, owner, pointed
from bot.checks.words import Meaning, Words


@dataclass(frozen=True, slots=True)
class Happening:
    """Something a rule may speak of: what, with which token, at which step; `given` is the resource it was given back as."""

    what: str
    token: Token
    step: int
    given: str = ''
    lock: str = ''


_ZEROING = re.compile('zalloc|calloc')
Report = Callable[[Happening], None]


class Effects:
    """The steps of one function, applied to states."""

    def __init__(self, graph: Graph, words: Words, habits: Mapping[str, Habit], report: Report) -> None:
        self.graph, self.words, self.habits, self.report = graph, words, habits, report
        self.fields = fields_read(graph)
        self.zero_is_fine = any(
            step.kind == 'return' and step.terms and step.terms[0] == Term('k', '0') for step in graph.steps
        ) or self._returns_a_set_zero()
        self.takes = {
            nth
            for nth, step in enumerate(graph.steps)
            if step.kind == 'call' and words.meaning(step.callee).role == 'take'
        }

    def _returns_a_set_zero(self) -> bool:
        names = {step.terms[0].text for step in self.graph.steps if step.kind == 'return' and step.terms}
        return any(
            step.kind == 'set' and step.target is not None and step.target.text in names
            and step.terms[0] == Term('k', '0')
            for step in self.graph.steps
        )  # fmt: skip

    def value(self, term: Term, state: State) -> Value:
        return evaluate(term, state.env, state.mem)

    # assignments

    def assign(self, nth: int, step: Step, state: State) -> None:
        assert step.target is not None
        target, term = step.target, step.terms[0]
        value = ('?',) if term.op == 'each' else self.value(term, state)
        if target.op != 'n':
            self._store(nth, target, value, state)
            return
        fresh: Value = ('s', nth, target.text)
        if any(one.op == 'n' and one.text == target.text for one in term.inside()) and term.op != 'n':
            state.forget(fresh)
            value = self._moved(target.text, term, state, fresh)
        elif value == ('?',):
            if term.op == 'each' and self._is_array(target.text):
                return
            state.forget(fresh)
            value = fresh
        state.env[target.text] = value
        if target.text[0] not in '%#' and target.text not in self.graph.types:
            self._stored(value, state)

    def _moved(self, name: str, term: Term, state: State, fresh: Value) -> Value:
        """A counter that goes on is a new number each time; a pointer that goes on still points into its array."""
        if term.op in '+-' and '*' in self.graph.types.get(name, ''):
            return ('f', '+', base(self.value(Term('n', name), state)), fresh)
        if not any(part.op == 'n' and part.text == name for part in term.parts[:1]) or term.op == 'f':
            value = self.value(term, state)
            return value if fresh not in leaves(value) and len(tuple(leaves(value))) < 4 else fresh
        return fresh

    def _is_array(self, name: str) -> bool:
        return '*' in self.graph.types.get(name, '') and 'page' in self.graph.types.get(name, '')

    def _store(self, nth: int, target: Term, value: Value, state: State) -> None:
        if target.op == '[':
            where = base(self.value(target.parts[0], state))
            for token in self.held(state):
                if token.base == base(value) and token.base != where:
                    self._escape(token, state)
            return
        place = pointed(self.value(target.parts[0], state), state.env) if target.parts else ('?',)
        if target.op == '*' and place[0] == 'i' and target.parts[0].op == '&':
            return
        if self.is_local(place, state):
            self._remember(place, value, state)
        else:
            self._stored(value, state)
        field = target.text if target.op == '.' else '*'
        if field in self.fields:
            key = (place, field)
            state.forget(('s', nth, field))
            state.mem[key] = value if value != ('?',) else ('s', nth, field)

    def _remember(self, place: Value, value: Value, state: State) -> None:
        """Pages written down in an object of this function belong to it from now on."""
        for token in self.held(state):
            if base(value) == token.base:
                state.tokens[token.step] = replace(token, owner=place)

    def _stored(self, value: Value, state: State) -> None:
        """A value is written where others can find it."""
        for token in list(state.tokens.values()):
            if token.held == 'held' and (token.base == base(value) or token.owner == value) and token.home != 'object':
                self._escape(token, state)
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

    def _escape(self, token: Token, state: State) -> None:
        state.tokens[token.step] = replace(state.tokens[token.step], held='escaped')

    # calls

    def call(self, nth: int, step: Step, state: State) -> None:
        assert step.target is not None
        arguments = [self.value(term, state) for term in step.terms]
        meaning = self.words.meaning(step.callee)
        result: Value = ('s', nth, step.callee)
        if meaning.role == 'allocate':
            result = (*result, 'zeroed' if _ZEROING.search(step.callee) else 'new')
            state.shared -= {result}
            state.mem = {key: value for key, value in state.mem.items() if key[0] != result}
        state.forget(result)
        state.env[step.target.text] = result
        if meaning.role == 'take':
            self._take(nth, meaning, arguments, result, state)
        elif meaning.role == 'give':
            self.give(nth, meaning, arguments, state, 0)
        elif meaning.role == 'free' and arguments:
            self._free(nth, arguments[-1], state)
        elif meaning.role == 'lock':
            state.locks[meaning.lock] = min(state.locks.get(meaning.lock, 0) + 1, 2)
        elif meaning.role == 'unlock':
            state.locks[meaning.lock] = max(state.locks.get(meaning.lock, 0) - 1, 0)
        elif meaning.role == 'address' and arguments:
            state.env[step.target.text] = ('f', 'as', arguments[0])
        elif meaning.role == '':
            self._other(nth, step.callee, arguments, state)
        else:
            self._looked_at(nth, meaning, arguments, state)
        self._written(nth, arguments, meaning, state)

    def _looked_at(self, nth: int, meaning: Meaning, arguments: Sequence[Value], state: State) -> None:
        """Pages that were given back must not be looked at, nor marked as written."""
        for value in arguments[:1] if meaning.role in ('borrow', 'dirty') else ():
            for gone, step in state.gone:
                if base(value) == base(gone) and _page(value) == _page(gone):
                    self.report(Happening('dirtied' if meaning.role == 'dirty' else 'used', state.tokens[step], nth))

    def _written(self, nth: int, arguments: Sequence[Value], meaning: Meaning, state: State) -> None:
        """What a call is given the address of has a new value after it."""
        for value in arguments:
            if value[0] == '&' and not self._is_given_pages(str(value[1]), nth, state):
                fresh: Value = ('s', nth, str(value[1]))
                state.forget(fresh)
                if '*' in self.graph.types.get(str(value[1]), '') or meaning.role != 'borrow':
                    state.env[str(value[1])] = fresh
        if meaning.role == '':
            given = {pointed(value, state.env) for value in arguments}
            for value in given:
                if value[-1] == 'zeroed':
                    state.mem.update({(value, name): ZERO for name in self.fields if (value, name) not in state.mem})
            for key in state.mem:
                if key[0] in given:
                    fresh = ('s', nth, key[1])
                    state.forget(fresh)
                    state.mem[key] = fresh

    def _is_given_pages(self, name: str, nth: int, state: State) -> bool:
        token = state.tokens.get(nth)
        return token is not None and state.env.get(name) == token.base

    def _take(self, nth: int, meaning: Meaning, arguments: list[Value], result: Value, state: State) -> None:
        resource = meaning.resources[0]
        for lock in self.words.flow.locks:
            what = 'locked' if state.locks.get(lock) else 'unlocked'
            self.report(Happening(what, Token(nth, resource.name, resource.result, result, result, None, frozenset()), nth, lock=lock))
        place = self._taken_into(nth, meaning, resource, arguments, result, state)
        if place is None:
            return
        count = arguments[meaning.count] if meaning.count is not None and meaning.count < len(arguments) else None
        one = resource.result != 'count' or count in (None, ('k', 1))
        before = state.tokens.get(nth)
        home, holder = self._home(place, state)
        outcome = {'count': 'nzf' if one else 'nzpf', 'zero': 'nf', 'truth': 'zf', 'pointer': 'nzf'}[resource.result]
        state.tokens[nth] = Token(
            nth,
            resource.name,
            resource.result,
            result,
            place,
            count,
            frozenset(outcome),
            home,
            holder,
            prior=before is not None and before.has and before.resource != 'ref',
            counted=before is not None and before.counted,
            single=one,
            start=self._start(meaning, arguments, place),
        )
        state.gone = frozenset(gone for gone in state.gone if gone[1] != nth)

    def _start(self, meaning: Meaning, arguments: list[Value], place: Value) -> Value:
        given = arguments[meaning.pages] if meaning.pages is not None and meaning.pages < len(arguments) else place
        return given if base(given) == place else place

    def _taken_into(
        self, nth: int, meaning: Meaning, resource: Resource, arguments: list[Value], result: Value, state: State
    ) -> Value | None:
        """Return what holds the pages: the array, or the page itself where it is taken into a variable."""
        if resource.object is not None:
            given = arguments[resource.object] if resource.object < len(arguments) else None
            return base(given) if given is not None and resource.result != 'pointer' else result
        if resource.result == 'pointer':
            return result
        if meaning.pages is None or meaning.pages >= len(arguments) or arguments[meaning.pages] == ZERO:
            return None
        place = arguments[meaning.pages]
        if place[0] == '&':
            page: Value = ('s', nth, str(place[1]), 'page')
            state.forget(page)
            state.env[str(place[1])] = page
            state.shared -= {page}
            return page if str(place[1]) in self.graph.types else ('i', place[1])
        if place[0] == 'f' and place[1] == '&':
            inner = place[2]
            assert isinstance(inner, tuple)
            return inner
        return base(place)

    def _home(self, place: Value, state: State) -> tuple[Home, Value | None]:
        """Return where pages are written down, and the object of this function that holds the array, if any."""
        if place[0] == 'i':
            name = str(place[1])
            if name in self.graph.params:
                return 'caller', None
            if name not in self.graph.types or self.graph.types[name].startswith('static'):
                return 'object', None
        root = owner(place)
        for (holder, _), value in state.mem.items():
            if value == place:
                if not self.is_local(holder, state):
                    return 'object', None
                root = owner(holder)
        if root == place:
            known = root[0] == 'i' or (len(root) > 3 and root not in state.shared)
            return ('local' if known else 'object'), None
        return ('local', root) if self.is_local(root, state) else ('object', root)

    def give(self, nth: int, meaning: Meaning, arguments: Sequence[Value], state: State, position: int) -> None:
        """Give back what an argument stands for."""
        if position >= len(arguments):
            return
        count = arguments[meaning.count] if meaning.count is not None and meaning.count < len(arguments) else None
        names = {one.name for one in meaning.resources}
        self.given(nth, arguments[position], names, count, state)

    def given(self, nth: int, value: Value, names: set[str], count: Value | None, state: State) -> None:
        value = pointed(value, state.env)
        mine = [token for token in state.tokens.values() if token.base == base(value)]
        mine = [token for token in mine if token.start == value] or mine
        alike = [token for token in mine if token.resource in names]
        if any(token.has for token in alike):
            mine = [token for token in alike if token.has]
        for token in mine:
            self._given(nth, token, value, names, count, state)

    def _given(
        self, nth: int, token: Token, value: Value, names: set[str], count: Value | None, state: State
    ) -> None:
        whole = token.single or count is not None
        if token.held == 'released' and whole and value == token.start and token.resource in names:
            self.report(Happening('again', token, nth))
        if token.held != 'held':
            return
        if token.resource not in names:
            if token.has:
                self.report(Happening('mismatch', token, nth, ','.join(sorted(names))))
        elif 'n' in token.outcome and token.single and not token.prior and token.result == 'count':
            self.report(Happening('failed', token, nth))
        elif count is not None:
            self._counted(nth, token, count)
        state.tokens[token.step] = replace(token, held='released')
        if token.single or value[0] == '[':
            state.gone |= {(value, token.step)}

    def _counted(self, nth: int, token: Token, count: Value) -> None:
        if count == token.value and token.result == 'count' and 'n' in token.outcome:
            self.report(Happening('negative', token, nth))
        elif count == token.count and not token.single and token.outcome & {'n', 'z', 'p'} and not token.prior:
            self.report(Happening('miscount' if token.outcome & {'z', 'p'} else 'negative', token, nth))

    def _free(self, nth: int, value: Value, state: State) -> None:
        for token in self.held(state):
            mine = value == token.base and not token.single
            if token.has and (mine or (value == owner(token.base) != token.base and token.home != 'caller')):
                self.report(Happening('lost', token, nth))
                state.tokens[token.step] = replace(token, held='lost')

    def _other(self, nth: int, callee: str, arguments: list[Value], state: State) -> None:
        habit = self.habits.get(callee)
        if habit is not None:
            self._helper(nth, habit, arguments, state)
        for position, value in enumerate(arguments):
            if habit is not None and position not in habit.keeps:
                continue
            for token in self.held(state):
                if self._touches(value, token, state):
                    self._escape(token, state)
            state.shared |= {one for one in leaves(value) if one[0] == 's'}

    def _helper(self, nth: int, habit: Habit, arguments: list[Value], state: State) -> None:
        names: dict[Value, set[str]] = {}
        for position, field, name in sorted(habit.gives):
            if position < len(arguments):
                value = arguments[position]
                if field:
                    holder = pointed(value, state.env)
                    value = state.mem.get((holder, field), ('.', holder, field))
                names.setdefault(value, set()).add(name)
        for value, given in names.items():
            self.given(nth, value, given, None, state)
        for position in habit.frees:
            if position < len(arguments):
                self._free(nth, arguments[position], state)

    def _touches(self, value: Value, token: Token, state: State) -> bool:
        """Tell whether who is given a value can come to a token's pages through it."""
        if value[0] == 'f' and value[1] == '&':
            inner = value[2]
            return inner in (token.base, token.owner)
        reached = pointed(base(value), state.env)
        if value == token.value:
            return False
        if reached in (token.base, token.owner):
            return True
        whole = owner(token.base)
        return whole != token.base and reached == whole and reached[0] != 'k'

    # returns

    def returned(self, nth: int, step: Step, state: State) -> None:
        value = self.value(step.terms[0], state) if step.terms else None
        for token in list(state.tokens.values()):
            outcome = bool(token.outcome & {'f'}) or token.prior
            if token.held == 'escaped' and outcome and not self._is_error(value, state):
                self.report(Happening('outlives', token, nth))
            if not token.has:
                continue
            if value is not None and self._leaves_with(value, token, state):
                continue
            if token.home == 'local' or (token.home == 'caller' and not token.counted and self._is_error(value, state)):
                self.report(Happening('lost', token, nth))
            elif token.home == 'object' and outcome and not self._is_error(value, state):
                self.report(Happening('outlives', token, nth))

    def _leaves_with(self, value: Value, token: Token, state: State) -> bool:
        if base(value) in (token.base, token.owner) or owner(value) in (token.base, token.owner):
            return True
        has_result = token.value in leaves(value)
        return has_result and token.home == 'caller' and not (value == token.value and token.signs == frozenset('-'))

    def _is_error(self, value: Value | None, state: State) -> bool:
        """Tell whether a value surely says that the function failed."""
        if value is None:
            return False
        signs = state.signs(value)
        if '*' in self.graph.returns:
            return signs <= frozenset('-0')
        if 'bool' in self.graph.returns:
            return signs == frozenset('0')
        return signs == frozenset('-') or (signs == frozenset('-+') and self.zero_is_fine)


def _page(value: Value) -> Value:
    """Return the page or element itself, whatever it is wrapped in."""
    while value[0] == 'f' and len(value) == 3 and isinstance(value[2], tuple) and value[1] != '&':
        value = value[2]
    return value
