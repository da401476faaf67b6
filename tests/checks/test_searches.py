# SPDX-License-Identifier: GPL-2.0-or-later
"""One search of the tree for all that will be asked finds what separate searches find."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.checks import check_rev, load_rules
from bot.checks.rulebook.examples import examples
from bot.checks.tree.sources import Snapshot, Sources
from bot.model import CheckResult
from bot.resources import shipped
from tests.checks.files import Memory, Trees, example_tree, quiet

RULES = load_rules([shipped('rules')])
TREE: dict[str, bytes | str] = {
    'mm/a.c': 'one two',
    'mm/b.c': 'two three',
    'include/c.h': 'three',
    'README': 'one two three',
    'mm/lost.c': 'one',
}
SETS = (('one',), ('three', 'two'), ('nowhere',))


class Counted(Trees):
    """Trees that count how often all of one is searched."""

    searches = 0

    def containing(
        self, commit: str, literals: Sequence[str], under: Sequence[str] = ()
    ) -> tuple[list[str], list[str]]:
        self.searches += not under
        return super().containing(commit, literals, under)


def snapshot(files: Trees, cache: Memory) -> Snapshot:
    return Sources(files, cache, RULES[0].watch, quiet).at('0')


def locked() -> Counted:
    """Return the example tree with all cases of the rules that ask callers for a lock, each in files of its own."""
    tree: dict[str, bytes | str] = {**example_tree()}
    for rule in (one for one in RULES if one.name.startswith(('lock-', 'unlock-'))):
        for nth, case in enumerate(examples(rule)):
            for path, text in case.files:
                name = path.replace('/', '_') if path in tree or path.startswith('drivers/example/') else path
                tree.setdefault(f'drivers/case{nth}/{rule.name}/{name}', text)
    return Counted(tree)


def checked(files: Trees, cache: Memory) -> CheckResult:
    return check_rev(files, '0', RULES, cache, quiet)


def test_a_search_for_several_sets_gives_each_its_listing() -> None:
    apart, at_once = Counted(TREE), Counted(TREE)
    plain, foreseen = snapshot(apart, Memory()), snapshot(at_once, Memory())
    foreseen.foresee(SETS)
    assert [foreseen.paths(one) for one in SETS] == [plain.paths(one) for one in SETS]
    assert foreseen.paths(SETS[1]) == ('include/c.h', 'mm/a.c', 'mm/b.c')
    assert (at_once.searches, apart.searches) == (1, len(SETS))


def test_what_could_not_be_searched_is_looked_at_again_and_named() -> None:
    files, cache = Counted(TREE), Memory()
    files.absent = {'mm/lost.c'}
    one = snapshot(files, cache)
    one.foresee(SETS)
    assert one.paths(SETS[0]) == ('mm/a.c',)
    assert one.sources.absent == {'mm/lost.c': 'its blob is not in this clone'}
    files.absent = set()
    assert snapshot(files, cache).paths(SETS[0]) == ('mm/a.c', 'mm/lost.c')
    assert files.searches == 1


@pytest.mark.parametrize('broken', [b'', b'\xc1', b'\x93\x01'])
def test_a_broken_listing_is_made_again(broken: bytes) -> None:
    files, cache = Counted(TREE), Memory()
    snapshot(files, cache).foresee(SETS)
    cache.facts = dict.fromkeys(cache.facts, broken)
    again = snapshot(files, cache)
    again.foresee(SETS)
    assert again.paths(SETS[0]) == ('mm/a.c', 'mm/lost.c')
    assert files.searches == 2


def test_one_set_alone_waits_until_it_is_asked_for() -> None:
    files = Counted(TREE)
    snapshot(files, Memory()).foresee(SETS[:1])
    assert files.searches == 0


def test_a_check_says_the_same_with_and_without_foresight(monkeypatch: pytest.MonkeyPatch) -> None:
    files = locked()
    foreseen, searches = checked(files, Memory()), files.searches
    assert any(one.rule.startswith('GUP-C') for one in foreseen.findings)
    monkeypatch.setattr(Snapshot, 'foresee', lambda self, wanted: None)
    plain = locked()
    assert checked(plain, Memory()) == foreseen
    assert searches < plain.searches
