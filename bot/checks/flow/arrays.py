# SPDX-License-Identifier: GPL-2.0-or-later
"""The memory that page pointers are kept in: freed on every way out, by the function that fits how it was allocated.

Promises to accuse only of memory that this function allocated for page pointers and that nobody else has come to know.
Refuses managed memory (`devm_*`), which is freed by others.
"""

from __future__ import annotations

import re

from bot.checks.c.graph import Step
from bot.checks.flow.contents import Contents
from bot.checks.flow.live import reaching
from bot.checks.flow.state import State, Token
from bot.checks.flow.values import Value, base, leaves, owner
from bot.checks.flow.writes import Happening

_FOR_PAGES = re.compile(
    r'\bstruct (?:page|folio) \*|sizeof\(\*[\w>.-]*(?:pages?|folios)\w*\)|sizeof\([\w>.-]*(?:pages|folios)\[0\]\)'
)
_FITS = {'kmalloc': ('kfree', 'kvfree'), 'kvmalloc': ('kvfree',), 'vmalloc': ('vfree', 'kvfree')}
_KNOWN = ('kfree', 'kvfree', 'vfree')


class Arrays(Contents):
    """The account of arrays of page pointers."""

    def allocated(self, nth: int, step: Step, result: Value, state: State) -> None:
        state.arrays = frozenset(one for one in state.arrays if one[0] != result)
        if _FOR_PAGES.search(step.text) and not step.callee.startswith('devm_'):
            state.arrays |= {(result, _kind(step.callee), nth, None)}

    def freed(self, nth: int, callee: str, value: Value, state: State) -> None:
        """Note what a call frees: an array, or the object that an array is written down in."""
        how = callee.removeprefix('free:')
        for one in list(state.arrays):
            array, kind, step, holder = one
            if array == value:
                if how in _KNOWN and how not in _FITS[kind]:
                    self.report(Happening('unfit', _token(step, array), nth, fact=kind))
                state.arrays -= {one}
            elif holder == value:
                if not self._given_away(nth):
                    self._leaked(nth, array, step, state)
                state.arrays -= {one}

    def _given_away(self, nth: int) -> bool:
        """Tell whether what a call frees was written down in another object on some way to the call."""
        freed, before = (
            {term.text for term in self.graph.steps[nth].terms if term.op == 'n'},
            reaching(self.graph, {nth}),
        )
        return any(
            step.kind == 'set' and step.target is not None and step.target.op != 'n' and step.terms[0].text in freed
            for step in (self.graph.steps[at] for at in before)
        )

    def kept_in(self, place: Value, value: Value, local: bool, state: State) -> None:
        """Note that an array is written down somewhere: in an object of this function, or where others find it."""
        for one in list(state.arrays):
            if base(value) == one[0]:
                state.arrays -= {one}
                if local and owner(place) == place:
                    state.arrays |= {(one[0], one[1], one[2], place)}
            elif one[3] is not None and base(value) == one[3]:
                state.arrays -= {one}

    def written_down(self, place: Value, value: Value, state: State) -> None:
        self.kept_in(place, value, self.is_local(place, state), state)

    def passed_on(self, value: Value, state: State) -> None:
        """Note that a function that may keep or free what it is given gets a value."""
        given = {base(value), *leaves(value)}
        state.arrays = frozenset(one for one in state.arrays if one[0] not in given and one[3] not in given)

    def left(self, nth: int, value: Value | None, state: State) -> None:
        """Report the arrays that nobody knows of any more when the function returns."""
        returned = leaves(value) if value is not None else ()
        for array, _, step, holder in state.arrays:
            if holder is None and array not in returned and array not in state.shared:
                self._leaked(nth, array, step, state)

    def _leaked(self, nth: int, array: Value, step: int, state: State) -> None:
        if '+' in state.signs(array):
            self.report(Happening('forgotten', _token(step, array), nth))


def _kind(callee: str) -> str:
    return 'kvmalloc' if callee.startswith('kv') else 'vmalloc' if re.search('vmalloc|vzalloc', callee) else 'kmalloc'


def _token(step: int, array: Value) -> Token:
    return Token(step, 'array', 'pointer', array, array, None, frozenset('f'))
