# SPDX-License-Identifier: GPL-2.0-or-later
"""The only module that knows b4's attestors, and the libraries for DKIM and patatt below them.

Promises that they see no network, no clock, no key but from the directories named, nothing of the user's, and start
programs through us only; plain values come out. What goes wrong in them comes out as no answer.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.lore import b4_adapter
from bot.model import GitRunner, Message

Keys = Mapping[str, bytes | None]
"""The TXT record of a DNS name that was asked for, None where the domain says that there is none."""

_LARGEST = 32 << 20
_DKIM = 'DKIM-Signature'
# Takes the place of a key that nobody asked for: no signature holds under it, but the text is compared all the same.
_NO_KEY = b'v=DKIM1; k=ed25519; p=' + b'AQ' * 21 + b'E='
# patatt looks for the words with find() and takes the very beginning for "not found".
_LACKS = b'\n[GNUPG:] NO_PUBKEY '


@dataclass(frozen=True, slots=True)
class Attestor:
    """What b4 says of one signature. `trimmed`: it held only after the end of the text was left out."""

    passing: bool
    have_key: bool
    identity: str
    domain: bool
    signed: datetime | None
    errors: str
    trimmed: bool = False
    absent: str = ''

    def is_by(self, sender: str) -> bool:
        """Tell by b4's rule whether it stands for a sender: the very domain, or the very address."""
        return bool(self.identity) and (
            sender.endswith(f'@{self.identity}') if self.domain else sender == self.identity
        )


@dataclass(slots=True)
class Seen:
    """What b4 was told and said while it looked at one signature."""

    keys: Keys
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def txt(self, name: str, timeout: float = 0) -> bytes | None:
        plain = name.rstrip('.').lower()
        self.asked.append(plain)
        return self.keys.get(plain, _NO_KEY)

    @property
    def unasked(self) -> bool:
        return any(name not in self.keys for name in self.asked)


def by_dkim(message: Message, at: int, keys: Keys) -> tuple[Attestor | None, Seen]:
    """Have b4 look at one DKIM signature as of the mail's own date; None when it gives up."""
    mail, seen = _mail(message), Seen(keys)
    if mail is None:
        return None, seen
    own = [value for name, value in mail.raw_items() if name.lower() == _DKIM.lower()]
    del mail[_DKIM]
    mail._headers.append((_DKIM, own[at]))  # type: ignore[attr-defined]
    with _b4() as b4, ExitStack() as stack:
        import dkim

        stack.enter_context(swapped(dkim.dnsplug, '_get_txt', seen.txt))
        if message.date is not None:
            stack.enter_context(swapped(dkim, 'time', Clock(message.date.timestamp())))
        stack.enter_context(_listening(b4.dkimlogger, seen.said))
        found = _attestors(b4, mail, message, '_load_dkim_attestors')
    return (_plain(found[0]) if found else None), seen


def _plain(found: Any, **more: Any) -> Attestor:
    return Attestor(
        passing=bool(found.passing),
        have_key=bool(found.have_key),
        identity=str(found.identity or '').lower(),
        domain=found.level == 'domain',
        signed=found.signtime,
        errors=' '.join(map(str, found.errors))[:1000],
        **more,
    )


def usable(name: str, record: bytes | None) -> bool:
    """Tell whether a TXT record holds a key that a signature could be checked with."""
    import dkim

    try:
        return bool(dkim.evaluate_pk(name, record)[1] >= 1024 or b'ed25519' in (record or b''))
    except Exception:  # what it raises depends on how the record is damaged
        return False


def _mail(message: Message) -> EmailMessage | None:
    if len(message.raw) > _LARGEST:
        return None
    plain = re.sub(rb'\A(?:From [^\n]*\n|\r?\n)+', b'', message.raw)
    with suppress(Exception):  # `email` raises all sorts of things on hostile MIME
        mail: EmailMessage = BytesParser(policy=b4_adapter.library().emlpolicy).parsebytes(plain)
        return mail
    return None


def _attestors(b4: Any, mail: EmailMessage, message: Message, load: str) -> list[Any]:
    """Return what b4 finds; its message is made without the reading of the text, which costs much and is not needed."""
    made = object.__new__(b4.LoreMessage)
    made.msg, made.body, made._attestors = mail, '', []
    made.fromname, made.fromemail, made.date = message.author.name, message.author.email, message.date
    made.subject = made.full_subject = message.subject
    made._trim_body = lambda: None  # it would read the text anew; `_Signing.trimmed` tells as much
    with suppress(Exception, SystemExit):
        getattr(made, load)()
    return list(made._attestors)


def by_patatt(message: Message, keyrings: Sequence[Path], git: GitRunner) -> list[Attestor] | None:
    """Have b4 look at all patatt signatures; None when the mail cannot be parsed."""
    mail = _mail(message)
    if mail is None:
        return None
    with _b4() as b4, TemporaryDirectory() as nowhere:
        signing = _Signing(git, nowhere)
        with _patatt_through(b4, signing, [str(p) for p in keyrings]):
            found = _attestors(b4, mail, message, '_load_patatt_attestors')
    plain = [_plain(one, trimmed=signing.trimmed, absent=signing.absent) for one in found]
    # patatt takes every failure of gpg for a missing key.
    bad = b'[GNUPG:] BADSIG ' in signing.answers
    return [replace(one, have_key=True) if bad and not one.passing else one for one in plain]


@dataclass(slots=True)
class _Signing:
    """What patatt did: how its programs answered, and whether it had to leave text out before a signature held."""

    git: GitRunner
    home: str
    start: Any = None
    answers: bytes = b''
    absent: str = ''
    trimmed: bool = False

    def run(self, command: list[str], stdin: bytes | None = None, env: object = None) -> tuple[int, bytes, bytes]:
        """Start git through our runner, gpg and ssh-keygen without anything of the user's."""
        if command[0] == 'git':
            done = self.git(*command[1:], stdin=stdin or b'')
            return done.status, done.stdout, done.stderr.encode()
        bare = {'PATH': os.environ.get('PATH', os.defpath), 'HOME': self.home, 'GNUPGHOME': self.home, 'LC_ALL': 'C'}
        try:
            status, out, err = self.start(command, stdin, bare)
        except OSError:
            self.absent = command[0]
            return 127, b'', _LACKS
        self.answers += err
        return int(status), bytes(out), bytes(err)


@contextmanager
def _patatt_through(b4: Any, signing: _Signing, keyrings: list[str]) -> Iterator[None]:
    """Let patatt see the keys in these directories only, and start programs through us only."""
    import patatt

    check, signing.start = patatt.validate_message, patatt._run_command

    def validate(data: bytes, sources: list[str], trim_body: bool = False) -> Any:
        signing.trimmed = trim_body
        return check(data, sources, trim_body=trim_body)

    with (
        _set(b4.MAIN_CONFIG, 'keyringsrc', keyrings or [signing.home]),
        swapped(b4, 'get_data_dir', lambda *_: signing.home),
        swapped(patatt, '_run_command', signing.run),
        swapped(patatt, 'SSHKBIN', 'ssh-keygen'),
        swapped(patatt, 'validate_message', validate),
    ):
        yield


@contextmanager
def _b4() -> Iterator[Any]:
    """Give b4 to one caller at a time, with attestation switched on."""
    with b4_adapter.LOCK:
        b4 = b4_adapter.library()
        with swapped(b4, 'can_network', True), _set(b4.MAIN_CONFIG, 'attestation-policy', 'check'):
            yield b4


@contextmanager
def _listening(logger: logging.Logger, said: list[str]) -> Iterator[None]:
    """Keep what is logged: it is the only place where the library tells why a signature does not hold."""

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            with suppress(Exception):
                said.append(record.getMessage()[:500])

    ear = Ear()
    logger.addHandler(ear)
    before, logger.level = logger.level, logging.ERROR
    logger.manager._clear_cache()  # type: ignore[attr-defined]
    try:
        yield
    finally:
        logger.removeHandler(ear)
        logger.level = before
        logger.manager._clear_cache()  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Clock:
    """Stands for the module `time` while the library asks what time it is."""

    at: float

    def time(self) -> float:
        return self.at


@contextmanager
def swapped(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Put something else in the place of an attribute for a while."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def _set(table: dict[str, Any], key: str, value: Any) -> Iterator[None]:
    before = table.get(key)
    table[key] = value
    try:
        yield
    finally:
        table[key] = before
