# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs one command of a submitter's making so that it can do nothing but use up what it was given.

Under bubblewrap: no network, an own pid, ipc, uts and user namespace, no capability, a root of /usr and a few files of
/etc read-only, a private /tmp, only the named directories, no home, no bus, no key, no system call that a build has no
use for (seccomp.py). Memory and processes are capped by a
control group where one is to be had, else by rlimits; wall clock, output and disk by the watcher here. When a namespace
is not to be had it refuses; running without one must be asked for by name and stands in every result.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bot.errors import ToolMissing
from bot.lab import cgroups, seccomp
from bot.lab.watch import Ended, Watch

MIB = 1 << 20
NO_SANDBOX = 'none: --no-sandbox was asked for; the code under test ran with all rights of this user'


@dataclass(frozen=True, slots=True)
class Limits:
    """What one command may use; `seconds` is wall clock, `disk` all bytes below the writable directories.

    Where memory cannot be capped by a control group, `address` caps what each process maps; 0 for as much as `memory`.
    """

    seconds: float = 900
    cpu_seconds: int = 3600
    memory: int = 6144 * MIB
    address: int = 0
    processes: int = 512
    file: int = 2048 * MIB
    disk: int = 8192 * MIB
    scratch: int = 1024 * MIB
    output: int = 8 * MIB


@dataclass(frozen=True, slots=True)
class Overlay:
    """A tree `lower` that the command sees and may change, while every change lands in `upper`; `at` is only a mount point."""

    lower: Path
    upper: Path
    work: Path
    at: Path


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended. `status` is None unless it ended by itself; `output` is stdout and stderr as they came."""

    ended: Ended
    status: int | None
    output: bytes
    output_cut: bool
    seconds: float
    sandbox: str

    @property
    def ok(self) -> bool:
        return self.ended is Ended.EXIT and self.status == 0


_STARVED = re.compile(
    rb'fatal error: Killed|terminated with signal 9|Killed signal terminated|virtual memory exhausted|out of memory allocating|'
    rb'Cannot allocate memory|No space left on device|Resource temporarily unavailable|\] Killed$',
    re.MULTILINE,
)


def starved(ran: Ran) -> str:
    """Return what a build ran out of, '' where it came to an end of its own: this machine's doing, not the source's."""
    if ran.ended is not Ended.EXIT:
        return f'it was ended: {ran.ended}'
    short = None if ran.status == 0 else _STARVED.search(ran.output)
    return f'it ran short: {short[0].decode()}' if short else ''


@dataclass(frozen=True, slots=True)
class Probe:
    """What this machine and user can do; `why_not` is the reason why nothing can be confined, '' when it can."""

    why_not: str
    processes: str
    memory: str
    overlay: str
    flags: tuple[str, ...] = ()
    filtered: bool = False

    @property
    def says(self) -> str:
        """Return one line for a report."""
        return self.why_not or (
            f'bubblewrap; processes capped by {self.processes}, memory by {self.memory}, '
            f'{"overlay by " + self.overlay if self.overlay else "no overlay: trees are copied"}'
            f'{", system calls filtered" if self.filtered else ""}'
        )


@dataclass(frozen=True, slots=True)
class Sandbox:
    """`readable` and `writable` map a directory or file of this machine to the path the command sees."""

    limits: Limits = field(default_factory=Limits)
    readable: tuple[tuple[Path, str], ...] = ()
    writable: tuple[tuple[Path, str], ...] = ()
    overlays: tuple[tuple[Overlay, str], ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    no_sandbox: bool = False
    devices: tuple[Path, ...] = ()

    def run(self, argv: Sequence[str], cwd: str = '/tmp') -> Ran:
        """Run a command list to its end; raise `ToolMissing` where it cannot be confined."""
        found = probe()
        if found.why_not and not self.no_sandbox:
            raise ToolMissing('code under test cannot be confined', where=found.why_not, todo='see `lorebot doctor`')
        group = cgroups.make(self.limits.processes, self.limits.memory)
        calls = _filter() if found.filtered and not self.no_sandbox else ()
        try:
            command = self._bare(argv, cwd) if self.no_sandbox else self._confined(argv, cwd, found, calls)
            process = subprocess.Popen(
                [*_joining(group), *self._rlimits(group), *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=calls,
                env=self._environment() if self.no_sandbox else {'PATH': os.environ.get('PATH', '/usr/bin:/bin')},
            )
            watch = Watch(process, self.limits.seconds, self.limits.output, self._grows(), self.limits.disk)
            ended, status = watch.wait()
        finally:
            group.remove()
            for handle in calls:
                os.close(handle)
        sandbox = NO_SANDBOX if self.no_sandbox else found.says
        return Ran(ended, status, watch.output, watch.output_cut, watch.seconds, sandbox)

    def _grows(self) -> tuple[Path, ...]:
        return (*(path for path, _ in self.writable), *(overlay.upper for overlay, _ in self.overlays))

    def _environment(self) -> dict[str, str]:
        return {'PATH': '/usr/bin:/bin:/usr/sbin:/sbin', 'HOME': '/tmp', 'LC_ALL': 'C', 'TMPDIR': '/tmp', **self.env}

    def _rlimits(self, group: cgroups.Group) -> list[str]:
        limits = [f'--fsize={self.limits.file}', '--core=0', f'--cpu={self.limits.cpu_seconds}', '--nofile=4096']
        if 'pids' not in group.controllers:
            limits.append(f'--nproc={self.limits.processes}')
        if 'memory' not in group.controllers:
            limits.append(f'--as={self.limits.address or self.limits.memory}')
        return ['prlimit', *limits]

    def _confined(self, argv: Sequence[str], cwd: str, found: Probe, calls: tuple[int, ...]) -> list[str]:
        command = ['bwrap', *found.flags, *root(self.limits.scratch, self.devices)]
        command += [word for handle in calls for word in ('--seccomp', str(handle))]
        for name, value in sorted(self._environment().items()):
            command += ['--setenv', name, value]
        for path, inside in self.readable:
            command += ['--ro-bind', str(path), inside]
        for path, inside in self.writable:
            command += ['--bind', str(path), inside]
        for overlay, inside in self.overlays:
            command += ['--bind', str(overlay.at), inside]
        return [*self._mounts(), *command, '--remount-ro', '/', '--chdir', cwd, '--', *argv]

    def _bare(self, argv: Sequence[str], cwd: str) -> list[str]:
        """Run in place: without bubblewrap a path inside can only be the path outside."""
        inside = {at: str(path) for path, at in (*self.readable, *self.writable)}
        inside |= {at: str(overlay.at) for overlay, at in self.overlays}
        return [*self._mounts(), 'env', '-C', inside.get(cwd, cwd), *argv]

    def _mounts(self) -> list[str]:
        """Mount the overlays where only this command sees them: they are gone with its last process."""
        if not self.overlays:
            return []
        triples = [str(p) for o, _ in self.overlays for p in (f'{o.lower}', f'{o.upper}', f'{o.work}', f'{o.at}')]
        return [*unsharing(), 'sh', '-c', _MOUNT, 'sh', str(len(self.overlays)), *triples]


_MOUNT = """
n=$1; shift
while [ "$n" -gt 0 ]; do
	mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3" "$4" || exit 125
	shift 4; n=$((n - 1))
done
exec "$@"
"""
_JOIN = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ >"$1" || exit 125; shift; n=$((n - 1)); done; exec "$@"'


def root(scratch: int, devices: Sequence[Path] = ()) -> list[str]:
    """Return bubblewrap's words for the root every command sees."""
    words = ['--clearenv', '--ro-bind', '/usr', '/usr']
    for name in ('bin', 'sbin', 'lib', 'lib64', 'lib32'):
        place = Path('/') / name
        if place.is_symlink():
            words += ['--symlink', str(place.readlink()), str(place)]
        elif place.is_dir():
            words += ['--ro-bind', str(place), str(place)]
    for name in ('alternatives', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d'):
        words += ['--ro-bind-try', f'/etc/{name}', f'/etc/{name}']
    words += [
        '--proc',
        '/proc',
        '--dev',
        '/dev',
        '--size',
        str(64 * MIB),
        '--tmpfs',
        '/dev/shm',
    ]
    words += [word for path in devices for word in ('--dev-bind', str(path), str(path))]
    return [*words, '--remount-ro', '/dev', '--size', str(scratch), '--tmpfs', '/tmp']


def unsharing() -> list[str]:
    """Return the words for an own mount namespace: a root user's plain, another's inside a user namespace."""
    return ['unshare', '--mount'] if os.geteuid() == 0 else ['unshare', '--user', '--map-root-user', '--mount']


def probe() -> Probe:
    """Try, once for each PATH, what can be had; nothing is taken from version numbers."""
    return _probe(os.environ.get('PATH', ''))


@cache
def _probe(path: str) -> Probe:
    absent = [p for p in ('bwrap', 'prlimit', 'unshare') if shutil.which(p, path=path) is None]
    if absent:
        return Probe(f'{" and ".join(absent)} not installed', '', '', '')
    flags, why_not = _flags()
    group = cgroups.make(64, 256 * MIB)
    group.remove()
    memory = 'a control group' if 'memory' in group.controllers else 'an rlimit for each process'
    processes = 'a control group' if 'pids' in group.controllers else 'an rlimit'
    if 'pids' not in group.controllers and os.geteuid() == 0:
        why_not = why_not or 'root without a pids control group cannot be kept from forking without end'
    return Probe(why_not, processes, memory, _overlay(), flags, not why_not and _filters(flags))


def _flags() -> tuple[tuple[str, ...], str]:
    """Return the strictest set of namespaces that bubblewrap gets here, or why there is none."""
    always = ('--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL')
    users = ('--unshare-user', '--uid', '65534', '--gid', '65534', '--hostname', 'sandbox')
    said = ''
    for flags in ((*always, *users, '--disable-userns'), (*always, *users)):
        tried = subprocess.run(
            ['bwrap', *flags, *root(MIB), '--', 'true'], capture_output=True, text=True, timeout=60, check=False
        )
        if tried.returncode == 0:
            return flags, ''
        said = tried.stderr.strip().partition('\n')[0]
    return (), f'bubblewrap gets no namespace here: {said}'


def _filter() -> tuple[int, ...]:
    """Return an open file with the filter of system calls, which bubblewrap reads and sets before the command begins."""
    handle = os.memfd_create('seccomp')
    os.write(handle, seccomp.program())
    os.lseek(handle, 0, os.SEEK_SET)
    return (handle,)


def _filters(flags: tuple[str, ...]) -> bool:
    """Tell whether this kernel takes the filter, and a program still runs under it."""
    if not seccomp.program():
        return False
    (handle,) = _filter()
    words = ['bwrap', *flags, *root(MIB), '--seccomp', str(handle), '--', 'true']
    try:
        tried = subprocess.run(words, capture_output=True, timeout=60, check=False, pass_fds=(handle,))
    finally:
        os.close(handle)
    return tried.returncode == 0


def _overlay() -> str:
    """Return how an overlay can be mounted, '' when it cannot."""
    with tempfile.TemporaryDirectory(prefix='lorebot-') as name:
        places = [Path(name) / part for part in ('lower', 'upper', 'work', 'at')]
        for place in places:
            place.mkdir()
        command = [*unsharing(), 'sh', '-c', _MOUNT, 'sh', '1', *map(str, places), 'true']
        tried = subprocess.run(command, capture_output=True, timeout=60, check=False)
    if tried.returncode:
        return ''
    return 'a private mount' if os.geteuid() == 0 else 'a mount in a user namespace'


def _joining(group: cgroups.Group) -> list[str]:
    return ['sh', '-c', _JOIN, 'sh', str(len(group.joins)), *group.joins] if group.joins else []
