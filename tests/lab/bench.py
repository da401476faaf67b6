# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lab costs: `./bot.sh bench --lab TREE BASE [--store DIR]`.

On a base that `lorebot build` has built in the store: making fs/proc/ in the sandbox against bare make by processor time; then
five patches, each to one .c file, from `lorebot boot` to its report with results, images and verdicts all made anew.
Seconds are those of this machine and its load; ratios are what to compare.
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
from typing import Any

from bot import lab, trees
from bot.lab import base as bases
from bot.lab.workspace import Tools, Workspace, workspace
from tests import measurements

HERE = Path(__file__).resolve().parents[2]
_FILES = ('mm/gup.c', 'mm/memory.c', 'mm/mlock.c', 'virt/kvm/kvm_main.c', 'arch/arm64/kvm/mmu.c')
_CODE = '\nint lorebot_bench_{n}(void);\nint lorebot_bench_{n}(void)\n{{\n\treturn {n};\n}}\n'
_TOLD = re.compile(r'lorebot: (\S+), patch (base|\d+): ([\d.]+) s')
_TIMES = re.compile(rb'(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*\Z')
_REPEATS = 2


def measure(tree: Path, rev: str, store: Path) -> dict[str, Any]:
    """Return every figure; raise `InfraError` where the base cannot be built."""
    (target,) = lab.targets()
    shop = bases.ready(target, lab.Shop(store / 'lab', store / 'lab' / 'ccache', os.cpu_count() or 1))
    with trees.open_tree(tree, store / 'trees') as opened:
        commit = opened.resolve(rev)
        if commit is None:
            raise SystemExit(f'bench: {rev} is no commit of {tree}')
        built = bases.build(opened.tree_id(commit), target, shop, opened.at(commit))
    found = {'base': built.seconds, 'objects': _objects(built), 'load': round(os.getloadavg()[0], 1)}
    return {**found, 'making': _making(built, target, shop), **_series(tree, commit, store)}


def _objects(built: bases.Base) -> int:
    return sum(1 for _ in built.tree.rglob('*.o'))


def _making(built: bases.Base, target: lab.Target, shop: lab.Shop) -> dict[str, float]:
    """Make fs/proc/ without the compiler cache, in the sandbox and bare by turns; the least processor time of each counts."""
    env = {**bases.tools(shop).env, 'CCACHE_DISABLE': '1'}
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for bare in (False, True) * _REPEATS:
        tools = Tools(env, shop.limits, shop.cache, bare)
        with workspace(built.tree, shop.directory / 'work', tools) as tree:
            tree.step()
            seconds[bare].append(_processor(tree, bases.words(target, shop, 'fs/proc/')))
    confined, alone = min(seconds[False]), min(seconds[True])
    return {'sandboxed': confined, 'bare': alone, 'ratio': confined / alone}


def _processor(tree: Workspace, words: Sequence[str]) -> float:
    """Return the processor time of a make; asked inside, for nobody outside is told of a namespace's processes."""
    ran = tree.run(['sh', '-c', 'rm -f fs/proc/*.o; "$@" || exit; times', 'sh', *words])
    match = _TIMES.search(ran.output)
    if not ran.ok or match is None:
        raise SystemExit(f'bench: fs/proc/ cannot be made: {ran.output[-400:].decode("utf-8", "replace")}')
    return sum(float(match[n]) * (60, 1)[(n + 1) % 2] for n in range(1, 5))


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
        text = git('show', f'{commit}:{path}') + _CODE.format(n=number)
        blob = git('hash-object', '-w', '--stdin', stdin=text).strip()
        git('update-index', '--cacheinfo', f'100644,{blob},{path}')
        tip = git('commit-tree', git('write-tree').strip(), '-p', tip, '-m', f'{path}: bench').strip()
    return tip


def table(found: dict[str, Any]) -> str:
    """Return the figures as lines; a ratio stands beside every time."""
    base, making = found['base'], found['making']
    rows = [
        f'base, built from nothing: {base:.0f} s, {found["objects"]} objects (load now {found["load"]})',
        f'fs/proc/ in the sandbox {making["sandboxed"]:.1f} s, bare make {making["bare"]:.1f} s of processor time: '
        f'{making["ratio"]:.2f} (aim at most 1.05)',
        '',
        'patch   build  of the base   boot, all machines   both (aim 20 s)',
    ]
    both = []
    for number, seconds in sorted(found['built'].items()):
        booted = found['booted'].get(str(number), 0.0)
        both.append(seconds + booted)
        rows.append(f'{number:5} {seconds:6.1f} s {seconds / base:10.3f} {booted:17.1f} s {seconds + booted:14.1f} s')
    middle = sorted(both)[len(both) // 2]
    return '\n'.join(
        [
            *rows,
            '',
            f'median of a patch: {middle:.1f} s, {middle / base:.3f} of building the base',
            f'five patches from the command to the report: {found["whole"]:.1f} s '
            f'(build {found["verdicts"]["build"]}, boot {found["verdicts"]["boot"]})',
            f'of these lorebot itself and git, that is neither make nor QEMU: {found["own"]:.1f} s',
        ]
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog='./bot.sh bench --lab', description='What the lab costs.')
    parser.add_argument('tree', type=Path)
    parser.add_argument('base')
    parser.add_argument('--store', type=Path, default=Path('~/.cache/lorebot').expanduser())
    parser.add_argument('--json', action='store_true', help='one JSON document')
    parser.add_argument('--write', action='store_true', help='put the table into docs/measurements.md')
    options = parser.parse_args(arguments)
    found = measure(options.tree, options.base, options.store)
    print(json.dumps(found) if options.json else table(found))
    if options.write:
        measurements.write('lab', './bot.sh bench --lab TREE BASE --write', table(found))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
