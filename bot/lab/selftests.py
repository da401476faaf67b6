# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiles the tree's own selftests, static, in the sandbox: as the base has them, and anew at each patch that may change them.

Promises that a patch after which a selftest of the base does not compile any more is told, as that test's failure. Refuses
to run anything here: programs go into the guest and nowhere else. What a make that was ended left behind is no program,
what it could not make for want of memory or time is no one's failure, and neither is kept for the next run.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bot.lab import base as bases
from bot.lab import logs
from bot.lab.base import Base, Shop
from bot.lab.diagnostics import parse
from bot.lab.plans import GuestTest, Target
from bot.lab.sandbox import Ran, starved
from bot.lab.watch import Ended
from bot.lab.workspace import Workspace, workspace
from bot.model import AppliedTree, Checkout, FileChange, FilesAt

Programs = Mapping[str, bytes]
"""Files of the guest's /tests by name; `NAME.lost` says why a program is not there any more, `NAME.unmade` why it could not be
made here."""

_TOP = 'tools/testing/selftests'
_OUT = '.lorebot-selftests'
_MOST = 32 << 20
_REASON = 300
# The output directory has to be a whole path, and where the tree is depends on the sandbox.
_MAKE = 'top=$1 out=$2; shift 2; exec make -C "$top" OUTPUT="$PWD/$out" KHDR_INCLUDES="-isystem $PWD/usr/include" "$@"'
_KERNELS_OWN = ('include/', 'arch/', 'drivers/', 'fs/', 'net/', 'sound/', 'block/', 'crypto/')
_FAILED = re.compile(
    rb'^make(?:\[\d{1,3}\])?: \*\*\* \[(?>(?:[^\]\n]{1,300}: (?!\]))?)([^\]\n]{1,600})\]', re.MULTILINE
)


@dataclass(slots=True)
class _Made:
    """`sure` holds unless something was not made for reasons that are not the source's."""

    programs: dict[str, bytes] = field(default_factory=dict)
    sure: bool = True


def selftests(
    applied: AppliedTree,
    files: FilesAt,
    checkout: Checkout,
    target: Target,
    shop: Shop,
    tests: Sequence[GuestTest],
) -> dict[int, Programs]:
    """Return the programs at each position, 0 being the base; {} where no test wants one or the base does not build."""
    names = sorted({name for test in tests for name in test.selftests})
    if not names or applied.base is None:
        return {}
    shop = bases.ready(target, shop)
    base = bases.build(checkout.tree_id(applied.base), target, shop, checkout.at(applied.base))
    if base.broken:
        return {}
    found = {0: _of_base(base, names, target, shop)}
    pending, before = dict[str, bytes | None](), applied.base
    with workspace(base.tree, shop.directory / 'work', bases.tools(shop)) as tree:
        for patch in applied.patches:
            changes = files.changes(before, patch.commit)
            pending |= {c.old_path: None for c in changes if c.old_path != c.path}
            pending |= {c.path: files.read(patch.commit, c.path) if c.new_blob else None for c in changes}
            programs = found[max(found)]
            if any(map(_may_change, changes)):
                tree.step()
                tree.put(pending)
                programs = _against(programs, _compile(tree, names, target, shop).programs)
                pending = {}
            found[patch.position], before = programs, patch.commit
    return found


def _may_change(change: FileChange) -> bool:
    """Tell whether a selftest may see a file: all below tools/, what user space sees, and headers beside kernel code."""
    path = change.path
    beside = path.endswith('.h') and not path.startswith(_KERNELS_OWN)
    return path.startswith('tools/') or '/uapi/' in path or beside


def _of_base(base: Base, names: Sequence[str], target: Target, shop: Shop) -> Programs:
    """Return the base's programs, compiled once and kept by digest."""
    digest = hashlib.sha256('\0'.join([*names, _MAKE]).encode()).hexdigest()[:16]
    listed, kept = base.tree.parent / f'selftests-{digest}.json', shop.directory / 'artefacts'
    if listed.is_file():
        held = msgspec.json.decode(listed.read_bytes(), type=dict[str, str])
        found = {name: logs.read(kept, digest) for name, digest in held.items()}
        if all(data is not None for data in found.values()):
            return {name: data for name, data in found.items() if data is not None}
    with workspace(base.tree, shop.directory / 'work', bases.tools(shop)) as tree:
        tree.step()
        made = _compile(tree, names, target, shop)
    programs = {name: data for name, data in made.programs.items() if not name.endswith('.lost')}
    if made.sure:
        new = listed.with_suffix('.new')
        new.write_bytes(msgspec.json.encode({name: logs.keep(kept, data) for name, data in programs.items()}))
        new.rename(listed)
    return programs


def _against(before: Programs, now: Programs) -> Programs:
    """Leave out the complaints about what the patch before did not have either."""
    had = {name.removesuffix('.lost') for name in before}
    return {name: data for name, data in now.items() if not name.endswith('.lost') or name.removesuffix('.lost') in had}


def _compile(tree: Workspace, names: Sequence[str], target: Target, shop: Shop) -> _Made:
    made = _Made(sure=not starved(tree.run(bases.words(target, shop, 'headers'))))
    for directory in sorted({name.partition('/')[0] for name in names}):
        here = [n for n in names if n.startswith(f'{directory}/') and tree.has(f'{_TOP}/{n}.c')]
        if here:
            ran = _make(tree, directory, here, target, shop)
            why_not = starved(ran)
            made.sure = made.sure and not why_not
            failing = {Path(goal.decode('utf-8', 'replace')).name for goal in _FAILED.findall(ran.output)}
            for name in here:
                whole = ran.ended is Ended.EXIT and Path(name).name not in failing
                program = tree.read(f'{_OUT}/{name}', _MOST) if whole else None
                made.programs |= _told(name, program, ran, why_not)
    return made


def _told(name: str, program: bytes | None, ran: Ran, why_not: str) -> Programs:
    """Return a program under its name, or why there is none."""
    last = Path(name).name
    if program is not None:
        return {last: program}
    if why_not:
        return {f'{last}.unmade': f'{last} could not be made here: {why_not}\n'.encode()}
    return {f'{last}.lost': f'{_TOP}/{name}.c does not compile: {_reason(ran, name)}\n'.encode()}


def _make(tree: Workspace, directory: str, names: Sequence[str], target: Target, shop: Shop) -> Ran:
    out = f'{_OUT}/{directory}'
    outside = [f'ARCH={target.arch}', f'CROSS_COMPILE={target.cross}', 'LDFLAGS=-static -s']
    # A goal is the very name of the file under OUTPUT; one that an earlier patch made is no answer for this patch.
    goals = ' '.join(f'"$PWD/{_OUT}/{name}"' for name in names)
    places = ' '.join(sorted({f'"{_OUT}/{name.rpartition("/")[0]}"' for name in names}))
    script = f'rm -f {goals}; mkdir -p {places}; {_MAKE} {goals}'
    words = ['sh', '-c', script, 'sh', f'{_TOP}/{directory}', out, f'-j{shop.jobs}', '-k', *outside]
    return tree.run(words)


def _reason(ran: Ran, name: str) -> str:
    """Return the first error in a program's own source, else the first of all: make goes on with the others."""
    wrong = [d for d in parse(ran.output) if d.severity == 'error']
    own = [d for d in wrong if d.file.rpartition('/')[2] == f'{name.rpartition("/")[2]}.c']
    said = f'{(own or wrong)[0].where}: {(own or wrong)[0].message}' if wrong else str(ran.ended)
    return said[:_REASON]
