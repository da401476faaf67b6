# SPDX-License-Identifier: GPL-2.0-or-later
"""The tree's own selftests: compiled where a patch may change them, told where one breaks them, run with their plans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.lab import GuestTest, Shop, added, selftests
from bot.lab.kit import GUEST
from bot.lab.ktap import Reader
from bot.lab.sandbox import Limits, Sandbox
from bot.model import Outcome
from tests.lab.fake_tree import TARGET, Tree

TOP = 'tools/testing/selftests/mm'
MAKE = '$(OUTPUT)/%: %.c\n\t$(CROSS_COMPILE)gcc $(LDFLAGS) -I../../../.. -o $@ $<\n'
HEADER = '#define MODES 1\n'
PROGRAM = '#include <stdio.h>\n#include "mm/gup_test.h"\nint main(void) { printf("%d\\n", MODES); return 0; }\n'
OTHER = 'int main(void) { return 0; }\n'
BASE = {f'{TOP}/Makefile': MAKE, f'{TOP}/gup_test.c': PROGRAM, f'{TOP}/bad.c': 'broken\n', 'mm/gup_test.h': HEADER}
WANTED = (GuestTest('', ('./selftests', 'gup_test'), 9, 'selftests.sh', ('mm/gup_test', 'mm/bad', 'mm/none')),)


def test_each_patch_has_the_selftests_of_its_own_tree(
    need: Callable[..., None], confined: None, tmp_path: Path
) -> None:
    need('make', 'gcc', 'git', 'bwrap')
    tree = Tree(tmp_path / 'tree', BASE)
    series = tree.series(
        {'mm/gup.c': '/* nothing */\n'},
        {'mm/gup_test.h': '#define MODES 2\n'},
        {f'{TOP}/gup_test.c': 'no C\n'},
        {f'{TOP}/gup_test.c': PROGRAM},
        {f'{TOP}/bad.c': OTHER},
    )
    shop = Shop(tmp_path / 'lab', jobs=1)
    found = selftests(series, tree, tree, TARGET, shop, WANTED)
    assert [sorted(found[n]) for n in range(6)] == [
        ['gup_test'],
        ['gup_test'],
        ['gup_test'],
        ['gup_test.lost'],
        ['gup_test'],
        ['bad', 'gup_test'],
    ]
    assert found[0]['gup_test'] == found[1]['gup_test'] != found[2]['gup_test'] == found[4]['gup_test']
    assert b'gup_test.c does not compile: ' in found[3]['gup_test.lost']
    assert b'gup_test.c:1: ' in found[3]['gup_test.lost']
    assert found[0]['gup_test'].startswith(b'\x7fELF')
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / 'lab').rglob('selftests-*.json')}
    assert selftests(tree.series(), tree, tree, TARGET, shop, WANTED)[0] and len(kept) == 1
    assert selftests(series, tree, tree, TARGET, shop, ()) == {}


SLOW = '$(OUTPUT)/%: %.c\n\tcp $< $@; sleep 60\n'
STARVED = """
$(OUTPUT)/gup_test: gup_test.c
	$(CROSS_COMPILE)gcc $(LDFLAGS) -I../../../.. -o $@ $<
$(OUTPUT)/bad: bad.c
	echo half >$@; echo "collect2: fatal error: ld terminated with signal 9 [Killed]"; exit 1
"""


@pytest.mark.parametrize(
    ('recipes', 'seconds', 'names', 'why'),
    [
        (SLOW, 3, ['bad.unmade', 'gup_test.unmade'], b'bad could not be made here: it was ended: timeout'),
        (
            STARVED,
            60,
            ['bad.unmade', 'gup_test'],
            b'bad could not be made here: it ran short: terminated with signal 9',
        ),
    ],
)
def test_what_time_or_memory_broke_is_no_failure_and_is_not_kept(
    need: Callable[..., None],
    confined: None,
    tmp_path: Path,
    recipes: str,
    seconds: float,
    names: list[str],
    why: bytes,
) -> None:
    need('make', 'gcc', 'git', 'bwrap')
    tree = Tree(tmp_path / 'tree', {**BASE, f'{TOP}/Makefile': recipes})
    shop = Shop(tmp_path / 'lab', jobs=1)
    found = selftests(tree.series(), tree, tree, TARGET, replace(shop, limits=Limits(seconds=seconds)), WANTED)[0]
    assert sorted(found) == names and found['bad.unmade'] == why + b'\n'
    assert not list((tmp_path / 'lab').rglob('selftests-*'))


def test_what_a_series_adds_to_gup_is_tried_from_its_patch_on(need: Callable[..., None], tmp_path: Path) -> None:
    need('git')
    flags = 'enum {\n\tFOLL_WRITE = 1 << 0,\n};\n#define FOLL_TOUCH 0x10000\n'
    program = 'while ((opt = getopt(argc, argv, "m:ab{}")) != -1)\n'
    types, text = 'include/linux/mm_types.h', f'{TOP}/gup_test.c'
    tree = Tree(tmp_path / 'tree', {types: flags, text: program.format('')})
    series = tree.series(
        {'mm/internal.h': '#define FOLL_INNER 0x40000\n'},
        {types: flags.replace('};', '\tFOLL_NEW = 1 << 13,\n};')},
        {text: program.format('dF:')},
    )
    found = added(series, tree)
    assert {n: [t.name for t in tests] for n, tests in found.items()} == {
        2: ['gup+FOLL_NEW', 'gup_test+FOLL_NEW'],
        3: ['gup_test+d', 'gup_test+d+FOLL_NEW'],
    }
    assert found[2][0].command == ('./gup', '0x2000')
    assert all('-d -F 0x2000' in words for words in found[3][1].command[1:])
    assert added(tree.series(), tree) == {}


def test_programs_are_run_one_by_one_each_with_its_plan(confined: None, tmp_path: Path) -> None:
    tests, run = tmp_path / 'tests', tmp_path / 'run'
    for place in (tests, run):
        place.mkdir()
    programs = {
        'good': 'echo TAP version 13; echo 1..1; echo ok 1 $1',
        'quiet': 'exit 0',
        'liar': 'echo 1..2; echo ok 1 one; exit 0',
        'bad': 'echo some words; exit 254',
        'skips': 'exit 4',
    }
    for name, script in programs.items():
        (tests / name).write_text(f'#!/bin/sh\n{script}\n')
        (tests / name).chmod(0o755)
    (tests / 'heavy.unmade').write_text('heavy could not be made here: it was ended: timeout\n')
    (tests / 'gone.lost').write_text('gone.c does not compile: gone.c:1: no C\n')
    (tests / 'selftests').write_bytes((GUEST / 'selftests.sh').read_bytes())
    words = ['sh', './selftests', 'good a', 'quiet', 'liar', 'bad -x', 'skips', 'gone', 'heavy', 'absent']
    ran = Sandbox(readable=((tests, '/tests'),), writable=((run, '/lorebot/run'),)).run(words, '/tests')
    reader = Reader('t')
    for line in ran.output.decode().splitlines():
        reader.take(line)
    result = reader.result()
    assert {p.name: (p.outcome, p.reason) for p in result.parts} == {
        'good a': (Outcome.PASSED, ''),
        'quiet': (Outcome.PASSED, ''),
        'liar': (Outcome.CRASHED, '2 tests planned, 1 reported'),
        'bad -x': (Outcome.FAILED, 'it ended with status 254'),
        'skips': (Outcome.SKIPPED, 'the test said SKIP'),
        'gone': (Outcome.FAILED, 'gone.c does not compile: gone.c:1: no C'),
        'heavy': (Outcome.SKIPPED, 'heavy could not be made here: it was ended: timeout'),
        'absent': (Outcome.SKIPPED, 'the tree has no absent that compiles'),
    }
    assert [p.name for p in result.parts[0].parts] == ['a']
