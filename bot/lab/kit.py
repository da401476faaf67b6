# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the guest's whole world: busybox, our init, the tests compiled static, the list of what to run.

Refuses to fetch: busybox and the compiler are given. Compiled tests are kept by the digest of source and compiler.
"""

from __future__ import annotations

import hashlib
import shlex
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from bot.errors import InfraError, ToolMissing
from bot.lab import cpio
from bot.lab.plans import GuestTest

GUEST = Path(__file__).with_name('guest')
_FLAGS = ('-static', '-O2', '-Wall', '-Wextra', '-Wno-clobbered', '-Werror')
COMPILERS = {'arm64': 'aarch64-linux-gnu-gcc', 'x86_64': 'x86_64-linux-gnu-gcc'}


def initramfs(busybox: bytes, tests: Sequence[GuestTest], programs: Mapping[str, bytes]) -> bytes:
    """Return the compressed archive; `programs` are files of /tests by name."""
    listing = ''.join(f'{t.name} {t.seconds} {shlex.join(t.command)}\n' for t in tests)
    entries = {
        'init': cpio.Entry((GUEST / 'init').read_bytes(), 0o755),
        'bin/busybox': cpio.Entry(busybox, 0o755),
        'lorebot/tests': cpio.Entry(listing.encode()),
        'dev/console': cpio.Entry(device=(5, 1)),
        'dev/null': cpio.Entry(device=(1, 3)),
        **dict.fromkeys(('proc', 'sys', 'tmp', 'tests', 'lorebot/run'), cpio.DIRECTORY),
        **{f'tests/{name}': cpio.Entry(data, 0o755) for name, data in programs.items()},
    }
    return _gzipped(cpio.archive(entries))


@lru_cache(maxsize=2)
def _gzipped(archive: bytes) -> bytes:
    """Compress once what every machine and most patches boot."""
    return cpio.gzipped(archive)


def compile_tests(tests: Sequence[GuestTest], arch: str, cache: Path) -> dict[str, bytes]:
    """Return our tests' programs for an architecture; raise `ToolMissing` without its compiler."""
    return {Path(t.source).stem: _compiled(t.source, arch, cache) for t in tests if t.source}


def _compiled(source: str, arch: str, cache: Path) -> bytes:
    if source.endswith('.sh'):
        return (GUEST / source).read_bytes()
    compiler = COMPILERS[arch]
    kept = cache / f'{Path(source).stem}-{arch}-{_digest(source, compiler)}'
    if kept.is_file():
        return kept.read_bytes()
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix='.new-') as scratch:
        made = Path(scratch) / 'program'
        command = [compiler, *_FLAGS, '-s', '-o', str(made), str(GUEST / source)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=scratch)
        if done.returncode:
            raise InfraError(f'cannot compile the guest test {source}', where=done.stderr[-400:])
        made.rename(kept)
    return kept.read_bytes()


def _digest(source: str, compiler: str) -> str:
    try:
        version = subprocess.run([compiler, '--version'], capture_output=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        package = compiler.replace('-gcc', '').join(('gcc-', ''))
        raise ToolMissing(f'{compiler} cannot be run', todo=f'install {package} and its libc6-dev') from None
    seen = hashlib.sha256(version + ' '.join(_FLAGS).encode())
    for path in sorted((*GUEST.glob('*.h'), GUEST / source)):
        seen.update(path.read_bytes())
    return seen.hexdigest()[:16]
