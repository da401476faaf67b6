# SPDX-License-Identifier: GPL-2.0-or-later
"""Every rule fires on every marked line of its examples and on no other; every predicate of it is needed for that."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from bot.checks import check_series, describe, examples, load_rules
from bot.checks.rulebook.examples import Example
from bot.checks.rulebook.rules import FlagRule, Rule
from bot.resources import shipped
from tests.checks.files import Memory, Trees, applied, example_tree, quiet

RULES = load_rules([shipped('rules')])
BASE = example_tree()
CACHE = Memory()


def fired(rule: Rule, case: Example) -> set[tuple[str, int]]:
    """Return where the rule fires in a case laid over the example tree."""
    files = Trees(BASE, {**BASE, **{path: text.encode() for path, text in case.files}})
    result = check_series(files, applied(1), [rule], CACHE, quiet)
    return {(one.file, one.line) for one in result.findings if one.class_ not in ('fixed', 'fixed-later')}


def ids(rule: Rule) -> str:
    return rule.id


@pytest.mark.parametrize('rule', RULES, ids=ids)
def test_fires_on_marked_lines_only(rule: Rule) -> None:
    for case in examples(rule):
        assert fired(rule, case) == case.fires, f'{rule.source}: {case.name}'


@pytest.mark.parametrize('rule', RULES, ids=ids)
def test_has_two_of_each(rule: Rule) -> None:
    cases = examples(rule)
    if isinstance(rule, FlagRule) or rule.kind == 'budget':
        firing = sum(bool(case.fires) for case in cases)
        silent = len(cases) - firing
    else:
        names = [
            line for case in cases for _, text in case.files for line in text.split('\n') if line.startswith('static')
        ]
        firing = sum('fires_' in name for name in names)
        silent = sum('quiet_' in name for name in names)
    assert firing >= 2
    assert silent >= 2


@pytest.mark.parametrize('rule', RULES, ids=ids)
def test_messages_are_filled(rule: Rule) -> None:
    for case in examples(rule):
        files = Trees(BASE, {**BASE, **{path: text.encode() for path, text in case.files}})
        for one in check_series(files, applied(1), [rule], CACHE, quiet).findings:
            assert '{' not in one.message
            assert '()()' not in one.message
            assert '  ' not in one.message


def weaker(table: msgspec.Struct) -> Iterator[tuple[str, msgspec.Struct]]:
    """Yield copies of a predicate table with one predicate, or one word of a predicate, less."""
    for field in msgspec.structs.fields(table):
        value = getattr(table, field.name)
        if isinstance(value, msgspec.Struct):
            for name, inner in weaker(value):
                yield f'{field.name}.{name}', msgspec.structs.replace(table, **{field.name: inner})
        if isinstance(value, tuple) and len(value) > 1:
            for word in value:
                rest = tuple(one for one in value if one != word)
                yield f'{field.name} without {word}', msgspec.structs.replace(table, **{field.name: rest})
        elif field.default is not msgspec.NODEFAULT and value != field.default:
            yield field.name, msgspec.structs.replace(table, **{field.name: field.default})
        elif field.name == 'functions':
            yield field.name, msgspec.structs.replace(table, functions=('*',))
        elif field.name == 'counter':
            yield field.name, msgspec.structs.replace(table, counter='_pincount')
        elif field.name == 'pin_bits_below' and value:
            for limit in (0, 99):
                yield f'{field.name} {limit}', msgspec.structs.replace(table, pin_bits_below=limit)


def mutants() -> Iterator[tuple[str, Rule]]:
    for rule in RULES:
        tables = rule.where  # type: ignore[attr-defined]
        for nth, table in enumerate(tables):
            if len(tables) > 1:
                rest = (*tables[:nth], *tables[nth + 1 :])
                yield f'{rule.id} where {nth}', msgspec.structs.replace(rule, where=rest)
            for name, inner in weaker(table):
                changed = (*tables[:nth], inner, *tables[nth + 1 :])
                yield f'{rule.id} where {nth} {name}', msgspec.structs.replace(rule, where=changed)
        for field in ('within', 'outside'):
            if getattr(rule.paths, field):
                paths = msgspec.structs.replace(rule.paths, **{field: ()})
                yield f'{rule.id} paths.{field}', msgspec.structs.replace(rule, paths=paths)


MUTANTS = dict(mutants())


@pytest.mark.parametrize('name', MUTANTS)
def test_an_example_needs_each_predicate(name: str) -> None:
    rule = MUTANTS[name]
    assert any(fired(rule, case) != case.fires for case in examples(rule)), 'no example notices that this is gone'


def test_describes_every_rule() -> None:
    text = describe(RULES)
    for rule in RULES:
        assert f'### {rule.id} {rule.name}' in text
        assert f'`rules/{rule.source}`' in text
    assert describe(RULES) == text
