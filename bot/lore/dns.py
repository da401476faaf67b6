# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks a name server for the keys of DKIM signatures, when the user says that it may be asked.

Promises to tell "there is none" from "nobody answered", and to stop asking a server that does not answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.errors import ConfigError
from bot.model import Progress

_SECONDS = 4.0
# A server that was silent twice is not asked a third time: a thread has dozens of keys.
_PATIENCE = 2
_MOST_NAMES = 300


def published(names: Sequence[str], server: str, progress: Progress) -> dict[str, bytes | None]:
    """Return the TXT record of each name, None where there is none; names without an answer are left out.

    `server` is "system", an address, or an address and port ("127.0.0.1:53"); "" asks nobody.
    """
    if not server or not names:
        return {}
    found: dict[str, bytes | None] = {}
    ask, silent = _resolver(server), 0
    for done, name in enumerate(names[:_MOST_NAMES], 1):
        answer = _record(ask, name)
        if answer is not False:
            found[name] = answer
        else:
            silent += 1
            if silent == _PATIENCE:
                break
        progress('ask for keys', done, len(names))
    return found


def _resolver(server: str) -> Any:
    import dns.exception
    import dns.resolver

    if server == 'system':
        try:
            made = dns.resolver.Resolver()
        except dns.exception.DNSException:
            made = dns.resolver.Resolver(configure=False)
    else:
        made = dns.resolver.Resolver(configure=False)
        address, _, port = server.rpartition(':') if server.count(':') == 1 else (server, '', '')
        try:
            made.nameservers, made.port = [address], int(port or 53)
        except ValueError:
            raise ConfigError(
                f'{server!r} is no name server',
                where='attestation.dns',
                todo='write "", "system", or an address such as "9.9.9.9" or "127.0.0.1:5353"',
            ) from None
    made.lifetime = made.timeout = _SECONDS
    made.cache = None
    return made


def _record(resolver: Any, name: str) -> Any:
    """Return the record, None when there is none, False when nobody says so or otherwise."""
    import dns.exception
    import dns.resolver

    try:
        answer = resolver.resolve(f'{name}.', 'TXT', search=False)
        return b''.join(next(iter(answer)).strings)[:65536]
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None
    except (dns.exception.DNSException, OSError, ValueError):
        return False
