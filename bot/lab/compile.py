# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiles one patch: what its files were complained of before, then the goals, then what the goals leave out.

One make with W=1 does for files that the goals build. A file they do not build is compiled by itself, before and after;
where its parent cannot be compiled so, nothing can be said of it and it is named. kernel-doc reads the touched files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.lab import base as bases
from bot.lab.base import Shop
from bot.lab.diagnostics import parse
from bot.lab.plans import Target
from bot.lab.sandbox import Ran
from bot.lab.workspace import Workspace
from bot.model import Diagnostic, FileChange

_ANEW = 'n=$1; shift; while [ "$n" -gt 0 ]; do rm -f "$1"; shift; n=$((n - 1)); done; exec "$@"'
_KERNEL_DOC = (
    'for tool in tools/docs/kernel-doc scripts/kernel-doc; do '
    '[ -x "$tool" ] && exec env PYTHONDONTWRITEBYTECODE=1 "$tool" -none "$@"; done'
)
# EL2 code is `HYPCC  .../switch.nvhe.o`: a suffix before the last names the flavour, not the source.
_COMPILES = re.compile(
    rb'^  [A-Z]{0,5}CC(?: \[M\])? +([\w/+,@-]{1,300}(?:\.[\w-]{1,80})*?)(?:\.nvhe|\.pi)?\.o$', re.MULTILINE
)
_READ = ('.c', '.h')
_NO_OBJECTS = ('tools/', 'scripts/', 'samples/', 'Documentation/', 'usr/')


class State(Protocol):
    """What a series remembers from patch to patch."""

    target: Target
    shop: Shop
    read: set[str]
    built: set[str]
    told: set[str]
    lost: set[str]
    sources: frozenset[str]


@dataclass(slots=True)
class Compiled:
    """`main` is the run that decides; `objects` were compiled, `parents` is what the parent's files were told.

    `good` says whether the goals were made, or where there are none, what can be compiled was.
    """

    put: Ran | None = None
    before: list[Ran] = field(default_factory=list)
    mine: list[Ran] = field(default_factory=list)
    parents: tuple[Diagnostic, ...] = ()
    good: bool = True
    objects: set[str] = field(default_factory=set)
    docs: set[str] = field(default_factory=set)
    headers: set[str] = field(default_factory=set)
    unbuilt: tuple[str, ...] = ()

    @property
    def main(self) -> Ran:
        return self.mine[0]

    def again(self, found: Diagnostic) -> bool:
        """Tell whether a complaint of before would have been heard again."""
        if found.tool == 'kernel-doc':
            return found.file in self.docs
        return _object(found.file) in self.objects or (self.good and found.file in self.headers)


def compile_patch(
    changes: Sequence[FileChange], contents: Mapping[str, bytes | None], tree: Workspace, state: State
) -> Compiled:
    """Put the patch into the tree and compile it; `contents` are its files, None for one that is removed."""
    done = Compiled()
    old = sorted(c.old_path for c in changes if c.old_blob)
    new = sorted(c.path for c in changes if c.new_blob)
    _parents(old, [*c_files(old), *_mates(tree, state)], tree, state, done)
    done.put = tree.put(contents)
    if not done.put.ok or all(path.startswith('Documentation/') for path in contents):
        return done
    if state.target.goals:
        done.mine.append(tree.run(bases.words(state.target, state.shop, *state.target.goals)))
        done.good = done.mine[0].ok
        state.built |= _compiled(done.mine)
    done.headers = {path for path in new if path.endswith('.h')}
    _rest(c_files(new), _mates(tree, state), tree, state, done)
    _documented(new, tree, state, done)
    done.objects |= _compiled(done.mine)
    return done


def c_files(paths: Iterable[str]) -> list[str]:
    """Return the kernel's own: what is below tools/ and scripts/ is no object of it."""
    return [path for path in paths if path.endswith('.c') and not path.startswith(_NO_OBJECTS)]


def _mates(tree: Workspace, state: State) -> list[str]:
    """Return what stands in for the goals where a target has none: the series' own C files, for the headers it changes."""
    return [] if state.target.goals else [path for path in sorted(state.sources) if tree.has(path)]


def _parents(old: Sequence[str], sources: Sequence[str], tree: Workspace, state: State, done: Compiled) -> None:
    """Compile by itself what the goals do not build, as it was, once; remember what cannot be."""
    alone = _alone(sorted(set(sources)), state)
    if alone:
        done.before.append(_objects(tree, state, alone))
        state.told |= {_object(path) for path in alone}
        state.lost |= {path for path in alone if not tree.has(_object(path))}
    unread = [path for path in old if path.endswith(_READ) and path not in state.read]
    if unread:
        done.before.append(_docs(tree, unread))
        state.read |= set(unread)
    done.parents = tuple(d for ran in done.before for d in parse(ran.output))


def _rest(touched: Sequence[str], mates: Sequence[str], tree: Workspace, state: State, done: Compiled) -> None:
    """Compile touched files that the goals left out: by configuration, or because they stopped before."""
    if not state.target.objects:
        return
    seen = _compiled(done.mine)
    waiting = [p for p in sorted({*touched, *mates}) if _object(p) not in seen and p not in state.lost]
    fresh = [p for p in waiting if _object(p) not in (state.told | state.built) and done.good]
    ours = [p for p in waiting if p not in fresh]
    if ours:
        ran = _objects(tree, state, ours)
        done.mine.append(ran)
        done.good = done.good and (bool(state.target.goals) or ran.ok)
    failed = {path for path in fresh if not _tried(path, tree, state, done)}
    done.unbuilt = tuple(sorted((state.lost | failed) & set(touched)))


def _tried(path: str, tree: Workspace, state: State, done: Compiled) -> bool:
    """Compile a new file that no goal builds; where that fails it may want another configuration: nothing is said."""
    ran = _objects(tree, state, [path])
    if ran.ok:
        done.mine.append(ran)
        state.told.add(_object(path))
    return ran.ok


def _documented(new: Sequence[str], tree: Workspace, state: State, done: Compiled) -> None:
    paths = [path for path in new if path.endswith(_READ)]
    if paths and state.target.objects:
        done.mine.append(_docs(tree, paths))
        done.docs = set(paths)
        state.read |= set(paths)


def _alone(paths: Iterable[str], state: State) -> list[str]:
    """Return the files whose objects the goals do not build and of which nothing is known yet."""
    return [p for p in paths if _object(p) not in (state.built | state.told)] if state.target.objects else []


def _objects(tree: Workspace, state: State, paths: Sequence[str]) -> Ran:
    """Compile objects anew: one that is up to date prints nothing."""
    objects = [_object(path) for path in paths]
    words = bases.words(state.target, state.shop, *objects)
    return tree.run(['sh', '-c', _ANEW, 'sh', str(len(objects)), *objects, *words])


def _docs(tree: Workspace, paths: Sequence[str]) -> Ran:
    return tree.run(['sh', '-c', _KERNEL_DOC, 'sh', *paths])


def _compiled(runs: Iterable[Ran]) -> set[str]:
    return {name for ran in runs for name in compiled_in(ran.output)}


def compiled_in(log: bytes) -> set[str]:
    """Return the objects that a build log tells of, by the name their source gives them."""
    return {f'{name.decode()}.o' for name in _COMPILES.findall(log)}


def _object(path: str) -> str:
    return f'{path.removesuffix(".c")}.o'
