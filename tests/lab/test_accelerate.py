# SPDX-License-Identifier: GPL-2.0-or-later
"""KVM is used where a boot with it came to its end, and nowhere else: whatever lies at /dev/kvm."""

from __future__ import annotations

import platform
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bot.lab import accelerate, boot, qemu
from bot.lab.accelerate import Accelerator, chosen
from bot.lab.plans import machines
from bot.lab.ready import static
from bot.lab.sandbox import Sandbox

ARCH = {'x86_64': 'x86_64', 'aarch64': 'arm64'}.get(platform.machine(), 'x86_64')
MACHINE = msgspec.structs.replace(machines(('x86_64',))[0], arch=ARCH)
FAKE_QEMU = """#!/bin/sh
case $1 in --version) echo 'QEMU emulator version 10.0.2'; exit 0 ;; esac
for word; do last=$word; done
nonce=${last##*lorebot.nonce=}
%s
"""
ABORTS = "echo 'kvm_buf_set_msrs: Assertion failed.'; exit 134"
SILENT = 'exit 0'
REPLAYS = 'printf "lorebot 0123456789abcdef boot channel=port release=1 taint=0 uptime=1\\n'
REPLAYS += 'lorebot 0123456789abcdef done taint=0 uptime=2\\n" >/out/channel0'
BOOTS = REPLAYS.replace('0123456789abcdef', '%s').replace('" >', '" $nonce $nonce >')


def never() -> str:
    raise AssertionError('nothing is booted')


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(accelerate, 'DEVICE', tmp_path / 'kvm')
    monkeypatch.setattr(boot, '_PROVEN', {})
    return tmp_path / 'kvm'


def test_a_machine_that_does_not_ask_is_emulated_without_a_word() -> None:
    assert [chosen(m, never) for m in machines()] == [Accelerator()] * 2
    assert all(m.accelerators == ('tcg',) for m in machines())


def test_a_plain_file_is_no_device(device: Path) -> None:
    assert chosen(MACHINE, never) == Accelerator('tcg', f'KVM is not used: there is no {device}')
    device.write_bytes(b'')
    assert chosen(MACHINE, never) == Accelerator('tcg', f'KVM is not used: {device} is no device')


def test_another_architecture_is_not_tried() -> None:
    other = msgspec.structs.replace(MACHINE, arch='riscv64')
    assert chosen(other, never).why_not.endswith('the guest riscv64')


@pytest.mark.parametrize(
    ('does', 'said'),
    [
        (ABORTS, 'QEMU ended with exit 134: kvm_buf_set_msrs: Assertion failed.'),
        (SILENT, 'QEMU ended with exit 0'),
        (REPLAYS, 'QEMU ended with exit 0'),
        (BOOTS, ''),
    ],
)
def test_only_a_boot_that_comes_to_its_end_is_proof(
    confined: None, device: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, does: str, said: str
) -> None:
    """The device opens in all four; in the last the guest says the marks of this very boot."""
    monkeypatch.setattr(accelerate, 'DEVICE', Path('/dev/null'))
    program = tmp_path / 'top/usr/bin' / MACHINE.program
    program.parent.mkdir(parents=True)
    program.write_text(FAKE_QEMU % does)
    program.chmod(0o755)
    box = tmp_path / 'busybox'
    box.write_bytes(b'\x7fELF')
    site = boot.Site(tmp_path / 'lab', box, (tmp_path / 'top',), False, ((MACHINE.arch, box),))
    monkeypatch.setenv('PATH', '/usr/bin:/bin')
    emulator = qemu._look(str(program), tmp_path / 'top')
    assert emulator is not None
    found = boot._accelerator(boot.Kernel(b'kernel'), MACHINE, site, emulator)
    assert (found.name == 'kvm') is (not said)
    assert said in found.why_not and found.why_not.count('\n') == 0


def test_the_sandbox_hands_in_the_one_device_that_is_named(confined: None) -> None:
    device = Path('/dev/kmsg') if Path('/dev/kmsg').exists() else Path('/dev/null')
    listed = 'test -c "$1" && echo there; touch /dev/new 2>/dev/null || echo fast'
    assert Sandbox(devices=(device,)).run(['sh', '-c', listed, 'sh', str(device)]).output == b'there\nfast\n'
    assert Sandbox().run(['sh', '-c', listed, 'sh', '/dev/kmsg']).output == b'fast\n'
    assert stat.S_ISCHR(device.stat().st_mode)


def test_a_busybox_that_needs_a_loader_is_none_for_a_guest(need: Callable[..., None], tmp_path: Path) -> None:
    need('gcc')
    (tmp_path / 'a.c').write_text('int main(void) { return 0; }\n')
    made = Sandbox(writable=((tmp_path, '/src'),)).run(['sh', '-c', 'gcc -o d a.c && gcc -static -o s a.c'], '/src')
    assert made.ok and [static(tmp_path / name) for name in 'ds'] == [False, True]
    assert not static(tmp_path / 'a.c')
