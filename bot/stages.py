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

from bot import checks, config, lab, lore, questions, resources, store, trees
from bot.errors import TreeError, UserError
from bot.model import (
    AppliedTree,
    BootResult,
    BuildResult,
    CheckResult,
    FirstBad,
    Ledger,
    Outcome,
    Progress,
    RawMail,
    Revision,
    Series,
    Thread,
    Verdict,
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


@dataclass(frozen=True, slots=True)
class Bench:
    """Where this machine builds and boots. Of all this only `no_sandbox` and what `lab` says of versions is in a key."""

    directory: str
    jobs: int
    busybox: str = ''
    build_minutes: float = 90
    boot_seconds: float = 120
    retries: int = 1
    keep_bytes: int = 12 << 30
    no_sandbox: bool = False

    @property
    def shop(self) -> lab.Shop:
        limits = lab.Limits(seconds=self.build_minutes * 60, output=64 << 20)
        place = Path(self.directory)
        return lab.Shop(place, place / 'ccache', self.jobs, limits, self.no_sandbox)

    @property
    def site(self) -> lab.Site:
        return lab.site(Path(self.directory), self.busybox, no_sandbox=self.no_sandbox)


@dataclass(frozen=True, slots=True)
class Build:
    applied: AppliedTree
    tree: TreeAt
    workshop: str
    targets: tuple[lab.Target, ...]
    bench: Bench

    @property
    def identity(self) -> tuple[Any, ...]:
        commits = [(p.position, p.commit) for p in self.applied.patches]
        fragments = resources.digest(resources.shipped('config') / 'kconfig')
        return (
            self.applied.base,
            commits,
            self.targets,
            fragments,
            lab.built_with(self.targets),
            self.bench.no_sandbox,
        )


@dataclass(frozen=True, slots=True)
class Builds:
    """`symbols` are those of each target's configuration; images lie in the bench's directory, by digest."""

    verdict: Verdict
    results: tuple[BuildResult, ...] = ()
    symbols: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Boot:
    """`image` is a file to boot instead of what was built; `build` makes images again that are kept no more."""

    builds: Builds
    machines: tuple[lab.Machine, ...]
    tests: tuple[lab.GuestTest, ...]
    bench: Bench
    build: Build | None = None
    image: str = ''

    @property
    def identity(self) -> tuple[Any, ...]:
        images = [(r.position, r.target, r.artefacts, r.verdict.outcome) for r in self.builds.results]
        given = hashlib.sha256(Path(self.image).read_bytes()).hexdigest() if self.image else ''
        shapes = resources.digest(resources.shipped('config') / 'console', lab.GUEST)
        what = (images, given, self.builds.symbols, self.machines, self.tests, shapes)
        how = (lab.booted_with(self.machines, self.bench.site), self.bench.boot_seconds, self.bench.retries)
        return (*what, *how, self.bench.no_sandbox)


@dataclass(frozen=True, slots=True)
class Boots:
    verdict: Verdict
    results: tuple[BootResult, ...] = ()


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


def build(job: Build, progress: Progress) -> Builds:
    """Build every patch for every target, then make room: what was used least lately goes first."""
    with trees.open_tree(Path(job.tree.path), Path(job.workshop), job.tree.name) as tree:
        shop = job.bench.shop
        made = [lab.build_series(job.applied, tree.files, tree, target, shop, progress) for target in job.targets]
    lab.prune(shop.directory, job.bench.keep_bytes)
    results = tuple(result for built in made for result in built.results)
    symbols = tuple((built.results[0].target, tuple(sorted(built.symbols))) for built in made)
    return Builds(lab.stage_verdict(results), results, symbols)


def boot(job: Boot, progress: Progress) -> Boots:
    """Boot an image, or the base and every patch that was built."""
    site = job.bench.site
    if job.image:
        kernel = lab.Kernel(Path(job.image).read_bytes())
        alone = [_boot_one(kernel, machine, job, site) for machine in job.machines]
        return Boots(lab.stage_verdict(alone), tuple(alone))
    builds = job.builds
    images = lab.images(site.directory, builds.results)
    if images is None and job.build is not None:
        builds = build(job.build, progress)
        images = lab.images(site.directory, builds.results)
    symbols = {target: frozenset(names) for target, names in builds.symbols}
    found: list[BootResult] = []
    for target, results in lab.by_target(builds.results):
        built = lab.Built(results, (images or {}).get(target, {}), symbols.get(target, frozenset()))
        machines = [m for m in job.machines if built.artefacts and m.arch == lab.targets((target,))[0].arch]
        bench, told = job.bench, {'seconds': job.bench.boot_seconds, 'progress': progress}
        found += lab.boot_series(built, machines, job.tests, site, retries=bench.retries, **told)  # type: ignore[arg-type]
    lab.prune(site.directory, job.bench.keep_bytes)
    return Boots(lab.stage_verdict(found), tuple(found))


def _boot_one(kernel: lab.Kernel, machine: lab.Machine, job: Boot, site: lab.Site) -> BootResult:
    return lab.boot_image(kernel, machine, job.tests, site, seconds=job.bench.boot_seconds, retries=job.bench.retries)


def base_is_built(job: Build) -> bool:
    """Tell whether the base of a series is here for all targets, so that only the patches would be built."""
    if not lab.any_base(Path(job.bench.directory)):
        return False
    with trees.open_tree(Path(job.tree.path), Path(job.workshop), job.tree.name) as tree:
        tree_id = tree.tree_id(job.applied.base or '')
    return all(lab.warm(tree_id, target, job.bench.shop) for target in job.targets)


def first_bad(builds: Sequence[BuildResult], boots: Sequence[BootResult]) -> tuple[FirstBad, ...]:
    """Return the patch that brought each failure."""
    return lab.telling(builds, boots)


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
    'build': Stage(Build, Builds, build),
    'boot': Stage(Boot, Boots, boot),
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
