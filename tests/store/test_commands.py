# SPDX-License-Identifier: GPL-2.0-or-later
"""The log of commands in the store: kept for ever, found by mail, never twice."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model import Aim, Command
from bot.store import Store

NOON = datetime(2024, 6, 20, 12, 0, 0, 123456, tzinfo=UTC)
AIM = Aim('abcd', 'asked@x', 'seen@x', (3, 4), 'Q3', 'M', 'resolved', 'MM, F: mm/')
ONE = Command('c1', NOON, 'm@x', 'resolve', 'see v2', (AIM, replace(AIM, qhash='ef', name='Q4')), 'mail@x', 7)

words = st.text(st.characters(exclude_categories=['Cs']), max_size=20)
aims = st.builds(
    Aim,
    words,
    words,
    words,
    st.tuples(st.integers(0, 9), st.integers(0, 9)),
    words,
    st.sampled_from('AMSRO'),
    words,
    words,
)
commands = st.builds(
    Command, words, st.datetimes(timezones=st.just(UTC)), words, words, words, st.lists(aims, min_size=1, max_size=3).map(tuple), words,
    st.integers(0, 99)
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(commands, max_size=5, unique_by=lambda c: c.id), st.integers(0, 10**9))
def test_what_was_given_comes_back_whole_and_in_order(tmp_path: Path, some: list[Command], number: int) -> None:
    with Store(tmp_path / f'{number}-{len(list(tmp_path.iterdir()))}.sqlite3') as store:
        assert store.put_commands(some) == len(some)
        assert store.put_commands(some[::-1]) == 0
        found = store.commands({m for c in some for a in c.aims for m in (a.message_id, a.seen_in)})
        named = [c for c in some if any(a.message_id or a.seen_in for a in c.aims)]
        assert list(found) == sorted(named, key=lambda c: (c.at, c.id))


def test_a_command_is_found_by_the_mail_that_asked_and_by_the_one_that_shows(tmp_path: Path) -> None:
    with Store(tmp_path / 's') as store:
        store.put_commands([ONE])
    with Store(tmp_path / 's') as store:
        assert store.commands(['asked@x']) == store.commands(['seen@x', 'asked@x']) == (ONE,)
        assert store.commands(['mail@x']) == store.commands([]) == store.commands(['']) == ()


def test_a_mail_that_is_read_again_adds_nothing(tmp_path: Path) -> None:
    with Store(tmp_path / 's') as store:
        assert [store.put_commands([ONE]), store.put_commands([replace(ONE, text='other')])] == [1, 0]
        assert store.commands(['seen@x']) == (ONE,)


def test_all_entries_of_one_order_are_written_or_none(tmp_path: Path) -> None:
    broken = replace(ONE, id='c2', aims=(replace(AIM, name=None),))  # type: ignore[arg-type]
    with Store(tmp_path / 's') as store:
        with pytest.raises(sqlite3.IntegrityError):
            store.put_commands([ONE, broken])
        assert store.commands(['seen@x']) == ()


@pytest.mark.parametrize('change', ['DELETE FROM {}', 'UPDATE {} SET {} = "x"'])
@pytest.mark.parametrize(('table', 'column'), [('command', 'actor'), ('command_aim', 'role')])
def test_nobody_shortens_or_changes_the_log(tmp_path: Path, change: str, table: str, column: str) -> None:
    with Store(tmp_path / 's') as store:
        store.put_commands([ONE])
    with sqlite3.connect(tmp_path / 's') as db, pytest.raises(sqlite3.IntegrityError, match='the log of commands'):
        db.execute(change.format(table, column))


def test_a_store_of_the_first_schema_gets_the_log(tmp_path: Path) -> None:
    with Store(tmp_path / 's') as store:
        store.put_result('k', 'apply', 'a@b', b'x', NOON)
    with sqlite3.connect(tmp_path / 's') as db:
        for table in ('letter_event', 'letter_text', 'letter', 'command_aim', 'command'):
            db.execute(f'DROP TABLE {table}')
        db.execute('PRAGMA user_version = 1')
    with Store(tmp_path / 's') as store:
        assert store.result('k') == b'x'
        assert store.put_commands([ONE, replace(ONE, id='c0', at=NOON - timedelta(days=1))]) == 2
        assert [c.id for c in store.commands(['seen@x'])] == ['c0', 'c1']
