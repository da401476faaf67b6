# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds what a file does with flags outside the function that uses them: fields they are kept in, hidden callers.

Promises every assignment to such a field in the file, initializers included. Refuses to tell structures apart: a field
is known by its name, so one of the same name elsewhere in the file counts too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tree_sitter import Node

from bot.checks.c.cparse import Unit
from bot.checks.c.facts import Call, Expr, Function, Setting
from bot.checks.c.items import code, root
from bot.checks.c.symbolic import Symbols

_MAX_SETTINGS = 200
_IDENTIFIER = re.compile(rb'\b([A-Za-z_]\w*)\b(?!\s*\()')
_DESIGNATED = re.compile(rb'[{,]\s*\.(\w+)\s*=(?!=)\s*([^,{}]*)')


def settings(unit: Unit, calls: Iterable[Call], flagging: re.Pattern[str]) -> list[Setting]:
    """Return the assignments to fields that a call's arguments name and that hold flags somewhere in the file."""
    fields = {root(text)[1:] for call in calls for text in call.args if root(text).startswith('.')}
    found = list(_all(unit, fields)) if fields else []
    flags = {one.field for one, text in found if flagging.search(text)}
    return [one for one, _ in found if one.field in flags][:_MAX_SETTINGS]


def _all(unit: Unit, fields: set[str]) -> Iterator[tuple[Setting, str]]:
    symbols = Symbols(unit, {}, ())
    for node in unit.found.get('assignment', []):
        name, value = _field(unit, node), node.child_by_field_name('right')
        operator = node.child_by_field_name('operator')
        if name in fields and value is not None and operator is not None:
            yield (
                Setting(name, operator.type, symbols.value(value, {}), unit.line(node.start_byte)),
                code(unit, value),
            )
    for pair in _DESIGNATED.finditer(unit.plain):
        name = pair[1].decode('ascii', 'replace')
        if name in fields:
            text = ' '.join(pair[2].decode('utf-8', 'replace').split())
            yield Setting(name, '=', Expr('const', text), unit.line(pair.start(1))), text


def _field(unit: Unit, node: Node) -> str:
    left = node.child_by_field_name('left')
    name = left.child_by_field_name('field') if left is not None and left.type == 'field_expression' else None
    return code(unit, name) if name is not None else ''


def addressed(unit: Unit, functions: Sequence[Function]) -> set[str]:
    """Return the static functions whose name stands somewhere without a call: in a table, in an assignment."""
    names = {one.name for one in functions if one.static}
    return names & {word.decode('ascii') for word in _IDENTIFIER.findall(unit.plain)}
