# SPDX-License-Identifier: GPL-2.0-or-later
"""Series on a small tree with the host's compiler: what each patch brings, and what is somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bot.errors import InfraError
from bot.lab import first_bad, locks, matrix, sandbox, workspace
from bot.lab.base import Shop
from bot.lab.build import Built, build_series, run_by_build
from bot.lab.plans import Target
from bot.lab.sandbox import MIB, Limits
from bot.model import BuildResult, Outcome
from tests.lab.fake_tree import FAKE, TARGET, Tree

GUP = (FAKE / 'mm/gup.c').read_text()
MAIN = (FAKE / 'kernel/main.c').read_text()
UNUSED = GUP.replace('\tpinned -= count;', '\tint old_refs = 0;\n\n\tpinned -= count;')
BROKEN = GUP.replace('\treturn count;', '\treturn undeclared_thing;')
LIMITS = Limits(seconds=120, memory=1024 * MIB, processes=128, file=64 * MIB, disk=256 * MIB)
Builder = Callable[..., Built]


@pytest.fixture
def build(need: Callable[..., None], confined: None, tmp_path: Path) -> Builder:
    need('make', 'gcc', 'git', 'bwrap')

    def run(
        *patches: dict[str, str | None],
        base: dict[str, str | None] | None = None,
        target: Target = TARGET,
        **shop: object,
    ) -> Built:
        tree = Tree(tmp_path / 'tree', base)
        made = Shop(tmp_path / 'shop', limits=LIMITS)
        return build_series(tree.series(*patches), tree, tree, target, replace(made, **shop))  # type: ignore[arg-type]

    return run


def outcomes(built: Built) -> list[str]:
    return [str(r.verdict.outcome) for r in built.results]


def test_a_clean_series_builds_and_its_images_are_there(build: Builder) -> None:
    built = build({'mm/gup.c': GUP.replace('static int pinned', 'static int taken').replace('pinned', 'taken')})
    assert outcomes(built) == ['passed', 'passed']
    assert sorted(built.artefacts) == [(0, 'arch/arm64/boot/Image'), (1, 'arch/arm64/boot/Image')]
    assert all(data.startswith(b'\x7fELF') for data in built.artefacts.values())
    assert built.results[1].reproducer == 'make ARCH=arm64 LOCALVERSION= CC=gcc W=1 Image'
    assert msgspec.json.decode(msgspec.json.encode(built.results), type=tuple[BuildResult, ...]) == built.results


def test_a_base_that_time_ran_out_for_is_no_broken_base(build: Builder, tmp_path: Path) -> None:
    makefile = (FAKE / 'Makefile').read_text().replace('Image:', 'Image: endless', 1) + '\nendless:\n\tsleep 600\n'
    with pytest.raises(InfraError, match='not built to its end'):
        build(base={'Makefile': makefile}, limits=replace(LIMITS, seconds=3))
    assert not list((tmp_path / 'shop').glob('bases/*/base.json'))


def test_a_tree_that_wants_another_sparse_is_not_checked(build: Builder) -> None:
    says = 'Makefile:1: C=1 specified, but sparse is not available or not up to date'
    makefile = (FAKE / 'Makefile').read_text().replace("@echo '  CC      $@'", f"@echo '{says}'; echo '  CC      $@'")
    built = build({'mm/gup.c': GUP + '\n'}, base={'Makefile': makefile})
    assert built.results[1].verdict.reason == (
        'not checked: the tree says that sparse is not available or not up to date'
    )
    assert outcomes(built) == ['passed', 'skipped']


def test_who_mends_a_break_and_brings_another_has_the_second(build: Builder) -> None:
    other = MAIN.replace('{', '{\n\tanother_undeclared_thing();', 1)
    built = build({'mm/gup.c': BROKEN}, {'mm/gup.c': GUP, 'kernel/main.c': other}, {'mm/gup.c': GUP + '\n'})
    assert outcomes(built) == ['passed', 'failed', 'failed', 'skipped']
    assert [r.inherited for r in built.results] == [None, None, None, 2]
    assert built.results[3].verdict.reason == 'patch 2 broke the build and this patch does not mend it'


def test_a_warning_is_its_patchs_and_is_told_once(build: Builder) -> None:
    built = build({'mm/gup.c': UNUSED}, {'mm/gup.c': UNUSED.replace('return count', 'return 0 + count')})
    assert outcomes(built) == ['passed', 'failed', 'passed']
    (new,) = built.results[1].diagnostics
    assert (new.where, new.function, new.option) == ('mm/gup.c:14', 'unpin_pages', '-Wunused-variable')
    assert built.results[1].verdict.reason == "new diagnostics: mm/gup.c:14: unused variable 'old_refs'"


def test_what_the_base_warns_of_is_not_the_patchs_even_moved(build: Builder) -> None:
    built = build({'kernel/main.c': MAIN.replace('void start', '/* one\n * two */\nvoid start')})
    assert outcomes(built) == ['passed', 'passed']
    assert built.results[1].held == 1


def test_a_warning_that_goes_is_credited(build: Builder) -> None:
    built = build({'kernel/main.c': MAIN.replace('\tint old_warning;\n\n', '')})
    assert [d.message for d in built.results[1].fixed] == ["unused variable 'old_warning'"]


def test_a_break_is_named_and_its_mending_credited(build: Builder) -> None:
    built = build({'mm/gup.c': BROKEN}, {'kernel/main.c': MAIN + '\n'}, {'mm/gup.c': GUP})
    assert outcomes(built) == ['passed', 'failed', 'skipped', 'passed']
    assert built.results[1].verdict.reason.startswith("does not build: mm/gup.c:9: 'undeclared_thing' undeclared")
    assert built.results[2].verdict.reason == 'patch 1 broke the build and this patch does not mend it'
    assert (built.results[2].inherited, built.results[3].inherited) == (1, None)
    assert built.results[3].verdict.reason == 'mends what patch 1 broke'
    assert [d.message for d in built.results[3].fixed] == [d.message for d in built.results[1].diagnostics]
    assert (1, 'arch/arm64/boot/Image') not in built.artefacts and (3, 'arch/arm64/boot/Image') in built.artefacts


def test_what_is_broken_again_is_new_again(build: Builder) -> None:
    built = build({'mm/gup.c': BROKEN}, {'mm/gup.c': GUP}, {'mm/gup.c': BROKEN})
    assert outcomes(built) == ['passed', 'failed', 'passed', 'failed']
    bad = [(b.patch, b.fixed_by) for b in first_bad(matrix(built.results, ())) if b.check.startswith('build ')]
    assert bad == [(1, 2), (3, None)]


def test_a_symbol_nobody_defines_is_the_linkers_to_tell(build: Builder) -> None:
    built = build({'kernel/main.c': MAIN.replace('pin_pages(1)', 'pin_page(1)', 1)})
    assert any(d.tool == 'ld' and 'pin_page' in d.message for d in built.results[1].diagnostics)


def test_a_broken_base_is_the_bases_fault(build: Builder) -> None:
    built = build({'kernel/main.c': MAIN + '\n'}, {'mm/gup.c': GUP}, base={'mm/gup.c': BROKEN})
    assert outcomes(built) == ['failed', 'skipped', 'passed']
    assert built.results[0].verdict.reason.startswith('the base itself does not build: mm/gup.c:9')
    assert built.results[1].inherited == 0
    assert built.results[2].verdict.reason == 'mends what the base broke'


def test_new_and_removed_files_are_built_and_gone(build: Builder) -> None:
    extra = '// SPDX\nint extra(void);\nint extra(void) { return 1; }\n'
    built = build({'mm/extra.c': extra}, {'mm/extra.c': None, 'mm/gup.c': GUP + '\n'})
    assert outcomes(built) == ['passed', 'passed', 'passed']
    images = [built.artefacts[n, 'arch/arm64/boot/Image'] for n in range(3)]
    assert b'extra' in images[1] and b'extra' not in images[2]


OBJECTS = msgspec.structs.replace(TARGET, goals=(), artefacts=(), name='objects')
HEADER = (FAKE / 'include/mm.h').read_text()


def test_without_goals_a_header_is_compiled_with_the_files_of_the_series(build: Builder) -> None:
    worse = HEADER.replace('#endif', 'static int nobody(void) { return 1; }\n#endif') if '#endif' in HEADER else ''
    worse = worse or f'{HEADER}\nstatic int nobody(void) {{ return 1; }}\n'
    built = build({'include/mm.h': worse}, {'mm/gup.c': f'{GUP}\n'}, {'include/mm.h': HEADER}, target=OBJECTS)
    assert outcomes(built) == ['passed', 'failed', 'passed', 'passed']
    assert "'nobody' defined but not used" in built.results[1].verdict.reason
    assert [d.message for d in built.results[3].fixed] == ["'nobody' defined but not used"]


def test_without_goals_what_is_not_compiled_is_no_pass(build: Builder) -> None:
    built = build({'include/mm.h': f'{HEADER}\n'}, target=OBJECTS)
    assert outcomes(built) == ['passed', 'skipped']
    assert built.results[1].verdict.reason == 'what it changes cannot be compiled by this target'


def test_a_file_that_cannot_be_compiled_here_is_named_and_blamed_on_nobody(build: Builder) -> None:
    base: dict[str, str | None] = {'arch/x.c': '#error other machine\n'}
    built = build({'arch/x.c': '#error another machine\n', 'mm/gup.c': f'{GUP}\n'}, base=base)
    assert outcomes(built) == ['passed', 'passed']
    assert built.results[1].unbuilt == ('arch/x.c',)


def test_a_warning_in_a_file_apart_is_told_once(build: Builder) -> None:
    old = 'int apart(void);\nint apart(void)\n{\n\tint a;\n\n\treturn 0;\n}\n'
    new = old.replace('\tint a;', '\tint a, b;')
    built = build({'lib/x.c': new}, {'lib/x.c': f'{new}\n'}, {'lib/x.c': old}, base={'lib/x.c': old})
    assert outcomes(built) == ['passed', 'failed', 'passed', 'passed']
    assert [d.message for d in built.results[1].diagnostics] == ["unused variable 'b'"]
    assert [d.message for d in built.results[3].fixed] == ["unused variable 'b'"]


def test_documentation_needs_no_build(build: Builder) -> None:
    built = build({'Documentation/mm/gup.rst': 'text\n'})
    assert built.results[1].verdict.reason == 'nothing in it is compiled'


def test_files_that_the_build_runs_are_flagged(build: Builder) -> None:
    built = build({'mm/Makefile': '# x\n', 'scripts/x.sh': '#!/bin/sh\n', 'mm/gup.c': GUP + '\n'})
    assert built.results[1].flagged == ('mm/Makefile', 'scripts/x.sh')


@pytest.mark.parametrize(('path', 'runs'), [('mm/Kconfig', True), ('tools/x.c', True), ('mm/gup.c', False)])
def test_what_the_build_runs(path: str, runs: bool) -> None:
    assert run_by_build(path) is runs


def test_a_patch_that_attacks_its_builder(build: Builder, tmp_path: Path) -> None:
    victim = tmp_path / 'victim'
    victim.write_text('kept')
    attack = f'$(shell rm -f {victim}; echo owned >{tmp_path}/owned)\n'
    makefile = attack + (FAKE / 'Makefile').read_text()
    linked = makefile.replace("@echo '  LD", f"@ln -sf {victim} arch/arm64/boot/Image2; echo '  LD")
    built = build({'Makefile': linked}, {'mm/gup.c': GUP + '\n'})
    assert victim.read_text() == 'kept' and not (tmp_path / 'owned').exists()
    assert built.results[1].flagged == ('Makefile',)
    assert outcomes(built) == ['passed', 'passed', 'passed']


def test_the_base_is_built_once_and_stays_as_it_was(build: Builder, tmp_path: Path) -> None:
    tree = Tree(tmp_path / 'twice')
    shop = Shop(tmp_path / 'shop2', limits=LIMITS)
    applied = tree.series({'mm/gup.c': UNUSED})
    first = build_series(applied, tree, tree, TARGET, shop)
    files = {p: p.stat().st_mtime_ns for p in (shop.directory / 'bases').glob('*/tree/**/*')}
    second = build_series(applied, tree, tree, TARGET, shop)
    assert files == {p: p.stat().st_mtime_ns for p in (shop.directory / 'bases').glob('*/tree/**/*')}
    assert [replace(r, seconds=0) for r in first.results] == [replace(r, seconds=0) for r in second.results]
    assert not list((shop.directory / 'work').iterdir())


def test_what_a_killed_build_left_is_cleared_and_a_living_ones_is_not(build: Builder, tmp_path: Path) -> None:
    dead, alive = (tmp_path / 'shop' / 'work' / f'series-{name}' for name in ('dead', 'alive'))
    for place in (dead, alive):
        place.mkdir(parents=True)
        (place / 'lock').touch()
    with locks.held(alive / 'lock'):
        build({'mm/gup.c': GUP + '\n'})
    assert not dead.exists() and alive.exists()


def test_without_mount_rights_a_copy_serves(build: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    found = replace(sandbox.probe(), overlay='')
    monkeypatch.setattr(workspace, 'probe', lambda: found)
    built = build({'mm/gup.c': UNUSED}, {'mm/gup.c': BROKEN}, {'mm/gup.c': GUP})
    assert outcomes(built) == ['passed', 'failed', 'failed', 'passed']


def test_what_is_lost_of_the_configuration_is_said(build: Builder) -> None:
    assert build().results[0].lost == ()
    assert len(build().results[0].config) == 64


def test_without_a_compiler_it_is_skipped_with_the_reason(tmp_path: Path) -> None:
    tree = Tree(tmp_path / 'tree')
    target = msgspec.structs.replace(TARGET, needs=('no-such-compiler',))
    (result,) = build_series(tree.series(), tree, tree, target, Shop(tmp_path / 'shop')).results
    assert (result.verdict.outcome, 'no-such-compiler' in result.verdict.reason) == (Outcome.SKIPPED, True)


def test_an_explicit_no_sandbox_stands_in_every_result(build: Builder) -> None:
    built = build({'mm/gup.c': GUP + '\n'}, no_sandbox=True)
    assert outcomes(built) == ['passed', 'passed']
    assert all(r.sandbox == sandbox.NO_SANDBOX for r in built.results)
