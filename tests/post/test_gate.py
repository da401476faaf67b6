# SPDX-License-Identifier: GPL-2.0-or-later
"""What the gate promises, held over generated histories; and that each promise is noticed when its rule is taken away."""

from __future__ import annotations

from functools import lru_cache

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.errors import NoSuchExample

from bot.post import gate
from tests.post.histories import HISTORIES, INVARIANTS, Oracle, Sent, without, world

NAMES = [oracle.__name__ for oracle, _ in INVARIANTS]


@lru_cache(maxsize=500)
def _sent(drawn: bytes) -> tuple[Sent, ...]:
    """Return what went out by the rules as they are: the same draws are held against one invariant after the other."""
    return tuple(world(drawn).sent)


def holds(oracle: Oracle, cases: int) -> None:
    @settings(max_examples=cases, deadline=None, database=None, derandomize=True, phases=[Phase.generate, Phase.shrink])
    @given(HISTORIES)
    def held(drawn: bytes) -> None:
        assert list(oracle(_sent(drawn))) == []

    held()


@pytest.mark.parametrize(('oracle', 'rules'), INVARIANTS, ids=NAMES)
def test_invariant(oracle: Oracle, rules: tuple[str, ...]) -> None:
    holds(oracle, 100)


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_all_invariants_over_ten_thousand_histories() -> None:
    """One history is held against every invariant: drawing it costs more than reading it."""
    holds(lambda sent: (said for oracle, _ in INVARIANTS for said in oracle(sent)), 10_000)


@pytest.mark.parametrize(('oracle', 'rule'), [(o, r) for o, rules in INVARIANTS for r in rules])
def test_a_gate_without_its_rule_is_found_out(oracle: Oracle, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, 'RULES', without([rule]))
    quick = settings(max_examples=3000, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    try:
        find(HISTORIES, lambda drawn: bool(list(oracle(world(drawn).sent))), settings=quick)
    except NoSuchExample:
        pytest.fail(f'{oracle.__name__} did not notice that {rule} is gone')
