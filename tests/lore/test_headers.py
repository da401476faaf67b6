# SPDX-License-Identifier: GPL-2.0-or-later
"""Header values as lists really carry them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lore import headers
from bot.model import Person


@pytest.mark.parametrize(
    ('raw', 'shown'),
    [
        ('plain  text', 'plain text'),
        ('folded\n\tline', 'folded line'),
        ('=?UTF-8?B?QmrDtnJu?= x', 'Björn x'),
        ('=?iso-8859-1?Q?J=E4rvinen?=', 'Järvinen'),
        # One character cut in two by the mailer, and white space between words that is none.
        ('=?utf-8?q?a=C3?= =?utf-8?q?=A4b?=', 'aäb'),
        ('a =?utf-8?q?b?= c =?utf-8?q?d?=', 'a b c d'),
        ('=?no-such-charset?q?=C3=A4?=', 'ä'),
        ('=?utf-8?b?broken base64 =?=', '=?utf-8?b?broken base64 =?='),
        ('J\udce4rvinen', 'Järvinen'),  # raw Latin-1, as the email package stores it
        ('J\udcc3\udca4rvinen', 'Järvinen'),  # raw UTF-8
        ('nul\x00byte', 'nul byte'),
    ],
)
def test_text(raw: str, shown: str) -> None:
    assert headers.text(raw) == shown


@pytest.mark.parametrize(
    ('raw', 'people'),
    [
        ('Ada Author <Ada@Example.org>', [('Ada Author', 'ada@example.org')]),
        ('"Author, Ada" <a@x>', [('Author, Ada', 'a@x')]),
        ('Author, Ada <a@x>, Bob <b@x>', [('Author, Ada', 'a@x'), ('Bob', 'b@x')]),
        ('a@x (Ada Author)', [('Ada Author', 'a@x')]),
        ('<a@x>, b@x', [('', 'a@x'), ('', 'b@x')]),
        ('=?utf-8?q?Bj=C3=B6rn=2C_T?= <b@x>', [('Björn, T', 'b@x')]),
        ('undisclosed-recipients:;', []),
        ('team: a@x, b@x;', [('', 'a@x'), ('', 'b@x')]),
        ('Ada (Red Hat) <a@x>', [('Ada (Red Hat)', 'a@x')]),
        ('a@x, A Twice <a@x>', [('', 'a@x')]),
        ('"unclosed <a@x>', [('unclosed', 'a@x')]),
        ('"Bob <b@x>" <a@x>', [('Bob <b@x>', 'a@x')]),
        ('a@x (<b@x>)', [('<b@x>', 'a@x')]),
        ('Ada (b@x) <a@x>', [('Ada (b@x)', 'a@x')]),
    ],
)
def test_people(raw: str, people: list[tuple[str, str]]) -> None:
    assert headers.people([raw]) == tuple(Person(*p) for p in people)


@pytest.mark.parametrize(
    ('raw', 'ids'),
    [
        ('<a@x> <b@x>', ('a@x', 'b@x')),
        ('"Ada\'s message of Monday" <a@x>', ('a@x',)),
        ('a@x', ('a@x',)),
        ('<a\n @x>', ('a@x',)),
        ('<x$(id)@x>', ('x$(id)@x',)),
        (f'<{"y" * 600}@x>', ()),
        ('<a@x> <a@x>', ('a@x',)),
        ('', ()),
    ],
)
def test_message_ids(raw: str, ids: tuple[str, ...]) -> None:
    assert headers.message_ids(raw) == ids


@pytest.mark.parametrize(
    ('raw', 'hour'),
    [
        ('Tue, 18 Jun 2024 17:05:06 -0700', 24),
        ('18 Jun 2024 17:05:06 GMT', 17),
        ('Tue, 18 Jun 2024 17:05:06 -9900', 17),  # no such zone: taken for UTC
    ],
)
def test_when(raw: str, hour: int) -> None:
    assert headers.when(raw) == datetime(2024, 6, 18, tzinfo=UTC) + timedelta(hours=hour, minutes=5, seconds=6)


@pytest.mark.parametrize('raw', ['', 'yesterday', 'Tue, 18 Jun 1902 17:05:06 +0000', 'Mon, 99 Foo 2024', '1' * 10000])
def test_no_date(raw: str) -> None:
    assert headers.when(raw) is None


def test_a_header_out_of_raw_bytes() -> None:
    mail = b'Date: one\r\nX-Long: a\r\n b\r\nSubject: s\r\n\r\nX-Long: not a header\r\n'
    assert headers.from_raw(mail, 'x-long') == 'a b'
    assert headers.from_raw(mail, 'X-Other') == ''


@given(st.text(max_size=400) | st.binary(max_size=400).map(lambda b: b.decode('utf-8', 'surrogateescape')))
def test_nothing_raises(raw: str) -> None:
    assert '\n' not in headers.text(raw)
    headers.text(raw).encode()
    for person in headers.people([raw]):
        assert person.email and not set(person.email) & set(' \n\r\t\0<>')
    assert all(headers.is_message_id(i) for i in headers.message_ids(raw))
    for date in (headers.when(raw), headers.received(raw)):
        assert date is None or 1970 <= date.year < 2100


@pytest.mark.parametrize('unit', ['"\\', '(\\(', '<', ' ', '=?a?q?', '\n ', ',"', '[]'])
def test_long_hostile_values_take_no_time(unit: str) -> None:
    raw = unit * 30000
    start = time.process_time()
    headers.text(raw), headers.people([raw]), headers.message_ids(raw), headers.when(raw)
    assert time.process_time() - start < 10  # seconds of CPU; quadratic work over this much takes minutes
