# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a draft as a mail (RFC 5322) with the line ends of Unix, which is what mail programs take from a file.

Fields are folded at blanks and nowhere else: unfolding gives back exactly what the draft says.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from bot.errors import Bug, UserError
from bot.model import Draft

_COLUMNS = 76
_NAME = re.compile(r'[A-Za-z0-9-]+')
_VALUE = re.compile(r'[ -~]*')


def mail(draft: Draft) -> bytes:
    """Return the whole mail; raise `Bug` when a field is not one line of printable ASCII."""
    head = []
    for name, value in draft.headers:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise Bug('a header field of a draft is not clean', where=repr(name), todo='do not send it')
        head.append(_folded(f'{name}: {value}'))
    return ('\n'.join(head) + '\n\n' + draft.body).encode()


def _folded(field: str) -> str:
    name, *words = re.split(r'(?<=[^ ])(?= )', field)
    lines = [name + ''.join(words[:1])]
    for word in words[1:]:
        if len(lines[-1]) + len(word) > _COLUMNS:
            lines.append(word)
        else:
            lines[-1] += word
    return '\n'.join(lines)


def write(draft: Draft, path: Path, raw: bytes | None = None) -> None:
    """Write the mail, or `raw` for it, so that only its owner can read it, whole or not at all; raise `UserError` where that fails."""
    try:
        handle, name = tempfile.mkstemp(prefix='.draft-', dir=path.parent)
    except OSError as failure:
        raise _unwritten(path, failure) from None
    try:
        with os.fdopen(handle, 'wb') as file:
            file.write(mail(draft) if raw is None else raw)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as failure:
        Path(name).unlink(missing_ok=True)
        raise _unwritten(path, failure) from None
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _unwritten(path: Path, failure: OSError) -> UserError:
    return UserError('cannot write the draft', where=f'{path}: {failure.strerror}', todo='name another file')
