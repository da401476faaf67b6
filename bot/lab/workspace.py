# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel tree that patches are built in one after the other, while the built base below it stays as it is.

With mount rights each patch is an overlay on those before it; without, one copy of the base serves the whole series. Files
of a patch are put in from inside the sandbox: what an earlier patch left in the tree, links included, can mislead nothing
outside it.
"""

from __future__ import annotations

import contextlib
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import InfraError
from bot.lab import locks
from bot.lab.sandbox import Limits, Overlay, Ran, Sandbox, probe
from bot.lab.take import take

_PUT = 'from=$1; shift; rm -rf -- "$@" && cp -R --remove-destination "$from/." .'


@dataclass(frozen=True, slots=True)
class Tools:
    """What every command of a build sees beside the tree: its environment and its compiler cache."""

    env: Mapping[str, str]
    limits: Limits
    cache: Path | None = None
    no_sandbox: bool = False


@dataclass(slots=True)
class Workspace:
    """The tree as the sandbox sees it under /src; `step()` opens a layer for the next patch."""

    base: Path
    place: Path
    tools: Tools
    overlaid: bool
    layers: list[Path] = field(default_factory=list)

    @property
    def how(self) -> str:
        return 'overlay' if self.overlaid else 'copy'

    def step(self) -> None:
        """Begin the next patch's layer; what was built so far is not changed any more where it is an overlay."""
        if not self.overlaid:
            return
        layer = self.place / f'{len(self.layers):04}'
        for part in ('upper', 'work', 'at'):
            (layer / part).mkdir(parents=True)
        self.layers.append(layer)

    def run(self, argv: Sequence[str], readable: tuple[tuple[Path, str], ...] = ()) -> Ran:
        """Run a command in the tree; the compiler cache can be read, never written."""
        env = dict(self.tools.env)
        if self.tools.cache is not None:
            seen = str(self.tools.cache) if self.tools.no_sandbox else '/ccache'
            readable = (*readable, (self.tools.cache, seen))
            env |= {'CCACHE_DIR': seen, 'CCACHE_READONLY': '1', 'CCACHE_TEMPDIR': '/tmp'}
        return Sandbox(
            self.tools.limits,
            readable,
            writable=() if self.overlaid else ((self.place / 'tree', '/src'),),
            overlays=((self._overlay(), '/src'),) if self.overlaid else (),
            env=env,
            no_sandbox=self.tools.no_sandbox,
        ).run(argv, '/src')

    def _overlay(self) -> Overlay:
        """Return the newest layer on all before it; the kernel takes several lower trees in one word."""
        newest = self.layers[-1]
        lower = ':'.join(str(path) for path in (*(layer / 'upper' for layer in reversed(self.layers[:-1])), self.base))
        return Overlay(Path(lower), newest / 'upper', newest / 'work', newest / 'at')

    def put(self, files: Mapping[str, bytes | None]) -> Ran:
        """Change files of the tree; None removes one."""
        with tempfile.TemporaryDirectory(prefix='changes-', dir=self.place) as name:
            for path, content in files.items():
                if content is not None:
                    _write(Path(name), path, content)
            seen = name if self.tools.no_sandbox else '/changes'
            return self.run(['sh', '-c', _PUT, 'sh', seen, *sorted(files)], ((Path(name), seen),))

    def has(self, path: str) -> bool:
        """Tell whether there is a plain file at a path of the tree."""
        top = self._top(path)
        return top is not None and stat.S_ISREG((top / path).lstat().st_mode)

    def read(self, path: str, limit: int) -> bytes | None:
        """Return a file of the tree as it is now, never through a link."""
        top = self._top(path)
        return None if top is None else take(top, path, limit)

    def _top(self, path: str) -> Path | None:
        """Return the uppermost layer that says something of a path: a character device there says it was removed."""
        tops = [layer / 'upper' for layer in reversed(self.layers)] if self.overlaid else [self.place / 'tree']
        for top in (*tops, *([self.base] if self.overlaid else [])):
            with contextlib.suppress(OSError):
                return None if stat.S_ISCHR((top / path).lstat().st_mode) else top
        return None


def _write(top: Path, path: str, content: bytes) -> None:
    parts = path.split('/')
    if not all(parts) or '..' in parts or '.' in parts:
        raise InfraError('a path of the patch leaves the tree', where=path)
    target = top.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    if content.startswith(b'#!'):
        target.chmod(0o755)


@contextmanager
def workspace(base: Path, directory: Path, tools: Tools) -> Iterator[Workspace]:
    """Open a workspace on a built base; it is gone afterwards, whatever was built in it.

    Those of killed processes are cleared away first.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for stale in directory.glob('series-*'):
        if locks.free(stale / 'lock'):
            shutil.rmtree(stale, onerror=_force)
    place = Path(tempfile.mkdtemp(prefix='series-', dir=directory))
    try:
        with locks.held(place / 'lock'):
            yield _opened(base, place, tools)
    finally:
        shutil.rmtree(place, onerror=_force)


def _opened(base: Path, place: Path, tools: Tools) -> Workspace:
    overlaid = bool(probe().overlay)
    if not overlaid:
        shutil.copytree(base, place / 'tree', symlinks=True)
    return Workspace(base, place, tools, overlaid)


def _force(function: object, path: str, info: object) -> None:
    """Make removable what an overlay or a hostile build left without permission, then try once more."""
    target = Path(path)
    target.parent.chmod(0o700)
    if target.is_dir() and not target.is_symlink():
        target.chmod(0o700)
        shutil.rmtree(target, ignore_errors=True)
    else:
        target.unlink(missing_ok=True)
