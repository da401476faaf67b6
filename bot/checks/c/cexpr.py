# SPDX-License-Identifier: GPL-2.0-or-later
"""Evaluates C constant expressions with C's own types: suffixes, promotions, casts, both word sizes.

Promises the value a compiler for the kernel would fold, with its width and sign, or None and the reason.
Refuses what is no integer constant: calls of functions, sizeof, strings, floating point; each is named in the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

Word = Literal[32, 64]
_TOKEN = re.compile(
    r'\s*(?:(?P<number>0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)(?P<suffix>[uUlL]*)(?![\w.])|(?P<name>[A-Za-z_]\w*)'
    r"|(?P<char>'(?:\\.|[^'\\])')|(?P<op><<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>?:(),]))"
)
_BINARY = {
    '||': 1, '&&': 2, '|': 3, '^': 4, '&': 5, '==': 6, '!=': 6, '<': 7, '>': 7, '<=': 7, '>=': 7,
    '<<': 8, '>>': 8, '+': 9, '-': 9, '*': 10, '/': 10, '%': 10,
}  # fmt: skip
_SIZED_NAME = re.compile(r'(?:__)?([us])(?:int)?(8|16|32|64)(?:_t)?|(u?)int(8|16|32|64)_t')
_WORDS = frozenset(['unsigned', 'signed', 'int', 'long', 'short', 'char', 'const', 'volatile'])
_MAX_TOKENS = 2000
_MAX_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Folded:
    """A constant with its C type; `value` is None when it could not be folded, and `reason` then says why."""

    value: int | None
    bits: int = 32
    signed: bool = True
    reason: str = ''


@dataclass(frozen=True, slots=True)
class Term:
    """One node of a parsed expression: a number, a name, an operator, a cast or a call, with its operands."""

    kind: Literal['number', 'name', 'unary', 'binary', 'choice', 'cast', 'call']
    text: str
    operands: tuple[Term, ...] = ()
    number: Folded | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Where names get their values; `call` is asked for `NAME(arguments)`, with what is needed to fold these."""

    name: Callable[[str], Folded]
    call: Callable[[str, tuple[Term, ...], Scope], Folded]
    word: Word = 64


class NotConstant(Exception):
    """A text that is no integer constant expression; the message is the reason."""


def unknown(reason: str) -> Folded:
    return Folded(None, reason=reason)


def parse(text: str) -> Term:
    """Parse one expression; raise `NotConstant` with the reason when it is none."""
    return _Parser(_tokens(text)).whole()


def fold(text: str, scope: Scope) -> Folded:
    """Fold the text of an expression; never raises."""
    try:
        return evaluate(parse(text), scope)
    except NotConstant as error:
        return unknown(str(error))


def evaluate(term: Term, scope: Scope) -> Folded:
    """Fold a parsed expression; operands are visited in order and the first unknown one gives the reason."""
    if term.kind == 'number':
        return _literal(term.text, scope.word) if term.number is None else term.number
    if term.kind in ('name', 'call'):
        return scope.name(term.text) if term.kind == 'name' else scope.call(term.text, term.operands, scope)
    if term.kind == 'choice':
        test = evaluate(term.operands[0], scope)
        return test if test.value is None else evaluate(term.operands[1 if test.value else 2], scope)
    folded = [evaluate(operand, scope) for operand in term.operands]
    lost = next((one for one in folded if one.value is None), None)
    return lost if lost is not None else _operated(term, folded, scope.word)


def _operated(term: Term, folded: list[Folded], word: Word) -> Folded:
    if term.kind == 'cast':
        return cast(term.text, folded[0], word)
    return _unary(term.text, folded[0]) if term.kind == 'unary' else binary(term.text, folded[0], folded[1])


def binary(operator: str, left: Folded, right: Folded) -> Folded:
    """Apply a binary operator under the usual arithmetic conversions; both operands are known."""
    if left.value is None or right.value is None:
        return left if left.value is None else right
    if operator in ('<<', '>>'):
        return _shift(operator, left, right.value)
    kind = _common(left, right)
    a, b = wrap(left.value, kind), wrap(right.value, kind)
    if operator in ('/', '%') and b == 0:
        return unknown('division by zero')
    if operator in _COMPARE:
        return Folded(int(_COMPARE[operator](a, b)))
    return replace(kind, value=wrap(_ARITHMETIC[operator](a, b), kind))


_COMPARE: dict[str, Callable[[int, int], bool]] = {
    '==': lambda a, b: a == b,
    '!=': lambda a, b: a != b,
    '<': lambda a, b: a < b,
    '>': lambda a, b: a > b,
    '<=': lambda a, b: a <= b,
    '>=': lambda a, b: a >= b,
    '&&': lambda a, b: bool(a and b),
    '||': lambda a, b: bool(a or b),
}
_ARITHMETIC: dict[str, Callable[[int, int], int]] = {
    '|': lambda a, b: a | b,
    '^': lambda a, b: a ^ b,
    '&': lambda a, b: a & b,
    '+': lambda a, b: a + b,
    '-': lambda a, b: a - b,
    '*': lambda a, b: a * b,
    '/': lambda a, b: abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1),
    '%': lambda a, b: abs(a) % abs(b) * (-1 if a < 0 else 1),
}


def wrap(value: int, kind: Folded) -> int:
    """Return the value as an object of that width and sign holds it."""
    value &= (1 << kind.bits) - 1
    return value - (1 << kind.bits) if kind.signed and value >> (kind.bits - 1) else value


def cast(type_name: str, folded: Folded, word: Word) -> Folded:
    """Convert to a named C type; a type that is not known keeps the value when 32 bits hold it."""
    if folded.value is None:
        return folded
    bits, signed = sized(type_name, word)
    if bits is None:
        if not 0 <= folded.value < 1 << 32:
            return unknown(f'cast to {type_name}, whose width is not known')
        return folded
    kind = Folded(0, bits, signed)
    return replace(kind, value=wrap(folded.value, kind))


def sized(type_name: str, word: Word) -> tuple[int | None, bool]:
    """Return width and sign of a C integer type; None for the width of a type that is not built in."""
    words = [part for part in type_name.split() if part not in ('const', 'volatile', '__force')]
    if type_name.endswith('*') or words == ['size_t'] or words == ['uintptr_t']:
        return word, False
    if len(words) == 1 and (found := _SIZED_NAME.fullmatch(words[0])):
        return int(found[2] or found[4]), found[1] == 's' or found[3] == ''
    if not words or not set(words) <= _WORDS:
        return None, False
    signed = 'unsigned' not in words
    if 'char' in words or 'short' in words:
        return (8 if 'char' in words else 16), signed
    return {0: 32, 1: word}.get(words.count('long'), 64), signed


def _literal(text: str, word: Word) -> Folded:
    digits = text.rstrip('uUlL')
    suffix = text[len(digits) :].lower()
    base = {'0x': 16, '0b': 2}.get(digits[:2].lower(), 8 if len(digits) > 1 and digits[0] == '0' else 10)
    try:
        value = int(digits, base)
    except ValueError:
        return unknown(f'{text} is no number')
    widths: tuple[int, ...] = ((32, word, 64), (word, 64), (64,))[min(suffix.count('l'), 2)]
    for bits in widths:
        if 'u' not in suffix and value < 1 << (bits - 1):
            return Folded(value, bits, True)
        if ('u' in suffix or base != 10) and value < 1 << bits:
            return Folded(value, bits, False)
    return unknown(f'{text} does not fit in 64 bits')


def _promoted(folded: Folded) -> Folded:
    return folded if folded.bits >= 32 else Folded(folded.value, 32, True)


def _common(left: Folded, right: Folded) -> Folded:
    """Return the type (value 0) both operands are converted to."""
    a, b = _promoted(left), _promoted(right)
    bits = max(a.bits, b.bits)
    unsigned = any(not one.signed and one.bits == bits for one in (a, b))
    return Folded(0, bits, not unsigned)


def _shift(operator: str, left: Folded, amount: int) -> Folded:
    kind = _promoted(left)
    if left.value is None or not 0 <= amount < kind.bits:
        return unknown(f'shift by {amount} of a {kind.bits}-bit value')
    moved = left.value << amount if operator == '<<' else left.value >> amount
    return replace(kind, value=wrap(moved, kind))


def _unary(operator: str, operand: Folded) -> Folded:
    kind = _promoted(operand)
    if operand.value is None or operator == '+':
        return kind
    if operator == '!':
        return Folded(int(not operand.value))
    return replace(kind, value=wrap(~operand.value if operator == '~' else -operand.value, kind))


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or len(tokens) >= _MAX_TOKENS:
            raise NotConstant('too long' if found else f'{text[at : at + 20].strip()!r} is not understood')
        kind = found.lastgroup if found.lastgroup != 'suffix' else 'number'
        tokens.append((kind or '', found[0].strip()))
        at = found.end()
    return tokens


class _Parser:
    """Precedence climbing over tokens; depth is bounded, so hostile nesting ends in a reason and not in a crash."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = [*tokens, ('end', '')]
        self.at = 0
        self.depth = 0

    def whole(self) -> Term:
        term = self.expression(0)
        if self.tokens[self.at][0] != 'end':
            raise NotConstant(f'{self.tokens[self.at][1]!r} is not expected')
        return term

    def take(self, text: str) -> bool:
        if self.tokens[self.at][1] == text:
            self.at += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            raise NotConstant(f'{text!r} is missing')

    def expression(self, floor: int) -> Term:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise NotConstant('nested too deep')
        left = self.operand()
        while (rank := _BINARY.get(self.tokens[self.at][1], 0)) > floor:
            operator = self.tokens[self.at][1]
            self.at += 1
            left = Term('binary', operator, (left, self.expression(rank)))
        if floor == 0 and self.take('?'):
            chosen = self.expression(0)
            self.need(':')
            left = Term('choice', '?', (left, chosen, self.expression(0)))
        self.depth -= 1
        return left

    def operand(self) -> Term:
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == 'number':
            return Term('number', text)
        if kind == 'char':
            return Term('number', text, number=_character(text))
        if kind == 'name':
            return self.named(text)
        if text in ('-', '+', '~', '!'):
            return Term('unary', text, (self.expression(11),))
        if text == '(':
            return self.parenthesis()
        raise NotConstant(f'{text!r} is not expected' if text else 'the expression ends early')

    def named(self, name: str) -> Term:
        if name in ('sizeof', '_Alignof', '__alignof__', 'offsetof'):
            raise NotConstant(f'{name} depends on a type')
        if not self.take('('):
            return Term('name', name)
        arguments: list[Term] = []
        while not self.take(')'):
            arguments.append(self.expression(0))
            if self.tokens[self.at][1] != ')':
                self.need(',')
        return Term('call', name, tuple(arguments))

    def parenthesis(self) -> Term:
        type_name = self.type_name()
        if type_name:
            return Term('cast', type_name, (self.expression(11),))
        inner = self.expression(0)
        self.need(')')
        return inner

    def type_name(self) -> str:
        """Consume `type)` of a cast and return the type; '' (nothing consumed) where a parenthesised value stands."""
        end = self.at
        while self.tokens[end][0] == 'name' or self.tokens[end][1] == '*':
            end += 1
        words = [text for _, text in self.tokens[self.at : end]]
        follows = self.tokens[end + 1] if self.tokens[end][1] == ')' else ('end', '')
        is_operand = follows[0] in ('number', 'name', 'char') or follows[1] in ('(', '~', '!')
        known = bool(words) and (sized(' '.join(words), 64)[0] is not None)
        if not words or self.tokens[end][1] != ')' or not (is_operand or (known and follows[1] in ('-', '+'))):
            return ''
        self.at = end + 1
        return ' '.join(words)


def _character(text: str) -> Folded:
    inner = text[1:-1]
    escapes = {'n': 10, 't': 9, 'r': 13, '0': 0, '\\': 92, "'": 39, '"': 34}
    if inner.startswith('\\'):
        return Folded(escapes[inner[1]]) if inner[1] in escapes else unknown(f'{text} is not understood')
    return Folded(ord(inner))
