# SPDX-License-Identifier: GPL-2.0-or-later
"""Paths as git writes them: the C-style quotes around odd ones, and the escapes of a sparse-checkout pattern."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb'\\([0-3][0-7]{2}|.)', re.DOTALL)
_LETTERS = {b'a': b'\a', b'b': b'\b', b'f': b'\f', b'n': b'\n', b'r': b'\r', b't': b'\t', b'v': b'\v'}
_SPECIAL = re.compile(r'([\\*?\[\]])')


def unquote(text: str) -> str:
    """Return the path inside the leading quotes, or `text` itself where it does not start with one."""
    if not text.startswith('"'):
        return text
    inside = re.match(r'"((?:[^"\\]|\\.)*)"', text, re.DOTALL)
    raw = (inside.group(1) if inside else text[1:]).encode('utf-8', 'surrogateescape')
    return _ESCAPE.sub(lambda m: _plain(m.group(1)), raw).decode('utf-8', 'surrogateescape')


def pattern(path: str) -> str:
    """Return the sparse-checkout line that matches this path and no other; '' for a path that no line can hold."""
    if '\n' in path or '\0' in path:
        return ''
    escaped = '/' + _SPECIAL.sub(r'\\\1', path)
    blanks = len(escaped) - len(escaped.rstrip(' '))
    return escaped.rstrip(' ') + '\\ ' * blanks


def _plain(code: bytes) -> bytes:
    return bytes([int(code, 8)]) if len(code) == 3 else _LETTERS.get(code, code)
