# SPDX-License-Identifier: GPL-2.0-or-later
"""How each job is done: the room that performs it, with the trees, facts and memory it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from bot import checks, lore, questions, resources, store, trees
from bot.errors import TreeError, UserError
from bot.model import (
    AppliedTree,
    Attestation,
    CheckResult,
    Heard,
    Ledger,
    Outcome,
    Progress,
    Sender,
)
from bot.model.command import Appointed
from bot.model.memory import Memory
from bot.stages.jobs import Apply, Appoint, Assemble, Attest, Check, CheckAlone, CheckRev, Hear, Questions, Vouch


def assemble(job: Assemble, progress: Progress) -> lore.Assembly:
    """Parse the mails and put threads and series together; raw bytes stay behind, the store has them."""
    with remembering(job.facts):
        messages = lore.parse(job.raws, job.prefer_lists, progress)
        progress('assembling', 0, 0)
        known = [m for m in messages if job.as_of is None or (m.date is not None and m.date <= job.as_of)]
        made = lore.assemble(known, job.wanted, trees.run, job.ties)
    bare = [replace(t, messages=tuple(replace(m, raw=b'') for m in t.messages)) for t in made.threads]
    return replace(made, threads=tuple(bare))


def attest(job: Attest, progress: Progress) -> tuple[Attestation, ...]:
    """Judge the signatures of every mail, by message-id."""
    keys, rings = dict(job.keys), [Path(one) for one in job.keyrings]
    messages = lore.parse(job.raws, job.prefer_lists)
    found = (lore.attest(message, keys, rings, trees.run) for message in messages)
    return tuple(sorted(found, key=lambda one: one.message_id))


def apply(job: Apply, progress: Progress) -> AppliedTree:
    """Apply to the first tree that takes the whole revision on a base of its own, else report the one that tells most of it."""
    results = list[AppliedTree]()
    for at in job.trees:
        with trees.open_tree(Path(at.path), Path(job.workshop), at.name) as tree:
            applied = tree.apply(job.revision, job.base, job.max_tags, progress, job.needs)
        if applied.verdict.outcome is Outcome.PASSED and not applied.foreign:
            return applied
        results.append(applied)
    return trees.most_telling(results)


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
                    f'{path} is not there',
                    where=f'{tree.name} at {job.rev}',
                    todo='give paths from its top, or --alone for files on disk that stand in no tree',
                )
        return checks.check_rev(tree.files, commit, rules, facts, progress, [path.strip('/') for path in job.paths])


def list_wrappers(job: CheckRev, progress: Progress) -> checks.WrapperList:
    rules = checks.load_rules([Path(r) for r in job.rules])
    with (
        trees.open_tree(Path(job.tree.path), Path(job.workshop), job.tree.name) as tree,
        store.FactFile(Path(job.facts)) as facts,
    ):
        commit = tree.resolve(job.rev)
        if commit is None:
            raise TreeError(f'{job.rev} names no commit', where=tree.name, todo='give a tag, branch or commit id')
        return checks.list_wrappers(tree.files, commit, rules, facts, progress)


def check_alone(job: CheckAlone, progress: Progress) -> CheckResult:
    rules = checks.load_rules([Path(r) for r in job.rules], job.only, job.off)
    return checks.check_alone(job.texts, Path(job.headers), rules, progress)


def ask(job: Questions, progress: Progress) -> Ledger:
    messages = [m for t in job.threads for m in t.messages]
    with remembering(job.facts):
        graph = lore.quotes(messages)
        return questions.ask(job.threads, job.series, graph, job.settings, job.as_of, job.commands, job.own, job.heard)


def vouch(job: Vouch, progress: Progress) -> tuple[Sender, ...]:
    return lore.senders(job.raws, dict(job.keys), [Path(one) for one in job.keyrings], job.authservs, trees.run)


def hear(job: Hear, progress: Progress) -> tuple[Heard, ...]:
    """Take the commands of mails whose very words, as they were read here, are proven to be the sender's."""
    messages = [m for t in job.threads for m in t.messages]
    copies = {m.message_id: lore.copy_of(m) for m in messages if '#lorebot' in m.body.lower()}
    best = sorted(job.senders, key=lambda one: (bool(one.address), one.threaded))
    proven = {one.message_id: one for one in best if copies.get(one.message_id) == one.copy}
    with remembering(job.facts):
        graph = lore.quotes(messages)
        talk = questions.Talk(job.threads, job.series, graph, job.settings, job.commands, job.own)
        return questions.hear(talk, proven, job.named)


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
