# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds regular expressions that hostile text makes slow: python -m tests.patterns [ROOM...]

Every pattern of a room is read from its source, with the ways it is used there. From its own parts texts are made that
begin like a match, go on with one of its characters or two in turn, many times, and end as no match does. A pattern is
slow when four times as much text takes clearly more than four times as long, as a ratio of CPU times.
"""

from __future__ import annotations

import ast
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from tests.growth import growth

BOT = Path(__file__).parents[1] / 'bot'
_USES = ('match', 'fullmatch', 'search', 'findall', 'finditer', 'sub', 'split')
_SIZES = (64, 256, 1024, 4096)
_LINEAR = 9  # between 4 and 16 for four times the text
_SUSPECT = 6
_MOMENT = 0.0002  # seconds of CPU: four thousand characters, each looked at by a pattern a hundred times
_LETTERS = 8
_CATEGORIES = {'SPACE': ' ', 'DIGIT': '0', 'WORD': 'a', 'NOT_SPACE': 'a', 'NOT_DIGIT': 'a', 'NOT_WORD': '.'}


@dataclass(frozen=True)
class Used:
    """A pattern, where it stands, and the method it is asked by."""

    where: str
    pattern: re.Pattern[Any]
    use: str


def patterns(room: str) -> Iterator[Used]:
    """Yield all patterns that modules of a room write down, once for each way of asking them."""
    top = BOT / room
    files = sorted(top.rglob('*.py')) if top.is_dir() else [top.with_suffix('.py')]
    text = '\n'.join(path.read_text(encoding='utf-8') for path in files)
    for path in files:
        tree = ast.parse(path.read_text(encoding='utf-8'))
        names = {
            id(n.value): t.id
            for n in ast.walk(tree)
            if isinstance(n, ast.Assign)
            for t in n.targets
            if isinstance(t, ast.Name)
        }
        for node in ast.walk(tree):
            made = _compiled(node)
            if made is None:
                continue
            pattern, use = made
            name = names.get(id(node), '')
            kept = name and use == 'compile'
            uses = (_uses(name, path.read_text(encoding='utf-8')) or _uses(name, text)) if kept else {use}
            where = f'{path.relative_to(BOT)}:{node.lineno}'  # type: ignore[attr-defined]
            yield from (
                Used(where, pattern, 'search' if one == 'compile' else one) for one in sorted(uses) or ['search']
            )


def _uses(name: str, text: str) -> set[str]:
    return set(re.findall(rf'\b{name}\.({"|".join(_USES)})\b', text))


def _compiled(node: ast.AST) -> tuple[re.Pattern[Any], str] | None:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return None
    called, first = node.func, node.args[0]
    if not (isinstance(called.value, ast.Name) and called.value.id == 're' and isinstance(first, ast.Constant)):
        return None
    flags = 0
    for one in ast.walk(ast.Module([ast.Expr(a) for a in (*node.args[1:], *(k.value for k in node.keywords))], [])):
        if isinstance(one, ast.Attribute) and isinstance(getattr(re, one.attr, None), re.RegexFlag):
            flags |= getattr(re, one.attr)
    return re.compile(first.value, flags), called.attr


def slow(used: Used) -> str:
    """Return a text that makes a pattern slow, as it begins, '' when none of those tried does."""
    for start, pumped in _attacks(used.pattern):
        if _is_slow(used, start, pumped):
            return repr(start + pumped * 2)
    return ''


def _is_slow(used: Used, start: str, pumped: str) -> bool:
    texts = {size: _as(used.pattern, start + pumped * (size // len(pumped)) + '\0') for size in _SIZES}

    def ask(size: int) -> object:
        found = getattr(used.pattern, used.use)
        if used.use == 'sub':
            return found(_as(used.pattern, ''), texts[size])
        return list(found(texts[size])) if used.use == 'finditer' else found(texts[size])

    before = 0.0
    for small, size in zip((0, *_SIZES), _SIZES, strict=False):
        start_at = time.thread_time()
        ask(size)
        taken = time.thread_time() - start_at
        # What is done within a moment is no attack, and one look at it says little: most texts are done with here.
        if before and taken > _MOMENT and taken > _SUSPECT * before and growth(ask, small, size, 7) > _LINEAR:
            return True
        before = taken
    return False


def _as(pattern: re.Pattern[Any], text: str) -> Any:
    return text.encode('utf-8', 'replace') if isinstance(pattern.pattern, bytes) else text


def _attacks(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str]]:
    source = pattern.pattern.decode('latin-1') if isinstance(pattern.pattern, bytes) else pattern.pattern
    tree = _parser.parse(source, pattern.flags & ~re.UNICODE)
    starts = dict.fromkeys(['', *_starts(tree, '')])
    lines = ['\n'] if pattern.flags & re.MULTILINE else []
    letters = [*dict.fromkeys([*lines, *_letters(tree)])][:_LETTERS]
    pumps = [*letters, *(''.join(two) for two in permutations(letters, 2))]
    yield from ((start, pump) for start in starts for pump in pumps)


def _starts(tree: Any, before: str) -> Iterator[str]:
    """Yield what a match may begin with: up to the end of each part, and within a part up to each of several choices."""
    for part in tree:
        for inner in _inside(part):
            yield from _starts(inner, before)
        before += _sample(part)
        yield before


def _letters(tree: Any) -> Iterator[str]:
    """Yield the characters that stand for the parts of a pattern, what is repeated without end first."""
    for part in sorted(tree, key=lambda one: 'REPEAT' not in str(one[0])):
        yield from _sample(part)
        for inner in _inside(part):
            yield from _letters(inner)


def _inside(part: Any) -> Iterator[Any]:
    values = part[1] if isinstance(part[1], (tuple, list)) else [part[1]]
    for value in values:
        if isinstance(value, _parser.SubPattern):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, _parser.SubPattern))


def _sample(part: Any) -> str:
    """Return a short text that one part of a pattern matches, '' for what has no width."""
    kind, value = part
    if kind is _constants.LITERAL:
        return chr(value)
    if kind in (_constants.ANY, _constants.NOT_LITERAL):
        return 'a' if value is None or chr(value) != 'a' else 'b'
    if kind is _constants.IN:
        return _member(value)
    if kind is _constants.BRANCH:
        return ''.join(_sample(one) for one in value[1][0])
    if kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.SUBPATTERN):
        inner = ''.join(_sample(one) for one in value[-1])
        return inner * max(1, value[0]) if kind is not _constants.SUBPATTERN else inner
    return ''


def _member(members: Any) -> str:
    if members[0][0] is _constants.NEGATE:
        barred = {v for k, v in members[1:] if k is _constants.LITERAL}
        fits = (c for c in 'ab.: 0\1\x80' if ord(c) not in barred and not any(_is(c, one) for one in members[1:]))
        return next(fits, 'a')
    kind, value = members[0]
    if kind is _constants.LITERAL:
        return chr(value)
    return chr(value[0]) if kind is _constants.RANGE else _CATEGORIES.get(str(value).removeprefix('CATEGORY_'), 'a')


def _is(char: str, member: Any) -> bool:
    kind, value = member
    if kind is _constants.RANGE:
        return bool(value[0] <= ord(char) <= value[1])
    return kind is _constants.CATEGORY and bool(_CATEGORIES.get(str(value).removeprefix('CATEGORY_'), '') == char)


def main() -> None:
    for room in sys.argv[1:] or ['post', 'report']:
        for used in patterns(room):
            if text := slow(used):
                print(f'{used.where} {used.use}: {used.pattern.pattern!r} on {text[:60]}')


if __name__ == '__main__':
    main()
