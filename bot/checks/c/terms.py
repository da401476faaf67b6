# SPDX-License-Identifier: GPL-2.0-or-later
"""Lowers C expressions to terms, and the calls, assignments and short circuits in them to steps.

Promises evaluation order as written, both ways of `&&`, `||` and `?:`, and that a condition never loses an arm.
Refuses to interpret: a statement the grammar could not read becomes an opaque term and marks the graph damaged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec
from tree_sitter import Node

from bot.checks.c.cparse import Unit, declared_name
from bot.checks.c.graph import END, Graph, Step, Term
from bot.checks.c.items import arguments, code

Edge = tuple[int, int]
_TRANSPARENT = re.compile(r'(?:un)?likely|READ_ONCE|data_race|no_free_ptr|(?:VM_)?WARN(?:_ON)?\w*|access_ok_likely')
_WARNS = re.compile(r'(?:VM_)?WARN(?:_ON)?\w*')
_PURE = re.compile(
    r'[A-Z_][A-Z0-9_]*|(?:min|max|clamp)(?:_t|3|_not_zero)?|round_(?:up|down)|offset_in_page|page_folio|compound_head|folio_page'
    r'|xa_is_value|array_size|struct_size|size_(?:mul|add)|array3_size|BIT|lower_32_bits|untagged_addr|u64_to_user_ptr|nth_page|abs'
)
_IMPURE = frozenset({'BUG', 'BUG_ON', 'VM_BUG_ON', 'VM_BUG_ON_PAGE', 'VM_BUG_ON_FOLIO', 'WRITE_ONCE', 'KUNIT_FAIL'})
_DIES = frozenset({'BUG', 'panic', 'do_exit', 'unreachable', 'make_task_dead', '__builtin_unreachable', 'BUILD_BUG'})
_BUG_ON = re.compile(r'(?:VM_)?BUG_ON(?:_\w+)?')
_NUMBER = re.compile(r'(0[xX][0-9a-fA-F]+|\d+)[uUlL]*\Z')
_ERRNO = re.compile(r'E[A-Z0-9]{2,}\Z')
_MAX_DEPTH = 100
_MAX_STEPS = 5000
_MAX_TEXT = 120


class TooLarge(Exception):
    """The function is beyond what is followed; its graph says so in `lost`."""


class Steps:
    """The steps made so far and the edges that wait for the next one."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.steps: list[Step] = []
        self.nexts: list[list[int]] = []
        self.open: list[Edge] = []
        self.temps = 0
        self.depth = 0
        self.damaged = False

    def emit(self, kind: str, node: Node, **more: object) -> int:
        """Add a step after everything that is open; a test leaves its two edges to the caller."""
        if len(self.steps) >= _MAX_STEPS:
            raise TooLarge(f'more than {_MAX_STEPS} steps')
        nth = len(self.steps)
        self.join_to(nth)
        self.steps.append(Step(kind, self.unit.line(node.start_byte), (), **more))  # type: ignore[arg-type]
        self.nexts.append([END, END] if kind == 'test' else [END])
        self.open = [] if kind in ('test', 'return') else [(nth, 0)]
        return nth

    def join_to(self, nth: int) -> None:
        for step, slot in self.open:
            self.nexts[step][slot] = nth

    def temp(self) -> Term:
        self.temps += 1
        return Term('n', f'%{self.temps}')

    def text(self, node: Node) -> str:
        return self.unit.string(node, _MAX_TEXT)

    def finished(self) -> tuple[Step, ...]:
        made = zip(self.steps, self.nexts, strict=True)
        return tuple(
            Step(one.kind, one.line, tuple(following), one.target, one.callee, one.terms, one.text, one.loop, one.warns)
            for one, following in made
        )

    def set(self, node: Node, target: Term, value: Term) -> Term:
        self.emit('set', node, target=target, terms=(value,))
        return target

    def term(self, node: Node | None) -> Term:
        """Return what an expression is worth, after the steps that its evaluation takes."""
        if node is None:
            return Term('?')
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise TooLarge('nested too deeply')
        made = _TERMS.get(node.type, Steps._opaque)(self, node)
        self.depth -= 1
        return made

    def condition(self, node: Node | None) -> tuple[list[Edge], list[Edge]]:
        """Lower a condition; return the edges taken when it holds and when it does not. Nothing is open after."""
        if node is None:
            taken, self.open = self.open, []
            return taken, []
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise TooLarge('nested too deeply')
        edges = self._condition(node)
        self.depth -= 1
        return edges

    def _condition(self, node: Node) -> tuple[list[Edge], list[Edge]]:
        operator = _operator(node)
        inner = _only(node)
        if node.type == 'parenthesized_expression' and inner is not None and inner.type != 'compound_statement':
            return self.condition(inner)
        if node.type == 'unary_expression' and operator == '!':
            yes, no = self.condition(node.child_by_field_name('argument'))
            return no, yes
        if node.type == 'binary_expression' and operator in ('&&', '||'):
            return self._short_circuit(node, operator)
        if node.type == 'call_expression' and _TRANSPARENT.fullmatch(self._callee(node)) and arguments(node):
            yes, no = self.condition(arguments(node)[0])
            self._warned(yes if _WARNS.fullmatch(self._callee(node)) else [])
            return yes, no
        if node.type == 'comma_expression':
            self.term(node.child_by_field_name('left'))
            return self.condition(node.child_by_field_name('right'))
        return self._test(node)

    def _warned(self, edges: Sequence[Edge]) -> None:
        for nth, slot in edges:
            if self.steps[nth].kind == 'test':
                self.steps[nth] = msgspec.structs.replace(self.steps[nth], warns=(*self.steps[nth].warns, slot))

    def _test(self, node: Node) -> tuple[list[Edge], list[Edge]]:
        known = _truth(code(self.unit, node)) if node.type in ('number_literal', 'true', 'false') else None
        if known is not None:
            taken, self.open = self.open, []
            return (taken, []) if known else ([], taken)
        test = self.emit('test', node, terms=(self.term(node),), text=self.text(node))
        return [(test, 0)], [(test, 1)]

    def _short_circuit(self, node: Node, operator: str) -> tuple[list[Edge], list[Edge]]:
        yes, no = self.condition(node.child_by_field_name('left'))
        self.open = yes if operator == '&&' else no
        more, less = self.condition(node.child_by_field_name('right'))
        return (more, no + less) if operator == '&&' else (yes + more, less)

    def statements(self, node: Node) -> None:
        """Lower a block inside an expression; the function's own lowering replaces this."""
        raise NotImplementedError

    def _callee(self, node: Node) -> str:
        callee = node.child_by_field_name('function')
        return code(self.unit, callee) if callee is not None and callee.type == 'identifier' else ''

    def _opaque(self, node: Node) -> Term:
        if node.type == 'ERROR':
            self.damaged = True
        parts = tuple(self.term(child) for child in node.named_children if child.type not in _NO_VALUE)
        return Term('?', node.type, parts)

    def _constant(self, node: Node) -> Term:
        return Term('k', code(self.unit, node)[:40])

    def _name(self, node: Node) -> Term:
        text = code(self.unit, node)
        return Term('k', '0') if text in ('NULL', 'false') else Term('k', '1') if text == 'true' else Term('n', text)

    def _inner(self, node: Node) -> Term:
        inner = node.child_by_field_name('value') or _only(node)
        if inner is not None and inner.type == 'compound_statement':
            return self._statement_expression(inner)
        return self.term(inner)

    def _statement_expression(self, block: Node) -> Term:
        *before, last = [child for child in block.named_children if child.type != 'comment'] or [block]
        if last.type != 'expression_statement' or last is block:
            self.statements(block)
            return Term('?')
        for child in before:
            self.statements(child)
        return self.term(_only(last))

    def _unary(self, node: Node) -> Term:
        operator, value = _operator(node), self.term(node.child_by_field_name('argument'))
        if operator == '-' and value.op in 'nk' and (_ERRNO.match(value.text) or _NUMBER.match(value.text)):
            return Term('k', f'-{value.text}')
        return value if operator == '+' else Term(operator, parts=(value,))

    def _binary(self, node: Node) -> Term:
        operator = _operator(node)
        if operator in ('&&', '||') and b'(' in (node.text or b''):
            return self._chosen(node, self.condition(node), None, None)
        left, right = node.child_by_field_name('left'), node.child_by_field_name('right')
        return Term(operator, parts=(self.term(left), self.term(right)))

    def _choice(self, node: Node) -> Term:
        condition = node.child_by_field_name('condition')
        first, second = node.child_by_field_name('consequence'), node.child_by_field_name('alternative')
        if first is None:
            given = self.set(node, self.temp(), self.term(condition))
            test = self.emit('test', node, terms=(given,), text=self.text(condition or node))
            return self._chosen(node, ([(test, 0)], [(test, 1)]), given, second)
        return self._chosen(node, self.condition(condition), first, second)

    def _chosen(
        self, node: Node, edges: tuple[list[Edge], list[Edge]], first: Node | Term | None, second: Node | None
    ) -> Term:
        """Give one name the value of either way; without ways, the truth value."""
        target = self.temp()
        self.open = edges[0]
        yes = first if isinstance(first, Term) else self.term(first) if first is not None else Term('k', '1')
        self.set(node, target, yes)
        out, self.open = self.open, edges[1]
        self.set(node, target, self.term(second) if second is not None else Term('k', '0'))
        self.open = [*out, *self.open]
        return target

    def _assignment(self, node: Node) -> Term:
        value = self.term(node.child_by_field_name('right'))
        target = self.term(node.child_by_field_name('left'))
        operator = _operator(node)
        return self.set(node, target, value if operator == '=' else Term(operator[:-1], parts=(target, value)))

    def _update(self, node: Node) -> Term:
        target = self.term(node.child_by_field_name('argument'))
        sign = '+' if b'++' in (node.text or b'') else '-'
        before = self._before_update(node, target)
        after = self.set(node, target, Term(sign, parts=(target, Term('k', '1'))))
        return after if before is None else before

    def _before_update(self, node: Node, target: Term) -> Term | None:
        """Keep what `i++` is worth where it is used; for a statement or the step of a loop nobody asks."""
        unused = ('expression_statement', 'for_statement', 'comma_expression')
        if node.children[-1].type not in ('++', '--') or node.parent is None or node.parent.type in unused:
            return None
        return self.set(node, self.temp(), target)

    def _field(self, node: Node) -> Term:
        name = node.child_by_field_name('field')
        base = self.term(node.child_by_field_name('argument'))
        return Term('.', code(self.unit, name) if name is not None else '', (base,))

    def _element(self, node: Node) -> Term:
        base, index = self.term(node.child_by_field_name('argument')), self.term(node.child_by_field_name('index'))
        return Term('[', parts=(base, index))

    def _pointer(self, node: Node) -> Term:
        inner = self.term(node.child_by_field_name('argument'))
        operator = _operator(node)
        if operator == '*' and inner.op == '&':
            return inner.parts[0]
        return Term(operator, parts=(inner,))

    def _comma(self, node: Node) -> Term:
        self.term(node.child_by_field_name('left'))
        return self.term(node.child_by_field_name('right'))

    def _sizeof(self, node: Node) -> Term:
        return Term('k', self.text(node))

    def _list(self, node: Node) -> Term:
        """An initializer list: its values by their designators, as a term whose parts are `=` of field and value."""
        parts = []
        for child in node.named_children:
            if child.type == 'initializer_pair':
                name = re.sub(r'\W', '', code(self.unit, child.children[0]))
                parts.append(Term('=', name, (self.term(child.child_by_field_name('value')),)))
            elif child.type != 'comment':
                parts.append(Term('=', '', (self.term(child),)))
        return Term('{', parts=tuple(parts))

    def call(self, node: Node) -> Term:
        """Lower a call: what only computes is a term, what ends the kernel ends the path, all else is a step."""
        name, given = self._callee(node), arguments(node)
        if _TRANSPARENT.fullmatch(name) and given:
            return self._transparent(name, given)
        if _BUG_ON.fullmatch(name) and given:
            yes, no = self.condition(given[0])
            self.open = no
            return Term('k', '0')
        values = tuple(self.term(one) for one in given)
        if name and _PURE.fullmatch(name) and name not in _IMPURE and not name.startswith('__'):
            return Term('f', name, values)
        if not name:
            values = (self.term(node.child_by_field_name('function')), *values)
        result = self.temp()
        self.emit('call', node, target=result, callee=name, terms=values, text=self.text(node))
        if name in _DIES:
            self.open = []
        return result

    def _transparent(self, name: str, given: list[Node]) -> Term:
        value, *_ = [self.term(one) for one in given]
        if name == 'no_free_ptr' and value.op == 'n':
            kept = self.set(given[0], self.temp(), value)
            self.set(given[0], value, Term('k', '0'))
            return kept
        return value

    def declared(self, node: Node) -> None:
        """Lower one declarator of a declaration."""
        name, value = declared_name(node), node.child_by_field_name('value')
        if node.type == 'init_declarator' and name is not None and value is not None:
            target = Term('n', code(self.unit, name))
            made = self.term(value)
            if made.op != '{':
                self.set(node, target, made)
            for part in made.parts if made.op == '{' else ():
                self.set(node, Term('.', part.text, (target,)), part.parts[0])


_NO_VALUE = frozenset({'comment', 'type_descriptor', 'string_literal', 'char_literal', 'concatenated_string'})


def _only(node: Node) -> Node | None:
    return next((child for child in node.named_children if child.type != 'comment'), None)


def _operator(node: Node) -> str:
    operator = node.child_by_field_name('operator')
    return operator.type if operator is not None else ''


def _truth(text: str) -> bool | None:
    if text in ('true', 'false'):
        return text == 'true'
    found = _NUMBER.match(text)
    return int(found[1], 0 if found[1][:2].lower() == '0x' else 10) != 0 if found is not None else None


_TERMS: dict[str, Callable[[Steps, Node], Term]] = {
    'identifier': Steps._name,
    'null': Steps._name,
    'true': Steps._name,
    'false': Steps._name,
    'number_literal': Steps._constant,
    'char_literal': Steps._constant,
    'string_literal': lambda self, node: Term('k', '""'),
    'concatenated_string': lambda self, node: Term('k', '""'),
    'sizeof_expression': Steps._sizeof,
    'parenthesized_expression': Steps._inner,
    'cast_expression': Steps._inner,
    'unary_expression': Steps._unary,
    'binary_expression': Steps._binary,
    'conditional_expression': Steps._choice,
    'assignment_expression': Steps._assignment,
    'update_expression': Steps._update,
    'field_expression': Steps._field,
    'subscript_expression': Steps._element,
    'pointer_expression': Steps._pointer,
    'comma_expression': Steps._comma,
    'initializer_list': Steps._list,
    'compound_literal_expression': Steps._inner,
    'call_expression': Steps.call,
}

__all__ = ['Edge', 'Graph', 'Steps', 'TooLarge']
