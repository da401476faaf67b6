# SPDX-License-Identifier: GPL-2.0-or-later
"""Signs a mail with patatt, so that b4 shows whose it is; the signature is part of the bytes a person approves."""

from __future__ import annotations

import importlib
from pathlib import Path

from bot.errors import ConfigError


def signed(raw: bytes, key: str, address: str) -> bytes:
    """Return the mail with an X-Developer-Signature; `key` is patatt's, as "ed25519:/path". Raise `ConfigError`."""
    try:
        patatt = importlib.import_module('patatt')
    except ImportError:
        raise ConfigError(
            'patatt is not installed', where='send.sign', todo='install it, or set send.sign = ""'
        ) from None
    kind, _, path = key.partition(':')
    key = f'{kind}:{Path(path).expanduser()}' if kind == 'ed25519' else key
    if kind == 'ed25519' and not Path(path).expanduser().is_file():  # patatt remembers keys by address, not by path
        raise ConfigError('cannot sign the mail: no such key', where=f'send.sign = {key!r}', todo='correct it')
    try:
        made: bytes = patatt.rfc2822_sign(raw, {'signingkey': key, 'identity': address, 'selector': 'default'})
    except Exception as failure:  # patatt, PyNaCl and file errors share no class
        raise ConfigError(f'cannot sign the mail: {failure}', where=f'send.sign = {key!r}', todo='correct it') from None
    head, _, body = made.partition(b'\n\n')
    if body != raw.partition(b'\n\n')[2] or b'X-Developer-Signature:' not in head:
        raise ConfigError('patatt changed the mail', where=f'send.sign = {key!r}', todo='set send.sign = ""')
    return made
