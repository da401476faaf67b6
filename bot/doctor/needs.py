# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything lorebot can use of a machine, in the order the doctor names it: the table to read and to extend.

Minimums of the build tools are the kernel's (Documentation/process/changes.rst).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.doctor import probes
from bot.doctor.distribution import install_line
from bot.doctor.machine import Machine
from bot.doctor.probes import Probe

_BUILD = 'building every patch of a series'
_CHECKS = 'a second opinion on findings (planned)'


@dataclass(frozen=True, slots=True)
class Need:
    """One thing lorebot can use. `problem` is '' when it is there, new enough and works.

    `core` needs are those without which no series can be reviewed. `debian` and `fedora` are package names; Ubuntu's
    are Debian's.
    """

    name: str
    enables: str
    minimum: str = ''
    debian: tuple[str, ...] = ()
    fedora: tuple[str, ...] = ()
    core: bool = False
    found: str = ''
    problem: str = 'not looked for'

    @property
    def fine(self) -> bool:
        return not self.problem

    @property
    def install(self) -> dict[str, str]:
        """Return the install line for each distribution that packages it."""
        lines = {'Debian': self.debian, 'Ubuntu': self.debian, 'Fedora': self.fedora}
        return {name: install_line(name.lower(), packages) for name, packages in lines.items() if packages}


def _need(name: str, enables: str, minimum: str, debian: str, fedora: str, core: bool = False) -> Need:
    return Need(name, enables, minimum, tuple(debian.split()), tuple(fedora.split()), core)


NEEDS: tuple[tuple[Need, Probe], ...] = (
    (
        _need('git', 'applying a series and reading trees', '2.39', 'git', 'git', core=True),
        probes.program('git', '--version'),
    ),
    (_need('python', 'lorebot itself', '3.11', 'python3 python3-venv', 'python3', core=True), probes.python),
    (
        _need('sqlite with FTS5', 'the store of mails and results', '3.37', 'libsqlite3-0', 'sqlite-libs', core=True),
        probes.sqlite,
    ),
    (_need('make', _BUILD, '4.0', 'make', 'make'), probes.program('make', '--version')),
    (_need('gcc', _BUILD, '8.1', 'gcc', 'gcc'), probes.program('gcc', '-dumpfullversion')),
    (_need('bc', _BUILD, '1.06.95', 'bc', 'bc'), probes.program('bc', '--version')),
    (_need('bison', _BUILD, '2.0', 'bison', 'bison'), probes.program('bison', '--version')),
    (_need('flex', _BUILD, '2.5.35', 'flex', 'flex'), probes.program('flex', '--version')),
    (
        _need('openssl headers', _BUILD, '1.0.0', 'libssl-dev', 'openssl-devel'),
        probes.header('openssl/opensslv.h', 'OPENSSL_VERSION_TEXT'),
    ),
    (
        _need('libelf headers', _BUILD, '', 'libelf-dev', 'elfutils-libelf-devel'),
        probes.header('libelf.h', ''),
    ),
    (
        _need('cpio', 'the test of the initramfs that lorebot writes itself', '', 'cpio', 'cpio'),
        probes.program('cpio', '--version'),
    ),
    (
        _need('xz', 'unpacking kernel sources in the slow tests', '', 'xz-utils', 'xz'),
        probes.program('xz', '--version'),
    ),
    (
        _need('ccache', 'building the next base in a tenth of the time', '', 'ccache', 'ccache'),
        probes.program('ccache', '--version'),
    ),
    (
        _need('zstd', 'compressed kernels and artefacts (planned)', '', 'zstd', 'zstd'),
        probes.program('zstd', '--version'),
    ),
    (
        _need(
            'arm64 compiler',
            'building arm64 and pKVM kernels, and the tests that run in the guest',
            'gcc 8.1, or clang 17.0.1 with lld',
            'gcc-aarch64-linux-gnu libc6-dev-arm64-cross',
            'gcc-aarch64-linux-gnu',
        ),
        probes.cross_compiler,
    ),
    (
        _need('qemu-system-aarch64', 'booting pKVM hosts', '7.2', 'qemu-system-arm', 'qemu-system-aarch64'),
        probes.program('qemu-system-aarch64', '--version'),
    ),
    (
        _need(
            'bubblewrap',
            'confining builds and guests: nothing is built or booted without it',
            '0.4',
            'bubblewrap',
            'bubblewrap',
        ),
        probes.sandbox,
    ),
    (
        _need('/dev/kvm', 'x86_64 guests at native speed, where a boot with it proves that it works', '', '', ''),
        probes.kvm,
    ),
    (
        _need('public-inbox', 'the tests against a real mail archive', '', 'public-inbox', 'public-inbox-server'),
        probes.program('public-inbox-httpd'),
    ),
    (
        _need('shellcheck', 'the test of bot.sh itself', '', 'shellcheck', 'ShellCheck'),
        probes.program('shellcheck', '--version'),
    ),
    (_need('sparse', _CHECKS, '0.6.2', 'sparse', 'sparse'), probes.program('sparse', '--version')),
    (_need('coccinelle', _CHECKS, '1.0.4', 'coccinelle', 'coccinelle'), probes.program('spatch', '--version')),
)


def survey(machine: Machine | None = None) -> tuple[Need, ...]:
    """Look for everything in the table; a probe that finds nothing is an answer, never an exception."""
    here = machine or Machine()
    answers = []
    for need, probe in NEEDS:
        found, problem = probe(here, need.minimum)
        answers.append(replace(need, found=found, problem=problem))
    return tuple(answers)


def able(needs: tuple[Need, ...]) -> bool:
    """Tell whether everything is there without which no series can be reviewed."""
    return all(need.fine for need in needs if need.core)
