# SPDX-License-Identifier: GPL-2.0-or-later
"""Says with which flags a call can be reached when its own function does not decide them.

A parameter of a static function is what its callers in the file give; a field is what the file's assignments leave in
it. Promises a way for every caller, each with the lines that show it, and one unknown way more where callers or
assignments may be elsewhere. Refuses to leave the file, so what a file yields depends on it and its headers alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.checks.c.facts import Expr, Function, Setting
from bot.checks.c.file import File
from bot.checks.c.items import root
from bot.checks.c.symbolic import combine, join
from bot.checks.tree.flags import argument, bind, leaves
from bot.model import Evidence

_MAX_DEPTH = 3
_MAX_WAYS = 32


@dataclass(frozen=True, slots=True)
class Way:
    """One origin of a value; `notes` are the calls and assignments it comes from, the outermost first."""

    expr: Expr
    notes: tuple[Evidence, ...] = ()


def ways(file: File, path: str, function: Function, expr: Expr) -> tuple[Way, ...]:
    """Return the origins of a value; a value that its function decides has one, without notes."""
    found = list(_called(file, path, function, Way(expr), 0))
    if len(found) > _MAX_WAYS:
        return (Way(expr),)
    return tuple(dict.fromkeys(_with_fields(file, path, way) for way in found))


def whole(origins: tuple[Way, ...]) -> Expr:
    """Return one value that covers all origins."""
    return join(way.expr for way in origins)


def _called(file: File, path: str, function: Function, way: Way, depth: int) -> Iterator[Way]:
    taken = {leaf.index for leaf in leaves(way.expr) if leaf.kind == 'parameter'}
    callers = file.calls.get(function.name, []) if taken and depth < _MAX_DEPTH else []
    if not callers or not function.static or function.name in file.facts.addressed:
        yield way
    if not function.static and not _only_name(file, function):
        return
    for caller, call in callers:
        if caller.name == function.name:
            continue
        given = {nth: argument(caller, call, nth) for nth in taken}
        note = Evidence(path, call.line, f'{caller.name}() calls {call.text}')
        bound = Way(bind(way.expr, given), (note, *way.notes))
        yield from _called(file, path, caller, bound, depth + 1)


def _only_name(file: File, function: Function) -> bool:
    """Tell whether calls by this name in the file surely reach this function."""
    return file.functions.get(function.name) is function


def _with_fields(file: File, path: str, way: Way) -> Way:
    fields = {leaf: root(leaf.text)[1:] for leaf in leaves(way.expr) if leaf.kind == 'field'}
    known = {leaf: kept for leaf, name in fields.items() if name and (kept := file.kept.get(name))}
    values = {leaf: value for leaf, kept in known.items() if (value := _left_in(kept)) is not None}
    if not values:
        return way
    notes = [Evidence(path, one.line, f'`{leaf.text}` is set here') for leaf in values for one in known[leaf]]
    return Way(_replaced(way.expr, values), (*notes, *way.notes))


def _left_in(kept: tuple[Setting, ...]) -> Expr | None:
    """Return what the assignments can leave in a field whatever their order, None when no order is known to begin it."""
    begun = [one.value for one in kept if one.operator == '=']
    if not begun or any(one.operator not in ('=', '|=', '&=') for one in kept):
        return None
    value, nothing, everything = join(begun), Expr('const', '0'), Expr('const', '~0')
    for one in kept:
        if one.operator == '|=':
            value = combine('|', value, join([nothing, one.value]))
    for one in kept:
        if one.operator == '&=':
            value = combine('&', value, join([everything, one.value]))
    return value


def _replaced(expr: Expr, values: dict[Expr, Expr]) -> Expr:
    if expr in values:
        return values[expr]
    if not expr.parts:
        return expr
    return Expr(expr.kind, expr.text, tuple(_replaced(part, values) for part in expr.parts), expr.index)
