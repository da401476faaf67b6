# SPDX-License-Identifier: GPL-2.0-or-later
"""What one step does to what was taken: the transfer functions of the walk in `paths.py`.

Promises that whatever may keep a page ends the account of it. Refuses to accuse on what it does not know: a function
that is neither in the words of the area nor in this file is taken to keep what it is given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.checks.c.graph import Step
from bot.checks.flow.amounts import amount, remaining
from bot.checks.flow.habits import Habit
from bot.checks.flow.outcomes import Outcomes
from bot.checks.flow.places import above, innermost, is_failed, is_foreign, leaves_with, placed, touches, written_down
from bot.checks.flow.state import Home, State, Token
from bot.checks.flow.values import ZERO, Value, base, leaves, owner, pointed, replaced
from bot.checks.flow.writes import Exit, Happening
from bot.checks.rulebook.areas import Resource
from bot.checks.tree.words import Meaning

_ZEROING = re.compile('zalloc|calloc')
_FAILED = {'count': 'n', 'truth': 'z'}
"""The outcome by which a result surely says that nothing was taken; a count of zero can be of a request for nothing."""


class Effects(Outcomes):
    """The steps of one function, applied to states."""

    def call(self, nth: int, step: Step, state: State) -> None:
        assert step.target is not None
        arguments = [self.value(term, state) for term in step.terms]
        meaning = self.wrappers.get(step.callee) or self.words.meaning(step.callee)
        result: Value = ('s', nth, step.callee)
        if meaning.role == 'allocate':
            result = (*result, 'zeroed' if _ZEROING.search(step.callee) else 'new')
            state.shared -= {result}
            state.mem = {key: value for key, value in state.mem.items() if key[0] != result}
            self.allocated(nth, step, result, state)
        state.forget(result)
        state.env[step.target.text] = result
        self.touched(nth, step, meaning, arguments, state)
        self.used(nth, meaning, arguments, state)
        self._marked(nth, step.callee, meaning, arguments, state)
        if meaning.role == 'take':
            self._take(nth, meaning, arguments, result, state)
        elif meaning.role == 'give':
            self.give(nth, meaning, arguments, state, 0)
        elif meaning.role == 'free' and arguments:
            self._free(nth, arguments[-1], state)
            self.freed(nth, step.callee, arguments[-1], state)
        elif meaning.role == 'settle':
            for token in self.held(state):
                self.escape(token, state)
        elif meaning.role == 'lock':
            state.locks[meaning.lock] = min(max(state.locks.get(meaning.lock, 0), 0) + 1, 2)
        elif meaning.role == 'unlock':
            left = -1 if self.words.flow.locks[meaning.lock].asserted else 0
            state.locks[meaning.lock] = 1 if state.locks.get(meaning.lock, 0) > 1 else left
        elif meaning.role == 'offer':
            self._offered(arguments, result, state)
        elif meaning.role == 'address' and arguments:
            state.env[step.target.text] = ('f', 'as', arguments[0])
            self.numbered(arguments[0], state)
        elif meaning.role == '':
            self._other(nth, step.callee, arguments, state)
        else:
            self._looked_at(nth, meaning, arguments, state)
        self._written(nth, step.callee, arguments, meaning, state)

    def _marked(self, nth: int, callee: str, meaning: Meaning, arguments: list[Value], state: State) -> None:
        """Report pages that are marked as written: by a call for that, or by a release that is told to."""
        with_release = meaning.role == 'give' and '_dirty' in callee
        if not arguments or not (with_release or meaning.role == 'dirty'):
            return
        sure = meaning.role == 'dirty' or arguments[-1] == ('k', 1)
        for token in list(state.tokens.values()):
            if token.base == base(pointed(arguments[0], state.env)) and (sure or arguments[-1] != ZERO):
                state.tokens[token.step] = replace(token, seen=token.seen | {'dirty'})
                if sure and token.has:
                    self.report(Happening('marked', token, nth))

    def _offered(self, arguments: list[Value], result: Value, state: State) -> None:
        """Pages are kept by a call that succeeds: they are this function's again where its result says that it did not."""
        for token in self.held(state):
            if any(touches(value, token, state) for value in arguments):
                holder = owner(pointed(arguments[0], state.env))
                state.tokens[token.step] = replace(token, offered=result, moved=holder)

    def _looked_at(self, nth: int, meaning: Meaning, arguments: Sequence[Value], state: State) -> None:
        """Pages that were given back must not be looked at, nor marked as written."""
        for value in arguments[:1] if meaning.role in ('borrow', 'dirty') else ():
            for gone, step in state.gone:
                if base(value) == base(gone) and innermost(value) == innermost(gone):
                    self.report(Happening('dirtied' if meaning.role == 'dirty' else 'used', state.tokens[step], nth))

    def _written(self, nth: int, callee: str, arguments: Sequence[Value], meaning: Meaning, state: State) -> None:
        """What a call is given the address of has a new value after it."""
        for value in arguments:
            if value[0] == '&' and not self._is_given_pages(str(value[1]), nth, state):
                if callee in self.habits and self._names_held(str(value[1]), state):
                    continue  # a function that was followed neither keeps nor gives back what it only reads
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

    def _names_held(self, name: str, state: State) -> bool:
        return any(token.has and state.env.get(name) == token.base for token in state.tokens.values())

    def _is_given_pages(self, name: str, nth: int, state: State) -> bool:
        token = state.tokens.get(nth)
        return token is not None and state.env.get(name, ('i', name)) == token.base

    def _take(self, nth: int, meaning: Meaning, arguments: list[Value], result: Value, state: State) -> None:
        resource = meaning.resources[0]
        for lock in self.words.flow.locks:
            depth = state.locks.get(lock, 0)
            what = 'locked' if depth > 0 else 'dropped' if depth < 0 else 'unlocked'
            self.report(
                Happening(
                    what, Token(nth, resource.name, resource.result, result, result, None, frozenset()), nth, lock=lock
                )
            )
        place = self._taken_into(nth, meaning, resource, arguments, result, state)
        if place is None:
            return
        self.settle_offers(state)
        self._displace(nth, self._start(meaning, arguments, place), state)
        count = arguments[meaning.count] if meaning.count is not None and meaning.count < len(arguments) else None
        one = resource.result not in ('count', 'bytes') or (resource.result == 'count' and count in (None, ('k', 1)))
        before = state.tokens.get(nth)
        home, holder = self._home(place, state)
        if meaning.wrapped and (meaning.field or resource.result == 'pointer'):
            home, holder = ('local', None) if place[0] == 's' or self.is_local(place, state) else ('object', None)
        elif (resource.result == 'pointer' or resource.object is not None) and place[0] == 's':
            home = resource.home
            holder = base(arguments[0]) if resource.result == 'pointer' and arguments else holder
        self.again(before, self._start(meaning, arguments, place), count, state)
        many = 'nzf' if one else 'nzpf'
        outcome = {'count': many, 'bytes': 'nzf', 'zero': 'nf', 'truth': 'zf', 'pointer': 'nzf', 'always': 'f'}[
            resource.result
        ]
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
            field=meaning.field,
            object=arguments[2] if resource.amount is not None and len(arguments) > 2 else None,
            vague=meaning.vague,
            below=above(self._start(meaning, arguments, place), state) if one else frozenset(),
        )
        state.gone = frozenset(gone for gone in state.gone if gone[1] != nth)

    def _displace(self, nth: int, start: Value, state: State) -> None:
        """An array that is filled again holds other pages: what was read from it before stands for the earlier ones."""
        for token in list(state.tokens.values()):
            if token.step != nth and token.start == start and token.base[0] in ('i', 's', '.'):
                earlier: Value = ('s', token.step, 'earlier')
                state.env = {name: replaced(value, token.base, earlier, True) for name, value in state.env.items()}
                state.tokens[token.step] = replace(token, base=earlier, start=earlier)

    def _start(self, meaning: Meaning, arguments: list[Value], place: Value) -> Value:
        given = arguments[meaning.pages] if meaning.pages is not None and meaning.pages < len(arguments) else place
        return given if base(given) == place else place

    def _taken_into(
        self, nth: int, meaning: Meaning, resource: Resource, arguments: list[Value], result: Value, state: State
    ) -> Value | None:
        """Return what holds the pages: the array, or the page itself where it is taken into a variable."""
        if resource.object is not None:
            given = arguments[resource.object] if resource.object < len(arguments) else None
            if given is not None and meaning.wrapped:
                given = pointed(given, state.env)
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
        if place[0] == 'f' and place[1] == 'addr':
            inner = place[2]
            assert isinstance(inner, tuple)
            return inner
        return base(place)

    def _home(self, place: Value, state: State) -> tuple[Home, Value | None]:
        """Return where pages are written down, and the object of this function that holds the array, if any."""
        given = place[1] if place[0] == '.' and place[2] == '*' else place
        if isinstance(given, tuple) and given[0] == 'i':
            name = str(given[1])
            if name in self.graph.params or name.startswith('charge:'):
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
        mine = [
            token
            for token in state.tokens.values()
            if token.base == base(value) or (token.field and base(value) == ('.', token.base, token.field))
        ]
        mine = [token for token in mine if token.start == value] or mine
        alike = [token for token in mine if token.resource in names]
        if any(token.has for token in alike):
            mine = [token for token in alike if token.has]
        for token in mine:
            if token.resource in names and self.gives(self.graph.steps[nth]):
                self.emptied(nth, token, count, state)
            self._given(nth, state.tokens[token.step], value, names, count, state)

    def _given(self, nth: int, token: Token, value: Value, names: set[str], count: Value | None, state: State) -> None:
        if token.object is not None:
            self._uncharged(nth, token, count, state)
            return
        whole = token.single or count is not None
        if token.held == 'released' and whole and value == token.start and token.resource in names:
            self.report(Happening('again', token, nth))
        if token.held == 'escaped' and (token.resource in names or token.home == 'object') and token.moved is None:
            state.tokens[token.step] = replace(token, held='lost')  # whoever else knew of them, they are gone
        if token.held != 'held':
            return
        if token.resource not in names:
            if token.has:
                self.report(Happening('mismatch', token, nth, ','.join(sorted(names))))
        elif _FAILED.get(token.result, '') in token.outcome and token.single and is_failed(token, value, count):
            self.report(Happening('failed', token, nth))
        elif count is not None:
            self._counted(nth, token, count, state)
        state.tokens[token.step] = replace(token, held='released')
        if token.single or value[0] == '[':
            state.gone |= {(value, token.step)}

    def _uncharged(self, nth: int, token: Token, count: Value | None, state: State) -> None:
        """Take an amount from what was charged; an amount that cannot be compared settles the account."""
        known = count is not None and amount(count, self.graph.types) is not None and token.count is not None
        if token.held == 'released' and known and count == token.count and not token.prior:
            self.report(Happening('again', token, nth))
        if token.held != 'held':
            return
        whose = self.value(self.graph.steps[nth].terms[2], state) if len(self.graph.steps[nth].terms) > 2 else None
        if whose is not None and token.object is not None and is_foreign(whose, token.object):
            self.report(Happening('foreign', token, nth))
        left = remaining(token.count, count, self.graph.types) if known and not token.prior else ZERO
        if left is None or left == ZERO:
            state.tokens[token.step] = replace(token, held='released')
        else:
            state.tokens[token.step] = replace(token, count=left, counted=True, spent=nth)

    def _counted(self, nth: int, token: Token, count: Value, state: State) -> None:
        summed = (count, token.step) in state.sums or (
            count[:2] == ('f', '+') and token.value in count and not token.prior
        )
        if (count == token.value or summed) and token.result == 'count' and 'n' in token.outcome:
            self.report(Happening('negative', token, nth))
        elif count == token.count and not token.single and token.outcome & {'n', 'z', 'p'} and not token.prior:
            self.report(Happening('miscount' if token.outcome & {'z', 'p'} else 'negative', token, nth))

    def _free(self, nth: int, value: Value, state: State) -> None:
        self.settle_offers(state)
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
                told = habit is not None and position in habit.tells and token.home == 'object'
                if touches(value, token, state) and not told:  # who has a number gives nothing back by it
                    if habit is None and token.has:
                        self.report(Happening('handed', token, nth, given=callee))
                    self.escape(token, state)
            state.shared |= {one for one in leaves(value) if one[0] == 's'}
            self.passed_on(value, state)

    def _helper(self, nth: int, habit: Habit, arguments: list[Value], state: State) -> None:
        names: dict[Value, set[str]] = {}
        for position, field, name in habit.given(self.graph.steps[nth].terms):
            if position < len(arguments):
                value = arguments[position]
                if field:
                    self._emptied(nth, pointed(value, state.env), field, name, state)
                    if field[0] == '?':
                        continue
                names.setdefault(placed(value, field, state), set()).add(name)
        counts = {
            placed(arguments[one], field, state): placed(arguments[many], count, state)
            for one, field, _, many, count in sorted(habit.counts)
            if max(one, many) < len(arguments) and field[:1] != '?'
        }
        for value, given in names.items():
            self.given(nth, value, given, counts.get(value), state)
            for token in list(state.tokens.values()):
                if token.base == base(value) and token.held == 'released':
                    self.escape(token, state)
        for position in habit.frees:
            if position < len(arguments):
                self._free(nth, arguments[position], state)
                self.passed_on(arguments[position], state)

    def _emptied(self, nth: int, holder: Value, field: str, name: str, state: State) -> None:
        """A helper gives back what an object holds: what a function put into it, or into its array, is meant."""
        for token in self.held(state):
            mine = (token.base == holder and (token.field or token.result == 'pointer')) or token.moved == holder
            if not mine and not (field[0] == '?' and base(holder) in (token.base, token.owner)):
                continue
            if token.resource == name:
                state.tokens[token.step] = replace(token, held='released')
            elif token.has and field == token.field:
                self.report(Happening('mismatch', token, nth, name))
            else:
                self.escape(token, state)

    def returned(self, nth: int, step: Step, state: State) -> None:
        value = self.value(step.terms[0], state) if step.terms else None
        self.settle_offers(state)
        signs = state.signs(value) if value is not None else frozenset()
        failed = self.is_error(value, state)
        tokens = tuple(written_down(token, state) for token in state.tokens.values())
        self.leaving.append(Exit(nth, value, signs, failed, tokens))
        self.left(nth, value, state)
        for token in list(state.tokens.values()):
            self.convention(nth, token, value, state)
            self.undone(token, failed)
            outcome = bool(token.outcome & {'f'}) or token.prior
            if not failed and ((token.held == 'escaped' and outcome) or (token.has and token.home == 'object')):
                self.staying.add(self.graph.steps[token.step].callee)
            outcome = outcome and token.step not in self.reported
            if value == ZERO and token.result == 'count' and self.unseparated(token):
                self.report(Happening('negative', token, nth, fact='success'))
            if value == ZERO and self.uncounted(token):
                self.report(Happening('uncounted', token, nth))
            if token.held == 'escaped' and outcome and not failed:
                kept = token.owner is not None and token.owner in state.shared
                self.report(Happening('outlives', replace(token, home='object') if kept else token, nth))
            if not token.has or (token.object is not None and state.signs(token.count or ZERO) == frozenset('0')):
                continue
            if value is not None and leaves_with(value, token, state):
                continue
            if token.object is not None and token.counted and self.is_error(value, state):
                self.report(Happening('miscount', token, token.spent))
            if token.home == 'local' or (token.home == 'caller' and not token.counted and self.is_error(value, state)):
                self.report(Happening('lost', token, nth))
            elif token.home == 'object' and outcome and not self.is_error(value, state):
                self.report(Happening('outlives', token, nth))
