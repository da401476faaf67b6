# SPDX-License-Identifier: GPL-2.0-or-later
"""What a server says, or fails to say, becomes a delivery that is true: sent, not sent, or nobody knows."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ToolMissing
from bot.model import Ran
from bot.post.command import Command
from bot.post.outbox import Delivery
from bot.post.smtp import Server, wire
from tests.post.sink import Sink

RAW = b'From: b@x.example\nSubject: x\n\nOne.\n.\n..two\n' + 'ä\n'.encode() * 20
TO = ('a@b.example', 'list@lists.example')


def hand(sink: Sink, raw: bytes = RAW, **other: Any) -> tuple[Delivery, list[str]]:
    """Hand a mail over; return what came of it and, if the mail came to its end, that it did."""
    ended: list[str] = []
    server = Server('127.0.0.1', sink.port, **{'encryption': 'none', 'timeout': 5.0, 'last_word': 5.0, **other})
    return server(raw, 'b@x.example', TO, lambda: ended.append('ending')), ended


def test_a_mail_arrives_as_it_is() -> None:
    with Sink() as sink:
        assert hand(sink) == (Delivery('sent', '250 2.0.0 taken'), ['ending'])
        [mail] = sink.taken
    assert mail.raw == RAW.replace(b'\n', b'\r\n') and mail.to == list(TO)
    assert mail.sender.upper().startswith('FROM:<B@X.EXAMPLE>') and 'BODY=8BITMIME' in mail.sender


@pytest.mark.parametrize(
    ('fail', 'what', 'ended'),
    [
        ({'mail': '451 later'}, 'delayed', []),
        ({'mail': '550 no'}, 'refused', []),
        ({'rcpt': '450 greylisted'}, 'delayed', []),
        ({'rcpt2': '550 nobody'}, 'refused', []),
        ({'data': '451 later'}, 'delayed', []),
        ({'data': 'cut'}, 'delayed', []),
        ({'midst': 'cut'}, 'delayed', []),
        ({'dot': '554 spam'}, 'refused', ['ending']),
        ({'dot': '251 taken, and passed on'}, 'sent', ['ending']),
        ({'dot': '354 what now'}, 'unknown', ['ending']),
        ({'dot': '451 full'}, 'delayed', ['ending']),
        ({'dot': 'cut'}, 'unknown', ['ending']),
        ({'dot': 'drop'}, 'unknown', ['ending']),
    ],
)
def test_failures(fail: dict[str, str], what: str, ended: list[str]) -> None:
    raw = RAW + (b'x' * 70 + b'\n') * 400_000 if 'midst' in fail else RAW  # more than any buffer on the way holds
    with Sink(fail) as sink:
        delivery, seen = hand(sink, raw)
        assert (delivery.what, seen) == (what, ended)
        assert len(sink.taken) == (fail == {'dot': 'cut'})


def test_nobody_listens() -> None:
    with Sink() as sink:
        pass
    assert hand(sink)[0].what == 'delayed'


def test_text_beyond_ascii_needs_a_server_that_takes_it() -> None:
    with Sink(extensions=()) as sink:
        assert hand(sink)[0].what == 'refused'
        assert hand(sink, b'Subject: x\n\nascii\n')[0].what == 'sent'


def test_a_password_is_never_sent_in_the_clear() -> None:
    with Sink(password='secret') as sink:
        delivery, _ = hand(sink, user='me', password='secret')
        assert delivery.what == 'refused' and 'without encryption' in delivery.note and not sink.taken
        assert hand(sink, encryption='starttls')[0].what == 'delayed', 'no STARTTLS, no mail'


@pytest.fixture
def certified(tmp_path: Path, need: Callable[..., None]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server and a client need that trust each other."""
    need('openssl')
    key, certificate = tmp_path / 'key', tmp_path / 'certificate'
    made = [shutil.which('openssl') or '', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
    named = ['-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
    subprocess.run([*made, *named, '-keyout', str(key), '-out', str(certificate)], check=True, capture_output=True)
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=str(certificate))
    server.load_cert_chain(certificate, key)
    return server, client


def test_encryption_and_password(certified: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = certified
    with Sink(tls=server, password='secret') as sink:
        secret: dict[str, Any] = {'encryption': 'starttls', 'user': 'me', 'trust': client}
        assert hand(sink, password='secret', **secret)[0].what == 'sent'
        assert (sink.taken[0].encrypted, sink.taken[0].user) == (True, 'me')
        delivery, _ = hand(sink, password='wrong', **secret)
        assert delivery.what == 'delayed' and 'refuses the password' in delivery.note
        delivery, _ = hand(sink, encryption='starttls')
        assert delivery.what == 'delayed' and 'certificate' in delivery.note.lower()


@pytest.mark.parametrize(
    ('raw', 'expected'),
    [
        (b'a\n', b'a\r\n'),
        (b'a', b'a\r\n'),
        (b'.\n', b'..\r\n'),
        (b'a\r.\r\nb', b'a\r\n..\r\nb\r\n'),
        (b'..x\n', b'...x\r\n'),
    ],
)
def test_wire(raw: bytes, expected: bytes) -> None:
    assert wire(raw) == expected


@pytest.mark.parametrize(
    ('status', 'what'),
    [
        (0, 'sent'),
        (78, 'refused'),
        (64, 'refused'),
        (75, 'unknown'),
        (1, 'unknown'),
        (None, 'unknown'),
        (-9, 'unknown'),
    ],
)
def test_a_program_that_takes_mail(status: int | None, what: str) -> None:
    called: list[tuple[list[str], bytes]] = []

    def run(command: list[str], stdin: bytes, seconds: float) -> Ran:
        called.append((list(command), stdin))
        return Ran(status, b'', 'it\nsays')

    ended: list[str] = []
    carry = Command(('msmtp', '-i'), run)  # type: ignore[arg-type]
    assert carry(RAW, 'b@x.example', TO, lambda: ended.append('ending')).what == what
    assert called == [(['msmtp', '-i', '-f', 'b@x.example', '--', *TO], RAW)] and ended == ['ending']
    assert carry(RAW, 'b@x.example', ['-oQ/tmp'], lambda: None).what == 'refused' and len(called) == 1


def test_a_program_that_is_not_there() -> None:
    def run(command: list[str], stdin: bytes, seconds: float) -> Ran:
        raise ToolMissing('msmtp cannot be started', where='', todo='install it')

    assert Command(('msmtp',), run)(RAW, 'b@x.example', TO, lambda: None).what == 'refused'  # type: ignore[arg-type]
