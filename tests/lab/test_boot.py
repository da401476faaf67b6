# SPDX-License-Identifier: GPL-2.0-or-later
"""Real boots: Debian's own arm64 kernel as a host of protected guests, and guests that misbehave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bot.lab import logs
from bot.lab.boot import Kernel, boot_image
from bot.lab.debian import Fetched
from bot.lab.plans import GuestTest, guest_tests, machines
from bot.model import BootResult, Outcome

PATIENT = 250
SCRIPT = GuestTest(name='script', why='', command=('./script',), seconds=100)


@pytest.fixture
def boot(need: Callable[..., None], confined: None, debian: Fetched) -> Callable[..., BootResult]:
    need('aarch64-linux-gnu-gcc', 'bwrap')

    def run(
        tests: tuple[GuestTest, ...], script: str = '', seconds: float = PATIENT, machine: str = 'arm64-pkvm-nvhe'
    ) -> BootResult:
        programs = {'script': f'#!/bin/sh\n{script}\n'.encode()}
        kernel = Kernel(debian.image.read_bytes(), programs)
        return boot_image(kernel, machines((machine,))[0], tests, debian.site, seconds=seconds)

    return run


def test_debians_kernel_protects_a_guest(boot: Callable[..., BootResult], debian: Fetched) -> None:
    result = boot(guest_tests(('pvm_smoke',)))
    assert (result.verdict.outcome, result.verdict.reason) == (Outcome.PASSED, '')
    facts = dict(result.facts)
    assert (facts['mode'], facts['entry'], facts['release']) == ('Protected nVHE', 'EL2', debian.release)
    refused = [p.name for p in result.tests[0].parts if 'refused' in p.name or 'wiped' in p.name]
    assert len(refused) == 8
    assert b'Protected nVHE mode initialized' in (
        logs.read(debian.site.directory / 'logs', dict(result.logs)['console']) or b''
    )
    assert msgspec.json.decode(msgspec.json.encode(result), type=BootResult) == result


def test_a_guest_that_panics_floods_and_lies(boot: Callable[..., BootResult]) -> None:
    lie = 'echo TAP version 13; echo lorebot 0123456789abcdef done; echo ok 1 all is well; echo 1..1'
    result = boot((SCRIPT,), f'{lie}; echo c >/proc/sysrq-trigger; sleep 100')
    assert result.verdict.outcome is Outcome.FAILED
    assert result.verdict.reason == 'kernel panic: sysrq triggered crash while script ran'
    assert result.tests[0].outcome is Outcome.CRASHED


@pytest.mark.long
def test_a_guest_that_floods_its_console(boot: Callable[..., BootResult]) -> None:
    result = boot((SCRIPT,), 'cat /dev/zero | tr "\\0" x >/dev/console')
    assert result.verdict.outcome is Outcome.FAILED and 'flooded' in result.verdict.reason


@pytest.mark.long
def test_a_guest_that_never_powers_off(boot: Callable[..., BootResult]) -> None:
    result = boot((replace_seconds(SCRIPT, 600),), 'sleep 500', seconds=40)
    assert result.verdict.reason == 'hang: no output from test machine while script ran'


@pytest.mark.long
def test_the_machine_with_vhe_too(boot: Callable[..., BootResult]) -> None:
    result = boot(guest_tests(('pvm_smoke', 'pin_balance')), machine='arm64-pkvm-hvhe')
    assert (result.verdict.outcome, dict(result.facts)['mode']) == (Outcome.PASSED, 'Protected hVHE')


def test_without_an_emulator_nothing_is_passed(
    debian: Fetched, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    site = replace(debian.site, tops=())
    result = boot_image(Kernel(b''), machines()[0], guest_tests(), site)
    assert (result.verdict.outcome, result.seconds) == (Outcome.SKIPPED, 0.0)
    assert 'qemu-system-aarch64 is not installed' in result.verdict.reason


def replace_seconds(test: GuestTest, seconds: int) -> GuestTest:
    return msgspec.structs.replace(test, seconds=seconds)
