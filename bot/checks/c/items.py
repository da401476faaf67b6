# SPDX-License-Identifier: GPL-2.0-or-later
"""What a file declares outside function bodies: macros, enumerators, prototypes, parameters.

Promises them in text order with the lines they stand on, from every `#if` arm. Refuses to expand or evaluate them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tree_sitter import Node

from bot.checks.c.cparse import Body, Unit, declared_name, function_declarator, squeeze
from bot.checks.c.facts import Define, Enumerator, Param, Prototype

_MAX_CODE = 4000
_ROOT = re.compile(r'[\s&*(]*(?:\([\w\s*]+\)\s*)?([A-Za-z_]\w*)')
_WRAPPED = re.compile(r'\s*[A-Za-z_]\w*\(([^(),]*)\)\s*')
_INDEX = re.compile(r'\[[^\[\]]*\]')
_MEMBER = re.compile(r'->|\.')
_NAME = re.compile(r'\s*([A-Za-z_]\w*)')


def code(unit: Unit, node: Node) -> str:
    """Return the text of a node as it was parsed, attributes blanked and comments still in; cut off when it is long."""
    return unit.code[node.start_byte : min(node.end_byte, node.start_byte + _MAX_CODE)].decode('ascii', 'replace')


def arguments(call: Node) -> list[Node]:
    """Return the argument nodes of a call; comments between them are none."""
    given = call.child_by_field_name('arguments')
    return [one for one in given.named_children if one.type != 'comment'] if given is not None else []


@lru_cache(maxsize=1 << 16)
def root(text: str) -> str:
    """Return the variable or, behind `->` or `.`, the field (as `.name`) that an argument stands for; '' if none.

    A call with one argument counts for that: `page_folio(pages[i])` is `pages`.
    """
    text = _INDEX.sub('', text)
    while (inner := _WRAPPED.fullmatch(text)) is not None:
        text = inner[1]
    *objects, last = _MEMBER.split(text)
    if objects and (field := _NAME.match(last)):
        return f'.{field[1]}'
    found = _ROOT.match(text)
    return found[1] if found else ''


def param(unit: Unit, node: Node) -> Param:
    """Return name and type of one parameter; the name is empty for a type alone."""
    name = declared_name(node)
    whole = unit.text[node.start_byte : node.end_byte].decode('utf-8', 'replace')
    if name is None:
        return Param('', squeeze(whole))
    before = unit.text[node.start_byte : name.start_byte].decode('utf-8', 'replace')
    after = unit.text[name.end_byte : node.end_byte].decode('utf-8', 'replace')
    return Param(code(unit, name), squeeze(f'{before} {after}'))


def params(unit: Unit, declarator: Node | None) -> tuple[Param, ...]:
    """Return the parameters of a function declarator; `(void)` has none."""
    listed = declarator.child_by_field_name('parameters') if declarator is not None else None
    found = [param(unit, one) for one in listed.named_children if one.type == 'parameter_declaration'] if listed else []
    return () if [(one.name, one.type) for one in found] == [('', 'void')] else tuple(found)


def returned_type(unit: Unit, body: Body) -> str:
    """Return the type of a function's result; a pointer ends in `*`."""
    declarator = function_declarator(body.node) if body.node is not None else None
    kind = body.node.child_by_field_name('type') if body.node is not None else None
    if declarator is None or kind is None:
        return ''
    star = '*' if b'*' in unit.code[kind.end_byte : declarator.start_byte] else ''
    return unit.string(kind) + star


def prototypes(unit: Unit) -> Iterator[Prototype]:
    for node in unit.declarations():
        declarator = function_declarator(node)
        name = declared_name(declarator) if declarator is not None else None
        if name is not None:
            yield Prototype(code(unit, name), params(unit, declarator), unit.line(name.start_byte))


def variables(unit: Unit) -> Iterator[str]:
    """Yield the names of variables at file scope."""
    for node in unit.declarations():
        if function_declarator(node) is None:
            for declarator in node.children_by_field_name('declarator'):
                name = declared_name(declarator)
                if name is not None:
                    yield code(unit, name)


def defines(unit: Unit) -> Iterator[Define]:
    for node in unit.found.get('define', []):
        name, body = node.child_by_field_name('name'), node.child_by_field_name('value')
        given = node.child_by_field_name('parameters')
        if name is not None:
            names = tuple(code(unit, one) for one in given.named_children) if given is not None else None
            text = unit.string(body, _MAX_CODE) if body is not None else ''
            yield Define(code(unit, name), names, text, unit.line(node.start_byte))


def enumerators(unit: Unit) -> Iterator[Enumerator]:
    for node in unit.found.get('enum', []):
        body = node.child_by_field_name('body')
        if body is not None:
            yield from _members(unit, body)


def _members(unit: Unit, body: Node) -> Iterator[Enumerator]:
    """Yield the members of one enum; one without a value counts on from the last that has one."""
    base, offset, comment = '', -1, ''
    for child in body.named_children:
        if child.type == 'comment':
            comment = squeeze_comment(unit, child)
        name = child.child_by_field_name('name') if child.type == 'enumerator' else None
        if name is None:
            continue
        value = child.child_by_field_name('value')
        text = unit.string(value) if value is not None else ''
        base, offset = (code(unit, name), 0) if text else (base, offset + 1)
        yield Enumerator(code(unit, name), text, '' if text else base, offset, unit.line(child.start_byte), comment)
        comment = ''


def squeeze_comment(unit: Unit, node: Node) -> str:
    """Return the words of a comment without its stars."""
    text = unit.text[node.start_byte : node.end_byte].decode('utf-8', 'replace')
    return re.sub(r'[\s*/]+', ' ', text).strip()
