# SPDX-License-Identifier: GPL-2.0-or-later
"""Hands a mail to a server by SMTP (RFC 5321), and knows at every point whether it can have been taken.

A server must not take a mail before the dot that ends it (4.1.1.4): until then every failure is one where nothing was
sent. After the dot only the server's answer counts; without one nobody knows. One recipient that is refused is enough
for nothing to be sent: half a mail is none.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.post.outbox import Delivery

_LAST_WORD = 600.0  # RFC 5321 4.5.3.2.6
_PORTS = {'starttls': 587, 'ssl': 465, 'none': 25}
_TEMPORARY = range(400, 500)


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over; `encryption` is starttls, ssl or none. A password is never sent in the clear."""

    host: str
    port: int = 0
    encryption: str = 'starttls'
    user: str = ''
    password: str = ''
    timeout: float = 60.0
    last_word: float = _LAST_WORD
    trust: ssl.SSLContext | None = None

    def __call__(self, raw: bytes, sender: str, to: Sequence[str], ending: Callable[[], None]) -> Delivery:
        """Hand one mail over; whatever happens comes back as a delivery."""
        try:
            server = self._connect()
        except _Refused as no:
            return Delivery('refused', str(no))
        except smtplib.SMTPAuthenticationError as failure:
            return Delivery(
                'delayed', f'{self.host} refuses the password: {_said(failure.smtp_code, failure.smtp_error)}'
            )
        except (OSError, smtplib.SMTPException) as failure:
            return Delivery('delayed', f'{self.host} cannot be reached: {failure}')
        with _closing(server):
            return _hand_over(server, raw, sender, to, ending, self.last_word)

    def _connect(self) -> smtplib.SMTP:
        port = self.port or _PORTS[self.encryption]
        context = self.trust or ssl.create_default_context()
        if self.encryption == 'ssl':
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, port, timeout=self.timeout, context=context)
        else:
            server = smtplib.SMTP(self.host, port, timeout=self.timeout)
        try:
            self._greet(server, context)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        server.ehlo_or_helo_if_needed()
        if self.encryption == 'starttls':
            server.starttls(context=context)
            server.ehlo()
        if self.user:
            if self.encryption == 'none':
                raise _Refused('a password is not sent over a connection without encryption: set send.encryption')
            server.login(self.user, self.password)


class _Refused(Exception):
    pass


class _closing:
    """Ends a session whatever became of it; what the server says to that changes nothing."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *exc: object) -> None:
        if kind is not None:  # in the midst of a mail a QUIT would be part of it
            self._server.close()
            return
        try:
            self._server.quit()
        except (OSError, smtplib.SMTPException):
            self._server.close()


def _hand_over(
    server: smtplib.SMTP, raw: bytes, sender: str, to: Sequence[str], ending: Callable[[], None], last_word: float
) -> Delivery:
    try:
        said = _before_the_dot(server, raw, sender, to)
    except (OSError, smtplib.SMTPException) as failure:
        server.close()
        return Delivery('delayed', f'the connection failed before the mail ended: {failure}')
    if said is not None:
        return said
    ending()
    try:
        if server.sock is not None:
            server.sock.settimeout(last_word)
        server.send(b'.\r\n')
        code, answer = server.getreply()
    except (OSError, smtplib.SMTPException) as failure:
        return Delivery('unknown', f'the connection failed after the mail ended: {failure}')
    if code == -1:
        return Delivery('unknown', 'the connection failed after the mail ended')
    if code // 100 in (1, 3):
        return Delivery('unknown', _said(code, answer))
    return Delivery('sent', _said(code, answer)) if code // 100 == 2 else _answered(code, answer)


def _before_the_dot(server: smtplib.SMTP, raw: bytes, sender: str, to: Sequence[str]) -> Delivery | None:
    """Say everything but the dot that ends the mail; return why it goes no further, None when it does."""
    options = []
    if not raw.isascii():
        if not server.has_extn('8bitmime'):
            return Delivery('refused', 'the server takes no text beyond ASCII (8BITMIME)')
        options.append('BODY=8BITMIME')
    data = wire(raw)
    if server.has_extn('size'):
        options.append(f'SIZE={len(data)}')
    for step in (lambda: server.mail(sender, options), *(_recipient(server, one) for one in to)):
        code, answer = step()
        if code not in (250, 251):
            return _answered(code, answer)
    code, answer = server.docmd('data')
    if code != 354:
        return _answered(code, answer)
    server.send(data)
    return None


def _recipient(server: smtplib.SMTP, address: str) -> Callable[[], tuple[int, bytes]]:
    return lambda: server.rcpt(address)


def wire(raw: bytes) -> bytes:
    """Return a mail as it goes over the wire, up to the dot: CRLF, and dots doubled at the start of lines."""
    lines = re.sub(rb'\r\n|\r|\n', b'\r\n', raw)
    stuffed = re.sub(rb'(?m)^\.', b'..', lines)
    return stuffed if stuffed.endswith(b'\r\n') else stuffed + b'\r\n'


def _answered(code: int, answer: bytes) -> Delivery:
    if code in _TEMPORARY or code == -1:
        return Delivery('delayed', _said(code, answer))
    return Delivery('refused', _said(code, answer))


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode('utf-8', 'replace') if isinstance(answer, bytes) else answer
    return ' '.join(f'{code} {text}'.split())[:300]
