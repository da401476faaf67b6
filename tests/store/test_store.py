# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.model import RawMail
from bot.store import FactFile, Store

NOON = datetime(2024, 6, 20, 12, tzinfo=UTC)
mails = st.lists(
    st.builds(RawMail, st.binary(max_size=300), st.none() | st.just(NOON), st.text(max_size=20)), max_size=8
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(mails, mails)
def test_a_source_gives_back_exactly_what_it_was_last_given(
    tmp_path: Path, first: list[RawMail], second: list[RawMail]
) -> None:
    with Store(tmp_path / 'store.sqlite3') as store:
        store.put_source('mbox:a', first, NOON)
        store.put_source('mbox:a', second, NOON)
        assert store.source('mbox:a') == (NOON, tuple(second))
        assert store.source('mbox:b') is None


def test_results_outlive_the_process(tmp_path: Path) -> None:
    with Store(tmp_path / 'store.sqlite3') as store:
        store.put_result('k1', 'apply', 'a@b', b'{"x":1}', NOON)
    with Store(tmp_path / 'store.sqlite3') as store:
        assert store.result('k1') == b'{"x":1}'
        assert store.result('k2') is None


def test_sources_are_listed_and_forgotten_with_their_mails(tmp_path: Path) -> None:
    with Store(tmp_path / 'store.sqlite3') as store:
        store.put_source('b', [RawMail(b'shared', None, 'x'), RawMail(b'own', None, 'x')], NOON)
        store.put_source('a', [RawMail(b'shared', None, 'x')], NOON)
        assert store.sources() == (('a', NOON), ('b', NOON))
        store.forget_source('b')
        store.forget_source('never there')
        assert store.sources() == (('a', NOON),)
        assert store.source('a') == (NOON, (RawMail(b'shared', None, 'x'),))
    with sqlite3.connect(tmp_path / 'store.sqlite3') as raw:
        assert raw.execute('SELECT count(*) FROM mail').fetchone() == (1,)


def test_results_of_a_stage_come_newest_first(tmp_path: Path) -> None:
    later = NOON.replace(hour=18)
    with Store(tmp_path / 'store.sqlite3') as store:
        store.put_result('k1', 'apply', 'a@b', b'one', NOON)
        store.put_result('k2', 'apply', 'a@b', b'two', later)
        store.put_result('k3', 'check', 'a@b', b'other', later)
        assert list(store.results('a@b', 'apply')) == [(later, b'two'), (NOON, b'one')]
        assert list(store.results('c@d', 'apply')) == []


def test_a_killed_write_leaves_the_old_state(tmp_path: Path) -> None:
    path = tmp_path / 'store.sqlite3'
    with Store(path) as store:
        store.put_source('s', [RawMail(b'one', None, 'x')], NOON)
    script = (
        'import os, sys; from pathlib import Path; from datetime import datetime, UTC\n'
        'from bot.model import RawMail; from bot.store import Store\n'
        'def mails():\n'
        '    yield RawMail(b"two", None, "x")\n'
        '    os._exit(9)\n'
        'Store(Path(sys.argv[1])).put_source("s", mails(), datetime.now(UTC))\n'
    )
    assert subprocess.run([sys.executable, '-c', script, str(path)], check=False).returncode == 9
    with Store(path) as store:
        assert store.source('s') == (NOON, (RawMail(b'one', None, 'x'),))


def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / 'store.sqlite3'
    Store(path).close()
    with sqlite3.connect(path) as db:
        db.execute('PRAGMA user_version = 99')
    before = path.read_bytes()
    with pytest.raises(StoreError, match='schema 99'):
        Store(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / 'store.sqlite3').write_bytes(b'Subject: hello\n' * 100)
    with pytest.raises(StoreError, match='cannot open the database'):
        Store(tmp_path / 'store.sqlite3')


def test_facts_are_seen_before_and_after_they_are_written(tmp_path: Path) -> None:
    with FactFile(tmp_path / 'facts.sqlite3') as facts:
        facts.put('functions', '1', 'a' * 40, b'f')
        assert facts.get('functions', '1', 'a' * 40) == b'f'
        assert facts.get('functions', '2', 'a' * 40) is None
    with FactFile(tmp_path / 'facts.sqlite3') as one, FactFile(tmp_path / 'facts.sqlite3') as two:
        assert one.get('functions', '1', 'a' * 40) == b'f'
        for n in range(600):
            two.put('n', '1', str(n), b'x')
        assert one.get('n', '1', '3') == b'x'


def test_facts_stay_within_a_size_and_the_least_lately_used_go_first(tmp_path: Path) -> None:
    path, fact = tmp_path / 'facts.sqlite3', b'x' * 10_000
    for day in range(30):
        with FactFile(path, 1 << 20) as facts:
            for n in range(10):
                facts.put('lines', '1', f'{day}-{n}', fact)
            assert day == 0 or facts.get('lines', '1', '0-0') == fact, 'what is used every day is kept'
        assert path.stat().st_size < (1 << 20) + 300_000
    with FactFile(path, 1 << 20) as facts:
        assert facts.get('lines', '1', '29-9') == fact and facts.get('lines', '1', '1-1') is None


def test_a_single_opening_that_is_too_large_is_forgotten_whole(tmp_path: Path) -> None:
    with FactFile(tmp_path / 'facts.sqlite3', 1 << 16) as facts:
        for n in range(100):
            facts.put('lines', '1', str(n), b'x' * 10_000)
    with FactFile(tmp_path / 'facts.sqlite3', 1 << 16) as facts:
        assert facts.get('lines', '1', '5') is None
