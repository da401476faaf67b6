# SPDX-License-Identifier: GPL-2.0-or-later
"""Says what a function does with each flag it names: tests, sets, clears or passes it.

Promises one use per mention outside comments and strings. Refuses to guess: what is none of these is `other`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from bot.checks.c.cparse import Body, Unit
from bot.checks.c.facts import Use
from bot.checks.c.items import code

_PREDICATE = re.compile(r'(?:VM_)?(?:WARN|BUG)\w*|(?:un)?likely|READ_ONCE|BUILD_BUG\w*|static_assert|WARN')
_MAX_CLIMB = 60
_MAX_USES = 2000
_MAX_LINE = 160

_Chain = tuple[Node, '_Chain | None']


def uses(unit: Unit, body: Body, prefixes: Sequence[str]) -> Iterator[Use]:
    """Yield the uses of flags whose names start with one of the prefixes, in text order."""
    if not prefixes:
        return
    names = re.compile((r'\b(?:' + '|'.join(map(re.escape, prefixes)) + r')\w+').encode())
    places = [(found.start(), found[0].decode('ascii')) for found in names.finditer(unit.plain, body.start, body.end)]
    places = places[:_MAX_USES]
    chains = _chains(body.node or unit.root, [start for start, _ in places])
    for start, name in places:
        how, where = _role(unit, chains.get(start))
        yield Use(name, how, unit.line(start), source_line(unit, start), where)


def _chains(top: Node, starts: list[int]) -> dict[int, _Chain]:
    """Return, for the identifiers that begin at these places, the nodes above them, innermost first.

    One walk down from the top that enters only what holds a place: asking a node for its parent costs its depth each time.
    """
    found: dict[int, _Chain] = {}
    waiting: list[_Chain] = [(top, None)]
    while waiting:
        chain = waiting.pop()
        node = chain[0]
        first = bisect_left(starts, node.start_byte)
        if first == bisect_left(starts, node.end_byte):
            continue
        children = node.named_children
        if not children:
            found[node.start_byte] = chain
        waiting += [(child, chain) for child in children]
    return found


def source_line(unit: Unit, offset: int) -> str:
    """Return the trimmed line of the file that holds an offset."""
    start = max(unit.text.rfind(b'\n', 0, offset) + 1, offset - _MAX_LINE)
    end = unit.text.find(b'\n', offset, offset + _MAX_LINE)
    line = unit.text[start : end if end >= 0 else offset + _MAX_LINE]
    return ' '.join(line.decode('utf-8', 'replace').split())[:_MAX_LINE]


def _role(unit: Unit, chain: _Chain | None) -> tuple[str, str]:
    inverted = False
    for _ in range(_MAX_CLIMB):
        if chain is None or chain[1] is None:
            break
        node, parent = chain[0], chain[1][0]
        above = chain[1][1]
        decided = _decided(unit, node, parent, above[0] if above is not None else None, inverted)
        if decided is not None:
            return decided
        operator = parent.child_by_field_name('operator')
        inverted = inverted or (parent.type == 'unary_expression' and operator is not None and operator.type == '~')
        chain = chain[1]
    return 'other', ''


def _decided(unit: Unit, node: Node, parent: Node, call: Node | None, inverted: bool) -> tuple[str, str] | None:
    """Return what the parent makes of the flag, None where that is for `call`, its own parent, to say."""
    if parent.type == 'binary_expression':
        return _operand(unit, node, parent, inverted)
    if parent.type in ('assignment_expression', 'init_declarator'):
        target = parent.child_by_field_name('left') or parent.child_by_field_name('declarator')
        return ('clears' if inverted else 'sets'), unit.string(target) if target is not None else ''
    if parent.type == 'argument_list':
        callee = call.child_by_field_name('function') if call is not None else None
        name = code(unit, callee) if callee is not None else ''
        return None if _PREDICATE.fullmatch(name) else ('passes', name)
    return _PLACES.get(parent.type)


_PLACES = {
    'initializer_pair': ('sets', ''),
    'initializer_list': ('sets', ''),
    'return_statement': ('passes', 'return'),
    'if_statement': ('tests', ''),
    'while_statement': ('tests', ''),
    'do_statement': ('tests', ''),
    'case_statement': ('tests', ''),
    'switch_statement': ('tests', ''),
}


def _operand(unit: Unit, node: Node, parent: Node, inverted: bool) -> tuple[str, str] | None:
    operator = parent.child_by_field_name('operator')
    left, right = parent.child_by_field_name('left'), parent.child_by_field_name('right')
    other = right if left == node else left
    if operator is None or other is None or operator.type == '|':
        return None
    text = unit.string(other)
    if operator.type in ('==', '!=', '<', '>', '<=', '>='):
        return 'tests', text
    if operator.type == '&' and re.search(r'[a-z]', text):
        return None if inverted else ('tests', text.strip('()'))
    return None
