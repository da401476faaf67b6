# SPDX-License-Identifier: GPL-2.0-or-later
"""What each stage is given, as one self-contained document; `identity` is what its result depends on.

Paths of this machine are part of a job, never of its key or its result.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot import config, resources
from bot.model import (
    AppliedTree,
    Heard,
    Prerequisite,
    RawMail,
    Responsible,
    Revision,
    Sender,
    Series,
    Thread,
    Tie,
)
from bot.model.command import Command


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
    ties: tuple[Tie, ...] = ()

    @property
    def identity(self) -> tuple[Any, ...]:
        mails = [(hashlib.sha256(r.raw).hexdigest(), r.archived) for r in self.raws]
        return (mails, self.prefer_lists, self.wanted, self.as_of, self.ties)


@dataclass(frozen=True, slots=True)
class Attest:
    """The copies of mails whose signatures are to be judged, and the keys: TXT records by name, keyring directories."""

    raws: tuple[RawMail, ...]
    prefer_lists: tuple[str, ...]
    keys: tuple[tuple[str, bytes | None], ...]
    keyrings: tuple[str, ...]

    @property
    def identity(self) -> tuple[Any, ...]:
        mails = [(hashlib.sha256(r.raw).hexdigest(), r.archived) for r in self.raws]
        return (mails, self.prefer_lists, self.keys, resources.digest(*map(Path, self.keyrings)))


@dataclass(frozen=True, slots=True)
class Apply:
    revision: Revision
    trees: tuple[TreeAt, ...]
    workshop: str
    base: str | None
    max_tags: int
    needs: tuple[Prerequisite, ...] = ()

    @property
    def identity(self) -> tuple[Any, ...]:
        return (self.revision, [(t.name, t.fingerprint) for t in self.trees], self.base, self.max_tags, self.needs)


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
    heard: tuple[Heard, ...] = ()

    @property
    def identity(self) -> tuple[Any, ...]:
        return (self.threads, self.series, self.settings, self.as_of, self.commands, self.own, self.heard)


@dataclass(frozen=True, slots=True)
class Vouch:
    """All copies of mails with commands; keys as of `Attest`, and the servers whose word is taken."""

    raws: tuple[RawMail, ...]
    keys: tuple[tuple[str, bytes | None], ...]
    keyrings: tuple[str, ...]
    authservs: tuple[str, ...]

    @property
    def identity(self) -> tuple[Any, ...]:
        mails = [(hashlib.sha256(r.raw).hexdigest(), r.archived) for r in self.raws]
        return (mails, self.keys, resources.digest(*map(Path, self.keyrings)), self.authservs)


@dataclass(frozen=True, slots=True)
class Hear:
    """A conversation with commands in its mails; `commands` came by none of these, `named` are by posting."""

    threads: tuple[Thread, ...]
    series: Series
    settings: config.Questions
    senders: tuple[Sender, ...]
    named: dict[str, tuple[Responsible, ...]]
    commands: tuple[Command, ...] = ()
    own: str = ''
    facts: str = ''

    @property
    def identity(self) -> tuple[Any, ...]:
        return (self.threads, self.series, self.settings, self.senders, self.named, self.commands, self.own)


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
