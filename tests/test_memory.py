# SPDX-License-Identifier: GPL-2.0-or-later
"""The memory: what is asked once, what is told apart, what is forgotten, and that facts can only cost time."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from bot.model.memory import Memory, current, digest, kept, kept_all, name_of, recalled
from bot.store import FactFile

asked: list[object] = []


@recalled
def _length(thing: object, other: object = None) -> int:
    asked.append(thing)
    return len(str(thing))


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


def test_without_a_memory_every_question_is_asked() -> None:
    assert [_length('a'), _length('a')] == [1, 1]
    assert len(asked) == 2


def test_the_same_things_are_asked_about_once() -> None:
    one, other = [1], [1]
    with Memory():
        assert [_length(one), _length(one), _length(other), _length('ab'), _length('a' + 'b')] == [3, 3, 3, 2, 2]
    assert asked == [[1], [1], 'ab']


def test_an_argument_more_is_another_question() -> None:
    with Memory():
        _length('a'), _length('a', 1), _length('a', 1), _length('a', 2)
    assert len(asked) == 3


def test_a_memory_ends_with_its_block_and_the_outer_one_goes_on() -> None:
    outer, inner = Memory(), Memory()
    with outer:
        _length('a')
        with inner:
            _length('a')
            assert current() is inner
        _length('a')
        assert current() is outer
    assert len(asked) == 2


def test_garbage_is_looked_for_again_afterwards_even_after_an_error() -> None:
    with pytest.raises(RuntimeError), Memory():
        assert not gc.isenabled()
        raise RuntimeError
    assert gc.isenabled()


def test_what_nobody_asks_for_any_more_is_dropped() -> None:
    memory = Memory()
    for start in range(0, 60_000, 6_000):
        with memory:
            _length('kept')
            for number in range(start, start + 6_000):
                _length(number)
    assert sum(map(len, (*memory.new.values(), *memory.old.values()))) < 20_000
    assert asked.count('kept') == 1


def test_equal_things_stay_the_same_object() -> None:
    memory = Memory()
    first = memory.same('list', 'a', [1, 2])
    assert memory.same('list', 'a', [1, 2]) is first
    assert memory.same('list', 'a', [1, 3]) == [1, 3]


def test_facts_outlive_a_memory_and_are_read_as_what_they_were(tmp_path: Path) -> None:
    with FactFile(tmp_path / 'facts') as facts:
        with Memory(facts, 'v1'):
            assert kept('pair', tuple[int, str], 'x', lambda: (1, 'a')) == (1, 'a')
        with Memory(facts, 'v1'):
            assert kept('pair', tuple[int, str], 'x', lambda: (2, 'b')) == (1, 'a')
            assert kept('pair', tuple[int, str], '', lambda: (2, 'b')) == (2, 'b')
        with Memory(facts, 'v2'):
            assert kept('pair', tuple[int, str], 'x', lambda: (3, 'c')) == (3, 'c')


def test_a_damaged_fact_is_found_out_again(tmp_path: Path) -> None:
    with FactFile(tmp_path / 'facts') as facts, Memory(facts, 'v'):
        for damage in (b'', b'{', b'"text"', b'[1]'):
            facts.put('pair', 'v', digest('x'), damage)
            assert kept('pair', tuple[int, str], 'x', lambda: (1, 'a')) == (1, 'a')


def test_many_short_facts_are_asked_for_at_once(tmp_path: Path) -> None:
    calls: list[list[str]] = []

    def upper(texts: list[str]) -> list[str]:
        calls.append(texts)
        return [t.upper() for t in texts]

    with FactFile(tmp_path / 'facts') as facts:
        with Memory(facts, 'v'):
            assert kept_all('upper', ['a', 'b', 'a'], upper) == ['A', 'B', 'A']
            assert kept_all('upper', ['b', 'c'], upper) == ['B', 'C']
        with Memory(facts, 'v'):
            assert kept_all('upper', ['a', 'c'], upper) == ['A', 'C']
    assert calls == [['a', 'b'], ['c']]


def test_names_are_made_only_where_facts_are_kept(tmp_path: Path) -> None:
    assert name_of('x') == ''
    with FactFile(tmp_path / 'facts') as facts, Memory(facts, 'v'):
        assert name_of('x') == digest(('x',)) != name_of('y')
