# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads the conditions under which a function turns flags away, so that the tree's own rules can be applied to callers.

Promises only conditions of known shape whose branch returns. Refuses to interpret the rest: that is a clause `unread`,
which says that there is a condition and nothing about what it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from bot.checks.c.cparse import Unit, walk
from bot.checks.c.facts import Clause
from bot.checks.c.items import arguments, code

_WRAPPER = re.compile(r'(?:VM_)?WARN_ON\w*|(?:un)?likely|WARN_ON_ONCE')
_NAME = re.compile(r'[A-Za-z_]\w*\Z')
_SAYS_FLAGS = re.compile(r'flags\w*\s*&')
_MAX_BRANCH = 200


def clauses(unit: Unit, conditions: Sequence[Node]) -> Iterator[Clause]:
    """Yield what the `if` statements of a function say about flags that make it return."""
    for node in conditions:
        condition = node.child_by_field_name('condition')
        if condition is None or not _SAYS_FLAGS.search(code(unit, condition)) or not _returns(node):
            continue
        shape = _shape(unit, _bare(unit, condition)) or ('unread', '', '')
        yield Clause(*shape, unit.line(condition.start_byte), unit.string(condition))


def _returns(node: Node) -> bool:
    branch = node.child_by_field_name('consequence')
    if branch is None or branch.end_byte - branch.start_byte > _MAX_BRANCH:
        return False
    return any(at.type == 'return_statement' for at in walk(branch))


def _bare(unit: Unit, node: Node) -> Node:
    """Strip parentheses, WARN_ON() and likely()."""
    while True:
        inner = [child for child in node.named_children if child.type != 'comment']
        if node.type == 'parenthesized_expression' and inner:
            node = inner[0]
        elif node.type == 'call_expression' and _WRAPPER.fullmatch(code(unit, inner[0])) and arguments(node):
            node = arguments(node)[0]
        else:
            return node


def _shape(unit: Unit, node: Node) -> tuple[str, str, str] | None:
    operator, left, right = _operation(unit, node)
    if left is None or right is None:
        return None
    if operator == '==':
        mask, same = _mask(unit, left), unit.string(right)
        return ('excludes', mask, mask) if mask and mask.strip('()') == same.strip('()') else None
    if operator == '&&':
        return _pair(unit, left, right)
    mask = _mask(unit, node)
    if not mask:
        return None
    inverted = mask.startswith('~')
    return 'accepts' if inverted else 'rejects', mask[1:].strip() if inverted else mask, ''


def _pair(unit: Unit, left: Node, right: Node) -> tuple[str, str, str] | None:
    sides = [(_mask(unit, side), _denied(unit, side)) for side in (left, right)]
    (mask, denied), (other, other_denied) = sides
    if mask and other:
        return 'excludes', mask, other
    if not mask:
        mask, other_denied = other, denied
    if not mask or other_denied is None:
        return None
    absent = _mask(unit, other_denied)
    if absent:
        return 'requires', mask, absent
    name = code(unit, other_denied)
    return ('argument', mask, name) if _NAME.match(name) else None


def _operation(unit: Unit, node: Node) -> tuple[str, Node | None, Node | None]:
    operator = node.child_by_field_name('operator') if node.type == 'binary_expression' else None
    if operator is None:
        return '', None, None
    left, right = node.child_by_field_name('left'), node.child_by_field_name('right')
    return operator.type, left and _bare(unit, left), right and _bare(unit, right)


def _denied(unit: Unit, node: Node) -> Node | None:
    """Return x of `!x`."""
    node = _bare(unit, node)
    operator, operand = node.child_by_field_name('operator'), node.child_by_field_name('argument')
    if node.type != 'unary_expression' or operator is None or operand is None or operator.type != '!':
        return None
    return _bare(unit, operand)


def _mask(unit: Unit, node: Node) -> str:
    """Return M of `flags & M`, '' for anything else; flags is a plain variable, M constants."""
    operator, left, right = _operation(unit, _bare(unit, node))
    if operator != '&' or left is None or right is None or left.type != 'identifier':
        return ''
    text = unit.string(right)
    return text if not re.search(r'[a-z]', text) else ''
