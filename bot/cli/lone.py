# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells what PATHs of `check` are: files of a tree, files of no tree, or mails given by mistake.

Refuses to guess where a tree is named or the working directory lies in a repository: then PATHs are the tree's, but for
those that stand outside of both.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from bot.cli.session import Common
from bot.config import Settings
from bot.errors import UserError

_MAILS = ('.mbox', '.mbx', '.eml')
_MANY = 1000


def stand_alone(paths: Sequence[str], common: Common, settings: Settings) -> bool:
    """Tell whether all PATHs are C files on disk and no tree is there that could hold them."""
    if common.tree is not None or not all(path.endswith(('.c', '.h')) and Path(path).is_file() for path in paths):
        return False
    here = Path.cwd()
    tops = [at for at in (here, *here.parents) if (at / '.git').exists() or (at / 'HEAD').is_file()]
    tops += [Path(tree).expanduser() for tree in settings.trees.values()]
    outside = all(Path(path).is_absolute() and not _below(Path(path), tops) for path in paths)
    return bool(paths) and (not tops or outside)


def _below(path: Path, tops: Sequence[Path]) -> bool:
    return any(path.resolve().is_relative_to(top.resolve()) for top in tops)


def refuse_mails(paths: Sequence[str]) -> None:
    """Raise `UserError` for a PATH that is a mailbox or holds mails: that is a series."""
    for path in paths:
        if _has_mails(Path(path)):
            raise UserError(
                'these are mails, not files of a tree',
                where=path,
                todo=f'give them as a series: lorebot check --series {shlex.quote(path)}',
            )


def _has_mails(path: Path) -> bool:
    try:
        if path.is_dir():
            listed = [one for one, _ in zip(path.iterdir(), range(_MANY), strict=False)]
            return any(one.suffix in _MAILS for one in listed) or (path / 'cur').is_dir()
        return path.suffix in _MAILS and path.is_file()
    except OSError:
        return False
