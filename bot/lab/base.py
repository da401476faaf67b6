# SPDX-License-Identifier: GPL-2.0-or-later
"""A base built once, in its own tree, and kept: what every series on that commit is then built upon.

The key is the tree's id, the target, its fragments and the compiler: commits with equal files share a base. Built in the tree, not beside it, so that all paths in its dependency
files are relative and hold wherever an overlay of it is mounted.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bot import resources
from bot.errors import InfraError, ToolMissing
from bot.lab import kconfig, locks, logs
from bot.lab.plans import Target
from bot.lab.sandbox import Limits, Ran, Sandbox, starved
from bot.lab.take import take
from bot.lab.workspace import Tools

_ENV = {
    'KBUILD_BUILD_TIMESTAMP': '1970-01-01',
    'KBUILD_BUILD_USER': 'lorebot',
    'KBUILD_BUILD_HOST': 'lorebot',
    'KBUILD_BUILD_VERSION': '1',
}
_MOST_CONFIG = 4 << 20
_KEPT, _LOG = 'base.json', 'build.log'


@dataclass(frozen=True, slots=True)
class Shop:
    """Where building is done. `cache` turns ccache on; only base builds write it."""

    directory: Path
    cache: Path | None = None
    jobs: int = 2
    limits: Limits = field(default_factory=lambda: Limits(seconds=5400, output=64 << 20))
    no_sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Base:
    """A configured and built tree. `broken` is '' or the first error; `log` is what the build printed, by digest."""

    tree: Path
    config: str
    lost: tuple[str, ...]
    broken: str
    log: str
    seconds: float
    sandbox: str
    symbols: frozenset[str]

    @property
    def said(self) -> bytes:
        """Return what the build printed, whatever became of the kept logs."""
        return (self.tree.parent / _LOG).read_bytes()


def words(target: Target, shop: Shop, *goals: str) -> list[str]:
    """Return the make command. Every word is the same for base and patch: another CC would rebuild everything.

    It goes on after an error: what else the base complains of is not to be found new at a patch. Each object's lines
    come in one piece: two compilers that talk at once are not to be understood.
    """
    compiler = f'ccache {target.compiler}' if shop.cache else target.compiler
    cross = [f'CROSS_COMPILE={target.cross}'] if target.cross else []
    always = (f'ARCH={target.arch}', 'LOCALVERSION=', *cross, f'CC={compiler}', *target.make)
    return ['make', f'-j{shop.jobs}', '-k', '-Otarget', *always, *goals]


def tools(shop: Shop) -> Tools:
    return Tools(_ENV, shop.limits, shop.cache, shop.no_sandbox)


def ready(target: Target, shop: Shop) -> Shop:
    """Return the shop as this machine can run it; raise `ToolMissing` for what the target needs."""
    absent = [program for program in target.needs if shutil.which(program) is None]
    if absent:
        raise ToolMissing(f'{", ".join(absent)} not installed', todo='see `lorebot doctor`')
    if shop.cache is not None and shutil.which('ccache') is None:
        shop = Shop(shop.directory, None, shop.jobs, shop.limits, shop.no_sandbox)
    return shop


def place_of(tree_id: str, target: Target, shop: Shop) -> Path:
    """Return the directory of a base, whether it is there or not."""
    return shop.directory / 'bases' / _key(tree_id, target, shop)


def warm(tree_id: str, target: Target, shop: Shop) -> bool:
    """Tell whether the base is built already, with the tools that are here now."""
    try:
        shop = ready(target, shop)
    except ToolMissing:
        return False
    return (place_of(tree_id, target, shop) / _KEPT).is_file()


def build(tree_id: str, target: Target, shop: Shop, files: AbstractContextManager[Path]) -> Base:
    """Return the built base, from an earlier run where there is one; a base that does not build is kept as such.

    Another lorebot that builds the same one is waited for.
    """
    place = place_of(tree_id, target, shop)
    place.parent.mkdir(parents=True, exist_ok=True)
    with locks.held(place.with_suffix('.lock')):
        return _built(place, target, shop, files)


def _built(place: Path, target: Target, shop: Shop, files: AbstractContextManager[Path]) -> Base:
    kept = place / _KEPT
    if kept.is_file():
        os.utime(kept)
        return _adopt(place, kept.read_bytes())
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    with files as source:
        shutil.move(source, place / 'tree')
    made, output = _build(place / 'tree', target, shop)
    (place / _LOG).write_bytes(output)
    new = place / 'base.new'
    new.write_bytes(msgspec.json.encode(made, enc_hook=str))
    new.rename(kept)
    return made


def _adopt(place: Path, document: bytes) -> Base:
    said = msgspec.json.decode(document)
    fields = {**said, 'tree': place / 'tree', 'lost': tuple(said['lost']), 'symbols': frozenset(said['symbols'])}
    return Base(**fields)


def _build(tree: Path, target: Target, shop: Shop) -> tuple[Base, bytes]:
    configured = _configure(tree, target, shop)
    final = take(tree, '.config', _MOST_CONFIG) or b''
    text = final.decode('utf-8', 'replace')
    if not configured.ok:
        raise InfraError('the base cannot be configured', where=_last(configured), todo='try another target')
    ran = run(tree, words(target, shop, *(target.goals or ('prepare',))), shop)
    if why_not := starved(ran):
        # Kept as broken it would be the base's fault for good.
        raise InfraError(
            'the base was not built to its end', where=why_not, todo='give it more (lab.build_minutes), or less to do'
        )
    wanted = [path.read_text() for path in _fragments(target)]
    made = Base(
        tree=tree,
        config=kconfig.digest(final),
        lost=kconfig.lost(wanted, text, target.renamed),
        broken='' if ran.ok else _last(ran),
        log=logs.keep(shop.directory / 'logs', ran.output),
        seconds=round(configured.seconds + ran.seconds, 2),
        sandbox=ran.sandbox,
        symbols=kconfig.enabled(text),
    )
    return made, ran.output


def run(tree: Path, argv: Sequence[str], shop: Shop) -> Ran:
    """Run a command in a base's own tree; the compiler cache may be written: a base is trusted to be what it says."""
    env, writable = dict(_ENV), [(tree, '/src')]
    if shop.cache is not None:
        shop.cache.mkdir(parents=True, exist_ok=True)
        seen = str(shop.cache) if shop.no_sandbox else '/ccache'
        writable.append((shop.cache, seen))
        env['CCACHE_DIR'] = seen
    return Sandbox(shop.limits, writable=tuple(writable), env=env, no_sandbox=shop.no_sandbox).run(argv, '/src')


def _configure(tree: Path, target: Target, shop: Shop) -> Ran:
    goal = 'allnoconfig' if target.configure == 'fragments' else target.configure
    merged = ''.join(path.read_text() for path in _fragments(target))
    wanted = tree / '.lorebot.config'
    wanted.write_text(merged)
    start = run(tree, ['env', 'KCONFIG_ALLCONFIG=.lorebot.config', *words(target, shop, goal)], shop)
    wanted.unlink(missing_ok=True)
    return start


def _fragments(target: Target) -> list[Path]:
    return [resources.shipped('config') / 'kconfig' / name for name in target.kconfig]


def _key(tree_id: str, target: Target, shop: Shop) -> str:
    said = subprocess.run([target.compiler, '--version'], capture_output=True, timeout=60, check=False).stdout
    parts = [
        tree_id,
        target.arch,
        target.cross,
        target.compiler,
        target.configure,
        *target.goals,
        '',
        *target.make,
        str(bool(shop.cache)),
        *(p.read_text() for p in _fragments(target)),
    ]
    return hashlib.sha256('\0'.join([*parts, said.decode(errors='replace')]).encode()).hexdigest()[:24]


def _last(ran: Ran) -> str:
    lines = ran.output.decode('utf-8', 'replace').strip().splitlines()
    errors = [line for line in lines if ' error: ' in line or '***' in line]
    return (errors[:1] or lines[-1:] or [str(ran.ended)])[0][:300]
