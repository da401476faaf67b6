# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads kernel C into a syntax tree whose spans are true in the file as it stands.

Promises every function with its body, those the grammar could not read included: they are marked damaged and come
with a plain-text span, never left out. Every walk is a loop, so deep nesting costs memory and no stack.
Refuses files above `MAX_BYTES` or of no shape code has (`Unreadable`), and to preprocess: both arms of an `#ifdef` are there, macro bodies stay text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import tree_sitter_c
from tree_sitter import Language, Node, Parser, Query, QueryCursor

from bot.checks.c.blank import blank

MAX_BYTES = 4 << 20
_LANGUAGE = Language(tree_sitter_c.language())
_FOUND = Query(
    _LANGUAGE,
    """
    (function_definition) @function
    (call_expression function: (identifier)) @call
    (preproc_def) @define
    (preproc_function_def) @define
    (enum_specifier body: (enumerator_list)) @enum
    (assignment_expression) @assignment
    (init_declarator) @assignment
    (binary_expression) @binary
    (field_expression) @field
    (if_statement) @if
    """,
)
_FUNCTIONS = Query(_LANGUAGE, '(function_definition) @function')
_INSIDE = frozenset(
    [
        'preproc_if',
        'preproc_ifdef',
        'preproc_else',
        'preproc_elif',
        'preproc_elifdef',
        'linkage_specification',
        'declaration_list',
        'ERROR',
    ]
)
_BODY = re.compile(rb'(?m)^\{')
_BODY_END = re.compile(rb'(?m)^\}(;?)')
_NAME_AT_END = re.compile(rb'([A-Za-z_]\w*)\s*\Z')
_NOISE = re.compile(rb'/\*.*?(?:\*/|\Z)|//[^\n]*|"(?:\\.|[^"\\\n])*"?', re.DOTALL)
_COMMENT = re.compile(r'/\*.*?(?:\*/|\Z)|//[^\n]*', re.DOTALL)
_BLANKS = bytes(byte if byte == 10 else 32 for byte in range(256))
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b'()[]{}')
_NO_WORDS = re.compile(rb'\w\W{5000}')
_MAX_DEPTH = 1000
_MAX_LEVELS = 2000
_MAX_HEAD = 1000
_MAX_LOST = 2000
_MAX_STRING = 1000
_MAX_REMEMBERED = 1 << 19


@dataclass(frozen=True, slots=True)
class Body:
    """A function in the text: `node` is None where the grammar saw none and only its braces tell that it is there."""

    name: str
    start: int
    end: int
    node: Node | None
    damaged: bool


class Unreadable(Exception):
    """A file that is not parsed because of its size or shape; the caller says so in the coverage."""


class Unit:
    """One parsed file: the bytes as they are, the blanked bytes and the tree made of them."""

    def __init__(self, text: bytes) -> None:
        if len(text) > MAX_BYTES:
            raise Unreadable(f'larger than {MAX_BYTES >> 20} MiB')
        self.text = text
        self.code = blank(text)
        _refuse_what_is_no_code(self.plain)
        self.root = Parser(_LANGUAGE).parse(self.code).root_node
        self.lowered: dict[object, object] = {}

    @cached_property
    def plain(self) -> bytes:
        """The text with comments and strings turned to blanks, byte for byte as long: safe to search for names."""
        return _NOISE.sub(lambda found: found[0].translate(_BLANKS), self.text)

    @cached_property
    def found(self) -> dict[str, list[Node]]:
        return self._captured(_FOUND)

    @cached_property
    def _functions(self) -> list[Node]:
        """The nodes of functions: to ask for them alone is a third of asking for all, which not everybody needs."""
        found = self.found if 'found' in self.__dict__ else self._captured(_FUNCTIONS)
        return found.get('function', [])

    def _captured(self, query: Query) -> dict[str, list[Node]]:
        cursor = QueryCursor(query)
        cursor.set_max_start_depth(_MAX_LEVELS)
        return {name: sorted(nodes, key=_span) for name, nodes in cursor.captures(self.root).items()}

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer(rb'\n', self.text))]

    def line(self, offset: int) -> int:
        return bisect_right(self._line_starts, offset)

    def string(self, node: Node, limit: int = _MAX_STRING) -> str:
        """Return the original text of a node, without comments and with blanks squeezed.

        One longer than `limit` bytes is cut off and ends in `...`, so that it can never be taken for an expression.
        """
        end = min(node.end_byte, node.start_byte + limit)
        text = squeeze(self.text[node.start_byte : end].decode('utf-8', 'replace'))
        return text if end == node.end_byte else f'{text} ...'

    @cached_property
    def bodies(self) -> tuple[Body, ...]:
        """Return all functions by their start; nested ones (macros misread as functions) belong to the outer one."""
        seen: list[Body] = []
        for node in self._functions:
            if not seen or node.start_byte >= seen[-1].end:
                name = declared_name(node)
                if name is not None:
                    seen.append(Body(_text(name), node.start_byte, node.end_byte, node, node.has_error))
        return tuple(sorted([*seen, *self._lost(seen)], key=lambda body: body.start))

    def _lost(self, seen: list[Body]) -> Iterator[Body]:
        """Yield what kernel style shows to be a function (a brace in column one) and the grammar did not see."""
        starts = [body.start for body in seen]
        end, examined = _BODY_END.search(self.plain), 0
        for brace in _BODY.finditer(self.plain):
            nth = bisect_right(starts, brace.start()) - 1
            if nth >= 0 and brace.start() < seen[nth].end:
                continue
            examined += 1
            if examined > _MAX_LOST:
                return
            if end is not None and end.start() < brace.end():
                end = _BODY_END.search(self.plain, brace.end())
            name = self._head(brace.start())
            if name is not None and not (end is not None and end[1]):
                yield Body(name[1].decode('ascii'), name.start(), end.end() if end else len(self.text), None, True)

    def _head(self, brace: int) -> re.Match[bytes] | None:
        """Return the name before the parameter list that ends right before a brace; None for a macro or anything else."""
        code, depth = self.code, 0
        close = code.rfind(b')', max(0, brace - _MAX_HEAD), brace)
        if close < 0 or any(sign in code[close:brace] for sign in b';{}'):
            return None
        for at in range(close, max(-1, brace - _MAX_HEAD), -1):
            depth += (code[at : at + 1] == b')') - (code[at : at + 1] == b'(')
            if depth == 0:
                name = _NAME_AT_END.search(code, max(0, at - 100), at)
                return name if name and not code.startswith(b'#', _line_start(code, name.start())) else None
        return None

    def declarations(self) -> Iterator[Node]:
        """Yield declarations outside functions, those in `#if` arms included."""
        waiting = [self.root]
        while waiting:
            for child in waiting.pop().named_children:
                if child.type == 'declaration':
                    yield child
                elif child.type in _INSIDE:
                    waiting.append(child)


def unit_of(text: bytes) -> Unit:
    """Return a file parsed; the last few are remembered, as one file is asked about several times in a row.

    Raise `Unreadable` as `Unit` does.
    """
    return _remembered(text) if len(text) <= _MAX_REMEMBERED else Unit(text)


@lru_cache(maxsize=3)
def _remembered(text: bytes) -> Unit:
    return Unit(text)


def _refuse_what_is_no_code(plain: bytes) -> None:
    """Raise `Unreadable` for shapes no C file has and on which queries take quadratic time."""
    depth = 0
    for bracket in plain.translate(None, _NO_BRACKETS):
        depth = depth + 1 if bracket in b'([{' else max(0, depth - 1)
        if depth > _MAX_DEPTH:
            raise Unreadable(f'nested more than {_MAX_DEPTH} levels deep')
    if _NO_WORDS.search(b'x' + plain.translate(None, b' \t\r\n')):
        raise Unreadable('a run of thousands of signs without a word')


def squeeze(text: str) -> str:
    """Return C text without comments and line continuations, every run of blanks as one."""
    if '/' in text or '\\' in text:
        text = _COMMENT.sub(' ', text).replace('\\\n', ' ')
    return ' '.join(text.split())


def declared_name(node: Node) -> Node | None:
    """Return the identifier that a definition, declaration or parameter declares; None for an abstract one."""
    at: Node | None = node
    while at is not None and at.type not in ('identifier', 'field_identifier', 'type_identifier'):
        at = at.child_by_field_name('declarator') or _wrapped_declarator(at)
    return at if at is not None and at.type != 'type_identifier' else None


def function_declarator(node: Node) -> Node | None:
    """Return the part of a definition or declaration that holds its parameters; None when it declares no function."""
    at = node.child_by_field_name('declarator')
    while at is not None and at.type != 'function_declarator':
        at = at.child_by_field_name('declarator') or _wrapped_declarator(at)
    return at


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it in text order, without recursion."""
    waiting = [node]
    while waiting:
        at = waiting.pop()
        yield at
        waiting.extend(reversed(at.named_children))


def _wrapped_declarator(node: Node) -> Node | None:
    if node.type in ('parenthesized_declarator', 'attributed_declarator'):
        return next((child for child in node.named_children if child.type.endswith(('declarator', 'identifier'))), None)
    return None


def _line_start(code: bytes, offset: int) -> int:
    return code.rfind(b'\n', 0, offset) + 1


def _span(node: Node) -> tuple[int, int]:
    return node.start_byte, -node.end_byte


def _text(node: Node) -> str:
    return (node.text or b'').decode('ascii', 'replace')
