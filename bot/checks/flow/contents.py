# SPDX-License-Identifier: GPL-2.0-or-later
"""What becomes of the contents of pages along a path: written here, written by a device, lent, marked as written.

Promises that pages are said to be written only where a step writes through an address that comes from them, or maps
them for a device that writes. Refuses to say so of what an unknown function does: that is `lent`, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.checks.c.graph import Step, Term
from bot.checks.flow.state import State, Token
from bot.checks.flow.values import ZERO, Value, base, pointed
from bot.checks.flow.writes import Happening, Writes
from bot.checks.tree.words import Meaning

_SURE = frozenset({'written', 'device'})
_ASIDE = frozenset({'moved', 'mapped', 'told', 'warned', 'numbered'})
_UNMAPPED = 'unmapped:'


class Contents(Writes):
    """The account of what is in the pages; `Token.seen` holds written, device, lent, dirty, sparse, reset, or
    moved: what the place was named by has another value since; told: another place names them too; mapped: on this path,
    for a device; unmapped: given back after that, at the step behind it; warned: where the source warns of what cannot be."""

    def touched(self, nth: int, step: Step, meaning: Meaning, arguments: Sequence[Value], state: State) -> None:
        """Note what a call does to contents, before it does anything else."""
        assert step.target is not None
        what = self.words.contents(step.callee)
        for token in self._reached(arguments, what.to, state) + self._named(arguments, what.page, state):
            self._note(nth, token, 'written', state)
        if what.maps:
            for token in self.held(state):
                state.tokens[token.step] = replace(token, seen=token.seen | {'mapped'})
        if what.unmaps and any(value == ('i', one) for value in arguments for one in self.words.flow.from_device):
            for token in list(state.tokens.values()):
                if token.has or token.held == 'escaped':
                    self._note(nth, token, 'device', state)
        if what.view:
            self.read |= {one.step for one in self._named(arguments, 0, state)}
            result: Value = ('s', nth, step.callee)
            fresh = {(result, one.step) for one in self._named(arguments, 0, state)}
            state.views = frozenset(one for one in state.views if one[0] != result) | fresh
        elif meaning.role in ('', 'address') or what.maps:
            for position in range(len(arguments)):
                for token in self._reached(arguments, position, state) + self._named(arguments, position, state):
                    self._note(nth, token, 'lent', state)

    def used(self, nth: int, meaning: Meaning, arguments: Sequence[Value], state: State) -> None:
        """Report that a page is looked at on a path on which taking it may have failed."""
        for token in self._named(arguments, 0, state) if meaning.role in ('borrow', 'address', 'dirty') else ():
            asked = token.single and token.held == 'held' and not token.prior and token.result == 'count'
            open_ = 'f' in token.outcome and token.outcome & {'n', 'z'}
            if asked and open_ and _slot(token, arguments[0]):
                self.report(Happening('unsure', token, nth, fact='error' if 'n' in token.outcome else 'none'))

    def stored_in(self, nth: int, place: Value, value: Value, element: bool, state: State) -> None:
        """Note a store to a place that may be in a page, in an array of pages, or the slot a page was asked into."""
        for token in self._through(place, state):
            self._note(nth, token, 'written', state)
        for token in state.tokens.values():
            if element and value == ZERO and not token.single and base(place) == token.base:
                self._note(nth, token, 'sparse', state)
            elif not element and place == token.base and not self.is_take(nth):
                self._note(nth, token, 'reset', state)

    def into(self, nth: int, target: Term, value: Value, state: State) -> None:
        place: Value
        if target.op == '[':
            place = ('[', self.value(target.parts[0], state), self.value(target.parts[1], state))
        elif target.op == '.':
            place = ('.', pointed(self.value(target.parts[0], state), state.env), target.text)
        else:
            place = ('.', self.value(target.parts[0], state), '*') if target.parts else ('?',)
        self.stored_in(nth, place, value, target.op == '[', state)

    def emptied(self, nth: int, token: Token, count: Value | None, state: State) -> None:
        """Report what giving pages back says about their contents."""
        if token.held not in ('held', 'escaped') or not (token.prior or token.outcome & {'p', 'f'}):
            return
        if count is not None and 'sparse' in token.seen:
            self.report(Happening('sparse', token, nth))
        if 'dirty' in token.seen:
            return
        if 'mapped' in token.seen and not token.seen & {'written'}:
            state.tokens[token.step] = replace(token, seen=token.seen | {f'{_UNMAPPED}{nth}'})
        elif token.seen & _SURE:
            self.report(Happening('clean', token, nth, fact='device' if 'device' in token.seen else 'cpu'))
        elif token.held == 'held' and not token.seen - _ASIDE and token.home == 'local':
            self.report(Happening('unwritten', token, nth))

    def undone(self, token: Token, failed: bool) -> None:
        """Report what was mapped here, unmapped and given back as clean, unless failing undid a mapping nobody used."""
        for one in sorted(token.seen):
            if one.startswith(_UNMAPPED) and not failed and 'device' in token.seen:
                self.report(Happening('clean', token, int(one[len(_UNMAPPED) :]), fact='device'))

    def is_take(self, nth: int) -> bool:
        return nth in self.takes

    def _note(self, nth: int, token: Token, what: str, state: State) -> None:
        now = state.tokens[token.step]
        if what == 'written' and what not in now.seen and (now.has or now.held == 'escaped'):
            self.report(Happening('written', now, nth))
        self.busy.add(token.step)
        state.tokens[token.step] = replace(now, seen=now.seen | {what})

    def _named(self, arguments: Sequence[Value], position: int | None, state: State) -> list[Token]:
        """Return the tokens whose pages an argument itself names."""
        if position is None or position >= len(arguments):
            return []
        given = base(pointed(arguments[position], state.env))
        return [token for token in state.tokens.values() if token.base == given]

    def _reached(self, arguments: Sequence[Value], position: int | None, state: State) -> list[Token]:
        """Return the tokens into whose pages an argument points."""
        if position is None or position >= len(arguments):
            return []
        return self._through(arguments[position], state)

    def _through(self, value: Value, state: State) -> list[Token]:
        at = value
        while True:
            known = [step for symbol, step in state.views if symbol == at]
            if known:
                return [state.tokens[step] for step in known if step in state.tokens]
            if at[:2] == ('f', 'as'):
                return self._named([at], 0, state)
            inner = at[2] if at[0] == 'f' and len(at) > 2 else at[1] if at[0] in ('.', '[') else None
            if not isinstance(inner, tuple):
                return []
            at = inner


def _slot(token: Token, value: Value) -> bool:
    """Tell whether a value is the very page that was asked for, not another element of its array."""
    start = token.start
    if start[:2] == ('f', '+') and value[0] == '[':
        return start[2:] == value[1:]
    return value[0] != '[' or value[-1] == ZERO


def same_slot(token: Token, value: Value) -> bool:
    """Tell whether what is given back is the element that a page was asked into; where that is not known, it is."""
    start = token.start
    return not (start[:2] == ('f', '+') and value[0] == '[') or start[2:] == value[1:]
