# SPDX-License-Identifier: GPL-2.0-or-later
"""What a boot is worth: real consoles, channels as our init writes them, and every way to claim more than was earned."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.lab.plans import GuestTest, machines
from bot.lab.sandbox import Ran
from bot.lab.verdict import Evidence, Judged, flaky, judge
from bot.lab.watch import Ended
from bot.model import BootResult, Outcome, Verdict, failed, passed
from tests.lab.console_corpus import CORPUS, read

NONCE = '0123456789abcdef'
(NVHE,) = machines(('arm64-pkvm-nvhe',))
SMOKE = GuestTest(name='pvm_smoke', why='', command=('./pvm_smoke',), seconds=60)
CLEAN = read(CORPUS / '001').log
WARNED = read(CORPUS / '021').log
PANIC = read(CORPUS / '022').log
LOST = read(CORPUS / '030').log
SILENT = read(CORPUS / '014').log


def channel(*lines: str, nonce: str = NONCE) -> bytes:
    return ''.join(f'lorebot {nonce} {line}\n' for line in lines).encode()


BOOT = 'boot channel=port release=7.3.4-lorebot cpus=1 taint=0 uptime=0.70'
GOOD = (
    BOOT,
    'start pvm_smoke uptime=0.80',
    '| TAP version 13',
    '| ok 1 a',
    '| ok 2 b',
    '| 1..2',
    'end pvm_smoke status=0 taint=64 uptime=0.95',
    'done taint=64 uptime=0.96',
)


def evidence(
    console: bytes = CLEAN, said: bytes = channel(*GOOD), ended: Ended = Ended.EXIT, status: int = 0
) -> Evidence:
    ran = Ran(ended, status if ended is Ended.EXIT else None, b'qemu: words', False, 1.0, 'bubblewrap')
    return Evidence(ran, console, (said, b''), NONCE)


def weigh(found: Evidence, base: BootResult | None = None, tests: tuple[GuestTest, ...] = (SMOKE,)) -> Judged:
    return judge(found, NVHE, tests, base=base)


def booted(judged: Judged) -> BootResult:
    return BootResult(0, 'm', judged.verdict, 1.0, judged.events, judged.known, judged.tests, judged.facts)


def test_a_boot_that_earned_it_is_passed() -> None:
    judged = weigh(evidence())
    assert (judged.verdict, judged.events) == (passed(), ())
    assert dict(judged.facts) == {
        'channel': 'port',
        'cpus': '1',
        'entry': 'EL2',
        'mode': 'Protected nVHE',
        'release': '7.3.4-lorebot',
        'taint': '64',
    }
    assert (judged.tests[0].outcome, judged.tests[0].seconds) == (Outcome.PASSED, 0.15)


@pytest.mark.parametrize('lost', range(len(GOOD)))
def test_nothing_of_the_protocol_may_be_missing(lost: int) -> None:
    if GOOD[lost] != '| TAP version 13':
        said = channel(*(line for n, line in enumerate(GOOD) if n != lost))
        assert weigh(evidence(said=said)).verdict.outcome in (Outcome.CRASHED, Outcome.FAILED)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(channel(*GOOD)) - 20))
def test_a_channel_cut_anywhere_is_never_passed(length: int) -> None:
    assert weigh(evidence(said=channel(*GOOD)[:length])).verdict.outcome in (Outcome.CRASHED, Outcome.FAILED)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=3000))
def test_garbage_in_the_channel_is_never_passed(garbage: bytes) -> None:
    assert weigh(evidence(said=garbage)).verdict.outcome is Outcome.CRASHED


def test_marks_of_another_boot_count_for_nothing() -> None:
    judged = weigh(evidence(said=channel(*GOOD, nonce='fedcba9876543210')))
    assert judged.verdict.reason == 'init was not heard: nothing bears the nonce of this boot'


def test_garbage_around_a_whole_transcript_does_not_hurt_it() -> None:
    said = b'\xff\x00garbage\n' + channel(*GOOD) + b'PASS PASS\n'
    assert weigh(evidence(said=said)).verdict == passed()


def test_without_a_port_the_log_has_everything() -> None:
    log = CLEAN + b''.join(b'[    9.000000] ' + line + b'\n' for line in channel(*GOOD).splitlines())
    assert weigh(evidence(log + b'[    9.1] reboot: Power down\n', b'')).verdict == passed()


def test_a_panic_is_named_with_the_test_it_came_in() -> None:
    judged = weigh(evidence(PANIC, channel(*GOOD[:2])))
    assert judged.verdict == failed('nVHE hyp BUG in __pkvm_host_donate_guest while pvm_smoke ran')


def test_qemus_zero_does_not_lift_a_panic() -> None:
    assert weigh(evidence(PANIC)).verdict.outcome is Outcome.FAILED


def test_a_warning_fails_what_prints_ok() -> None:
    judged = weigh(evidence(WARNED))
    assert judged.tests[0].outcome is Outcome.PASSED
    assert judged.verdict == failed('new on the console: WARNING in gup_put_folio')


def test_what_the_base_says_too_is_known_not_new() -> None:
    base = booted(weigh(evidence(WARNED)))
    judged = weigh(evidence(WARNED), base)
    assert (judged.verdict, judged.events, len(judged.known)) == (passed(), (), 1)


def test_what_ends_as_on_the_base_is_not_the_patchs_fault() -> None:
    base = booted(weigh(evidence(LOST)))
    judged = weigh(evidence(LOST), base)
    assert judged.verdict.outcome is Outcome.SKIPPED
    assert judged.verdict.reason.startswith('the base ends in the same way: protected mode was not initialised')


def test_protection_that_is_lost_is_seen_though_all_else_is_well() -> None:
    assert weigh(evidence(LOST)).verdict == failed('protected mode was not initialised: protection is lost')


def test_a_silent_hang_names_what_ran() -> None:
    judged = weigh(evidence(SILENT, channel(*GOOD[:3]), Ended.TIMEOUT))
    assert judged.verdict == failed('hang: no output from test machine while pvm_smoke ran')
    assert weigh(evidence(b'', b'', Ended.TIMEOUT)).verdict == failed('hang: no output from test machine before init')


def test_an_emulator_that_dies_is_not_the_kernels_fault() -> None:
    assert weigh(evidence(status=1)).verdict == Verdict(Outcome.CRASHED, 'QEMU ended with exit 1: qemu: words')


def test_a_flood_is_said() -> None:
    assert weigh(replace(evidence(status=153), flooded=True)).verdict.reason.startswith('the console was flooded')


def test_a_failing_check_is_named_and_the_bases_failures_are_not_the_patchs() -> None:
    bad = channel(*(line.replace('ok 2 b', 'not ok 2 b').replace('status=0', 'status=1') for line in GOOD))
    judged = weigh(evidence(said=bad))
    assert judged.verdict == failed('pvm_smoke: 1 of 2 failed: b')
    assert weigh(evidence(said=bad), booted(judged)).verdict == passed('pvm_smoke fail as on the base')
    worse = bad.replace(b'| ok 1', b'| not ok 1')
    assert weigh(evidence(said=worse), booted(judged)).verdict.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ('status', 'said'), [('137', 'longer than 60'), ('127', 'could not be run'), ('3', 'ended with status 3')]
)
def test_a_tests_own_status_counts(status: str, said: str) -> None:
    odd = channel(*(line.replace('status=0', f'status={status}') for line in GOOD))
    assert said in weigh(evidence(said=odd)).verdict.reason


def test_a_taint_nobody_explained_fails() -> None:
    tainted = channel(*(line.replace('taint=64', 'taint=96') for line in GOOD))
    assert 'tainted by 32' in weigh(evidence(said=tainted)).verdict.reason


def test_a_log_without_power_off_is_crashed() -> None:
    assert weigh(evidence(read(CORPUS / '061').log)).verdict.outcome is Outcome.CRASHED


def test_a_test_that_must_run_may_not_skip() -> None:
    skip = channel(BOOT, GOOD[1], '| 1..0 # SKIP none', 'end pvm_smoke status=4 taint=0 uptime=1.0', GOOD[-1])
    assert judge(evidence(said=skip), NVHE, (SMOKE,)).verdict.outcome is Outcome.SKIPPED
    judged = judge(evidence(said=skip), NVHE, (SMOKE,), frozenset({'pvm_smoke'}))
    assert 'skipped what this configuration has' in judged.verdict.reason


def test_unlike_boots_of_one_kernel_are_called_flaky() -> None:
    good, bad = booted(weigh(evidence())), booted(weigh(evidence(PANIC)))
    assert flaky([bad, good]).verdict.reason.startswith('flaky: 1 of 2 boots failed: nVHE hyp BUG')
    assert flaky([bad, bad]).verdict == bad.verdict


def test_a_test_that_crashes_on_the_base_alike_hides_no_other() -> None:
    cut = channel(*(line for line in GOOD if '1..2' not in line))
    base = booted(weigh(evidence(said=cut)))
    assert base.verdict == Verdict(Outcome.CRASHED, 'pvm_smoke: no plan')
    assert weigh(evidence(said=cut), base).verdict == passed('pvm_smoke fail as on the base')
    worse = channel(*(line.replace('ok 2 b', 'not ok 2 b') for line in GOOD if '1..2' not in line))
    assert weigh(evidence(said=worse), base).verdict == Verdict(Outcome.CRASHED, 'pvm_smoke: no plan')
