# SPDX-License-Identifier: GPL-2.0-or-later
"""Signatures through a whole review: offline, with a name server on this machine, and what of it the report says."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
import pytest

from bot import pipeline, report
from bot.errors import ConfigError
from bot.lore import dns as lookup
from bot.lore import published
from bot.lore.attestors import swapped
from bot.model import Signature
from bot.report.sections.signatures import signatures
from bot.request import Request
from tests.desk import desk
from tests.lore import keys
from tests.lore.letters import posting
from tests.report import example

START = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
NAME = 's1._domainkey.example.org'


@contextmanager
def name_server(records: dict[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Serve TXT records on a port of this machine; give its address and what was asked.

    However loaded the machine is, who asks waits for the answer.
    """
    asked: list[str] = []

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, line = self.request
            question = dns.message.from_wire(data)
            name = question.question[0].name.to_text().rstrip('.')
            asked.append(name)
            answer = dns.message.make_response(question)
            if name in records:
                answer.answer.append(dns.rrset.from_text(f'{name}.', 60, 'IN', 'TXT', f'"{records[name].decode()}"'))
            else:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            line.sendto(answer.to_wire(), self.client_address)

    with swapped(lookup, '_SECONDS', 120.0), socketserver.UDPServer(('127.0.0.1', 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'127.0.0.1:{server.server_address[1]}', asked
        server.shutdown()


def reviewed(mails: list[bytes], directory: Path, **settings: Any) -> tuple[str, dict[str, Any]]:
    folder = directory / 'mails'
    folder.mkdir(exist_ok=True)
    for at, mail in enumerate(mails):
        (folder / f'{at}.eml').write_bytes(mail)
    with desk(directory, **settings) as at_desk:
        found = pipeline.review(Request(str(folder), stages=('questions',)), at_desk).report
    text = report.render(found, 'text', link='https://l/', columns=200, templates=None)
    line = f'signed: {signatures(found)}'
    assert line.split()[-1] in text
    return line, json.loads(report.render(found, 'json', link='https://l/', columns=78, templates=None))


def signed() -> list[bytes]:
    return [keys.with_dkim(m, 'example.org', 'k', START) for m in posting('a', ['one', 'two'])]


def test_offline_then_online_then_offline_again(tmp_path: Path) -> None:
    line, document = reviewed(signed(), tmp_path)
    assert line == 'signed: DKIM unknown for example.org (offline); patatt absent'
    assert document['attestations'][0]['dkim']['reason'] == f'offline: the key {NAME} was not asked for'
    with name_server({NAME: keys.record('k')}) as (address, asked):
        line, document = reviewed(signed(), tmp_path, attestation__dns=address)
        assert line == 'signed: DKIM valid for example.org; patatt absent'
        assert {a['proven'] for a in document['attestations']} == {'ada@example.org'}
        assert asked == [NAME]
    assert reviewed(signed(), tmp_path)[0] == line  # a key that was seen once is kept


def test_a_name_that_is_not_there_and_a_server_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    with name_server({}) as (address, asked):
        assert published([NAME], address, lambda *_: None) == {NAME: None}
        assert asked == [NAME]
    monkeypatch.setattr('bot.lore.dns._SECONDS', 0.2)
    assert published([NAME, 'a.b', 'c.d'], '127.0.0.1:9', lambda *_: None) == {}
    assert published([NAME], '', lambda *_: None) == {}
    with pytest.raises(ConfigError):
        published([NAME], 'nonsense', lambda *_: None)


def test_what_the_report_says_of_mails_that_differ() -> None:
    rich = example.rich()
    assert signatures(rich) == (
        'DKIM valid for lindqvist.example; patatt unknown for mara@lindqvist.example (no key of it is in the keyrings)'
    )
    first, *rest = rich.attestations
    broken = replace(first, dkim=Signature('dkim', 'broken', 'lindqvist.example', reason='its text is not ...'))
    assert signatures(replace(rich, attestations=(broken, *rest))).startswith(
        'DKIM broken for lindqvist.example on 1 of 4 mails (its text is not ...), '
        'valid for lindqvist.example on 3 of 4 mails; '
    )
    assert signatures(replace(rich, attestations=())) == 'nobody looked at the signatures'
    none = replace(first, dkim=Signature('dkim', 'absent'), patatt=Signature('patatt', 'absent'))
    assert signatures(replace(rich, attestations=(none,))) == 'DKIM absent; patatt absent'
