# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds a series patch by patch on a base that was built once, and reports only what each patch brought.

Refuses to blame: what the base or an earlier patch broke is said to be theirs. Every command runs in the sandbox.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.errors import ToolMissing
from bot.lab import base as bases
from bot.lab import logs
from bot.lab.base import Base, Shop
from bot.lab.diagnostics import compare, parse
from bot.lab.plans import Target
from bot.lab.sandbox import Ran
from bot.lab.watch import Ended
from bot.lab.workspace import Workspace, workspace
from bot.model import (
    AppliedTree,
    BuildResult,
    Checkout,
    Diagnostic,
    FileChange,
    FilesAt,
    Outcome,
    Verdict,
    crashed,
    failed,
    passed,
    skipped,
)

_MOST_IMAGE = 512 << 20
_NAMED = 3
_ANEW = 'n=$1; shift; while [ "$n" -gt 0 ]; do rm -f "$1"; shift; n=$((n - 1)); done; exec "$@"'
_RUN_BY_BUILD = ('scripts/', 'tools/', 'usr/gen')
_RUN_NAMES = ('Makefile', 'Kconfig', 'Kbuild')
_RUN_SUFFIXES = ('.mk', '.sh', '.py', '.pl', '.awk', '.lds.S', '.include')


@dataclass(frozen=True, slots=True)
class Built:
    """The results of one target, and the artefacts by position and name: images to boot."""

    results: tuple[BuildResult, ...]
    artefacts: dict[tuple[int, str], bytes] = field(default_factory=dict)
    symbols: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Series:
    """What is known so far: which complaints stand at the parent, and since when the build is broken."""

    target: Target
    shop: Shop
    base: Base
    known: tuple[Diagnostic, ...]
    broken_by: int | None = None
    standing: tuple[Diagnostic, ...] = ()


def build_series(applied: AppliedTree, files: FilesAt, checkout: Checkout, target: Target, shop: Shop) -> Built:
    """Build the base and each patch for one target; position 0 is the base. What is missing makes a skipped result."""
    if applied.base is None:
        return Built((BuildResult(0, target.name, skipped('there is no base to build'), 0.0),))
    try:
        shop = bases.ready(target, shop)
        base = bases.build(applied.base, target, shop, checkout.at(applied.base))
        log = logs.read(shop.directory / 'logs', base.log) or b''
        series = _Series(target, shop, base, parse(log), 0 if base.broken else None)
        return _patches(applied, files, series)
    except ToolMissing as absent:
        return Built((BuildResult(0, target.name, skipped(f'not run: {absent}'), 0.0),))


def _patches(applied: AppliedTree, files: FilesAt, series: _Series) -> Built:
    results, artefacts = [_of_base(series)], {}
    with workspace(series.base.tree, series.shop.directory / 'work', bases.tools(series.shop)) as tree:
        before = applied.base or ''
        for name in series.target.artefacts if not series.base.broken else ():
            artefacts[0, name] = (series.base.tree / name).read_bytes()
        for patch in applied.patches:
            changes = files.changes(before, patch.commit)
            contents = {p: c for change in changes for p, c in _contents(change, files, patch.commit)}
            results.append(_one(patch.position, changes, contents, tree, series))
            if results[-1].artefacts:
                for name in series.target.artefacts:
                    artefacts[patch.position, name] = tree.read(name, _MOST_IMAGE) or b''
            before = patch.commit
    return Built(tuple(results), artefacts, series.base.symbols)


def _contents(change: FileChange, files: FilesAt, commit: str) -> Iterable[tuple[str, bytes | None]]:
    if change.old_path and change.old_path != change.path:
        yield change.old_path, None
    yield change.path, files.read(commit, change.path) if change.new_blob else None


def _of_base(series: _Series) -> BuildResult:
    base = series.base
    verdict = passed() if not base.broken else failed(f'the base itself does not build: {base.broken}')
    return BuildResult(
        position=0,
        target=series.target.name,
        verdict=verdict,
        seconds=base.seconds,
        held=len(series.known),
        broken=bool(base.broken),
        reproducer=reproducer(series.target, series.shop, series.target.goals),
        config=base.config,
        lost=base.lost,
        sandbox=base.sandbox,
        log=base.log,
    )


def _one(
    position: int,
    changes: Sequence[FileChange],
    contents: dict[str, bytes | None],
    tree: Workspace,
    series: _Series,
) -> BuildResult:
    """Build one patch: W=1 objects of its parent and of itself, then the goals."""
    flagged = tuple(sorted(path for path in contents if run_by_build(path)))
    tree.step()
    objects = [_object(c.path) for c in changes if c.new_blob and series.target.objects and c.path.endswith('.c')]
    inherited = [_object(c.old_path) for c in changes if c.old_blob and c.path.endswith('.c')]
    ran = [_objects(tree, series, inherited)] if inherited and series.target.objects else []
    parent = _complaints(ran)
    put = tree.put(contents)
    if not put.ok:
        return BuildResult(
            position, series.target.name, crashed(f'the patch cannot be put in: {_say(put)}'), put.seconds
        )
    mine: list[Ran] = []
    if any(not path.startswith('Documentation/') for path in contents):
        mine = [_objects(tree, series, objects)] if objects else []
        mine += [tree.run(bases.words(series.target, series.shop, *series.target.goals))] if series.target.goals else []
    return _result(position, flagged, parent, [*ran, put], mine, tree, series)


def _result(
    position: int,
    flagged: tuple[str, ...],
    parent: tuple[Diagnostic, ...],
    before: list[Ran],
    mine: list[Ran],
    tree: Workspace,
    series: _Series,
) -> BuildResult:
    said = _complaints(mine)
    known = (*series.known, *parent)
    new, _, held = compare(known, said)
    fixed = compare(parent, said)[1] if mine else ()
    fixed = tuple(d for d in fixed if d.key not in {s.key for s in said})
    verdict = _verdict(position, new, mine, series)
    fixed = _once((*fixed, *_mended_with(said, new, series)))
    gone = {d.key for d in fixed}
    series.known = tuple(d for d in (*known, *new) if d.key not in gone)
    output = b''.join(r.output for r in mine)
    return BuildResult(
        position=position,
        target=series.target.name,
        verdict=verdict,
        seconds=round(sum(r.seconds for r in (*before, *mine)), 2),
        diagnostics=_once(new),
        fixed=fixed,
        held=held,
        flagged=flagged,
        inherited=series.broken_by if series.broken_by != position else None,
        broken=series.broken_by is not None,
        artefacts=_artefacts(tree, series)
        if verdict.outcome is not Outcome.CRASHED and series.broken_by is None
        else (),
        reproducer=reproducer(series.target, series.shop, series.target.goals),
        config=series.base.config,
        sandbox=next((r.sandbox for r in mine), series.base.sandbox),
        log=logs.keep(series.shop.directory / 'logs', output) if mine else '',
    )


def _verdict(position: int, new: tuple[Diagnostic, ...], mine: list[Ran], series: _Series) -> Verdict:
    """Say how a patch's build went, and remember since when it is broken."""
    if not mine:
        return passed('nothing in it is compiled')
    lost = next((r for r in mine if r.ended is not Ended.EXIT), None)
    if lost is not None:
        return failed(f'the build was ended: {lost.ended}')
    return _mended(new, mine, series) if mine[-1].ok else _broken(position, new, mine[-1], series)


def _broken(position: int, new: tuple[Diagnostic, ...], ran: Ran, series: _Series) -> Verdict:
    errors = [d for d in new if d.severity == 'error']
    if series.broken_by is not None and not errors:
        who = 'the base' if series.broken_by == 0 else f'patch {series.broken_by}'
        return skipped(f'{who} broke the build and this patch does not mend it')
    series.broken_by = position if series.broken_by is None else series.broken_by
    return failed(f'does not build: {_named(errors) or _say(ran)}')


def _mended(new: tuple[Diagnostic, ...], mine: list[Ran], series: _Series) -> Verdict:
    mended, series.broken_by = series.broken_by, None
    if any(not r.ok for r in mine):
        return failed(f'does not compile with W=1: {_named(new)}')
    if new:
        return failed(f'new diagnostics: {_named(new)}')
    return passed('' if mended is None else f'mends what {f"patch {mended}" if mended else "the base"} broke')


def _mended_with(said: tuple[Diagnostic, ...], new: tuple[Diagnostic, ...], series: _Series) -> tuple[Diagnostic, ...]:
    """Return what came while the tree did not build and is not said any more now that it does."""
    standing, still = (*series.standing, *new), {d.key for d in said}
    series.standing = () if series.broken_by is None else standing
    return tuple(d for d in standing if d.key not in still) if series.broken_by is None else ()


def _objects(tree: Workspace, series: _Series, objects: Sequence[str]) -> Ran:
    """Compile objects with W=1, anew: an object that is up to date prints nothing."""
    words = bases.words(series.target, series.shop, 'W=1', '-k', *objects)
    return tree.run(['sh', '-c', _ANEW, 'sh', str(len(objects)), *objects, *words])


def _object(path: str) -> str:
    return f'{path.removesuffix(".c")}.o'


def _complaints(runs: Iterable[Ran]) -> tuple[Diagnostic, ...]:
    """Return what several commands said; the same line said by two of them counts once."""
    return _once(d for ran in runs for d in parse(ran.output))


def _once(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple({(d.key, d.file, d.line): d for d in found}.values())


def _artefacts(tree: Workspace, series: _Series) -> tuple[tuple[str, str], ...]:
    found = ((name, tree.read(name, _MOST_IMAGE)) for name in series.target.artefacts)
    return tuple((name, hashlib.sha256(data).hexdigest()) for name, data in found if data is not None)


def run_by_build(path: str) -> bool:
    """Tell whether the build itself executes or obeys a file."""
    name = path.rpartition('/')[2]
    return path.startswith(_RUN_BY_BUILD) or name.startswith(_RUN_NAMES) or name.endswith(_RUN_SUFFIXES)


def reproducer(target: Target, shop: Shop, goals: Sequence[str]) -> str:
    return shlex.join(bases.words(target, shop, *goals))


def _named(found: Sequence[Diagnostic]) -> str:
    return '; '.join(f'{d.where}: {d.message}'.lstrip(': ') for d in found[:_NAMED])


def _say(ran: Ran) -> str:
    lines = ran.output.decode('utf-8', 'replace').strip().splitlines()
    return lines[-1][:300] if lines else f'{ran.ended} {ran.status}'
