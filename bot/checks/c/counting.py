# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds where a function reads, compares, changes or touches a counter such as a page's reference count.

Promises to follow a value through the function's own variables, one assignment after the other. Refuses to follow it
into other functions; what a helper does is that helper's facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from bot.checks.c.cparse import Body, Unit, declared_name
from bot.checks.c.facts import Access, Change, Compare, Counting, Guard, Member
from bot.checks.c.items import arguments, code
from bot.checks.c.reach import local_names

_CONSTANT = re.compile(r'\b[A-Z][A-Z0-9_]{2,}\b')
_IDENTIFIER = re.compile(r'\b[A-Za-z_]\w*')
_UNSIGNED = re.compile(r'\bunsigned\b|\bu(?:8|16|32|64)\b|\buint\w*_t\b|\bsize_t\b')
_OVERFLOW = re.compile(r'check_(add|sub|mul)_overflow')
_ATOMIC = re.compile(r'(?:raw_)?(?:arch_)?atomic(?:64|_long)?_(\w+)')
_FACTOR = re.compile(rf'[-+*/%]=?[\s(]*({_CONSTANT.pattern})|({_CONSTANT.pattern})[\s)]*[-+*/%]')
_ANY = re.compile(r'\batomic_read\w*\s*\(\s*&')
_DECLARED = re.compile(rb'[ \t]+([A-Za-z_][\w \t]*?)[ \t*]+')
_BIASED = '_BIAS'
_BIAS = re.compile(rf'\(*\s*[A-Z][A-Z0-9_]*{_BIASED}\s*\)*')
_COMPARING = frozenset({'<', '>', '<=', '>=', '==', '!=', '>>', '&'})
_MAX_STEPS = 3
_MAX_DECLARED = 200


@dataclass(frozen=True, slots=True)
class Counted:
    accesses: tuple[Access, ...]
    changes: tuple[Change, ...]
    compares: tuple[Compare, ...]
    guards: tuple[Guard, ...]
    factors: tuple[str, ...]


def _glob(name: str) -> str:
    return r'\w*'.join(map(re.escape, name.split('*')))


class Counters:
    """The counters of the watch list, looked for in one file."""

    def __init__(self, unit: Unit, counters: Mapping[str, Counting]) -> None:
        self.unit, self.counters = unit, counters
        names = {name.split('*')[0] for one in counters.values() for name in (*one.read, *one.change)}
        self.words = tuple(sorted({*counters, *(name for name in names if name), *([_BIASED] if counters else [])}))
        self.reads = {field: _read_pattern(field, one) for field, one in counters.items()}
        self.changing = {
            field: re.compile('|'.join(map(_glob, one.change)) or '(?!)') for field, one in counters.items()
        }

    def members(self) -> Iterator[Member]:
        """Yield where a structure declares one of the fields."""
        for field in self.counters:
            if field.encode() not in self.unit.code:
                continue
            for found in re.finditer(rf'\b{re.escape(field)}\s*;'.encode(), self.unit.code):
                begin = self.unit.code.rfind(b'\n', max(0, found.start() - _MAX_DECLARED), found.start()) + 1
                if begin and (kind := _DECLARED.fullmatch(self.unit.code, begin, found.start())):
                    yield Member(field, kind[1].decode('ascii'), self.unit.line(found.start()))

    def of(
        self,
        body: Body,
        calls: Sequence[Node],
        assignments: Sequence[Node],
        binaries: Sequence[Node],
        fields: Sequence[Node],
    ) -> Counted:
        text = self.unit.plain[body.start : body.end]
        if not any(word.encode() in text for word in self.words):
            return Counted((), (), (), (), ())
        scene = _Scene(self, body, calls, assignments)
        return Counted(
            tuple(scene.accesses(fields)),
            tuple(scene.changes(calls)),
            tuple(scene.compares(binaries)),
            tuple(scene.guards(calls)),
            tuple(sorted(scene.factors())),
        )


def _read_pattern(field: str, counting: Counting) -> re.Pattern[str]:
    direct = rf'\batomic(?:64|_long)?_read\w*\s*\(\s*&[^()]*(?:->|\.){re.escape(field)}\b'
    return re.compile('|'.join([direct, *(rf'\b{_glob(name)}\s*\(' for name in counting.read)]))


class _Scene:
    """One function: its variables and what they were given."""

    def __init__(self, counters: Counters, body: Body, calls: Sequence[Node], assignments: Sequence[Node]) -> None:
        self.unit, self.counters, self.body = counters.unit, counters, body
        self.given: dict[str, list[tuple[int, str]]] = {}
        for node in assignments:
            initial = node.type == 'init_declarator'
            target = declared_name(node) if initial else node.child_by_field_name('left')
            value = node.child_by_field_name('value' if initial else 'right')
            operator = node.child_by_field_name('operator')
            if target is not None and value is not None and target.type == 'identifier':
                factor = '* ' if operator is not None and code(self.unit, operator) == '*=' else ''
                text = factor + self.unit.string(value)
                self.given.setdefault(code(self.unit, target), []).append((node.start_byte, text))
        for node in calls:
            parts = [self.unit.string(one) for one in arguments(node)]
            if len(parts) == 3 and _OVERFLOW.fullmatch(self._callee(node)):
                name = parts[2].lstrip('&').strip()
                self.given.setdefault(name, []).append((node.start_byte, f'{parts[0]} + {parts[1]}'))

    @cached_property
    def types(self) -> dict[str, str]:
        return local_names(self.unit, self.body.node, ()) if self.body.node is not None else {}

    def _callee(self, node: Node) -> str:
        callee = node.child_by_field_name('function')
        return code(self.unit, callee) if callee is not None else ''

    def counter_of(self, text: str) -> list[str]:
        """Return the counters whose value an expression is: read in it, or in what its variable was given."""
        bare = re.sub(r'^[\s(]*(?:\((?:unsigned|int|u32|long)[\w\s]*\))?[\s(]*|[\s)]+$', '', text)
        texts = [text, *(value for _, value in self.given.get(bare, ()))]
        return [field for field, pattern in self.counters.reads.items() if any(map(pattern.search, texts))]

    def _counter_with_a_bias(self, side: str, other: str) -> list[str]:
        """Return '' for a counter that is not on the watch list, when it is compared with what is named a bias."""
        bare = re.sub(r'^[\s(]*|[\s)]+$', '', side)
        texts = [side, *(value for _, value in self.given.get(bare, ()))]
        return [''] if _BIAS.fullmatch(other.strip()) and any(map(_ANY.search, texts)) else []

    def unsigned(self, text: str) -> bool:
        bare = text.strip('() ')
        return bool(_UNSIGNED.search(text) or _UNSIGNED.search(self.types.get(bare, '')))

    def amounts(self, texts: Sequence[str], before: int) -> list[str]:
        """Return the texts and, for a few steps, what the variables in them were given before a place in the text."""
        found, fresh = list(texts), list(texts)
        for _ in range(_MAX_STEPS):
            names = dict.fromkeys(name for text in fresh for name in _IDENTIFIER.findall(text))
            given = [value for name in names for at, value in self.given.get(name, ()) if at < before]
            fresh = [value for value in given if value not in found]
            found += fresh
        return found

    def accesses(self, fields: Sequence[Node]) -> Iterator[Access]:
        for node in fields:
            name = node.child_by_field_name('field')
            if name is not None and code(self.unit, name) in self.counters.counters:
                how, whole = self._access(node)
                yield Access(code(self.unit, name), how, self.unit.line(node.start_byte), self.unit.string(whole)[:200])

    def _access(self, node: Node) -> tuple[str, Node]:
        above = node.parent
        if above is not None and above.type == 'pointer_expression' and above.parent is not None:
            call = above.parent.parent
            atomic = _ATOMIC.fullmatch(self._callee(call)) if call is not None else None
            if call is None or atomic is None:
                return 'address', above
            return ('read' if atomic[1].startswith('read') else 'modify'), call
        if above is not None and above.type in ('assignment_expression', 'update_expression'):
            return 'modify', above
        return 'read', node

    def factors(self) -> set[str]:
        """Return the constants that stand beside an arithmetic operator anywhere in the function."""
        text = self.unit.plain[self.body.start : self.body.end].decode('utf-8', 'replace')
        return {found[1] or found[2] for found in _FACTOR.finditer(text)}

    def changes(self, calls: Sequence[Node]) -> Iterator[Change]:
        for node in calls:
            name, parts = self._callee(node), [self.unit.string(one) for one in arguments(node)]
            atomic = _ATOMIC.fullmatch(name)
            for field, pattern in self.counters.changing.items():
                touches = [part for part in parts if re.search(rf'(?:->|\.){re.escape(field)}\b', part)]
                if atomic is not None and touches and not atomic[1].startswith('read'):
                    yield self._change(field, name, node, [part for part in parts if part not in touches])
                elif pattern.fullmatch(name):
                    yield self._change(field, name, node, parts[1:])

    def _change(self, field: str, name: str, node: Node, parts: Sequence[str]) -> Change:
        texts = self.amounts(parts, node.start_byte)
        names = sorted({constant for text in texts for constant in _CONSTANT.findall(text)})
        scaled = [constant for constant in names if any(_is_factor(constant, text) for text in texts)]
        line, text = self.unit.line(node.start_byte), self.unit.string(node)[:200]
        plain = bool(parts) and re.fullmatch(r'[a-z_]\w*', parts[0].strip()) is not None
        much = [one[:80] for one in (self.amounts(parts[:1], node.start_byte) if plain else parts[:1])]
        return Change(field, name, line, text, tuple(names), tuple(scaled), tuple(much))

    def compares(self, binaries: Sequence[Node]) -> Iterator[Compare]:
        for node in binaries:
            operator = node.child_by_field_name('operator')
            left, right = node.child_by_field_name('left'), node.child_by_field_name('right')
            if operator is None or left is None or right is None or operator.type not in _COMPARING:
                continue
            sides = self.unit.string(left), self.unit.string(right)
            for side, other in (sides, sides[::-1]):
                names = tuple(sorted(set(_CONSTANT.findall(other))))
                known = self.counter_of(side)
                for field in known or self._counter_with_a_bias(side, other):
                    line, text = self.unit.line(node.start_byte), self.unit.string(node)[:200]
                    yield Compare(field, operator.type, other[:80], names, self.unsigned(side), line, text)

    def guards(self, calls: Sequence[Node]) -> Iterator[Guard]:
        for node in calls:
            parts = [self.unit.string(one) for one in arguments(node)]
            if not _OVERFLOW.fullmatch(self._callee(node)):
                continue
            for part in parts[:2]:
                for field in self.counter_of(part):
                    line, text = self.unit.line(node.start_byte), self.unit.string(node)[:200]
                    yield Guard(field, self.unsigned(part), line, text)


def _is_factor(constant: str, text: str) -> bool:
    name = re.escape(constant)
    return re.search(rf'\*[\s(]*{name}\b|\b{name}\b[\s\d+\-)]*\*', text) is not None
