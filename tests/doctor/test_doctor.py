# SPDX-License-Identifier: GPL-2.0-or-later
"""The doctor on machines made of tiny scripts: what it finds, what it calls wrong, how it would install the rest."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import doctor
from bot.doctor.machine import at_least, version_in
from bot.doctor.needs import NEEDS
from bot.errors import ToolMissing

DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n'
UBUNTU = "# made up\nID=ubuntu\nID_LIKE='debian'\n"
FEDORA = 'ID=fedora\nVERSION_ID=42\n'
ROCKY = 'ID="rocky"\nID_LIKE="rhel centos fedora"\n'
MINT = 'ID=linuxmint\nID_LIKE="ubuntu debian"\n'
VOID = 'ID=void\nPRETTY_NAME="Void Linux"\n'

FULL = {
    'git': 'echo "git version 2.39.5"',
    'make': 'echo "GNU Make 4.3"; echo "Built for x86_64-pc-linux-gnu"',
    'gcc': 'case $1 in -E) cat >/dev/null; echo "lorebot_version \\"OpenSSL 3.0.22 1 Jan 2026\\"" ;; *) echo 12.2.0 ;; esac',
    'bc': 'echo "bc 1.07.1"',
    'bison': 'echo "bison (GNU Bison) 3.8.2"',
    'flex': 'echo "flex 2.6.4"',
    'cpio': 'echo "cpio (GNU cpio) 2.13"',
    'xz': 'echo "xz (XZ Utils) 5.4.1"; echo "liblzma 5.4.1"',
    'ccache': 'echo "ccache version 4.8+debian"',
    'zstd': 'echo "*** Zstandard CLI (64-bit) v1.5.4, by Yann Collet ***"',
    'aarch64-linux-gnu-gcc': 'echo 12.2.0',
    'qemu-system-aarch64': 'echo "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)"',
    'bwrap': 'case $1 in --version) echo "bubblewrap 0.8.0" ;; esac',
    'public-inbox-httpd': 'exit 1',
    'shellcheck': 'echo "ShellCheck - shell script analysis tool"; echo "version: 0.9.0"',
    'sparse': 'echo "0.6.4 (Debian: 0.6.4-3)"',
    'spatch': 'echo "spatch version 1.1.1 compiled with OCaml version 4.13.1"',
}
CORE = {'git', 'python', 'sqlite with FTS5'}


def machine(place: Path, programs: dict[str, str], kvm: bool = True) -> doctor.Machine:
    """Make a machine whose PATH holds only the scripts, and whose Python is the one that runs the test."""
    (place / 'bin').mkdir()
    (place / 'dev').mkdir()
    for name, script in programs.items():
        path = place / 'bin' / name
        path.write_text(f'#!/bin/sh\n{script}\n', encoding='utf-8')
        path.chmod(0o755)
    if kvm:
        (place / 'dev/kvm').touch()
    return doctor.Machine(which=lambda name: shutil.which(name, path=str(place / 'bin')), devices=place / 'dev')


def surveyed(place: Path, **changes: str | None) -> dict[str, doctor.Need]:
    programs = {name: script for name, script in {**FULL, **changes}.items() if script is not None}
    return {need.name: need for need in doctor.survey(machine(place, programs))}


def test_a_full_machine_lacks_nothing(tmp_path: Path) -> None:
    needs = surveyed(tmp_path)
    assert {name: need.problem for name, need in needs.items() if need.problem} == {}
    assert {name: need.found for name, need in needs.items() if name not in CORE} == {
        'make': '4.3',
        'gcc': '12.2.0',
        'bc': '1.07.1',
        'bison': '3.8.2',
        'flex': '2.6.4',
        'openssl headers': '3.0.22',
        'libelf headers': '3.0.22',
        'cpio': '2.13',
        'xz': '5.4.1',
        'ccache': '4.8',
        'zstd': '1.5.4',
        'arm64 compiler': 'gcc 12.2.0',
        'qemu-system-aarch64': '7.2.22',
        'bubblewrap': '0.8.0',
        '/dev/kvm': 'present',
        'public-inbox': 'present',
        'shellcheck': '0.9.0',
        'sparse': '0.6.4',
        'coccinelle': '1.1.1',
    }
    assert doctor.install_command(list(needs.values()), {'ID': 'debian'}) == []


def test_an_empty_machine_has_python_and_says_what_else_is_missing(tmp_path: Path) -> None:
    needs = doctor.survey(machine(tmp_path, {}, kvm=False))
    assert [need.name for need in needs if need.fine] == ['python', 'sqlite with FTS5']
    assert not doctor.able(needs)
    by_name = {need.name: need for need in needs}
    assert by_name['git'].problem == 'not installed'
    assert by_name['openssl headers'].problem == 'not known: looking for it takes gcc'
    assert by_name['/dev/kvm'].problem == 'no such device'


def test_only_the_core_decides(tmp_path: Path) -> None:
    assert doctor.able(doctor.survey(machine(tmp_path, {'git': FULL['git']}, kvm=False)))


def test_an_old_git_is_named_with_what_is_needed(tmp_path: Path) -> None:
    needs = surveyed(tmp_path, git='echo "git version 2.9.5"')
    assert (needs['git'].found, needs['git'].problem) == ('2.9.5', 'older than 2.39')
    assert not doctor.able(tuple(needs.values()))


def test_a_program_that_fails_is_not_there(tmp_path: Path) -> None:
    needs = surveyed(tmp_path, flex='echo "cannot load libfl.so.2" >&2; exit 127')
    assert (needs['flex'].found, needs['flex'].problem) == ('', 'flex --version failed: cannot load libfl.so.2')


def test_absent_headers_are_told_by_the_compiler(tmp_path: Path) -> None:
    gcc = 'case $1 in -E) cat >/dev/null; echo "fatal error: libelf.h" >&2; exit 1 ;; *) echo 12.2.0 ;; esac'
    needs = surveyed(tmp_path, gcc=gcc)
    assert needs['gcc'].fine
    assert needs['libelf headers'].problem == 'not installed'


def test_clang_with_lld_is_an_arm64_compiler_too(tmp_path: Path) -> None:
    clang = {'aarch64-linux-gnu-gcc': None, 'clang': 'echo 19.1.7', 'ld.lld': 'exit 0'}
    assert surveyed(tmp_path, **clang)['arm64 compiler'].found == 'clang 19.1.7 with lld'


@pytest.mark.parametrize(
    'compilers',
    [
        {'aarch64-linux-gnu-gcc': None, 'clang': 'echo 19.1.7'},
        {'aarch64-linux-gnu-gcc': None, 'clang': 'echo 14.0.6', 'ld.lld': 'exit 0'},
    ],
    ids=['clang-without-lld', 'clang-too-old'],
)
def test_other_clangs_are_not(tmp_path: Path, compilers: dict[str, str | None]) -> None:
    assert surveyed(tmp_path, **compilers)['arm64 compiler'].problem == 'not installed'


def test_a_sandbox_must_work_not_only_be_installed(tmp_path: Path) -> None:
    bwrap = 'case $1 in --version) echo "bubblewrap 0.8.0" ;; *) echo "bwrap: No permissions"; exit 1 ;; esac'
    need = surveyed(tmp_path, bwrap=bwrap)['bubblewrap']
    assert need.found == '0.8.0'
    assert need.problem.startswith('it cannot make a sandbox here: bwrap: No permissions')
    assert 'bubblewrap' not in doctor.install_command([need], {'ID': 'debian'})


def test_sqlite_without_fts5_is_a_core_problem(tmp_path: Path) -> None:
    no_fts = tmp_path / 'python'
    no_fts.write_text(
        '#!/bin/sh\ncase $1 in --version) echo "Python 3.11.2" ;; *) echo "Traceback"; echo "no such module: fts5"; exit 1 ;; esac\n'
    )
    no_fts.chmod(0o755)
    base = machine(tmp_path, FULL)
    needs = doctor.survey(doctor.Machine(base.which, base.run, base.devices, str(no_fts)))
    problem = {need.name: need.problem for need in needs}['sqlite with FTS5']
    assert problem == 'Python cannot use it: no such module: fts5'
    assert not doctor.able(needs)


@pytest.mark.parametrize(
    ('release', 'command'),
    [
        (DEBIAN, 'apt-get install -y --no-install-recommends libssl-dev qemu-system-arm'),
        (UBUNTU, 'apt-get install -y --no-install-recommends libssl-dev qemu-system-arm'),
        (MINT, 'apt-get install -y --no-install-recommends libssl-dev qemu-system-arm'),
        (FEDORA, 'dnf install -y --setopt=install_weak_deps=False openssl-devel qemu-system-aarch64'),
        (ROCKY, 'dnf install -y --setopt=install_weak_deps=False openssl-devel qemu-system-aarch64'),
    ],
    ids=['debian', 'ubuntu', 'mint', 'fedora', 'rocky'],
)
def test_the_install_command_speaks_the_distributions_language(tmp_path: Path, release: str, command: str) -> None:
    file = tmp_path / 'os-release'
    file.write_text(release, encoding='utf-8')
    missing = [need for need, _ in NEEDS if need.name in ('openssl headers', 'qemu-system-aarch64')]
    assert doctor.install_command(missing, doctor.read_release(file)) == command.split()
    assert doctor.install_command(missing, doctor.read_release(file), root=False)[0] == 'sudo'


@pytest.mark.parametrize(('release', 'named'), [(VOID, 'Void Linux'), ('', 'no os-release file')])
def test_an_unknown_distribution_is_an_answer_in_three_parts(tmp_path: Path, release: str, named: str) -> None:
    file = tmp_path / 'os-release'
    file.write_text(release, encoding='utf-8')
    with pytest.raises(ToolMissing) as refused:
        doctor.install_command([NEEDS[0][0]], doctor.read_release(file))
    assert refused.value.where == named
    assert refused.value.todo


def test_no_os_release_file_is_an_empty_one(tmp_path: Path) -> None:
    assert doctor.read_release(tmp_path / 'os-release') == {}


def test_every_need_says_what_it_enables_and_can_be_installed() -> None:
    for need, _ in NEEDS:
        assert need.enables
        assert bool(need.debian) == bool(need.fedora)
        assert need.debian or need.name == '/dev/kvm'
    assert {need.name for need, _ in NEEDS if need.core} == CORE


def test_this_machine_can_run_lorebot() -> None:
    assert doctor.able(doctor.survey())


def test_a_program_that_hangs_or_is_not_one_is_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('bot.doctor.machine._SECONDS', 0.2)
    assert doctor.run_program([sys.executable, '-c', 'import time; time.sleep(60)']).status is None
    garbage = tmp_path / 'garbage'
    garbage.write_bytes(b'\x7fnot a program')
    garbage.chmod(0o755)
    assert doctor.run_program([str(garbage)]).status is None


@given(st.lists(st.integers(0, 999), min_size=2, max_size=4), st.lists(st.integers(0, 999), min_size=1, max_size=4))
def test_versions_compare_as_numbers(have: list[int], want: list[int]) -> None:
    width = max(len(have), len(want))
    pad = [have + [0] * (width - len(have)), want + [0] * (width - len(want))]
    assert at_least('.'.join(map(str, have)), '.'.join(map(str, want))) is (pad[0] >= pad[1])


@given(st.text(max_size=60))
def test_any_text_has_a_version_or_none(text: str) -> None:
    found = version_in(text)
    assert found == '' or (found in text and at_least(found, found))


def test_a_visible_run_shows_its_output_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    assert doctor.run_visibly([sys.executable, '-c', 'print("fetching"); raise SystemExit(4)']) == 4
    assert capfd.readouterr() == ('', 'fetching\n')
    assert doctor.run_visibly(['/nonexistent/apt-get', 'install']) == 127
