# SPDX-License-Identifier: GPL-2.0-or-later
"""A wrong rule file is refused with the file, the key and the nearest known one; an own directory adds rules."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.checks import load_rules
from bot.errors import RuleError
from bot.resources import shipped

RULE = """
id = "OWN-A01"
name = "own-rule"
title = "A rule of ours"
severity = "warning"
confidence = "low"
kind = "call"
message = "{function}() is passed {flags}"
why = "Because."
references = []
[[where]]
functions = ["@any"]
flags.may = ["FOLL_WRITE"]
"""
AREA = """
title = "Our area"
home = ["include/linux/", "mm/"]
[flags]
prefix = "FOLL_"
[groups]
any = ["get_user_pages"]
[gates]
door = ["is_valid_gup_args"]
"""


def directory(tmp_path: Path, rule: str = RULE, area: str | None = AREA, example: str | None = '') -> Path:
    folder = tmp_path / 'own'
    folder.mkdir(exist_ok=True)
    (folder / 'rule.toml').write_text(rule)
    if area is not None:
        (folder / 'area.toml').write_text(area)
    if example is not None:
        (folder / 'rule.c').write_text(example)
    return tmp_path


def test_shipped_rules_are_read_in_order_of_their_ids() -> None:
    rules = load_rules([shipped('rules')])
    assert [rule.id for rule in rules] == sorted(rule.id for rule in rules)
    assert {rule.area for rule in rules} == {'account', 'gup', 'ref'}
    assert all(rule.words.title for rule in rules)


def test_an_own_directory_adds_and_replaces(tmp_path: Path) -> None:
    own = directory(tmp_path)
    ids = [rule.id for rule in load_rules([shipped('rules'), own])]
    assert 'OWN-A01' in ids
    assert 'GUP-F03' in ids
    replaced = directory(tmp_path, RULE.replace('OWN-A01', 'GUP-F03'))
    (rule,) = (rule for rule in load_rules([shipped('rules'), replaced]) if rule.id == 'GUP-F03')
    assert rule.title == 'A rule of ours'


def test_only_takes_ids_and_names() -> None:
    rules = load_rules([shipped('rules')], only=['GUP-F03', 'bit-budget'])
    assert [rule.id for rule in rules] == ['GUP-F03', 'REF-R02']


@pytest.mark.parametrize(('wanted', 'near'), [('GUP-F033', 'GUP-F03'), ('longterm-no-pin', 'longterm-without-pin')])
def test_an_unknown_rule_names_the_nearest(wanted: str, near: str) -> None:
    with pytest.raises(RuleError) as caught:
        load_rules([shipped('rules')], only=[wanted])
    assert caught.value.what == f'there is no rule {wanted!r}'
    assert near in caught.value.todo


@pytest.mark.parametrize(
    ('old', 'new', 'what', 'where', 'todo'),
    [
        ('title =', 'titel =', "unknown key 'titel'", 'own/rule.toml, key titel', "did you mean 'title'?"),
        (
            'flags.may',
            'flags.mya',
            "unknown key 'mya' in where[0].flags",
            'own/rule.toml, key mya',
            "did you mean 'may'?",
        ),
        ('kind = "call"', 'kind = "cal"', "kind is 'cal'", 'own/rule.toml, key kind', "did you mean 'call'?"),
        ('{flags}', '{flag}', 'unknown placeholder {flag}', 'own/rule.toml, key message', "did you mean 'flags'?"),
        (
            '{flags}',
            '{flags.__class__}',
            'unknown placeholder {flags.__class__}',
            'own/rule.toml, key message',
            "did you mean 'flags'?",
        ),
        ('@any', '@anny', 'unknown group or gate @anny', 'own/rule.toml, key where', "did you mean 'any'?"),
        ('OWN-A01', 'own-1', "id is 'own-1'", 'own/rule.toml, key id', 'write it like GUP-F03'),
        ('references = []', 'references = []\narea = "x"', "unknown key 'area'", 'own/rule.toml, key area', ''),
        ('"warning"', '"warn"', 'a rule file is not as it must be', 'own/rule.toml', 'mend it'),
        ('id =', 'id', 'a rule file is no TOML', 'own/rule.toml', 'mend that line'),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, old: str, new: str, what: str, where: str, todo: str) -> None:
    with pytest.raises(RuleError) as caught:
        load_rules([directory(tmp_path, RULE.replace(old, new, 1))])
    assert caught.value.what.startswith(what)
    assert caught.value.where == where
    assert todo in caught.value.todo
    assert caught.value.exit_code == 2


def test_a_rule_needs_an_area_and_examples(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match='no area.toml'):
        load_rules([directory(tmp_path, area=None)])
    shutil.rmtree(tmp_path / 'own')
    with pytest.raises(RuleError, match='no examples'):
        load_rules([directory(tmp_path, example=None)])


def test_an_empty_directory_is_said(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match='there are no rules'):
        load_rules([tmp_path])


def test_a_mark_for_another_rule_is_refused(tmp_path: Path) -> None:
    from bot.checks import examples

    (rule,) = load_rules([directory(tmp_path, example='x; /* fires: OWN-A02 */\n')])
    with pytest.raises(RuleError, match='marked for OWN-A02'):
        examples(rule)
