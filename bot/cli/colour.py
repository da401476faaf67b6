# SPDX-License-Identifier: GPL-2.0-or-later
"""Paints findings for a terminal: severities, carets and step numbers; bytes in a pipe stay as they are.

Refuses to paint what the text did not say: without the escapes it is the same text.
"""

from __future__ import annotations

import os
import re
import sys

_BOLD, _RED, _YELLOW, _CYAN, _GREEN, _OFF = '\033[1m', '\033[1;31m', '\033[1;33m', '\033[1;36m', '\033[1;32m', '\033[0m'
_HEAD = re.compile(r'^(\S[^\n]*?:\d+(?::\d+)?: )(error|warning|info)(: )', re.MULTILINE)
_MARKS = re.compile(r'^(  +\| +)(\^~*|~+)(.*)$', re.MULTILINE)
_HERE = re.compile(r'^(> +\d+ \|)', re.MULTILINE)
_SEVERITY = {'error': _RED, 'warning': _YELLOW, 'info': _CYAN}


def wanted() -> bool:
    """Tell whether stdout is a terminal that shows colours to somebody who wants them (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get('NO_COLOR') and os.environ.get('TERM') != 'dumb'


def painted(text: str) -> str:
    text = _HEAD.sub(lambda m: f'{_BOLD}{m[1]}{_OFF}{_SEVERITY[m[2]]}{m[2]}{_OFF}{m[3]}', text)
    text = _MARKS.sub(lambda m: f'{m[1]}{_RED if m[2][0] == "^" else _GREEN}{m[2]}{_OFF}{_CYAN}{m[3]}{_OFF}', text)
    return _HERE.sub(lambda m: f'{_BOLD}{m[1]}{_OFF}', text)
