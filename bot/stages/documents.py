# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs and results as documents: written for the engine, performed in a process of their own, read back.

A job's key is a hash of all it is given and of the program itself, so equal keys mean equal results, on any engine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bot import checks, lore, resources, trees
from bot.errors import UserError
from bot.model import (
    AppliedTree,
    Attestation,
    CheckResult,
    Heard,
    Ledger,
    Progress,
    RawMail,
    Sender,
)
from bot.model.command import Appointed
from bot.stages.jobs import (
    Apply,
    Appoint,
    Assemble,
    Attest,
    Check,
    CheckAlone,
    CheckRev,
    Hear,
    Job,
    Questions,
    TreeAt,
    Vouch,
)
from bot.stages.lab_jobs import Boot, Boots, Build, Builds
from bot.stages.lab_perform import boot, build
from bot.stages.perform import (
    apply,
    appoint,
    ask,
    assemble,
    attest,
    check,
    check_alone,
    check_rev,
    hear,
    list_wrappers,
    vouch,
)


@dataclass(frozen=True, slots=True)
class Stage:
    """`job` and `result` are the types of the documents; `perform` makes one of the other."""

    job: type
    result: Any
    perform: Callable[[Any, Progress], Any]


PERFORMERS: Mapping[str, Stage] = {
    'assemble': Stage(Assemble, lore.Assembly, assemble),
    'attest': Stage(Attest, tuple[Attestation, ...], attest),
    'apply': Stage(Apply, AppliedTree, apply),
    'check': Stage(Check, CheckResult, check),
    'check-rev': Stage(CheckRev, CheckResult, check_rev),
    'wrappers': Stage(CheckRev, checks.WrapperList, list_wrappers),
    'check-alone': Stage(CheckAlone, CheckResult, check_alone),
    'build': Stage(Build, Builds, build),
    'boot': Stage(Boot, Boots, boot),
    'questions': Stage(Questions, Ledger, ask),
    'appoint': Stage(Appoint, Appointed, appoint),
    'vouch': Stage(Vouch, tuple[Sender, ...], vouch),
    'hear': Stage(Hear, tuple[Heard, ...], hear),
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
