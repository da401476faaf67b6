# SPDX-License-Identifier: GPL-2.0-or-later
"""Signatures through a whole review: offline, with a name server on this machine, and what of it the report says."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dns.message
import dns.rcode
import dns.rrset

from bot import pipeline, report
from bot.report.sections.signatures import signatures
from bot.request import Request
from tests.desk import desk
from tests.lore import keys
from tests.lore.letters import posting

START = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
NAME = 's1._domainkey.example.org'


@contextmanager
def name_server(records: dict[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """Serve TXT records on a port of this machine; give its address and what was asked."""
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

    with socketserver.UDPServer(('127.0.0.1', 0), Answer) as server:
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
    assert line in ' '.join(text.split())
    return line, json.loads(report.render(found, 'json', link='https://l/', columns=78, templates=None))


def signed() -> list[bytes]:
    return [keys.with_dkim(m, 'example.org', 'k', START) for m in posting('a', ['one', 'two'])]


def test_unsigned_mails(tmp_path: Path) -> None:
    line, document = reviewed(posting('a', ['one', 'two']), tmp_path)
    assert line == 'signed: by nobody (neither DKIM nor patatt)'
    assert [a['dkim']['state'] for a in document['attestations']] == ['absent'] * 3


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


def test_a_key_that_is_gone_and_a_server_that_is_silent(tmp_path: Path, monkeypatch: Any) -> None:
    with name_server({}) as (address, asked):
        line, _ = reviewed(signed(), tmp_path, attestation__dns=address)
        assert line == f'signed: DKIM unknown for example.org (no key is published at {NAME} any more); patatt absent'
        assert asked == [NAME]
    monkeypatch.setattr('bot.lore.dns._SECONDS', 0.2)
    (tmp_path / 'other').mkdir()
    line, _ = reviewed(signed(), tmp_path / 'other', attestation__dns='127.0.0.1:9')
    assert line == 'signed: DKIM unknown for example.org (offline); patatt absent'


def test_mails_that_differ_and_developer_keys(tmp_path: Path) -> None:
    keys.publish(tmp_path / 'ring', 'ada@example.org', 'p')
    mails = [keys.with_patatt(m, 'ada@example.org', 'p', START) for m in posting('a', ['one', 'two'])]
    mails[2] = mails[2].replace(b'+two', b'+evil')
    line, document = reviewed(mails, tmp_path, attestation__keyrings=(str(tmp_path / 'ring'),))
    assert line == (
        'signed: DKIM absent; patatt valid for ada@example.org on 2 of 3 mails, '
        'broken for ada@example.org on 1 of 3 mails (it is not what was signed)'
    )
    assert [a['patatt']['state'] for a in document['attestations']] == ['valid', 'valid', 'broken']
