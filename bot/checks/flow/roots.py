# SPDX-License-Identifier: GPL-2.0-or-later
"""What names in one function stand for, whatever the path: the array an element is of, the page a folio is of.

Promises that two terms with one root may be the same pages. Refuses paths; who needs them walks (`paths.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.checks.c.graph import Graph, Step, Term
from bot.checks.flow.events import Event
from bot.checks.tree.words import Words

_THROUGH = frozenset({'page_folio', 'compound_head', 'folio_page', 'nth_page'})


@dataclass(frozen=True)
class Named:
    """One function with what its names stand for."""

    name: str
    graph: Graph
    words: Words

    @cached_property
    def made_by(self) -> dict[str, Step]:
        """Return the calls whose results are kept in temporary names."""
        return {one.target.text: one for one in self.graph.steps if one.kind == 'call' and one.target is not None}

    @cached_property
    def aliases(self) -> dict[str, Term]:
        """Return what a name stands for when it is set once, or always to parts of one thing."""
        found: dict[str, set[Term]] = {}
        for step in self.graph.steps:
            if step.kind == 'set' and step.target is not None and step.target.op == 'n':
                found.setdefault(step.target.text, set()).add(_stripped(step.terms[0]))
        return {name: next(iter(terms)) for name, terms in found.items() if len(terms) == 1}

    @cached_property
    def aliases_whole(self) -> dict[str, Term]:
        """Return the value of each name that is set once."""
        found: dict[str, set[Term]] = {}
        for step in self.graph.steps:
            if step.kind == 'set' and step.target is not None and step.target.op == 'n':
                found.setdefault(step.target.text, set()).add(step.terms[0])
        return {name: next(iter(terms)) for name, terms in found.items() if len(terms) == 1}

    def root(self, term: Term) -> Term:
        """Return the array, page or field that a term belongs to."""
        at = _stripped(term)
        for _ in range(4):
            known = self.aliases.get(at.text) if at.op == 'n' else None
            if known is None or known.op not in ('n', '.') or known == at:
                break
            at = known
        return at

    def origin(self, term: Term) -> Step | None:
        """Return the call that a name got its value from, None when it was not one call."""
        at = _stripped(term)
        for _ in range(4):
            if at.op != 'n':
                return None
            if at.text in self.made_by:
                return self.made_by[at.text]
            at = self.aliases.get(at.text, Term('?'))
        return None

    def calls(self, *roles: str) -> Iterator[tuple[int, Step]]:
        for nth, step in enumerate(self.graph.steps):
            if step.kind == 'call' and self.words.meaning(step.callee).role in roles:
                yield nth, step

    def pages(self, step: Step) -> Term | None:
        """Return the root of the pages that a call takes or gives back."""
        at = self.words.meaning(step.callee).pages
        return self.root(step.terms[at]) if at is not None and at < len(step.terms) else None

    def count(self, step: Step) -> Term | None:
        at = self.words.meaning(step.callee).count
        return step.terms[at] if at is not None and at < len(step.terms) else None

    def kind(self, term: Term) -> str:
        """Return a field with the type of the object it is read from, '' for what is no field of a named object."""
        if term.op != '.' or not term.parts:
            return ''
        inner = term.parts[0]
        while inner.op in ('*', '&', '[') and inner.parts:
            inner = inner.parts[0]
        typed = self.graph.types.get(inner.text, '') if inner.op == 'n' else inner.text if inner.op == '.' else ''
        return f'{typed.replace("*", "").replace("const", "").strip()}.{term.text}' if typed else ''

    def in_loop(self, nth: int) -> tuple[int, int] | None:
        """Return the innermost loop a step is in."""
        spans = {one.loop for one in self.graph.steps if one.loop[0] <= nth < one.loop[1]}
        return min(spans, key=lambda span: span[1] - span[0]) if spans else None

    def asks(self, patterns: Sequence[str]) -> bool:
        """Tell whether the function calls, or tests a name or field with, one of some words."""
        for step in self.graph.steps:
            role = self.words.meaning(step.callee).role if step.kind == 'call' else ''
            if step.kind == 'call' and role not in ('take', 'give') and any(one in step.callee for one in patterns):
                return True
            if step.kind == 'test' and any(
                word in part.text for term in step.terms for part in term.inside() for word in patterns
            ):
                return True
        return False

    def event(self, what: str, step: Step, take: Step | None = None, **more: object) -> Event:
        """Return what happens at a step; `take` is where it began, by default there."""
        began = take or step
        known: Mapping[str, object] = {
            'what': what,
            'resource': '',
            'home': '',
            'partial': False,
            'take': began.callee,
            'take_line': began.line,
            'take_text': take.text if take is not None else '',
            'line': step.line,
            'text': step.text,
            'here': step.text,
            'here_line': step.line,
        }
        return Event(**{**known, **more})  # type: ignore[arg-type]


def _stripped(term: Term) -> Term:
    while term.parts and (term.op in ('[', '&', '*', '+', '-') or (term.op == 'f' and term.text in _THROUGH)):
        term = term.parts[0]
    return term
