# SPDX-License-Identifier: GPL-2.0-or-later
"""Signs the tests' mails: DKIM and patatt, with keys made on the spot and at the time that a test says."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import dkim
import nacl.signing
import patatt

from bot.lore.attestors import Clock, swapped


def key(seed: str) -> nacl.signing.SigningKey:
    """Return an ed25519 key, always the same for a seed."""
    return nacl.signing.SigningKey(hashlib.sha256(seed.encode()).digest())


def record(seed: str) -> bytes:
    """Return the TXT record that publishes a key for DKIM."""
    return b'v=DKIM1; k=ed25519; p=' + base64.b64encode(bytes(key(seed).verify_key))


def with_dkim(mail: bytes, domain: str, seed: str, at: datetime, expires: int | None = None, **how: Any) -> bytes:
    """Return a mail with a DKIM signature of `domain` by selector `s1`; `expires` counts seconds from `at`."""
    secret = base64.b64encode(bytes(key(seed)))
    made = dkim.DKIM(mail, signature_algorithm=b'ed25519-sha256', linesep=b'\n')
    if expires is not None:
        made.gen_header = _expiring(made.gen_header, str(int(at.timestamp()) + expires).encode())
    with swapped(dkim, 'time', Clock(at.timestamp())):
        header = made.sign(b's1', domain.encode(), secret, signature_algorithm=b'ed25519-sha256', **how)
    return bytes(header) + mail


def _expiring(generate: Any, at: bytes) -> Any:
    return lambda fields, *rest: generate([*fields[:-2], (b'x', at), *fields[-2:]], *rest)


def with_rsa(mail: bytes, domain: str, private: Path, at: datetime) -> bytes:
    """Return a mail with a DKIM signature by an RSA key in a PEM file."""
    with swapped(dkim, 'time', Clock(at.timestamp())):
        return bytes(dkim.sign(mail, b's1', domain.encode(), private.read_bytes(), linesep=b'\n')) + mail


def rsa_record(private: Path) -> bytes:
    made = subprocess.run(
        ['openssl', 'rsa', '-in', str(private), '-pubout', '-outform', 'DER'], capture_output=True, check=True
    )
    return b'v=DKIM1; k=rsa; p=' + base64.b64encode(made.stdout)


def with_patatt(mail: bytes, address: str, seed: str, at: datetime, algo: str = 'ed25519', secret: str = '') -> bytes:
    """Return a mail with a patatt signature of `address` under selector `work`."""
    made = patatt.PatattMessage(mail)
    data = secret or base64.b64encode(bytes(key(seed))).decode()
    with swapped(patatt, 'time', Clock(at.timestamp())):
        made.sign(algo, data, identity=address, selector='work')
    return made.as_bytes()


def publish(keyring: Path, address: str, seed: str) -> None:
    """Put a public key where patatt looks for it."""
    local, _, domain = address.partition('@')
    put(keyring, 'ed25519', domain, local, base64.b64encode(bytes(key(seed).verify_key)))


def put(keyring: Path, algo: str, domain: str, local: str, data: bytes) -> None:
    place = keyring / algo / domain / local
    place.mkdir(parents=True, exist_ok=True)
    (place / 'work').write_bytes(data)


def without(mail: bytes, header: str) -> bytes:
    return re.sub(rb'(?im)^' + header.encode() + rb':(?:[^\n]|\n[ \t])*\n', b'', mail, count=1)
