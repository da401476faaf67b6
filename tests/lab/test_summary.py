# SPDX-License-Identifier: GPL-2.0-or-later
"""What a stage says of many results, and what is kept of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bot.lab import keeping, logs, summary
from bot.lab.build import Built
from bot.lab.compile import compiled_in
from bot.model import BootResult, BuildResult, Outcome, Verdict, crashed, failed, passed, skipped
from bot.model.lab import Diagnostic


def boots(*verdicts: Verdict, machine: str = 'm') -> list[BootResult]:
    return [BootResult(n, machine, verdict, 1.0) for n, verdict in enumerate(verdicts)]


@pytest.mark.parametrize(
    ('verdicts', 'outcome', 'reason'),
    [
        ((passed(), passed()), Outcome.PASSED, ''),
        ((passed(), failed('a'), passed(), failed('b')), Outcome.FAILED, 'patch 1 on m: a; patch 3 too'),
        ((passed(), crashed('silence')), Outcome.FAILED, 'patch 1 on m: silence'),
        ((crashed('no QEMU'), crashed('no QEMU')), Outcome.CRASHED, 'the kernel on m: no QEMU'),
        ((failed('old'), skipped('the base ends so too')), Outcome.SKIPPED, 'the base on m: old'),
        ((failed('old'), passed()), Outcome.PASSED, 'm: old'),
        ((skipped('nothing here'), skipped('nothing here')), Outcome.SKIPPED, 'nothing here'),
        ((failed('image'),), Outcome.FAILED, 'the kernel on m: image'),
        ((passed(),), Outcome.PASSED, ''),
    ],
)
def test_a_stage_is_judged_by_the_patches(verdicts: tuple[Verdict, ...], outcome: Outcome, reason: str) -> None:
    assert summary.stage_verdict(boots(*verdicts)) == Verdict(outcome, reason)


def test_an_image_that_passes_on_one_machine_and_is_skipped_on_another_has_passed() -> None:
    found = [*boots(passed(), machine='a'), *boots(skipped('QEMU is old'), machine='b')]
    assert summary.stage_verdict(found) == passed('b: QEMU is old')


def test_the_plain_row_is_left_out_where_an_exact_one_says_more() -> None:
    error = Diagnostic('cc', 'error', 'a.c', 1, 'f', 'wrong', key='k')
    builds = [BuildResult(0, 't', passed(), 1), BuildResult(1, 't', failed('x'), 1, (error,), broken=True)]
    assert [bad.check for bad in summary.telling(builds, ())] == ['error t: f: wrong']
    assert [bad.check for bad in summary.telling((), boots(passed(), failed('hang')))] == ['boot m']


def base(directory: Path, name: str, size: int, at: int) -> None:
    place = directory / 'bases' / name
    (place / 'tree').mkdir(parents=True)
    (place / 'tree' / 'vmlinux').write_bytes(b'x' * size)
    (place / 'base.json').write_text(json.dumps({}))
    os.utime(place / 'base.json', (at, at))


def test_the_base_used_least_lately_goes_first_and_the_last_one_stays(tmp_path: Path) -> None:
    for name, at in (('old', 1), ('new', 3), ('middle', 2)):
        base(tmp_path, name, 1 << 20, at)
    assert [place.name for place, _ in keeping.bases_kept(tmp_path)] == ['new', 'middle', 'old']
    assert keeping.prune(tmp_path, 3 << 20) == 1
    assert [place.name for place, _ in keeping.bases_kept(tmp_path)] == ['new', 'middle']
    assert keeping.prune(tmp_path, 0) == 1 and keeping.any_base(tmp_path)


def test_images_are_found_by_digest_or_are_gone(tmp_path: Path) -> None:
    digest = logs.keep(tmp_path / 'artefacts', b'image')
    results = (BuildResult(1, 't', passed(), 1, artefacts=(('Image', digest),)),)
    assert keeping.images(tmp_path, results) == {'t': {(1, 'Image'): b'image'}}
    logs.prune(tmp_path / 'artefacts', 0)
    assert keeping.images(tmp_path, results) is None
    assert Built(results).artefacts == {}


def test_objects_are_known_by_their_source() -> None:
    log = (
        b'  CC      mm/gup.o\n  HYPCC   arch/arm64/kvm/hyp/nvhe/switch.nvhe.o\n  CC [M]  a/b-c.o\n  LD      vmlinux.o\n'
    )
    assert compiled_in(log) == {'mm/gup.o', 'arch/arm64/kvm/hyp/nvhe/switch.o', 'a/b-c.o'}
