# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's world: an archive that is the same every time, tests that compile, plans that are checked."""

from __future__ import annotations

import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import Bug, ConfigError, ToolMissing, UserError
from bot.lab import cpio, kit, logs, plans, qemu
from bot.lab.cpio import Entry


def test_an_archive_is_the_same_every_time_and_cpio_reads_it(need: Callable[..., None], tmp_path: Path) -> None:
    entries = {'bin/sh': Entry(b'x' * 5, 0o755), 'etc/a': Entry(b''), 'link': Entry(link='bin/sh')}
    made = cpio.archive(entries)
    assert made == cpio.archive(dict(reversed(entries.items())))
    need('cpio')
    listed = subprocess.run(['cpio', '-tv'], input=made, capture_output=True, check=True).stdout.decode()
    assert [line.split()[0] for line in listed.splitlines()] == [
        'drwxr-xr-x',
        '-rwxr-xr-x',
        'drwxr-xr-x',
        '-rw-r--r--',
        'lrwxrwxrwx',
    ]
    subprocess.run(['cpio', '-id', '--quiet'], input=made, cwd=tmp_path, check=True)
    assert (tmp_path / 'link').read_bytes() == b'xxxxx'


@pytest.mark.parametrize('name', ['../x', 'a/../b', '/abs', 'a//b', ''])
def test_names_that_leave_the_root_are_refused(name: str) -> None:
    with pytest.raises(Bug):
        cpio.archive({name: Entry(b'')})


def test_compression_keeps_no_time() -> None:
    assert cpio.gzipped(b'same') == cpio.gzipped(b'same')
    assert zlib.decompress(cpio.gzipped(b'same'), 31) == b'same'


def test_our_tests_compile_without_a_warning(need: Callable[..., None], tmp_path: Path) -> None:
    need('aarch64-linux-gnu-gcc')
    programs = kit.compile_tests(plans.guest_tests(), 'arm64', tmp_path)
    assert sorted(programs) == ['gup', 'kunit', 'pin_balance', 'pvm_smoke', 'selftests']
    assert all(data.startswith((b'\x7fELF', b'#!/bin/sh\n')) for data in programs.values())
    kept = {p: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    kit.compile_tests(plans.guest_tests(), 'arm64', tmp_path)
    assert kept == {p: p.stat().st_mtime_ns for p in tmp_path.iterdir()}


def test_without_a_compiler_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(ToolMissing, match='aarch64-linux-gnu-gcc'):
        kit.compile_tests(plans.guest_tests(), 'arm64', tmp_path)


def test_a_name_there_is_not_names_those_there_are() -> None:
    with pytest.raises(UserError, match='arm64-pkvm-nvhe'):
        plans.machines(('nope',))


def test_an_unknown_key_is_an_error(tmp_path: Path) -> None:
    (tmp_path / 'odd.toml').write_text('why = "w"\ncommand = ["x"]\nseconds = 1\nsecond = 2\n')
    with pytest.raises(ConfigError, match=r'odd\.toml'):
        plans.guest_tests((), tmp_path)


def test_tests_are_listed_with_every_word_quoted() -> None:
    odd = plans.GuestTest(name='odd', why='', command=('./x', 'a b', '$(id)'), seconds=3)
    world = zlib.decompress(kit.initramfs(b'', (odd,), {}), 31)
    assert b"odd 3 ./x 'a b' '$(id)'\n" in world


def emulator(directory: Path, version: str) -> Path:
    program = directory / 'usr/bin/qemu-system-aarch64'
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\necho "QEMU emulator version {version}"\n')
    program.chmod(0o755)
    return directory


def test_the_newest_emulator_is_taken_and_one_too_old_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvhe, hvhe = (plans.machines((name,))[0] for name in ('arm64-pkvm-nvhe', 'arm64-pkvm-hvhe'))
    old, new = emulator(tmp_path / 'old', '7.2.22 (Debian)'), emulator(tmp_path / 'new', '10.0.2')
    monkeypatch.setenv('PATH', f'{old}/usr/bin:/usr/bin:/bin')
    found = qemu.find(nvhe, (new,))
    assert isinstance(found, qemu.Qemu) and (found.version, found.top) == ((10, 0, 2), new)
    assert isinstance(qemu.find(nvhe), qemu.Qemu)
    assert str(qemu.find(hvhe)).startswith('QEMU 7.2.22 is older than 10.0: QEMU before 10 shows a wiped page')


def test_an_emulator_gets_no_network_and_no_monitor() -> None:
    words = ' '.join(qemu.arguments(plans.machines()[0], 'abc'))
    assert all(w in words for w in ('-nodefaults', '-nic none', '-monitor none', '-sandbox on', 'lorebot.nonce=abc'))


def test_logs_are_kept_by_digest_and_pruned_by_size(tmp_path: Path) -> None:
    names = [logs.keep(tmp_path, bytes([n]) * 1000) for n in range(5)]
    assert logs.read(tmp_path, names[0]) == bytes(1000)
    assert logs.read(tmp_path, '../../etc/passwd') is None
    assert logs.prune(tmp_path, 0) == 5 and logs.read(tmp_path, names[0]) is None
