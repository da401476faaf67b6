# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lab costs: `./bot.sh bench --lab TREE BASE [--kit STORE] [--write]`.

All from nothing, in a store of its own that is gone afterwards: the base with an empty compiler cache; making fs/proc/ in the
sandbox against bare make; the tree's own selftests; then five patches, four to one .c file and one to a header, from
`lorebot boot` to its report with results, images and verdicts made anew on that base. Only the boot kit (emulator, busybox) is
taken from the store that `lorebot doctor --lab` filled. Seconds are those of this machine and its load; ratios are what to
compare.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bot import lab, trees
from bot.lab import base as bases
from bot.lab.workspace import Tools, Workspace, workspace
from bot.model import AppliedTree, passed
from tests import measurements

HERE = Path(__file__).resolve().parents[2]
_FILES = ('mm/gup.c', 'mm/memory.c', 'mm/internal.h', 'virt/kvm/kvm_main.c', 'arch/arm64/kvm/mmu.c')
_CODE = '\nint lorebot_bench_{n}(void);\nint lorebot_bench_{n}(void)\n{{\n\treturn {n};\n}}\n'
_IN_A_HEADER = '\nstatic inline int lorebot_bench_{n}(void)\n{{\n\treturn {n};\n}}\n'
_TOLD = re.compile(r'lorebot: (\S+), patch (base|\d+): ([\d.]+) s')
_TIMES = re.compile(rb'(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*\Z')
_REPEATS = 2


def measure(tree: Path, rev: str, kit: Path, store: Path) -> dict[str, Any]:
    """Return every figure, all made in `store`, which is empty; raise `InfraError` where the base cannot be built."""
    (target,) = lab.targets()
    (store / 'lab').mkdir()
    (store / 'lab' / 'debian').symlink_to((kit / 'lab' / 'debian').resolve())
    lacking = lab.lacks_to_build((target,)) or lab.lacks_to_boot(
        lab.machines(), lab.guest_tests(), lab.site(store / 'lab')
    )
    if lacking:
        raise SystemExit(f'bench: {lacking} (--kit names the store that has it)')
    shop = bases.ready(target, lab.Shop(store / 'lab', store / 'lab' / 'ccache', os.cpu_count() or 1))
    load = os.getloadavg()[0]
    with trees.open_tree(tree, store / 'trees') as opened:
        commit = opened.resolve(rev)
        if commit is None:
            raise SystemExit(f'bench: {rev} is no commit of {tree}')
        built = bases.build(opened.tree_id(commit), target, shop, opened.at(commit))
        if built.broken:
            raise SystemExit(f'bench: {rev} does not build: {built.broken}')
        began = time.monotonic()
        lab.selftests(
            AppliedTree(passed(), 'bench', commit, 'given', (), ()),
            opened.files,
            opened,
            target,
            shop,
            lab.guest_tests(),
        )
        selftests = time.monotonic() - began
    found = {'base': built.seconds, 'objects': _objects(built), 'load': round(load, 1), 'selftests': selftests}
    return {**found, 'making': _making(built, target, shop), **_series(tree, commit, store)}


def _objects(built: bases.Base) -> int:
    return sum(1 for _ in built.tree.rglob('*.o'))


def _making(built: bases.Base, target: lab.Target, shop: lab.Shop) -> dict[str, float]:
    """Make fs/proc/ without the compiler cache, in the sandbox and bare by turns; the least time of each counts.

    Processor time is that of make and its children; wall clock has all that setting up the sandbox costs as well.
    """
    env = {**bases.tools(shop).env, 'CCACHE_DISABLE': '1'}
    seconds: dict[bool, list[float]] = {False: [], True: []}
    walls: dict[bool, list[float]] = {False: [], True: []}
    for bare in (False, True) * _REPEATS:
        tools = Tools(env, shop.limits, shop.cache, bare)
        with workspace(built.tree, shop.directory / 'work', tools) as tree:
            tree.step()
            used, wall = _times(tree, bases.words(target, shop, 'fs/proc/'))
            seconds[bare].append(used)
            walls[bare].append(wall)
    confined, alone = min(seconds[False]), min(seconds[True])
    wall, wall_alone = min(walls[False]), min(walls[True])
    return {
        'sandboxed': confined,
        'bare': alone,
        'ratio': confined / alone,
        'sandboxed_wall': wall,
        'bare_wall': wall_alone,
        'ratio_wall': wall / wall_alone,
    }


def _times(tree: Workspace, words: Sequence[str]) -> tuple[float, float]:
    """Return processor time and wall clock of a make.

    The first is asked inside, for nobody outside is told of a namespace's processes.
    """
    ran = tree.run(['sh', '-c', 'rm -f fs/proc/*.o; "$@" || exit; times', 'sh', *words])
    match = _TIMES.search(ran.output)
    if not ran.ok or match is None:
        raise SystemExit(f'bench: fs/proc/ cannot be made: {ran.output[-400:].decode("utf-8", "replace")}')
    return sum(float(match[n]) * (60, 1)[(n + 1) % 2] for n in range(1, 5)), ran.seconds


def _series(tree: Path, commit: str, store: Path) -> dict[str, Any]:
    """Build and boot five patches with a store of results that knows nothing, and bases and images that are there."""
    with tempfile.TemporaryDirectory(prefix='lorebot-bench-') as name:
        top = Path(name)
        tip = _commits(tree, commit, top / 'clone')
        (top / 'store').mkdir()
        for part in ('lab', 'trees'):
            (top / 'store' / part).symlink_to((store / part).resolve())
        (top / 'my.toml').write_text(f'[store]\npath = "{top}/store"\n[lab]\nboot_seconds = 600\nretries = 0\n')
        words = ['-m', 'bot', '-v', 'boot', f'{commit}..{tip}', '--tree', str(top / 'clone'), '--format', 'json']
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, *words, '--config', str(top / 'my.toml')],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, 'PYTHONPATH': str(HERE)},
        )
        whole = time.monotonic() - began
    return {'whole': whole, **_parts(done, whole)}


def _parts(done: subprocess.CompletedProcess[str], whole: float) -> dict[str, Any]:
    if done.returncode not in (0, 1):
        raise SystemExit(f'bench: lorebot boot ended with {done.returncode}: {done.stderr[-800:]}')
    report = json.loads(done.stdout)
    rows = [(name, patch, float(seconds)) for name, patch, seconds in _TOLD.findall(done.stderr)]
    built = {int(p): s for name, p, s in rows if name in {b['target'] for b in report['builds']} and p != 'base'}
    booted: dict[str, float] = {}
    for name, patch, seconds in rows:
        if name in {b['machine'] for b in report['boots']}:
            booted[patch] = booted.get(patch, 0.0) + seconds
    spent = sum(built.values()) + sum(booted.values())
    verdicts = {stage: report['verdicts'][stage]['outcome'] for stage in ('build', 'boot')}
    return {'built': built, 'booted': booted, 'own': whole - spent, 'verdicts': verdicts}


def _commits(tree: Path, commit: str, clone: Path) -> str:
    """Write the five patches as commits of a clone that borrows the tree's objects; return the last."""
    subprocess.run(['git', 'clone', '-q', '--shared', '--no-checkout', str(tree), str(clone)], check=True)
    who = {f'GIT_{role}_{what}': 'bench@example.org' for role in ('AUTHOR', 'COMMITTER') for what in ('NAME', 'EMAIL')}
    env = {**os.environ, **who, 'GIT_INDEX_FILE': str(clone / 'index')}

    def git(*words: str, stdin: str = '') -> str:
        return subprocess.run(
            ['git', '-C', str(clone), *words], env=env, input=stdin, capture_output=True, text=True, check=True
        ).stdout

    git('read-tree', commit)
    tip = commit
    for number, path in enumerate(_FILES, 1):
        text = _with(git('show', f'{commit}:{path}'), path, number)
        blob = git('hash-object', '-w', '--stdin', stdin=text).strip()
        git('update-index', '--cacheinfo', f'100644,{blob},{path}')
        tip = git('commit-tree', git('write-tree').strip(), '-p', tip, '-m', f'{path}: bench').strip()
    return tip


def _with(text: str, path: str, number: int) -> str:
    """Return a file with a function more: at its end, in a header before the last #endif."""
    if not path.endswith('.h'):
        return text + _CODE.format(n=number)
    head, last, tail = text.rpartition('#endif')
    return head + _IN_A_HEADER.format(n=number) + last + tail


def table(found: dict[str, Any]) -> str:
    """Return the figures as lines; a ratio stands beside every time."""
    base, making = found['base'], found['making']
    rows = [
        f'base, built from nothing, compiler cache empty: {base:.0f} s, {found["objects"]} objects '
        f'(load before {found["load"]})',
        f"the tree's own selftests, once for a base: {found['selftests']:.0f} s",
        f'fs/proc/ in the sandbox {making["sandboxed"]:.1f} s, bare make {making["bare"]:.1f} s of processor time: '
        f'{making["ratio"]:.2f} (aim at most 1.05)',
        f'the same by the clock, setting up included: {making["sandboxed_wall"]:.1f} s, {making["bare_wall"]:.1f} s: '
        f'{making["ratio_wall"]:.2f}',
        '',
        'patch  file                      build  of the base   boot to verdict    both',
    ]
    both: dict[str, float] = {}
    for number, seconds in sorted(found['built'].items()):
        booted = found['booted'].get(str(number), 0.0)
        path = _FILES[number - 1]
        both[path] = seconds + booted
        rows.append(
            f'{number:5}  {path:22} {seconds:6.1f} s {seconds / base:10.3f} {booted:15.1f} s {both[path]:7.1f} s'
        )
    simple = [seconds for path, seconds in both.items() if path.endswith('.c')]
    middle, incremental = median(both.values()), median(found['built'].values())
    return '\n'.join(
        [
            *rows,
            '',
            f'a patch to one .c file, built and booted on both machines: {median(simple):.1f} s, at most {max(simple):.1f} s '
            '(aim under 20 s)',
            f'median of all: {middle:.1f} s (aim under 60 s); incremental build against cold: {incremental:.1f} s to '
            f'{base:.0f} s, {incremental / base:.3f}',
            f'five patches from the command to the report: {found["whole"]:.1f} s '
            f'(build {found["verdicts"]["build"]}, boot {found["verdicts"]["boot"]})',
            f'of these lorebot itself and git, that is neither make nor QEMU: {found["own"]:.1f} s',
        ]
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog='./bot.sh bench --lab', description='What the lab costs.')
    parser.add_argument('tree', type=Path)
    parser.add_argument('base')
    parser.add_argument(
        '--kit', type=Path, default=Path('~/.cache/lorebot').expanduser(), help='the store that `doctor --lab` filled'
    )
    parser.add_argument('--within', type=Path, help='directory for what is made and removed again (5 GB)')
    parser.add_argument('--json', action='store_true', help='one JSON document')
    parser.add_argument('--write', action='store_true', help='put the table into docs/measurements.md')
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix='lorebot-bench-', dir=options.within) as name:
        found = measure(options.tree.resolve(), options.base, options.kit.resolve(), Path(name))
    print(json.dumps(found) if options.json else table(found))
    if options.write:
        measurements.write('lab', './bot.sh bench --lab TREE BASE --write', table(found))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
