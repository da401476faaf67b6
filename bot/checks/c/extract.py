# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the facts of one file out of its syntax tree.

Promises every function, call, macro and enumerator of the file, and the deeper facts (flag values, uses, counters)
for functions that mention what the watch list names. Refuses to judge any of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import msgspec
from tree_sitter import Node

from bot.checks.c.counting import Counters
from bot.checks.c.cparse import Body, Unit, Unreadable, declared_name, function_declarator, squeeze, unit_of
from bot.checks.c.facts import Allowed, Assign, Call, Expr, FileFacts, Function, Store, Watch
from bot.checks.c.gates import clauses
from bot.checks.c.items import arguments, code, defines, enumerators, params, prototypes, returned_type, root, variables
from bot.checks.c.kept import addressed, settings
from bot.checks.c.reach import values_at_calls
from bot.checks.c.uses import uses

_IDENTIFIER = re.compile(r'[A-Za-z_]\w*')
_STATIC = re.compile(rb'\bstatic\b')
_ALLOWED = re.compile(rb'\blorebot:[ \t]*allow[ \t]+([A-Z]{2,8}-[A-Z]\d\d)\b[ \t:,-]*([^\n]{0,300})')
_CONTINUED = re.compile(r'\\[ \t]*\n')
_NEVER = r'(?!)'
_MAX_TEXT = 400
_MAX_FOLLOWED = 1000
_MAX_WATCHED = 400


def read_facts(text: bytes, watch: Watch) -> FileFacts:
    """Return the facts of a file; one that cannot be parsed has none and says so in `unread`."""
    try:
        return _Extraction(unit_of(text), watch).facts()
    except Unreadable as error:
        return FileFacts(unread=str(error))


class _Extraction:
    def __init__(self, unit: Unit, watch: Watch) -> None:
        self.unit, self.watch = unit, watch
        self.counters = Counters(unit, watch.counters)
        words = [*watch.prefixes, *watch.calls, *self.counters.words]
        self.interest = re.compile(('|'.join(map(re.escape, sorted(words))) or _NEVER).encode())
        self.calling = re.compile('|'.join(map(re.escape, watch.calls)) or _NEVER)
        self.flagging = re.compile('|'.join(rf'\b{re.escape(prefix)}' for prefix in watch.prefixes) or _NEVER)
        self.starts = {kind: [node.start_byte for node in nodes] for kind, nodes in unit.found.items()}

    def facts(self) -> FileFacts:
        functions = [self._function(body) for body in self.unit.bodies]
        taken = [call for one in functions for call in one.calls if self.calling.search(call.callee)]
        return FileFacts(
            functions=(*functions, *self._macro_functions()),
            prototypes=tuple(sorted(prototypes(self.unit), key=lambda one: one.line)),
            defines=tuple(defines(self.unit)),
            enumerators=tuple(enumerators(self.unit)),
            members=tuple(self.counters.members()),
            variables=tuple(sorted(set(variables(self.unit)))),
            allowed=tuple(_allowed(self.unit)),
            settings=tuple(settings(self.unit, taken, self.flagging)) if taken else (),
            addressed=tuple(sorted(addressed(self.unit, functions))) if taken else (),
        )

    def _inside(self, kind: str, body: Body) -> list[Node]:
        """Return the nodes of one kind that begin in a function."""
        starts = self.starts.get(kind, [])
        return self.unit.found.get(kind, [])[bisect_left(starts, body.start) : bisect_left(starts, body.end)]

    def _function(self, body: Body) -> Function:
        unit, nodes = self.unit, self._inside('call', body)
        declarator = function_declarator(body.node) if body.node is not None else None
        head = (body.start, declarator.start_byte) if declarator is not None else (max(0, body.start - 80), body.start)
        shallow = Function(
            name=body.name,
            line=unit.line(body.start),
            end_line=unit.line(max(body.end - 1, body.start)),
            params=params(unit, declarator),
            static=_STATIC.search(unit.code, *head) is not None,
            damaged=body.damaged,
            macro=False,
            returns=returned_type(unit, body),
        )
        if self.interest.search(unit.plain, body.start, body.end) is None:
            return msgspec.structs.replace(shallow, calls=tuple(self._call(node, {}) for node in nodes))
        return self._deep(shallow, body, nodes)

    def _deep(self, shallow: Function, body: Body, nodes: list[Node]) -> Function:
        assignments = self._inside('assignment', body)
        values = self._values(shallow, body, nodes, assignments)
        counted = self.counters.of(body, nodes, assignments, self._inside('binary', body), self._inside('field', body))
        return msgspec.structs.replace(
            shallow,
            calls=tuple(self._call(node, values.get(node.start_byte, {})) for node in nodes),
            uses=tuple(uses(self.unit, body, self.watch.prefixes)),
            stores=tuple(self._stores(assignments)),
            assigns=tuple(self._assigns(assignments)),
            accesses=counted.accesses,
            changes=counted.changes,
            compares=counted.compares,
            guards=counted.guards,
            factors=counted.factors,
            clauses=tuple(clauses(self.unit, self._inside('if', body))),
        )

    def _values(
        self, function: Function, body: Body, nodes: list[Node], assignments: list[Node]
    ) -> dict[int, dict[int, Expr]]:
        block = body.node.child_by_field_name('body') if body.node is not None else None
        watched = self._watched(nodes, self._flag_variables(assignments))
        if block is None or not watched:
            return {}
        return values_at_calls(self.unit, block, function.params, watched)

    def _call(self, node: Node, values: dict[int, Expr]) -> Call:
        unit, callee = self.unit, node.child_by_field_name('function')
        return Call(
            callee=code(unit, callee) if callee is not None else '',
            line=unit.line(node.start_byte),
            end_line=unit.line(max(node.end_byte - 1, node.start_byte)),
            args=tuple(unit.string(one, _MAX_TEXT) for one in arguments(node)),
            values=values,
            damaged=node.has_error,
        )

    def _watched(self, nodes: list[Node], carriers: frozenset[str]) -> dict[int, dict[int, Node]]:
        """Choose the arguments to follow: all of functions that take flags, elsewhere those where flags can be."""
        watched: dict[int, dict[int, Node]] = {}
        for node in nodes:
            if len(watched) >= _MAX_WATCHED:
                break
            callee = node.child_by_field_name('function')
            takes = callee is not None and self.calling.search(code(self.unit, callee)) is not None
            positions = {
                nth: one
                for nth, one in enumerate(arguments(node))
                if one.type not in ('string_literal', 'concatenated_string', 'number_literal')
                and one.end_byte - one.start_byte <= _MAX_FOLLOWED
                and (takes or self._holds_flags(code(self.unit, one), carriers))
            }
            if positions:
                watched[node.start_byte] = positions
        return watched

    def _flag_variables(self, assignments: Sequence[Node]) -> frozenset[str]:
        """Return variables that get a flag by name somewhere in the function."""
        names = set()
        for node in assignments:
            target = declared_name(node) if node.type == 'init_declarator' else node.child_by_field_name('left')
            if target is not None and target.type == 'identifier' and self.flagging.search(code(self.unit, node)):
                names.add(code(self.unit, target))
        return frozenset(names)

    def _holds_flags(self, text: str, carriers: frozenset[str]) -> bool:
        return self.flagging.search(text) is not None or bool(carriers & set(_IDENTIFIER.findall(text)))

    def _stores(self, assignments: Sequence[Node]) -> Iterator[Store]:
        for node in assignments:
            left = node.child_by_field_name('left')
            name = left.child_by_field_name('field') if left is not None and left.type == 'field_expression' else None
            if name is not None:
                yield Store(code(self.unit, name), self.unit.line(node.start_byte))

    def _assigns(self, assignments: Sequence[Node]) -> Iterator[Assign]:
        for node in assignments:
            initial = node.type == 'init_declarator'
            target = node.child_by_field_name('declarator' if initial else 'left')
            value = node.child_by_field_name('value' if initial else 'right')
            if target is None or value is None:
                continue
            parts = arguments(value) if value.type == 'call_expression' else [value]
            sources = {root(self.unit.string(part)) for part in parts} - {''}
            if sources:
                yield Assign(root(self.unit.string(target)), tuple(sorted(sources)))

    def _macro_functions(self) -> Iterator[Function]:
        """Read bodies of macros that call what is watched: the grammar takes them for opaque text."""
        for node in self.unit.found.get('define', []):
            body, name = node.child_by_field_name('value'), node.child_by_field_name('name')
            if body is not None and name is not None and self.calling.search(code(self.unit, body)):
                text = self.unit.text[body.start_byte : body.end_byte].decode('utf-8', 'replace')
                text = _CONTINUED.sub(lambda found: ' ' * (len(found[0]) - 1) + '\n', text)
                inner = Unit(f'void {code(self.unit, name)}(void) {{ {text} ;}}'.encode())
                shift = self.unit.line(body.start_byte) - 1
                for one in inner.bodies:
                    yield _as_macro(_Extraction(inner, self.watch)._function(one), shift)


def _allowed(unit: Unit) -> Iterator[Allowed]:
    for found in _ALLOWED.finditer(unit.text) if b'lorebot:' in unit.text else ():
        if not unit.plain[found.start() : found.end(1)].strip():  # a comment or a string, not code
            reason = squeeze(found[2].decode('utf-8', 'replace').partition('*/')[0])
            end = unit.text.find(b'*/', found.end(1))
            long = end >= 0 and not unit.plain[found.start() : end].strip()
            yield Allowed(found[1].decode('ascii'), unit.line(end if long else found.start()), reason)


def _as_macro(function: Function, shift: int) -> Function:
    calls = tuple(
        msgspec.structs.replace(call, line=call.line + shift, end_line=call.end_line + shift) for call in function.calls
    )
    line, end_line = function.line + shift, function.end_line + shift
    return Function(function.name, line, end_line, (), False, function.damaged, True, calls=calls)
