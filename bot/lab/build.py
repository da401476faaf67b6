# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds a series patch by patch on a base that was built once, and reports only what each patch brought.

Refuses to blame: what the base or an earlier patch broke is said to be theirs, and a file that the target does not compile
is named instead of passed. Every command runs in the sandbox.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.errors import ToolMissing
from bot.lab import base as bases
from bot.lab import logs
from bot.lab.base import Base, Shop
from bot.lab.compile import Compiled, c_files, compile_patch, compiled_in
from bot.lab.diagnostics import compare, less, parse
from bot.lab.plans import Target
from bot.lab.ready import version
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
    Progress,
    Verdict,
    crashed,
    failed,
    passed,
    skipped,
)

_MOST_IMAGE = 512 << 20
_NAMED = 3
# What a kernel's Makefile says, and then goes on without the checker.
_UNCHECKED = re.compile(rb'C=[12] specified, but (sparse is not .{1,80})$', re.MULTILINE)
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
    """What is known so far: which complaints stand at the parent, and since when the build is broken.

    `read` are files whose kernel-doc complaints are in `known`; `built` are objects the goals make, `told` others that
    were compiled by themselves, `lost` files that cannot be; `sources` all C files the series touches.
    """

    target: Target
    shop: Shop
    base: Base
    known: tuple[Diagnostic, ...]
    broken_by: int | None = None
    standing: tuple[Diagnostic, ...] = ()
    read: set[str] = field(default_factory=set)
    built: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    sources: frozenset[str] = frozenset()
    artefacts: dict[tuple[int, str], bytes] = field(default_factory=dict)


def build_series(
    applied: AppliedTree,
    files: FilesAt,
    checkout: Checkout,
    target: Target,
    shop: Shop,
    progress: Progress | None = None,
) -> Built:
    """Build the base and each patch for one target; position 0 is the base. What is missing makes a skipped result."""
    if applied.base is None:
        return Built((BuildResult(0, target.name, skipped('there is no base to build'), 0.0),))
    tell = progress or (lambda what, done, total: None)
    try:
        shop = bases.ready(target, shop)
        tell(f'build {target.name}: base', 0, len(applied.patches) + 1)
        base = bases.build(checkout.tree_id(applied.base), target, shop, checkout.at(applied.base))
        series = _Series(target, shop, base, _once(parse(base.said)), 0 if base.broken else None)
        series.built |= compiled_in(base.said)
        series.sources = _sources(applied, files)
        return _patches(applied, files, series, tell)
    except ToolMissing as absent:
        return Built((BuildResult(0, target.name, skipped(f'not run: {absent}'), 0.0),))
    except LookupError as absent:
        return Built((BuildResult(0, target.name, skipped(f'not run: {absent}'), 0.0),))


def _patches(applied: AppliedTree, files: FilesAt, series: _Series, tell: Progress) -> Built:
    results = [_of_base(series)]
    with workspace(series.base.tree, series.shop.directory / 'work', bases.tools(series.shop)) as tree:
        before, total = applied.base or '', len(applied.patches) + 1
        for patch in applied.patches:
            tell(f'build {series.target.name}: patch {patch.position}', patch.position, total)
            changes = files.changes(before, patch.commit)
            contents = {p: c for change in changes for p, c in _contents(change, files, patch.commit)}
            results.append(_one(patch.position, changes, contents, tree, series))
            before = patch.commit
    tell(f'build {series.target.name}', total, total)
    return Built(tuple(results), series.artefacts, series.base.symbols)


def _sources(applied: AppliedTree, files: FilesAt) -> frozenset[str]:
    changes = files.changes(applied.base or '', applied.tip or '')
    return frozenset(c_files(path for c in changes for path in (c.path, c.old_path) if path))


def _contents(change: FileChange, files: FilesAt, commit: str) -> Iterable[tuple[str, bytes | None]]:
    if change.old_path and change.old_path != change.path:
        yield change.old_path, None
    yield change.path, files.read(commit, change.path) if change.new_blob else None


def _of_base(series: _Series) -> BuildResult:
    base = series.base
    verdict = passed() if not base.broken else failed(f'the base itself does not build: {base.broken}')
    names = series.target.artefacts if not base.broken else ()
    return BuildResult(
        position=0,
        target=series.target.name,
        verdict=verdict,
        seconds=base.seconds,
        held=len(series.known),
        broken=bool(base.broken),
        artefacts=_kept(0, {name: (base.tree / name).read_bytes() for name in names}, series),
        reproducer=reproducer(series.target, series.shop, series.target.goals),
        config=base.config,
        compiler=version(series.target.compiler),
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
    """Build one patch on those before it."""
    tree.step()
    compiled = compile_patch(changes, contents, tree, series)
    if compiled.put is not None and not compiled.put.ok:
        why = crashed(f'the patch cannot be put in: {_say(compiled.put)}')
        return BuildResult(position, series.target.name, why, compiled.put.seconds)
    return _result(position, compiled, contents, tree, series)


def _result(
    position: int, compiled: Compiled, contents: dict[str, bytes | None], tree: Workspace, series: _Series
) -> BuildResult:
    said = _once(parse(b''.join(r.output for r in compiled.mine)))
    known = (*series.known, *compiled.parents)
    new, _, held = compare(known, said)
    gone = compare([d for d in known if compiled.again(d)], said)[1]
    if series.broken_by is not None and _passed_on(said, new, series):
        series.broken_by = position
    verdict = _verdict(position, new, compiled, series)
    fixed = _once((*gone, *_mended_with(said, new, series)))
    series.known = less((*known, *new), fixed)
    whole = verdict.outcome is not Outcome.CRASHED and series.broken_by is None
    made = {name: tree.read(name, _MOST_IMAGE) for name in series.target.artefacts} if whole else {}
    ran = (*compiled.before, *compiled.mine)
    output = b''.join(r.output for r in compiled.mine)
    return BuildResult(
        position=position,
        target=series.target.name,
        verdict=verdict,
        seconds=round(sum(r.seconds for r in ran), 2),
        diagnostics=_once(new),
        fixed=fixed,
        held=held,
        flagged=tuple(sorted(path for path in contents if run_by_build(path))),
        unbuilt=compiled.unbuilt,
        inherited=series.broken_by if series.broken_by != position else None,
        broken=series.broken_by is not None,
        artefacts=_kept(position, {n: data for n, data in made.items() if data is not None}, series),
        reproducer=reproducer(series.target, series.shop, series.target.goals or tuple(sorted(compiled.objects))),
        config=series.base.config,
        compiler=version(series.target.compiler),
        sandbox=next((r.sandbox for r in compiled.mine), series.base.sandbox),
        log=logs.keep(series.shop.directory / 'logs', output) if compiled.mine else '',
    )


def _verdict(position: int, new: tuple[Diagnostic, ...], compiled: Compiled, series: _Series) -> Verdict:
    """Say how a patch's build went, and remember since when it is broken."""
    if not compiled.mine:
        none = f'{compiled.unbuilt[0]} cannot be compiled by this target' if compiled.unbuilt else ''
        return passed(none or 'nothing in it is compiled')
    if not series.target.goals and not new and (compiled.unbuilt or not compiled.objects):
        which = compiled.unbuilt[0] if compiled.unbuilt else 'what it changes'
        return skipped(f'{which} cannot be compiled by this target')
    unchecked = next((m for r in compiled.mine if (m := _UNCHECKED.search(r.output))), None)
    if unchecked is not None and compiled.good and not new:
        return skipped(f'not checked: the tree says that {unchecked[1].decode("utf-8", "replace")}')
    lost = next((r for r in compiled.mine if r.ended is not Ended.EXIT), None)
    if lost is not None:
        return failed(f'the build was ended: {lost.ended}')
    if not compiled.good:
        return _broken(position, new, compiled.main, series)
    return _mended(new, compiled, series)


def _broken(position: int, new: tuple[Diagnostic, ...], ran: Ran, series: _Series) -> Verdict:
    errors = [d for d in new if d.severity == 'error']
    if series.broken_by is not None and not errors:
        who = 'the base' if series.broken_by == 0 else f'patch {series.broken_by}'
        return skipped(f'{who} broke the build and this patch does not mend it')
    series.broken_by = position if series.broken_by is None else series.broken_by
    return failed(f'does not build: {_named(errors) or _say(ran)}')


def _passed_on(said: tuple[Diagnostic, ...], new: tuple[Diagnostic, ...], series: _Series) -> bool:
    """Tell whether a patch mends all that the break was and brings a break of its own."""
    before, now = ({d.key for d in found if d.severity == 'error'} for found in (series.standing, said))
    return bool(before) and not before & now and any(d.severity == 'error' for d in new)


def _mended(new: tuple[Diagnostic, ...], compiled: Compiled, series: _Series) -> Verdict:
    mended, series.broken_by = series.broken_by, None
    if any(d.severity == 'error' for d in new):
        return failed(f'does not compile: {_named(new)}')
    if new:
        return failed(f'new diagnostics: {_named(new)}')
    return passed('' if mended is None else f'mends what {f"patch {mended}" if mended else "the base"} broke')


def _mended_with(said: tuple[Diagnostic, ...], new: tuple[Diagnostic, ...], series: _Series) -> tuple[Diagnostic, ...]:
    """Return what came while the tree did not build and is not said any more now that it does."""
    standing, still = (*series.standing, *new), {d.key for d in said}
    series.standing = () if series.broken_by is None else standing
    errors = (d for d in standing if d.severity == 'error' and d.key not in still)
    return tuple(errors) if series.broken_by is None else ()


def _once(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Leave out the same line said twice: a header's complaint comes with every file that includes it.

    kernel-doc is run by an older tree's own make too, and the two may count lines differently.
    """
    return tuple({(d.key, d.file, 0 if d.tool == 'kernel-doc' else d.line): d for d in found}.values())


def _kept(position: int, made: dict[str, bytes], series: _Series) -> tuple[tuple[str, str], ...]:
    """Keep what was made where the boot stage finds it, by digest."""
    for name, data in made.items():
        series.artefacts[position, name] = data
        logs.keep(series.shop.directory / 'artefacts', data)
    return tuple((name, hashlib.sha256(data).hexdigest()) for name, data in made.items())


def run_by_build(path: str) -> bool:
    """Tell whether the build itself executes or obeys a file."""
    name = path.rpartition('/')[2]
    return path.startswith(_RUN_BY_BUILD) or name.startswith(_RUN_NAMES) or name.endswith(_RUN_SUFFIXES)


def reproducer(target: Target, shop: Shop, goals: Sequence[str]) -> str:
    """Return the make command as a person would type it; how it is to run is theirs to say."""
    return shlex.join(word for word in bases.words(target, shop, *goals) if not word.startswith('-'))


def _named(found: Sequence[Diagnostic]) -> str:
    return '; '.join(f'{d.where}: {d.message}'.lstrip(': ') for d in found[:_NAMED])


def _say(ran: Ran) -> str:
    lines = ran.output.decode('utf-8', 'replace').strip().splitlines()
    return lines[-1][:300] if lines else f'{ran.ended} {ran.status}'
