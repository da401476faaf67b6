# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function makes of a result: an error, a success, another round of a loop.

Promises to speak only of results that the function looked at, by the convention its own returns show. Refuses functions
that return pointers or truth values.
"""

from __future__ import annotations

from dataclasses import replace

from bot.checks.flow.arrays import Arrays
from bot.checks.flow.live import reaching
from bot.checks.flow.rounds import goes_on_without, only_against_zero
from bot.checks.flow.state import State, Token
from bot.checks.flow.values import Value, base
from bot.checks.flow.writes import Happening


class Outcomes(Arrays):
    """The account of results."""

    def convention(self, nth: int, token: Token, value: Value | None, state: State) -> None:
        """Report a count handed on as if it were an error number, and a slot others can see that holds what was never taken."""
        failed = token.result == 'count' and token.tested and 'f' not in token.outcome and not token.prior
        if failed and value == token.value and token.outcome & {'z', 'p'} and self._fails_by_number():
            self.report(Happening('short', token, nth, fact='part' if 'p' in token.outcome else 'none'))
        if (
            failed
            and token.count == ('k', 1)
            and token.home == 'object'
            and token.base[0] == '.'
            and self._is_slot(token)
        ):
            if 'reset' not in token.seen:
                self.report(Happening('stale', token, token.step))
            elif self._asked_before(token):
                self.report(Happening('stale', token, token.step, fact='reset'))

    def _is_slot(self, token: Token) -> bool:
        """Tell whether a page is taken into a field itself; who looks at one of many elements goes by their number."""
        given = self.graph.steps[token.step].terms
        return token.start == token.base and any(one.op == '&' and one.parts[0].op == '.' for one in given)

    def _asked_before(self, token: Token) -> bool:
        """Tell whether a test on the way to a take goes by the field that it takes into: then others go by it, too."""
        steps = (self.graph.steps[nth] for nth in reaching(self.graph, {token.step}) if nth != token.step)
        terms = (term for step in steps if step.kind == 'test' for term in step.terms)
        return any(part.op == '.' and part.text == token.base[-1] for term in terms for part in term.inside())

    def unseparated(self, token: Token) -> bool:
        """Tell whether the result was looked at and a negative one still goes the way of success."""
        kept = token.held in ('held', 'escaped')
        return kept and self._fails_by_number() and token.tested and {'n', 'f'} <= token.outcome and not token.prior

    def uncounted(self, token: Token) -> bool:
        """Tell whether a part counts as a success here, and nobody who has the array learns how many there are."""
        kept = token.held in ('held', 'escaped') and token.home in ('object', 'caller') and not token.single
        known = token.count is None or token.count[0] == 'k'
        part = token.tested and {'p', 'f'} <= token.outcome and 'n' not in token.outcome
        if not (kept and part) or known or token.result != 'count':
            return False
        if not token.prior:
            return only_against_zero(self.graph, token.step, others=False)
        callee = self.graph.steps[token.step].callee
        places = [self.words.kernel.position(callee, role) for role in ('pages', 'start')]
        return only_against_zero(self.graph, token.step, others=True) and goes_on_without(
            self.graph, token.step, *places
        )

    def _fails_by_number(self) -> bool:
        return self.zero_is_fine and '*' not in self.graph.returns and 'bool' not in self.graph.returns

    def again(self, before: Token | None, start: Value, count: Value | None, state: State) -> None:
        """Report a further round that writes over the pages of the one before, or asks for as many again behind them."""
        if before is None or not before.has or before.resource == 'ref':
            return
        if 'numbered' in before.seen:
            return
        if before.start == start and ('moved' not in before.seen or start[-1] == 'page'):
            self.report(Happening('overwritten', before, before.step))
        elif (
            count is not None
            and start[:2] == ('f', '+')
            and isinstance(start[-1], tuple)
            and state.related.get(('<', start[-1], count))
        ):
            self.report(Happening('overrun', before, before.step))

    def numbered(self, page: Value, state: State) -> None:
        """Who has the number of one of many pages can find it when its place in the array is used again."""
        for token in self.held(state):
            if not token.single and page[0] == '[' and base(page) == token.base and 'numbered' not in token.seen:
                state.tokens[token.step] = replace(token, seen=token.seen | {'numbered'})

    def settle_offers(self, state: State) -> None:
        """Take it that pages offered to a call belong to what it made once the call is known to have succeeded."""
        for token in self.held(state):
            if token.offered is not None and '0' in state.signs(token.offered):
                self.escape(token, state)

    def is_error(self, value: Value | None, state: State) -> bool:
        """Tell whether a value surely says that the function failed."""
        if value is None:
            return False
        signs = state.signs(value)
        if '*' in self.graph.returns:
            return signs <= frozenset('-0')
        if 'bool' in self.graph.returns:
            return signs == frozenset('0')
        return signs == frozenset('-') or (signs == frozenset('-+') and self.zero_is_fine)
