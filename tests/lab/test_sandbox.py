# SPDX-License-Identifier: GPL-2.0-or-later
"""The sandbox does what an honest build needs, and says how it did it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import ToolMissing
from bot.lab import cgroups, sandbox, seccomp
from bot.lab.sandbox import NO_SANDBOX, Limits, Overlay, Sandbox, probe
from bot.lab.take import take
from bot.lab.watch import Ended


@pytest.mark.usefixtures('confined')
def test_a_command_writes_where_it_may(tmp_path: Path) -> None:
    ran = Sandbox(writable=((tmp_path, '/src'),), env={'ARCH': 'arm64'}).run(
        ['sh', '-c', 'echo "$ARCH" >made; cat made'], '/src'
    )
    assert (ran.ok, ran.output, (tmp_path / 'made').read_text()) == (True, b'arm64\n', 'arm64\n')
    assert ran.sandbox.startswith('bubblewrap; processes capped by ')


@pytest.mark.usefixtures('confined')
def test_words_are_never_given_to_a_shell(tmp_path: Path) -> None:
    ran = Sandbox(writable=((tmp_path, '/src'),)).run(['printf', '%s', '$(id); `id`'], '/src')
    assert ran.output == b'$(id); `id`'


@pytest.mark.usefixtures('confined')
def test_nothing_of_the_environment_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('A_TOKEN', 'secret')
    assert b'secret' not in Sandbox().run(['env']).output


@pytest.mark.usefixtures('confined')
def test_an_overlay_keeps_its_base(tmp_path: Path) -> None:
    if not probe().overlay:
        pytest.skip('no overlay can be mounted here: build.py copies instead')
    places = [tmp_path / name for name in ('lower', 'upper', 'work', 'at')]
    for place in places:
        place.mkdir()
    (places[0] / 'file').write_text('base')
    ran = Sandbox(overlays=((Overlay(*places), '/src'),)).run(['sh', '-c', 'cat file; echo new >file'], '/src')
    assert (ran.ok, ran.output) == (True, b'base')
    assert (places[0] / 'file').read_text() == 'base'
    assert take(places[1], 'file', 100) == b'new\n'
    assert not list(places[3].iterdir())


@pytest.mark.usefixtures('confined')
def test_how_it_ended_is_told_apart() -> None:
    assert Sandbox().run(['sh', '-c', 'exit 7']).status == 7
    late = Sandbox(limits=Limits(seconds=0.3)).run(['sleep', '600'])
    assert (late.ended, late.status) == (Ended.TIMEOUT, None)


CALLS = """
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *thread(void *arg) { return arg; }
static void told(const char *name, long ret) { printf("%s %d\\n", name, ret < 0 ? errno : 0); }

int main(void)
{
	pthread_t made;
	char c = 0;
	told("thread", pthread_create(&made, NULL, thread, NULL) ? -1 : pthread_join(made, NULL));
	if (!fork())
		_exit(0);
	told("fork", wait(NULL) > 0 ? 0 : -1);
	told("ptrace", ptrace(PTRACE_TRACEME, 0, 0, 0));
	told("bpf", syscall(SYS_bpf, 0, NULL, 0));
	told("keyctl", syscall(SYS_keyctl, 0, -3, 0));
	told("io_uring_setup", syscall(425, 1, NULL));
	told("perf_event_open", syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
	told("userfaultfd", syscall(SYS_userfaultfd, 0));
	told("unshare", unshare(CLONE_NEWUSER));
	told("clone", syscall(SYS_clone, CLONE_NEWUSER | 17, 0, 0, 0, 0));
	told("clone3", syscall(435, NULL, 0));
	told("tiocsti", ioctl(0, TIOCSTI, &c));
	return 0;
}
"""
FAMILIES = """
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
	int pair[2], family;

	for (family = 0; family < 64; family++) {
		int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET }, n;

		for (n = 0; n < 4; n++)
			if (socket(family, types[n], 0) >= 0 || errno != EAFNOSUPPORT)
				printf("%d ", family);
		if (!socketpair(family, SOCK_STREAM, 0, pair) || errno != EAFNOSUPPORT)
			printf("%d ", family);
	}
	return 0;
}
"""


@pytest.mark.usefixtures('confined')
def test_calls_that_no_build_needs_are_refused(need: Callable[..., None], tmp_path: Path) -> None:
    need('gcc')
    (tmp_path / 'a.c').write_text(CALLS)
    subprocess.run(['gcc', '-pthread', '-o', 'a', 'a.c'], cwd=tmp_path, check=True)
    ran = Sandbox(writable=((tmp_path, '/src'),)).run(['./a'], '/src')
    told = dict(line.split() for line in ran.output.decode().splitlines())
    assert (told.pop('thread'), told.pop('fork'), told.pop('clone3')) == ('0', '0', '38')
    assert set(told.values()) == {'1'}, told
    assert len(told) == 9 and ran.sandbox.endswith(', system calls filtered')


@pytest.mark.usefixtures('confined')
def test_no_family_of_sockets_but_unix_is_to_be_had(need: Callable[..., None], tmp_path: Path) -> None:
    need('gcc')
    (tmp_path / 'a.c').write_text(FAMILIES)
    subprocess.run(['gcc', '-o', 'a', 'a.c'], cwd=tmp_path, check=True)
    ran = Sandbox(writable=((tmp_path, '/src'),)).run(['./a'], '/src')
    assert ran.ok and set(ran.output.split()) == {b'1'}, ran.output


def test_every_machine_has_numbers_for_the_same_calls() -> None:
    arm, x86 = set(seccomp._ARM), set(seccomp._X86)
    assert x86 - arm == {'iopl', 'ioperm'} and not arm - x86
    assert len(seccomp.program('x86_64')) % 8 == 0 and seccomp.program('riscv64') == b''


def test_without_a_namespace_it_refuses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    assert 'bwrap' in probe().why_not
    with pytest.raises(ToolMissing, match='bwrap'):
        Sandbox().run(['true'])


def test_no_sandbox_is_said_in_the_result(tmp_path: Path) -> None:
    ran = Sandbox(writable=((tmp_path, '/src'),), no_sandbox=True).run(['sh', '-c', 'pwd; echo x >made'], '/src')
    assert (ran.sandbox, ran.ok, (tmp_path / 'made').exists()) == (NO_SANDBOX, True, True)


def test_root_without_a_pids_group_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, '_parents', list)
    monkeypatch.setattr('os.geteuid', lambda: 0)
    assert 'cannot be kept from forking' in sandbox._probe.__wrapped__(os.environ['PATH']).why_not


def test_a_group_leaves_nothing_behind() -> None:
    group = cgroups.make(8, 64 << 20)
    group.remove()
    assert not [d for d in group.directories if d.exists()]
