# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import ast
import dataclasses
import inspect
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import bot
from bot import model
from bot.model import Message, Outcome, Person, Verdict


def message(claimed: datetime | None, archived: datetime | None) -> Message:
    nobody = Person('', '')
    return Message('a@b', 's', nobody, (), (), claimed, archived, None, (), None, 'one\ntwo', b'')


def test_every_noun_is_frozen_and_slotted() -> None:
    nouns = [c for c in vars(model).values() if inspect.isclass(c) and dataclasses.is_dataclass(c)]
    assert len(nouns) > 30
    for noun in nouns:
        assert vars(noun)['__dataclass_params__'].frozen and '__slots__' in vars(noun), noun.__name__


def test_the_model_imports_only_itself_and_the_standard_library() -> None:
    for path in (Path(bot.__file__).parent / 'model').glob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.module is not None
                own = node.module.startswith('bot.model')
                assert own or node.module.split('.')[0] in sys.stdlib_module_names, (path.name, node.module)


def test_a_stage_starts_as_crashed_and_only_passed_needs_no_reason() -> None:
    assert Verdict().outcome is Outcome.CRASHED
    assert model.passed().reason == ''
    with pytest.raises(ValueError, match='reason'):
        Verdict(Outcome.SKIPPED, '')


def test_the_archive_caps_a_clock_that_runs_ahead() -> None:
    noon = datetime(2024, 6, 20, 12, tzinfo=UTC)
    assert message(noon + timedelta(days=400), noon).date == noon
    assert message(noon - timedelta(hours=1), noon).date == noon - timedelta(hours=1)
    assert message(None, noon).date == noon
    assert message(noon, None).date == noon
