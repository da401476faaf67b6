# SPDX-License-Identifier: GPL-2.0-or-later
"""Follows local variables through a function's statements up to the calls that take them.

Promises, for each watched argument, an expression that covers every path the statements allow: branches and `#if`
arms join, loops and backward jumps are walked until one bit can change no more. Refuses to guess: what comes from a
parameter, a field, a call or a variable whose address was given away is named as such.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence

from tree_sitter import Node

from bot.checks.c.cparse import Unit, declared_name, walk
from bot.checks.c.facts import Expr, Param
from bot.checks.c.symbolic import Symbols, join, merge

State = dict[str, Expr]
Watched = Mapping[int, Mapping[int, Node]]
_MAX_STEPS = 20_000
_MAX_DEPTH = 120
_MAX_TRACKED = 24
_MAX_BODY = 200_000
_MAX_FEED = 1000
_FOREVER = frozenset({'', '1', '(1)', 'true', '(true)'})


class _TooComplex(Exception):
    """The walk met its limits; every watched argument of the function becomes unknown, with that reason."""


def values_at_calls(unit: Unit, body: Node, params: Sequence[Param], watched: Watched) -> dict[int, dict[int, Expr]]:
    """Return the value of each watched argument, by the start of its call and by position, as `watched` has them."""
    try:
        if body.end_byte - body.start_byte > _MAX_BODY:
            raise _TooComplex
        symbols = Symbols(unit, local_names(unit, body, params), params)
        flow = _Flow(unit, symbols, _tracked(unit, body, symbols, watched), watched)
        flow.run(body)
    except _TooComplex:
        lost = Expr('complex', 'the function is too large to follow')
        return {start: dict.fromkeys(positions, lost) for start, positions in watched.items()}
    return flow.values


def local_names(unit: Unit, body: Node, params: Sequence[Param]) -> dict[str, str]:
    """Return the declared type of every parameter and local variable by its name.

    A pointer ends in as many `*` as it has; what keeps its value between calls begins with `static`.
    """
    types = {param.name: param.type for param in params if param.name}
    for node in walk(body):
        if node.type == 'declaration':
            kind = node.child_by_field_name('type')
            kept = any(
                child.type == 'storage_class_specifier' and _name(unit, child) == 'static' for child in node.children
            )
            base = ('static ' if kept else '') + (unit.string(kind) if kind is not None else '')
            for declarator in node.children_by_field_name('declarator'):
                name = declared_name(declarator)
                if name is not None:
                    star = '*' * unit.code[declarator.start_byte : name.start_byte].count(b'*')
                    types[_name(unit, name)] = base + star
    return types


def _name(unit: Unit, node: Node) -> str:
    return unit.code[node.start_byte : node.end_byte].decode('ascii', 'replace')


def _tracked(unit: Unit, body: Node, symbols: Symbols, watched: Watched) -> frozenset[str]:
    """Return the variables that can flow into a watched argument; one that outlives the call is none of them."""
    feeds: dict[str, set[str]] = {}
    for node in walk(body):
        if node.type in ('assignment_expression', 'init_declarator'):
            target = declared_name(node) if node.type == 'init_declarator' else node.child_by_field_name('left')
            value = node.child_by_field_name('right') or node.child_by_field_name('value')
            small = value is not None and value.end_byte - value.start_byte <= _MAX_FEED
            if target is not None and value is not None and small and target.type == 'identifier':
                feeds.setdefault(_name(unit, target), set()).update(symbols.variables(value))
    waiting = [name for given in watched.values() for node in given.values() for name in symbols.variables(node)]
    tracked: set[str] = set()
    while waiting and len(tracked) < _MAX_TRACKED:
        name = waiting.pop()
        if name not in tracked and not symbols.types[name].startswith('static '):
            tracked.add(name)
            waiting += sorted(feeds.get(name, ()))
    return frozenset(tracked)


class _Flow:
    """One walk over the statements of one function; a state is None where no path arrives."""

    def __init__(self, unit: Unit, symbols: Symbols, tracked: frozenset[str], watched: Watched) -> None:
        self.unit, self.symbols, self.tracked, self.watched = unit, symbols, tracked, watched
        self.values: dict[int, dict[int, Expr]] = {}
        self.labels: dict[str, State] = {}
        self.jumps_back = False
        self.passed: set[str] = set()
        self.breaks: list[list[State]] = []
        self.continues: list[list[State]] = []
        self.cases: list[State] = []
        self.rounds = 2 if len(tracked) < 2 else 3
        self.steps = self.depth = 0
        self.starts = sorted(watched)
        self.matters = re.compile((r'\b(?:' + '|'.join(map(re.escape, sorted(tracked))) + r')\b').encode())

    def run(self, body: Node) -> None:
        start = {name: self.symbols.initial(name) for name in sorted(self.tracked & set(self.symbols.positions))}
        for _ in range(self.rounds):
            self.passed = set()
            self.statement(body, dict(start))
            if not self.jumps_back:
                return

    def statement(self, node: Node, state: State | None) -> State | None:
        self.steps += 1
        self.depth += 1
        if self.steps > _MAX_STEPS or self.depth > _MAX_DEPTH:
            raise _TooComplex
        known = _STATEMENTS.get(node.type)
        if known is not None:
            after = known(self, node, state)
        else:
            after = None if state is None else self.effects(node, state)
        self.depth -= 1
        return after

    def sequence(self, nodes: Iterable[Node], state: State | None) -> State | None:
        for node in nodes:
            state = self.statement(node, state)
        return state

    def block(self, node: Node, state: State | None) -> State | None:
        return self.sequence(node.named_children, state)

    def declaration(self, node: Node, state: State | None) -> State | None:
        if state is None:
            return None
        for declarator in node.children_by_field_name('declarator'):
            state = self.effects(declarator, state)
        return state

    def branch(self, node: Node, state: State | None) -> State | None:
        if state is not None:
            state = self.effects(node.child_by_field_name('condition') or node, state)
        chosen, other = node.child_by_field_name('consequence'), node.child_by_field_name('alternative')
        after = self.statement(chosen, _copy(state)) if chosen is not None else state
        return merge(after, self.statement(other, _copy(state)) if other is not None else state)

    def conditional_text(self, node: Node, state: State | None) -> State | None:
        """Either arm of an `#if` may be compiled, or neither when there is no `#else`."""
        skip = {node.child_by_field_name(field) for field in ('condition', 'name', 'alternative')}
        chosen = self.sequence([child for child in node.named_children if child not in skip], _copy(state))
        other = node.child_by_field_name('alternative')
        if node.type == 'preproc_else':
            return chosen
        return merge(chosen, self.statement(other, _copy(state)) if other is not None else state)

    def loop(self, node: Node, state: State | None) -> State | None:
        """Walk the body so often that one more time could add nothing: bits have two values, variables feed in turn."""
        first = node.child_by_field_name('initializer')
        if first is not None:
            state = self.statement(first, state)
        condition, body = node.child_by_field_name('condition'), node.child_by_field_name('body')
        update = node.child_by_field_name('update')
        head, out = state, None
        self.breaks.append([])
        for _ in range(self.rounds):
            self.continues.append([])
            before = head if node.type == 'do_statement' else self._condition(condition, head)
            out = self.statement(body, _copy(before)) if body is not None else before
            for waiting in self.continues.pop():
                out = merge(out, waiting)
            if update is not None and out is not None:
                out = self.effects(update, out)
            if node.type == 'do_statement':
                out = self._condition(condition, out)
            head = merge(head, out)
        text = _name(self.unit, condition) if condition is not None else ''
        after = None if text in _FOREVER else out if node.type == 'do_statement' else self._condition(condition, head)
        for waiting in self.breaks.pop():
            after = merge(after, waiting)
        return after

    def _condition(self, condition: Node | None, state: State | None) -> State | None:
        return self.effects(condition, _copy(state) or {}) if condition is not None and state is not None else state

    def switch(self, node: Node, state: State | None) -> State | None:
        body = node.child_by_field_name('body')
        if state is None or body is None:
            return self.statement(body, None) if body is not None else None
        state = self.effects(node.child_by_field_name('condition') or node, state)
        self.breaks.append([])
        self.cases.append(state)
        after = self.statement(body, None)
        self.cases.pop()
        for waiting in self.breaks.pop():
            after = merge(after, waiting)
        has_default = any(
            child.type == 'case_statement' and not child.child_by_field_name('value') for child in body.named_children
        )
        return after if has_default else merge(after, state)

    def case(self, node: Node, state: State | None) -> State | None:
        value = node.child_by_field_name('value')
        entry = merge(state, dict(self.cases[-1])) if self.cases else state
        return self.sequence([child for child in node.named_children if child != value], entry)

    def label(self, node: Node, state: State | None) -> State | None:
        name = _name(self.unit, node.child_by_field_name('label') or node)
        self.passed.add(name)
        entry = merge(state, _copy(self.labels.get(name)))
        return self.sequence(node.named_children[1:], entry)

    def jump(self, node: Node, state: State | None) -> State | None:
        name = _name(self.unit, node.child_by_field_name('label') or node)
        arriving = merge(self.labels.get(name), _copy(state))
        if arriving is not None:
            self.labels[name] = arriving
        self.jumps_back = self.jumps_back or name in self.passed
        return None

    def leave(self, node: Node, state: State | None) -> State | None:
        waiting = self.breaks if node.type == 'break_statement' else self.continues
        if waiting and state is not None:
            waiting[-1].append(state)
        return None

    def finish(self, node: Node, state: State | None) -> State | None:
        if state is not None:
            self.effects(node, state)
        return None

    def effects(self, node: Node, state: State) -> State:
        """Return the state after an expression: its assignments in order, either way of its conditional parts."""
        if not self._matters(node):
            return state
        self.steps += 1
        self.depth += 1
        if self.steps > _MAX_STEPS or self.depth > _MAX_DEPTH:
            raise _TooComplex
        known = _EXPRESSIONS.get(node.type)
        if known is not None:
            state = known(self, node, state)
        else:
            for child in node.named_children:
                state = self.effects(child, state)
        self.depth -= 1
        return state

    def _matters(self, node: Node) -> bool:
        start, end = node.byte_range
        nth = bisect_left(self.starts, start)
        if nth < len(self.starts) and self.starts[nth] < end:
            return True
        return bool(self.tracked) and self.matters.search(self.unit.code, start, end) is not None

    def either(self, node: Node, state: State) -> State:
        parts = node.named_children
        operator = node.child_by_field_name('operator')
        if node.type == 'binary_expression' and (operator is None or operator.type not in ('&&', '||')):
            for part in parts:
                state = self.effects(part, state)
            return state
        state = self.effects(parts[0], state) if parts else state
        ways = [self.effects(part, dict(state)) for part in parts[1:]]
        if node.type == 'binary_expression' or len(parts) < 3:
            ways.append(state)
        after: State | None = None
        for way in ways:
            after = merge(after, way)
        return after if after is not None else state

    def assignment(self, node: Node, state: State) -> State:
        initial = node.type == 'init_declarator'
        target = declared_name(node) if initial else node.child_by_field_name('left')
        value = node.child_by_field_name('value' if initial else 'right')
        if value is not None:
            state = self.effects(value, state)
        name = _name(self.unit, target) if target is not None and target.type == 'identifier' else ''
        if name in self.tracked and value is not None:
            operator = '=' if initial else _name(self.unit, node.child_by_field_name('operator') or node)
            state = {**state, name: self.symbols.assigned(name, operator, value, state)}
        elif target is not None and not initial:
            state = self.effects(target, state)
        return state

    def update(self, node: Node, state: State) -> State:
        names = [name for name in self.symbols.variables(node) if name in self.tracked]
        return {**state, **{name: Expr('arithmetic', f'{name} is counted') for name in names}}

    def address(self, node: Node, state: State) -> State:
        inner = node.child_by_field_name('argument')
        name = _name(self.unit, inner) if inner is not None else ''
        operator = node.child_by_field_name('operator')
        if operator is not None and operator.type == '&' and name in self.tracked:
            given = Expr('address', f'the address of {name} is given away')
            return {**state, name: join([state[name], given]) if name in state else given}
        return self.effects(inner, state) if inner is not None else state

    def call(self, node: Node, state: State) -> State:
        for position, given in self.watched.get(node.start_byte, {}).items():
            value = self.symbols.value(given, self.effects(given, dict(state)))
            values = self.values.setdefault(node.start_byte, {})
            values[position] = join([values[position], value]) if position in values else value
        for child in node.named_children:
            state = self.effects(child, state)
        return state

    def nested(self, node: Node, state: State) -> State:
        """A statement expression: its statements are walked like any block."""
        return self.statement(node, state) or state


def _copy(state: State | None) -> State | None:
    return None if state is None else dict(state)


_STATEMENTS: dict[str, Callable[[_Flow, Node, State | None], State | None]] = {
    'compound_statement': _Flow.block,
    'else_clause': _Flow.block,
    'ERROR': _Flow.block,
    'declaration': _Flow.declaration,
    'if_statement': _Flow.branch,
    'preproc_if': _Flow.conditional_text,
    'preproc_ifdef': _Flow.conditional_text,
    'preproc_elif': _Flow.conditional_text,
    'preproc_elifdef': _Flow.conditional_text,
    'preproc_else': _Flow.conditional_text,
    'while_statement': _Flow.loop,
    'do_statement': _Flow.loop,
    'for_statement': _Flow.loop,
    'switch_statement': _Flow.switch,
    'case_statement': _Flow.case,
    'labeled_statement': _Flow.label,
    'goto_statement': _Flow.jump,
    'break_statement': _Flow.leave,
    'continue_statement': _Flow.leave,
    'return_statement': _Flow.finish,
}
_EXPRESSIONS: dict[str, Callable[[_Flow, Node, State], State]] = {
    'conditional_expression': _Flow.either,
    'binary_expression': _Flow.either,
    'assignment_expression': _Flow.assignment,
    'init_declarator': _Flow.assignment,
    'update_expression': _Flow.update,
    'pointer_expression': _Flow.address,
    'call_expression': _Flow.call,
    'compound_statement': _Flow.nested,
}
