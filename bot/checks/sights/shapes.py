# SPDX-License-Identifier: GPL-2.0-or-later
"""Shapes in the steps of one function that rules of the kind `shape` speak of, made once per blob.

Promises that what is found depends on the file and the positions of arguments in this tree's prototypes alone; what else
the tree decides is the rule's. Refuses paths: a shape is about the order in which steps can follow each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bot.checks.c.facts import Fact
from bot.checks.c.graph import END, Graph, Step, Term
from bot.checks.tree.words import Words

_MAX_DEPTH = 6


class Shape(Fact, frozen=True):
    """What was seen: `call` is the function it is about, `given` what the message says of it, `notes` are (line, words)."""

    what: str
    function: str
    line: int
    text: str
    call: str
    given: str = ''
    notes: tuple[tuple[int, str], ...] = ()


class Body:
    """A function with the look-ups that shapes need; `file` has all functions of the file that were lowered."""

    def __init__(self, name: str, graph: Graph, words: Words, file: Mapping[str, Graph]) -> None:
        self.name, self.graph, self.words, self.file = name, graph, words, file
        self.given: dict[str, list[tuple[int, Term]]] = {}
        for nth, step in enumerate(graph.steps):
            if step.target is not None and step.target.op == 'n':
                value = step.terms[0] if step.kind == 'set' else Term('call', step.callee, step.terms)
                self.given.setdefault(step.target.text, []).append((nth, value))

        self.stored: dict[str, list[Term]] = {}
        for step in graph.steps:
            if step.kind == 'set' and step.target is not None and step.target.op == '.':
                self.stored.setdefault(spelt(step.target), []).append(step.terms[0])

    def calls(self) -> Iterator[tuple[int, Step]]:
        yield from ((nth, step) for nth, step in enumerate(self.graph.steps) if step.kind == 'call')

    def takes(self) -> Iterator[tuple[int, Step]]:
        """Yield the calls that take pages."""
        yield from ((nth, step) for nth, step in self.calls() if self.words.meaning(step.callee).role == 'take')

    def argument(self, step: Step, role: str) -> Term | None:
        """Return the argument that this tree's prototype gives a role."""
        at = self.words.kernel.position(step.callee, role)
        return step.terms[at] if at is not None and at < len(step.terms) else None

    def whole(self, term: Term, depth: int = 0) -> Term:
        """Return a term in which names that get one value stand for it."""
        if term.op == 'n' and depth < _MAX_DEPTH:
            given = self.given.get(term.text, ())
            if len(given) == 1 and term.text not in self.graph.params:
                inner = given[0][1]
                return self.whole(inner, depth + 1) if inner.op != 'each' else term
            return term
        if not term.parts or depth >= _MAX_DEPTH:
            return term
        return Term(term.op, term.text, tuple(self.whole(part, depth + 1) for part in term.parts))

    def after(self, start: int, stop: Callable[[Step], bool]) -> Iterator[int]:
        """Yield the steps that can follow a step; none is looked behind that `stop` ends at."""
        seen, waiting = set[int](), [one for one in self.graph.steps[start].next if one != END]
        while waiting:
            nth = waiting.pop()
            if nth in seen:
                continue
            seen.add(nth)
            if stop(self.graph.steps[nth]):
                continue
            yield nth
            waiting += [one for one in self.graph.steps[nth].next if one != END]


def names(term: Term) -> set[str]:
    return {one.text for one in term.inside() if one.op == 'n'}


def mentions(step: Step, name: str) -> bool:
    """Tell whether a step reads a name, or is given its address."""
    parts = [*step.terms, *(step.target.parts if step.target is not None else ())]
    return any(name in names(term) for term in parts)


def spelt(term: Term) -> str:
    """Write a term as C does, near enough to be found again."""
    parts = [spelt(part) for part in term.parts]
    if term.op in ('n', 'k'):
        return term.text
    if term.op == '.':
        return f'{parts[0]}->{term.text}' if parts else term.text
    if term.op in ('f', 'call', '?', 'each', '{'):
        return f'{term.text}({", ".join(parts)})'
    if term.op == '[':
        return f'{parts[0]}[{parts[1]}]'
    return f'{term.op}{parts[0]}' if len(parts) == 1 else f'{parts[0]} {term.op} {parts[1]}'
