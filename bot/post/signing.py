# SPDX-License-Identifier: GPL-2.0-or-later
"""Signs a mail with patatt, so that b4 shows whose it is; the signature is part of the bytes a person approves."""

from __future__ import annotations

import importlib

from bot.errors import ConfigError


def signed(raw: bytes, key: str, address: str) -> bytes:
    """Return the mail with an X-Developer-Signature; `key` is patatt's, as "ed25519:/path". Raise `ConfigError`."""
    try:
        patatt = importlib.import_module('patatt')
    except ImportError:
        raise ConfigError(
            'patatt is not installed', where='send.sign', todo='install it, or set send.sign = ""'
        ) from None
    try:
        made: bytes = patatt.rfc2822_sign(raw, {'signingkey': key, 'identity': address, 'selector': 'default'})
    except Exception as failure:  # patatt, PyNaCl and file errors share no class
        raise ConfigError(f'cannot sign the mail: {failure}', where=f'send.sign = {key!r}', todo='correct it') from None
    head, _, body = made.partition(b'\n\n')
    if body != raw.partition(b'\n\n')[2] or b'X-Developer-Signature:' not in head:
        raise ConfigError('patatt changed the mail', where=f'send.sign = {key!r}', todo='set send.sign = ""')
    return made
