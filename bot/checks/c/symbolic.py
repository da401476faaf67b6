# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns C expressions into symbolic flag values and joins them where paths meet.

Promises that nothing is lost: what cannot be expressed is an unknown with its reason. Refuses to know any flag's
number; that is asked of a commit, later, in `flags.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from tree_sitter import Node

from bot.checks.c.cparse import Unit, walk
from bot.checks.c.facts import Expr, Param

_MAX_JOINED = 48
_MAX_PARTS = 300
_MAX_DEPTH = 60
_TRUTH = frozenset({'==', '!=', '<', '>', '<=', '>=', '&&', '||', '!'})
_BITWISE = frozenset({'|', '&', '^'})
_MACRO = re.compile(r'[A-Z_][A-Z0-9_]*\Z')
_TOO_MANY = Expr('complex', 'too many paths lead here')
_TRANSPARENT = frozenset({'READ_ONCE', 'likely', 'unlikely', 'data_race'})


def join(parts: Iterable[Expr]) -> Expr:
    """Return a value that is one of the parts.

    What all of them begin with is taken out (`f` joined with `f | A` is `f | (0 or A)`), so that a row of conditional
    `|=` grows by one step each and not to double its size.
    """
    flat: dict[Expr, None] = {}
    for part in parts:
        flat.update(dict.fromkeys(part.parts if part.kind == 'join' else (part,)))
    ways = tuple(flat)
    if len(ways) == 1:
        return ways[0]
    for operator, neutral in (('|', Expr('const', '0')), ('&', Expr('const', '~0'))):
        rows = [way.parts if way.kind == operator else (way,) for way in ways]
        shared = 0
        while all(len(row) > shared and row[shared] == rows[0][shared] for row in rows):
            shared += 1
        if shared:
            rests = [_row(operator, row[shared:], neutral) for row in rows]
            return bounded(Expr(operator, parts=(*rows[0][:shared], join(rests))))
    return bounded(Expr('join', parts=ways)) if len(ways) <= _MAX_JOINED else _TOO_MANY


def combine(operator: str, one: Expr, other: Expr) -> Expr:
    """Return `one OPERATOR other` for a bitwise operator; a row of the same operator stays one level deep."""
    if operator == '^':
        return bounded(Expr('^', parts=(one, other)))
    row = [part for side in (one, other) for part in (side.parts if side.kind == operator else (side,))]
    return bounded(Expr(operator, parts=tuple(row)))


def constant_text(expr: Expr) -> str:
    """Return C text for a value made of constants only, '' for any other."""
    if expr.kind == 'const':
        return expr.text
    if expr.kind not in ('|', '&', '^', '~'):
        return ''
    texts = [constant_text(part) for part in expr.parts]
    if not all(texts):
        return ''
    return f'~({texts[0]})' if expr.kind == '~' else f'({f" {expr.kind} ".join(texts)})'


def bounded(expr: Expr) -> Expr:
    """Return the value itself, or an unknown when it has grown too large to be worth keeping."""
    count, waiting = 0, [expr]
    while waiting:
        count += 1
        if count > _MAX_PARTS:
            return _TOO_MANY
        waiting.extend(waiting.pop().parts)
    return expr


def _row(operator: str, parts: tuple[Expr, ...], neutral: Expr) -> Expr:
    return neutral if not parts else parts[0] if len(parts) == 1 else Expr(operator, parts=parts)


def merge(one: dict[str, Expr] | None, other: dict[str, Expr] | None) -> dict[str, Expr] | None:
    """Return the state where two paths meet; a variable that only one of them set keeps that value."""
    if one is None or other is None:
        return one if other is None else other
    if one == other:
        return one
    both = dict(one)
    for name, value in other.items():
        both[name] = join([both[name], value]) if name in both else value
    return both


class Symbols:
    """The names of one function and what expressions over them are worth."""

    def __init__(self, unit: Unit, types: Mapping[str, str], params: Sequence[Param]) -> None:
        self.unit = unit
        self.types = types
        self.positions = {param.name: nth for nth, param in enumerate(params) if param.name}

    def variables(self, node: Node) -> list[str]:
        """Return the locals and parameters an expression reads, in order, without those behind `->` or `.`."""
        names = []
        for at in walk(node):
            if at.type == 'identifier' and (name := self._text(at)) in self.types:
                names.append(name)
        return names

    def initial(self, name: str) -> Expr:
        if name in self.positions:
            if self.types.get(name) == 'bool':
                return Expr('truth', name)
            return Expr('parameter', name, index=self.positions[name])
        return Expr('variable', name)

    def assigned(self, name: str, operator: str, value: Node, state: Mapping[str, Expr]) -> Expr:
        """Return what `name OPERATOR value` leaves in the variable."""
        new = self.value(value, state)
        if operator == '=':
            return Expr('truth', name) if self.types.get(name) == 'bool' else new
        old = state.get(name, self.initial(name))
        if operator[:-1] in _BITWISE:
            return combine(operator[:-1], old, new)
        return Expr('arithmetic', f'{name} {operator} ...')

    def value(self, node: Node, state: Mapping[str, Expr], depth: int = 0) -> Expr:
        """Return the symbolic value of an expression under a state."""
        if depth > _MAX_DEPTH:
            return Expr('complex', 'the expression is nested too deep')
        known = _VALUES.get(node.type)
        return known(self, node, state, depth) if known is not None else Expr('complex', self.unit.string(node))

    def _literal(self, node: Node, state: Mapping[str, Expr], depth: int) -> Expr:
        return Expr('const', self._text(node))

    def _inner(self, node: Node, state: Mapping[str, Expr], depth: int) -> Expr:
        """The last part of a parenthesis, a cast, an assignment or a comma expression is what it is worth."""
        children = [child for child in node.named_children if child.type != 'comment']
        return self.value(children[-1], state, depth + 1) if children else Expr('complex', self._text(node))

    def _memory(self, node: Node, state: Mapping[str, Expr], depth: int) -> Expr:
        given = node.type == 'pointer_expression' and self._text(node).startswith('&')
        return Expr('address' if given else 'field', self.unit.string(node))

    def _text(self, node: Node) -> str:
        return self.unit.code[node.start_byte : node.end_byte].decode('ascii', 'replace')

    def _named(self, node: Node, state: Mapping[str, Expr], depth: int) -> Expr:
        name = self._text(node)
        if name in ('true', 'false'):
            return Expr('truth', name)
        if name in state:
            return state[name]
        if name in self.types:
            return self.initial(name)
        return Expr('const', name)

    def _unary(self, node: Node, state: Mapping[str, Expr], depth: int) -> Expr:
        operator, operand = node.child_by_field_name('operator'), node.child_by_field_name('argument')
        if operator is None or operand is None:
            return Expr('complex', self.unit.string(node))
        if operator.type in _TRUTH:
            return Expr('truth', self.unit.string(node))
        inner = self.value(operand, state, depth + 1)
        if operator.type == '~':
            return Expr('~', parts=(inner,))
        text = constant_text(inner)
        return Expr('const', f'{operator.type}({text})') if text else Expr('arithmetic', self.unit.string(node))

    def _binary(self, node: Node, state: Mapping[str, Expr], depth: int) -> Expr:
        operator = node.child_by_field_name('operator')
        left, right = node.child_by_field_name('left'), node.child_by_field_name('right')
        if operator is None or left is None or right is None:
            return Expr('complex', self.unit.string(node))
        if operator.type in _TRUTH:
            return Expr('truth', self.unit.string(node))
        one, other = self.value(left, state, depth + 1), self.value(right, state, depth + 1)
        if operator.type in _BITWISE:
            return combine(operator.type, one, other)
        texts = constant_text(one), constant_text(other)
        if all(texts):
            return Expr('const', f'({texts[0]} {operator.type} {texts[1]})')
        if operator.type == '*' and {one.kind, other.kind} == {'truth', 'const'}:
            return join([Expr('const', '0'), one if one.kind == 'const' else other])
        return Expr('arithmetic', self.unit.string(node))

    def _choice(self, node: Node, state: Mapping[str, Expr], depth: int) -> Expr:
        ways = [node.child_by_field_name(field) for field in ('consequence', 'alternative')]
        if ways[0] is None:
            ways[0] = node.child_by_field_name('condition')
        return join([self.value(way, state, depth + 1) for way in ways if way is not None])

    def _call(self, node: Node, state: Mapping[str, Expr], depth: int) -> Expr:
        callee, arguments = node.child_by_field_name('function'), node.child_by_field_name('arguments')
        name = self._text(callee) if callee is not None else ''
        given = arguments.named_children if arguments is not None else []
        if name in _TRANSPARENT and len(given) == 1:
            return self.value(given[0], state, depth + 1)
        if _MACRO.match(name) and not any(self.variables(argument) for argument in given):
            return Expr('const', self.unit.string(node))
        return Expr('call', name or self.unit.string(node))


_VALUES: dict[str, Callable[[Symbols, Node, Mapping[str, Expr], int], Expr]] = {
    'number_literal': Symbols._literal,
    'char_literal': Symbols._literal,
    'identifier': Symbols._named,
    'true': Symbols._named,
    'false': Symbols._named,
    'null': Symbols._named,
    'parenthesized_expression': Symbols._inner,
    'cast_expression': Symbols._inner,
    'assignment_expression': Symbols._inner,
    'comma_expression': Symbols._inner,
    'unary_expression': Symbols._unary,
    'binary_expression': Symbols._binary,
    'conditional_expression': Symbols._choice,
    'call_expression': Symbols._call,
    'field_expression': Symbols._memory,
    'subscript_expression': Symbols._memory,
    'pointer_expression': Symbols._memory,
}
