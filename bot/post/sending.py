# SPDX-License-Identifier: GPL-2.0-or-later
"""Chooses how mail is handed over: [send] of the settings, else git's own sendemail settings of system and user.

Refuses settings of a repository: the directory we stand in may be somebody else's tree. Passwords come from a file or
from git's credential helpers, and are shown nowhere.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot import config
from bot.errors import ConfigError
from bot.model import Programs
from bot.post.command import Command
from bot.post.outbox import Carrier
from bot.post.smtp import Server

_SECONDS = 60.0
_ENCRYPTION = {'tls': 'starttls', 'starttls': 'starttls', 'ssl': 'ssl', 'smtps': 'ssl', '': 'none', 'none': 'none'}
# A repository's own settings take no part, wherever we stand.
_GIT = ('git', '-C', '/')


def carrier(send: config.Send, run: Programs) -> Carrier:
    """Return what hands mail over; raise `ConfigError` where nothing says how."""
    if send.command and send.server:
        raise ConfigError('two ways to send', where='send.server and send.command', todo='set one of them')
    if send.command:
        return Command(send.command, run)
    if send.server:
        return _server(
            send.server, send.port, send.encryption or 'none', send.user, _from_file(send), send.timeout, run
        )
    said = dict(_sendemail(run, send.identity))
    command = said.get('sendmailcmd', '') or (said['smtpserver'] if '/' in said.get('smtpserver', '') else '')
    if command:
        return Command(
            (*shlex.split(command), '-i') if '-i' not in shlex.split(command) else tuple(shlex.split(command)), run
        )
    if not said.get('smtpserver'):
        raise ConfigError(
            'nothing says how to send mail', where='[send] and git config sendemail', todo='set send.server'
        )
    return _of_git(said, send.timeout, run)


def _of_git(said: Mapping[str, str], timeout: float, run: Programs) -> Server:
    encryption = _ENCRYPTION.get(said.get('smtpencryption', '').lower())
    port = said.get('smtpserverport', '0')
    if encryption is None or not port.isdecimal():
        raise ConfigError(
            'git sendemail settings that cannot be used', where='smtpEncryption or smtpServerPort', todo='set [send]'
        )
    password = said.get('smtppass', '')
    return _server(said['smtpserver'], int(port), encryption, said.get('smtpuser', ''), password, timeout, run)


def _server(host: str, port: int, encryption: str, user: str, password: str, timeout: float, run: Programs) -> Server:
    if user and not password and encryption != 'none':
        password = _asked(host, port, user, run)
    return Server(host, port, encryption, user, password, timeout)


def _from_file(send: config.Send) -> str:
    if not send.password_file:
        return ''
    path = Path(send.password_file).expanduser()
    try:
        return path.read_text(encoding='utf-8').split('\n', 1)[0]
    except (OSError, UnicodeDecodeError):
        raise ConfigError('cannot read the password', where=f'send.password_file = {path}', todo='correct it') from None


def _sendemail(run: Programs, identity: str) -> Iterator[tuple[str, str]]:
    """Yield git's settings, those of the identity last, keys in lower case."""
    prefix = f'sendemail.{identity}.' if identity else ''
    own: list[tuple[str, str]] = []
    for scope in ('--system', '--global'):
        ran = run([*_GIT, 'config', scope, '--includes', '--null', '--get-regexp', r'^sendemail\.'], b'', _SECONDS)
        for line in ran.stdout.decode('utf-8', 'replace').split('\0'):
            key, _, value = line.partition('\n')
            if prefix and key.startswith(prefix):
                own.append((key[len(prefix) :].lower(), value))
            elif key.count('.') == 1:
                yield key.partition('.')[2].lower(), value
    yield from own


def _asked(host: str, port: int, user: str, run: Programs) -> str:
    at = f'{host}:{port}' if port else host
    if any(c in f'{at}{user}' for c in '\n\0'):
        raise ConfigError('a line break in the name of a server or user', where='[send]', todo='correct it')
    question = f'protocol=smtp\nhost={at}\nusername={user}\n\n'.encode()
    ran = run([*_GIT, 'credential', 'fill'], question, _SECONDS)
    said = dict(line.partition('=')[::2] for line in ran.stdout.decode('utf-8', 'replace').split('\n'))
    if not said.get('password'):
        raise ConfigError(
            'no password', where=f'{user} at {at}', todo='set send.password_file or a git credential helper'
        )
    return said['password']
