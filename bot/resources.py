# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the shipped rules, templates and settings are: in the wheel, or beside a checkout.

A checkout always wins over `bot/_data`: an editable install leaves a stale copy there (pypa/hatch issue 1627).
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Literal

from bot.errors import Bug

Kind = Literal['rules', 'templates', 'config']

_PACKAGE = Path(__file__).resolve().parent


def shipped(kind: Kind) -> Path:
    """Return the directory of the shipped files of one kind; raise `Bug` when the installation lacks it."""
    for top in (_PACKAGE.parent if (_PACKAGE.parent / 'pyproject.toml').is_file() else None, _PACKAGE / '_data'):
        if top is not None and (top / kind).is_dir():
            return top / kind
    raise Bug(f'the shipped {kind} are not there', where=str(_PACKAGE), todo='install lorebot again')


@cache
def code() -> str:
    """Return a hash over this program and its tables: what a result was made by, also between releases."""
    seen = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob('*')):
        if path.suffix in ('.py', '.toml') and '_data' not in path.relative_to(_PACKAGE).parts:
            seen.update(str(path.relative_to(_PACKAGE)).encode() + b'\0' + path.read_bytes())
    return seen.hexdigest()


def digest(*directories: Path) -> str:
    """Return a hash over names and contents of all files below the directories: what results were made with."""
    seen = hashlib.sha256()
    for directory in directories:
        for path in sorted(p for p in directory.rglob('*') if p.is_file()):
            seen.update(str(path.relative_to(directory)).encode() + b'\0')
            seen.update(hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()
