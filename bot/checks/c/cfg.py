# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the control-flow graph of a function out of its syntax tree.

Promises every way through branches, `switch` with its fallthrough, loops and `for_each_*` macros, `goto` ladders, `#if`
arms, and the clean-ups that `__free()`, `guard()` and `scoped_guard()` run when their scope is left by any way.
Refuses functions without a syntax tree, and those beyond its limits: the graph says why it is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

import msgspec
from tree_sitter import Node

from bot.checks.c.cparse import Body, Unit, walk
from bot.checks.c.facts import Param
from bot.checks.c.graph import Graph, Step, Term
from bot.checks.c.items import code, returned_type
from bot.checks.c.reach import local_names
from bot.checks.c.terms import Edge, Steps, TooLarge

_FREE = re.compile(rb'\b(\w+)\s+__free\((\w+)\)|__free\((\w+)\)[\s*]*(\w+)')
_GUARD = re.compile(rb'(scoped_)?(?:\w+_)?guard\s*\(\s*(\w+)\s*')
_MAX_BODY = 120_000


def graph_of(unit: Unit, body: Body, params: Sequence[Param]) -> Graph:
    """Return the graph of one function; where it cannot be made, an empty one that says why."""
    key = body.start, tuple(params)
    if key not in unit.lowered:
        unit.lowered[key] = _lowered(unit, body, params)
    return cast(Graph, unit.lowered[key])


def _lowered(unit: Unit, body: Body, params: Sequence[Param]) -> Graph:
    block = body.node.child_by_field_name('body') if body.node is not None else None
    if body.node is None or block is None:
        return Graph(damaged=True, lost='the grammar could not read it')
    if block.end_byte - block.start_byte > _MAX_BODY:
        return Graph(lost='too large')
    flow = _Lowering(unit)
    try:
        flow.emit('join', block)
        flow.statements(block)
        if flow.open:
            flow.emit('return', block, text='}')
            flow.steps[-1] = _at_end(flow, block)
    except TooLarge as error:
        return Graph(lost=str(error))
    types = local_names(unit, block, params)
    return Graph(
        flow.finished(),
        tuple(one.name for one in params),
        types,
        returned_type(unit, body),
        flow.damaged or block.has_error,
    )


def _at_end(flow: Steps, block: Node) -> Step:
    return msgspec.structs.replace(flow.steps[-1], line=flow.unit.line(max(block.end_byte - 1, 0)))


@dataclass(slots=True)
class _Scope:
    """A block that is open: what runs when it is left, and whether `break` and `continue` end here."""

    node: Node
    cleanups: list[tuple[str, Term]] = field(default_factory=list)
    breaks: list[Edge] | None = None
    continues: list[Edge] | None = None
    cases: list[Edge] | None = None
    default: bool = False


class _Lowering(Steps):
    def __init__(self, unit: Unit) -> None:
        super().__init__(unit)
        self.scopes: list[_Scope] = []
        self.labels: dict[str, int] = {}
        self.jumps: dict[str, list[Edge]] = {}

    def statements(self, node: Node) -> None:
        """Lower one statement."""
        self.depth += 1
        if self.depth > 100:
            raise TooLarge('nested too deeply')
        known = _STATEMENTS.get(node.type)
        if known is not None:
            known(self, node)
        elif node.type.endswith(('_definition', '_specifier')) or node.type in _NOTHING:
            pass
        else:
            self.term(node)
        self.depth -= 1

    def block(self, node: Node) -> None:
        scope = _Scope(node)
        self.scopes.append(scope)
        for child in node.named_children:
            self.statements(child)
        if self.open:
            self._clean(scope, node.children[-1], '}')
        self.scopes.pop()

    def wrapped(self, node: Node) -> None:
        for child in node.named_children:
            self.statements(child)

    def broken(self, node: Node) -> None:
        self.damaged = True
        self.wrapped(node)

    def expression(self, node: Node) -> None:
        for child in node.named_children:
            if child.type != 'comment' and not self._guards(child):
                self.term(child)

    def _guards(self, node: Node) -> bool:
        """Lower `guard(kind)(argument)`: taken here, given back when the scope is left."""
        callee = node.child_by_field_name('function') if node.type == 'call_expression' else None
        found = _GUARD.match(self.unit.text, node.start_byte, node.end_byte)
        if callee is None or callee.type != 'call_expression' or found is None or not self.scopes:
            return False
        given = node.child_by_field_name('arguments')
        parts = tuple(self.term(one) for one in given.named_children) if given is not None else ()
        self._guard(found[2].decode(), parts, node, self.scopes[-1])
        return True

    def _guard(self, kind: str, parts: tuple[Term, ...], node: Node, scope: _Scope) -> None:
        self.emit('call', node, target=self.temp(), callee=f'guard:{kind}', terms=parts, text=self.text(node))
        scope.cleanups.append((f'unguard:{kind}', parts[0] if parts else Term('?')))

    def _clean(self, scope: _Scope, node: Node, text: str) -> None:
        """Run the clean-ups of a scope that is left by the statement `node`."""
        for callee, term in reversed(scope.cleanups):
            self.emit('call', node, target=self.temp(), callee=callee, terms=(term,), text=text)

    def _unwind(self, stop: int, node: Node) -> None:
        """Run the clean-ups of all scopes above `stop`, innermost first."""
        for scope in reversed(self.scopes[stop:]):
            self._clean(scope, node, self.text(node))

    def declaration(self, node: Node) -> None:
        for declarator in node.children_by_field_name('declarator'):
            self.declared(declarator)
        for found in _FREE.finditer(self.unit.text, node.start_byte, node.end_byte):
            name, kind = (found[1], found[2]) if found[1] else (found[4], found[3])
            if self.scopes:
                self.scopes[-1].cleanups.append((f'free:{kind.decode()}', Term('n', name.decode())))

    def branch(self, node: Node) -> None:
        condition = node.child_by_field_name('condition')
        found = _GUARD.match(self.unit.text, node.start_byte, node.end_byte)
        if found is not None and found[1] and condition is not None:
            return self._scoped_guard(node, found[2].decode())
        yes, no = self.condition(condition)
        self.open = yes
        chosen, other = node.child_by_field_name('consequence'), node.child_by_field_name('alternative')
        if chosen is not None:
            self.statements(chosen)
        out, self.open = self.open, no
        if other is not None:
            self.statements(other)
        self.open = [*out, *self.open]
        return None

    def _scoped_guard(self, node: Node, kind: str) -> None:
        scope = _Scope(node)
        self.scopes.append(scope)
        self._guard(kind, (Term('?', kind),), node, scope)
        body = node.child_by_field_name('consequence')
        if body is not None:
            self.statements(body)
        if self.open:
            self._clean(scope, node, '}')
        self.scopes.pop()

    def conditional_text(self, node: Node) -> None:
        """Either arm of an `#if` may be compiled; the same condition is decided alike throughout the function."""
        given = node.child_by_field_name('condition') or node.child_by_field_name('name')
        other = node.child_by_field_name('alternative')
        words = self.text(given) if given is not None else ''
        no: list[Edge] = []
        if node.type != 'preproc_else':
            test = self.emit('test', node, terms=(Term('n', f'#{words}'),), text=f'#if {words}')
            negated = node.type.startswith('preproc_ifdef') and (node.text or b'').lstrip().startswith(b'#ifndef')
            self.open, no = ([(test, 1)], [(test, 0)]) if negated else ([(test, 0)], [(test, 1)])
        for child in node.named_children:
            if child not in (given, other):
                self.statements(child)
        out, self.open = self.open, no
        if other is not None:
            self.statements(other)
        self.open = [*out, *self.open]

    def loop(self, node: Node) -> None:
        first = node.child_by_field_name('initializer')
        if first is not None:
            self.statements(first)
        head = self.emit('join', node)
        scope = _Scope(node, breaks=[], continues=[])
        self.scopes.append(scope)
        start = len(self.steps)
        each = node.type == 'while_statement' and not self.unit.text.startswith(b'while', node.start_byte)
        yes, no = self._each(node) if each else self.condition(node.child_by_field_name('condition'))
        tests = range(start, len(self.steps))
        self.open, inner = yes, len(self.steps)
        body, update = node.child_by_field_name('body'), node.child_by_field_name('update')
        if body is not None:
            self.statements(body)
        self.open += scope.continues or []
        if update is not None:
            self.term(update)
        self.join_to(head)
        self._mark(tests, (inner, len(self.steps)))
        self.scopes.pop()
        self.open = [*no, *(scope.breaks or [])]

    def _mark(self, tests: range, span: tuple[int, int]) -> None:
        for nth in tests:
            if self.steps[nth].kind == 'test':
                self.steps[nth] = msgspec.structs.replace(self.steps[nth], loop=span)

    def _each(self, node: Node) -> tuple[list[Edge], list[Edge]]:
        """The head of a `for_each_*` macro: it may end at any time, and gives its plain variables new values."""
        condition = node.child_by_field_name('condition')
        text = self.unit.text[node.start_byte : node.start_byte + 60].split(b'(')[0].decode('ascii', 'replace').strip()
        test = self.emit('test', node, terms=(Term('?', text),), text=text)
        self.open = [(test, 0)]
        names = [one for one in walk(condition) if one.type == 'identifier'] if condition is not None else []
        terms = tuple(Term('n', code(self.unit, name)) for name in names)
        for name, term in zip(names, terms, strict=True):
            self.set(name, term, Term('each', text, (term, *(one for one in terms if one != term))))
        return self.open, [(test, 1)]

    def do_loop(self, node: Node) -> None:
        head = self.emit('join', node)
        scope = _Scope(node, breaks=[], continues=[])
        self.scopes.append(scope)
        body = node.child_by_field_name('body')
        if body is not None:
            self.statements(body)
        self.open += scope.continues or []
        yes, no = self.condition(node.child_by_field_name('condition'))
        for step, slot in yes:
            self.nexts[step][slot] = head
        self.scopes.pop()
        self.open = [*no, *(scope.breaks or [])]

    def switch(self, node: Node) -> None:
        value, body = self.term(node.child_by_field_name('condition')), node.child_by_field_name('body')
        kept = self.set(node, self.temp(), value)
        scope = _Scope(node, breaks=[], cases=self.open)
        self.scopes.append(scope)
        self.open = []
        for child in body.named_children if body is not None else ():
            if child.type == 'case_statement':
                self._case(child, scope, kept)
            else:
                self.statements(child)
        self.scopes.pop()
        self.open = [*self.open, *(scope.breaks or []), *(() if scope.default else scope.cases or [])]

    def _case(self, node: Node, scope: _Scope, value: Term) -> None:
        label = node.child_by_field_name('value')
        through, self.open = self.open, scope.cases or []
        if label is None:
            scope.default = True
            self.open = [*through, *self.open]
        else:
            wanted = self.term(label)
            test = self.emit('test', node, terms=(Term('==', parts=(value, wanted)),), text=f'case {self.text(label)}')
            scope.cases = [(test, 1)]
            self.open = [*through, (test, 0)]
        for child in node.named_children:
            if child != label:
                self.statements(child)

    def label(self, node: Node) -> None:
        name = code(self.unit, node.child_by_field_name('label') or node)
        self.open = [*self.open, *self.jumps.pop(name, [])]
        self.labels[name] = self.emit('join', node)
        for child in node.named_children[1:]:
            self.statements(child)

    def jump(self, node: Node) -> None:
        name = code(self.unit, node.child_by_field_name('label') or node)
        self._unwind(self._common(name), node)
        self.emit('goto', node, text=self.text(node))
        if name in self.labels:
            self.join_to(self.labels[name])
        else:
            self.jumps.setdefault(name, []).extend(self.open)
        self.open = []

    def _common(self, label: str) -> int:
        """Return how many of the open scopes a label is in: those are not left by a jump to it."""
        word = re.compile(rf'(?m)(?:^|[;{{}}])[ \t]*{re.escape(label)}[ \t]*:'.encode())
        inside = [
            word.search(self.unit.code, one.node.start_byte, one.node.end_byte) is not None for one in self.scopes
        ]
        return sum(inside)

    def leave(self, node: Node) -> None:
        want = 'breaks' if node.type == 'break_statement' else 'continues'
        for nth in range(len(self.scopes) - 1, -1, -1):
            waiting = getattr(self.scopes[nth], want)
            if waiting is not None:
                self._unwind(nth + 1, node)
                waiting.extend(self.open)
                break
        self.open = []

    def finish(self, node: Node) -> None:
        value = next((child for child in node.named_children if child.type != 'comment'), None)
        term = self.term(value) if value is not None else None
        if term is not None and any(scope.cleanups for scope in self.scopes):
            term = self.set(node, self.temp(), term)
        self._unwind(0, node)
        self.emit('return', node, terms=(term,) if term is not None else (), text=self.text(node))


_NOTHING = frozenset({'comment', 'preproc_def', 'preproc_function_def', 'preproc_call', 'preproc_include', ';'})
_STATEMENTS: dict[str, Callable[[_Lowering, Node], None]] = {
    'compound_statement': _Lowering.block,
    'else_clause': _Lowering.wrapped,
    'attributed_statement': _Lowering.wrapped,
    'ERROR': _Lowering.broken,
    'expression_statement': _Lowering.expression,
    'declaration': _Lowering.declaration,
    'if_statement': _Lowering.branch,
    'preproc_if': _Lowering.conditional_text,
    'preproc_ifdef': _Lowering.conditional_text,
    'preproc_elif': _Lowering.conditional_text,
    'preproc_elifdef': _Lowering.conditional_text,
    'preproc_else': _Lowering.conditional_text,
    'while_statement': _Lowering.loop,
    'for_statement': _Lowering.loop,
    'do_statement': _Lowering.do_loop,
    'switch_statement': _Lowering.switch,
    'labeled_statement': _Lowering.label,
    'goto_statement': _Lowering.jump,
    'break_statement': _Lowering.leave,
    'continue_statement': _Lowering.leave,
    'return_statement': _Lowering.finish,
}
