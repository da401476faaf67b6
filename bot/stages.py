# SPDX-License-Identifier: GPL-2.0-or-later
"""The jobs of a review: what each stage is given, as one self-contained document, and the room that performs it.

A job's key is a hash of all it is given and of the program itself, so equal keys mean equal results, on any engine.
Paths of this machine are part of a job, never of its key or its result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec

from bot import checks, config, lore, questions, resources, store, trees
from bot.errors import TreeError, UserError
from bot.model import (
    AppliedTree,
    CheckResult,
    Ledger,
    Outcome,
    Progress,
    RawMail,
    Revision,
    Series,
    Thread,
)
from bot.model.command import Appointed, Command
from bot.model.memory import Memory


class Job(Protocol):
    """A frozen dataclass that msgspec can write and read; `identity` is what its result depends on."""

    @property
    def identity(self) -> tuple[Any, ...]: ...


@dataclass(frozen=True, slots=True)
class TreeAt:
    """A kernel tree of the user; `fingerprint` changes with its refs."""

    name: str
    path: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Assemble:
    raws: tuple[RawMail, ...]
    prefer_lists: tuple[str, ...]
    wanted: str | None
    as_of: datetime | None
    facts: str = ''

    @property
    def identity(self) -> tuple[Any, ...]:
        mails = [(hashlib.sha256(r.raw).hexdigest(), r.archived) for r in self.raws]
        return (mails, self.prefer_lists, self.wanted, self.as_of)


@dataclass(frozen=True, slots=True)
class Apply:
    revision: Revision
    trees: tuple[TreeAt, ...]
    workshop: str
    base: str | None
    max_tags: int

    @property
    def identity(self) -> tuple[Any, ...]:
        return (self.revision, [(t.name, t.fingerprint) for t in self.trees], self.base, self.max_tags)


@dataclass(frozen=True, slots=True)
class Check:
    applied: AppliedTree
    tree: TreeAt
    workshop: str
    rules: tuple[str, ...]
    only: tuple[str, ...]
    off: tuple[str, ...]
    facts: str

    @property
    def identity(self) -> tuple[Any, ...]:
        return (self.applied, resources.digest(*map(Path, self.rules)), self.only, self.off)


@dataclass(frozen=True, slots=True)
class CheckRev:
    tree: TreeAt
    workshop: str
    rev: str
    paths: tuple[str, ...]
    rules: tuple[str, ...]
    only: tuple[str, ...]
    off: tuple[str, ...]
    facts: str

    @property
    def identity(self) -> tuple[Any, ...]:
        rules = resources.digest(*map(Path, self.rules))
        return (self.tree.name, self.tree.fingerprint, self.rev, self.paths, rules, self.only, self.off)


@dataclass(frozen=True, slots=True)
class CheckAlone:
    """Files by the names findings are to show; `headers` is the directory of the kernel they are taken to be of."""

    texts: dict[str, bytes]
    headers: str
    rules: tuple[str, ...]
    only: tuple[str, ...]
    off: tuple[str, ...]

    @property
    def identity(self) -> tuple[Any, ...]:
        digests = {name: hashlib.sha256(text).hexdigest() for name, text in self.texts.items()}
        return (digests, resources.digest(*map(Path, self.rules)), self.only, self.off)


@dataclass(frozen=True, slots=True)
class Questions:
    threads: tuple[Thread, ...]
    series: Series | None
    settings: config.Questions
    as_of: datetime | None
    commands: tuple[Command, ...] = ()
    own: str = ''
    facts: str = ''

    @property
    def identity(self) -> tuple[Any, ...]:
        return (self.threads, self.series, self.settings, self.as_of, self.commands, self.own)


@dataclass(frozen=True, slots=True)
class Appoint:
    """Who is responsible for the files of a posting, by the first tree that has a MAINTAINERS file."""

    revision: Revision
    trees: tuple[TreeAt, ...]
    workshop: str
    base: str | None
    max_tags: int
    the_rest: bool

    @property
    def identity(self) -> tuple[Any, ...]:
        return (self.revision, [(t.name, t.fingerprint) for t in self.trees], self.base, self.max_tags, self.the_rest)


def assemble(job: Assemble, progress: Progress) -> lore.Assembly:
    """Parse the mails and put threads and series together; raw bytes stay behind, the store has them."""
    with remembering(job.facts):
        messages = lore.parse(job.raws, job.prefer_lists)
        known = [m for m in messages if job.as_of is None or (m.date is not None and m.date <= job.as_of)]
        made = lore.assemble(known, job.wanted, trees.run)
    bare = [replace(t, messages=tuple(replace(m, raw=b'') for m in t.messages)) for t in made.threads]
    return replace(made, threads=tuple(bare))


def apply(job: Apply, progress: Progress) -> AppliedTree:
    """Apply to the first tree that takes the whole revision, else report the tree that took most of it."""
    best: AppliedTree | None = None
    for at in job.trees:
        with trees.open_tree(Path(at.path), Path(job.workshop), at.name) as tree:
            applied = tree.apply(job.revision, job.base, job.max_tags, progress)
        if applied.verdict.outcome is Outcome.PASSED:
            return applied
        if best is None or len(applied.patches) > len(best.patches):
            best = applied
    assert best is not None
    return best


def check(job: Check, progress: Progress) -> CheckResult:
    rules = checks.load_rules([Path(r) for r in job.rules], job.only, job.off)
    with (
        trees.open_tree(Path(job.tree.path), Path(job.workshop), job.tree.name) as tree,
        store.FactFile(Path(job.facts)) as facts,
    ):
        return checks.check_series(tree.files, job.applied, rules, facts, progress)


def check_rev(job: CheckRev, progress: Progress) -> CheckResult:
    rules = checks.load_rules([Path(r) for r in job.rules], job.only, job.off)
    with (
        trees.open_tree(Path(job.tree.path), Path(job.workshop), job.tree.name) as tree,
        store.FactFile(Path(job.facts)) as facts,
    ):
        commit = tree.resolve(job.rev)
        if commit is None:
            raise TreeError(f'{job.rev} names no commit', where=tree.name, todo='give a tag, branch or commit id')
        for path in job.paths:
            if tree.files.entry(commit, path.strip('/')) is None:
                raise UserError(
                    f'{path} is not there', where=f'{tree.name} at {job.rev}', todo='give paths from its top'
                )
        return checks.check_rev(tree.files, commit, rules, facts, progress, [path.strip('/') for path in job.paths])


def check_alone(job: CheckAlone, progress: Progress) -> CheckResult:
    rules = checks.load_rules([Path(r) for r in job.rules], job.only, job.off)
    return checks.check_alone(job.texts, Path(job.headers), rules, progress)


def ask(job: Questions, progress: Progress) -> Ledger:
    messages = [m for t in job.threads for m in t.messages]
    with remembering(job.facts):
        graph = lore.quotes(messages)
        return questions.ask(job.threads, job.series, graph, job.settings, job.as_of, job.commands, job.own)


def appoint(job: Appoint, progress: Progress) -> Appointed:
    """Read MAINTAINERS of the base of a posting, in the first tree that has one."""
    found = Appointed('')
    for at in job.trees:
        with trees.open_tree(Path(at.path), Path(job.workshop), at.name) as tree:
            found = tree.appointed(job.revision, job.base, job.max_tags, job.the_rest)
        if found.where:
            break
    return found


@contextmanager
def remembering(facts: str) -> Iterator[None]:
    """Let what is found out about single mails be taken from, and kept in, the fact file that a job names."""
    with ExitStack() as stack:
        cache = stack.enter_context(store.FactFile(Path(facts))) if facts else None
        stack.enter_context(Memory(cache, resources.code()))
        yield


@dataclass(frozen=True, slots=True)
class Stage:
    """`job` and `result` are the types of the documents; `perform` makes one of the other."""

    job: type
    result: type
    perform: Callable[[Any, Progress], Any]


PERFORMERS: Mapping[str, Stage] = {
    'assemble': Stage(Assemble, lore.Assembly, assemble),
    'apply': Stage(Apply, AppliedTree, apply),
    'check': Stage(Check, CheckResult, check),
    'check-rev': Stage(CheckRev, CheckResult, check_rev),
    'check-alone': Stage(CheckAlone, CheckResult, check_alone),
    'questions': Stage(Questions, Ledger, ask),
    'appoint': Stage(Appoint, Appointed, appoint),
}


def key(stage: str, job: Job) -> str:
    """Return the name under which the store keeps what this job gives."""
    identity = msgspec.json.encode((stage, resources.code(), job.identity), order='deterministic')
    return hashlib.sha256(identity).hexdigest()


def write(stage: str, job: Job) -> bytes:
    """Return the job as the document that `perform` reads."""
    return msgspec.json.encode({'stage': stage, 'job': job})


def perform(spec: bytes, progress: Progress) -> bytes:
    """Do what a document of `write` asks for and return the result as a document for `read`."""
    head = msgspec.json.decode(spec, type=_Head)
    stage = PERFORMERS[head.stage]
    return msgspec.json.encode(stage.perform(msgspec.json.decode(head.job, type=stage.job), progress))


def read(stage: str, document: bytes) -> Any:
    return msgspec.json.decode(document, type=PERFORMERS[stage].result)


def survey(paths: Sequence[tuple[str, Path]], workshop: Path) -> tuple[TreeAt, ...]:
    """Look at the user's trees and read their refs. Raise `TreeError` for a path that is no kernel tree."""
    found = []
    for name, path in paths:
        with trees.open_tree(path, workshop, name) as tree:
            found.append(TreeAt(tree.name, str(path), tree.fingerprint()))
    return tuple(found)


def mails(paths: Sequence[tuple[str, Path]], rev_range: str, workshop: Path) -> tuple[RawMail, ...]:
    """Return the commits of a range in the first tree as the mails their author would post."""
    if not paths:
        raise UserError(f'{rev_range} is a range of commits', where='SOURCE', todo='say of which tree: --tree DIR')
    name, path = paths[0]
    with trees.open_tree(path, workshop, name) as tree:
        return tree.mails(rev_range)


class _Head(msgspec.Struct):
    stage: str
    job: msgspec.Raw
