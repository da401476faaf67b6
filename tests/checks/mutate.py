# SPDX-License-Identifier: GPL-2.0-or-later
"""Spoils functions of kernel C in ways editors, merges and enemies do.

Promises the same text for the same case number, so that whatever is found can be made again. Refuses to know what any of
it means: sources are the rules' own examples and, where a tree is given, its functions that touch pages.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.resources import shipped

_FUNCTION = re.compile(rb'(?ms)^[a-z][^\n;{}]*\([^;{}]*\)\n\{\n.*?^\}\n')
_TOUCHES = re.compile(rb'user_page|folio_put|put_page|try_get|unpin|cmpxchg|_ref_|extract_pages|pinned_vm|_refcount')
_TOKEN = re.compile(rb'\w+|\s+|.', re.DOTALL)
_LONGEST = 12_000
_UNITS = (
    b'a', b' ', b'\n', b'\t ', b'(', b')', b'{', b'[', b'*', b'/*', b'//', b'"', b'\\"', b"'", b'\\', b'\\\n', b'#', b'.', b'->a', b'A_', b'a ',
    b'a, ', b'a(', b'a:', b': ', b';', b'&', b'!', b'= a', b'1', b'0,', b'"a" ', b'\0', b'\xff', b'x = y + ', b'f(a); ', b'if (a) ', b'p->q',
    b'struct x ', b'const ', b'_refcount;', b'GUP_', b'case 1:',
)  # fmt: skip
_INSERTED = [
    b'goto out;', b'({', b'})', b'?:', b'&&', b'*', b'&', b'[', b']', b'->', b'case 1:', b'default:', b'\n#if X\n', b'\n#else\n',
    b'\n#elif Y\n', b'\n#endif\n', b'\n#ifdef A\n', b'out:', b'guard(x)(y);', b'()', b'=', b'++', b'sizeof', b'()()', b'cmpxchg(',
    b'pin_user_pages_fast(a, n, 0, p)', b'pin_user_pages_fast(a, n, FOLL_LONGTERM, p)', b'unpin_user_pages()', b'kfree()', b'IS_ERR()',
    b'put_page(p);', b'for_each_x(a, b) {', b'while (1)', b'do', b'switch (n) {', b'{', b'}', b'(', b')', b';', b',', b'"', b"'", b'/*', b'*/',
    b'//', b'\\\n', b'\n#define M(x) do { x; } while (0)\n', b'\0', b'\xff\xfe', b'\xc3', '\u2028'.encode(), b'\r\n', b'scoped_guard(m, &l) {',
    b'__free(kvfree)', b'__attribute__((x))', b'struct page *p = ', b'return', b'return 0;', b'break;', b'continue;', b'if (n < 0)', b'else',
    b'_Generic(x, int: 1)', b'typeof(x)', b'asm volatile("" : : : "memory");', b'&&label', b'goto *x;', b'...', b'L"', b'0x', b'1ULL << 63',
    b'min_t(int, a, b)', b'container_of(a, struct b, c)', b'atomic_add(1, &page->_refcount);', b'page_ref_add(p, GUP_PIN_COUNTING_BIAS);',
    b'folio_put_refs(f, refs * GUP_PIN_COUNTING_BIAS);', b'-', b'!', b'~', b'%', b'/', b'<<', b'18446744073709551616', b'/ 0', b'<< 9999',
]  # fmt: skip


def functions(files: Sequence[Path]) -> list[bytes]:
    """Return the functions of files that have to do with pages and are not huge."""
    found = [one for path in files for one in _FUNCTION.findall(path.read_bytes())]
    return [one for one in found if len(one) <= _LONGEST and _TOUCHES.search(one)]


def examples() -> list[bytes]:
    """Return the functions of the rules' own examples."""
    return functions(sorted(shipped('rules').glob('*/*.c')))


def mutant(sources: Sequence[bytes], seed: int, case: int) -> bytes:
    """Return case number `case` of a seed: one function, spoilt a few times."""
    chance = random.Random(f'{seed}:{case}')
    text = chance.choice(sources)
    if chance.random() < 0.1:
        text += chance.choice(sources)
    text = _tokens(text, chance)
    if chance.random() < 0.08:
        text = chance.choice(_SHAPES)(text, chance)
    if chance.random() < 0.004:
        text = _stretched(text, chance)
    if chance.random() < 0.0005:
        text = chance.choice(_GIANTS)(text, chance)
    return text


def _tokens(text: bytes, chance: random.Random) -> bytes:
    """Delete, double, replace, swap and insert tokens."""
    tokens = _TOKEN.findall(text)
    for _ in range(chance.randrange(1, 12)):
        at, how = chance.randrange(len(tokens)), chance.random()
        if how < 0.3:
            del tokens[at : at + chance.choice((1, 1, 1, 2, 5, 30))]
        elif how < 0.45:
            tokens.insert(at, chance.choice(tokens))
        elif how < 0.6:
            tokens[at] = chance.choice(tokens)
        elif how < 0.75:
            other = chance.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif how < 0.95:
            tokens.insert(at, chance.choice(_INSERTED))
        elif how < 0.97:
            del tokens[at:]
        if not tokens:
            break
    return b''.join(tokens)


def _split(text: bytes, chance: random.Random) -> tuple[bytes, bytes]:
    at = chance.randrange(len(text) + 1)
    return text[:at], text[at:]


def _arms(text: bytes, chance: random.Random) -> bytes:
    """Put conditional parts, some left open, around random lines."""
    lines = text.split(b'\n')
    for _ in range(chance.randrange(1, 25)):
        lines.insert(
            chance.randrange(len(lines) + 1), chance.choice((b'#if A', b'#else', b'#endif', b'#ifdef B', b'#elif C'))
        )
    return b'\n'.join(lines)


def _macros(text: bytes, chance: random.Random) -> bytes:
    """Make the function the body of a macro that others build on, each twice the last."""
    made = b'#define M0(a) ' + text.replace(b'\n', b' \\\n') + b'\n'
    made += b''.join(b'#define M%d(a) M%d(a) M%d(a)\n' % (n + 1, n, n) for n in range(chance.randrange(1, 40)))
    return made + text + b'\nstatic void m(void)\n{\n\tM30(1);\n}\n'


def _deep(text: bytes, chance: random.Random) -> bytes:
    """Nest a random part hundreds of levels deep."""
    before, after = _split(text, chance)
    opening, closing = chance.choice(
        ((b'(', b')'), (b'{', b'}'), (b'if (x) {', b'}'), (b'[', b']'), (b'f(', b')'), (b'({', b'})'), (b'!', b''), (b'*', b''), (b'for (;;)', b';'), (b'a ? b : ', b''))
    )  # fmt: skip
    levels = chance.randrange(20, 400)
    return (
        before + opening * levels + chance.choice((b'', b'x')) + closing * chance.choice((levels, levels - 1)) + after
    )


def _repeated(text: bytes, chance: random.Random) -> bytes:
    """Write one line of the function many times."""
    lines = text.split(b'\n')
    at = chance.randrange(len(lines))
    return b'\n'.join([*lines[:at], *[lines[at]] * chance.randrange(2, 120), *lines[at:]])


def _joined(text: bytes, chance: random.Random) -> bytes:
    return text.replace(b'\n', chance.choice((b' ', b'\r', b'\r\n', b'\\\n', b'\n\n')))


def _bytes(text: bytes, chance: random.Random) -> bytes:
    raw = bytearray(text)
    for _ in range(min(len(raw), chance.randrange(1, 20))):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw)


def _wide(text: bytes, chance: random.Random) -> bytes:
    """Put a megabyte into one line."""
    before, after = _split(text, chance)
    unit = chance.choice(_UNITS)
    return before + unit * ((1 << 20) // len(unit)) + after


def _stretched(text: bytes, chance: random.Random) -> bytes:
    """Say something thousands of times between two tokens, where a pattern may read it in more ways than one."""
    tokens, unit = _TOKEN.findall(text), chance.choice(_UNITS)
    tokens.insert(chance.randrange(len(tokens) + 1), unit * (30_000 // len(unit)))
    return b''.join(tokens)


def _long(text: bytes, chance: random.Random) -> bytes:
    """Put hundreds of labels, jumps and tests into one function."""
    body = b''.join(
        b'l%d: if (a > %d) goto l%d;\n' % (n, n, chance.randrange(400)) + (b'b = f(%d);\n' % n) * (n % 3 == 0)
        for n in range(400)
    )
    at = text.find(b'{') + 1
    return text[:at] + body + text[at:]


_SHAPES: tuple[Callable[[bytes, random.Random], bytes], ...] = (_arms, _macros, _deep, _repeated, _joined, _bytes)
_GIANTS: tuple[Callable[[bytes, random.Random], bytes], ...] = (_wide, _long)
