# SPDX-License-Identifier: GPL-2.0-or-later
"""The desk work is done at: settings, store, executor and clock, handed along instead of kept in globals.

Its promise: what the store holds is never done again, and what is done is kept the moment it is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from bot import config, engine, lore, stages
from bot.model import Command, Letter, Progress, Tie
from bot.store import Outbox, Store

_LAB_MINUTES = 24.0 * 60


@dataclass(frozen=True, slots=True)
class Step:
    """A stage under way, or already answered by the store; `document` gives its result."""

    stage: str
    subject: str
    key: str
    held: bool
    document: Future[bytes]


@dataclass(slots=True)
class Desk:
    """`tally` counts what was really done: sources read, jobs done, results the store held."""

    settings: config.Settings
    store: Store
    executor: Executor
    progress: Progress
    now: Callable[[], datetime]
    stdin: BinaryIO | None = None
    tally: Counter[str] = field(default_factory=Counter)

    @property
    def workshop(self) -> Path:
        """Return the directory of lorebot's own git repositories."""
        return self.settings.store_dir / 'trees'

    @property
    def lab(self) -> Path:
        """Return the directory of built bases, images, logs, and what boots them."""
        return self.settings.store_dir / 'lab'

    @property
    def facts(self) -> Path:
        return self.settings.store_dir / 'facts.sqlite3'

    def commands(self, message_ids: Iterable[str]) -> tuple[Command, ...]:
        """Return the log of commands about questions of these mails."""
        return tuple(c for c in self._log(message_ids) if c.verb not in lore.SERIES_VERBS)

    def ties(self, message_ids: Iterable[str]) -> tuple[Tie, ...]:
        """Return what was said by hand of which posting follows which, as far as it is about these mails."""
        return lore.in_force(self._log(message_ids))

    def _log(self, message_ids: Iterable[str]) -> tuple[Command, ...]:
        if self.settings.log_dir == self.settings.store_dir:
            return self.store.commands(message_ids)
        path = self.settings.log_dir / 'commands.sqlite3'
        if not path.is_file():
            return ()
        with Store(path) as log:
            return log.commands(message_ids)

    def record(self, commands: Sequence[Command]) -> int:
        """Add to the log of commands; return how many are new."""
        if self.settings.log_dir == self.settings.store_dir:
            return self.store.put_commands(commands)
        with Store(self.settings.log_dir / 'commands.sqlite3') as log:
            return log.put_commands(commands)

    def outbox(self) -> Outbox:
        """Open the outbox: beside the log of commands, never in a cache, as it knows what must not go out twice."""
        return Outbox(self.settings.log_dir / 'outbox.sqlite3')

    def letters(self) -> tuple[Letter, ...]:
        """Return all letters of the outbox; where there is none yet, none is made."""
        if not (self.settings.log_dir / 'outbox.sqlite3').is_file():
            return ()
        with self.outbox() as box:
            return box.letters()

    def start(self, stage: str, job: stages.Job, subject: str) -> Step:
        """Take the result from the store, or set the engine to work on it; `subject` is a message-id or source key."""
        key = stages.key(stage, job)
        stored = self.store.result(key)
        self.tally[f'{stage} done' if stored is None else f'{stage} held'] += 1
        if stored is None:
            self.progress(stage, 0, 0)
            spec, minutes = stages.write(stage, job), self._minutes(stage)
            return Step(stage, subject, key, False, self.executor.submit(engine.run_job, spec, minutes, self.progress))
        document: Future[bytes] = Future()
        document.set_result(stored)
        return Step(stage, subject, key, True, document)

    def holds(self, stage: str, job: stages.Job) -> bool:
        """Tell whether the store has the result already."""
        return self.store.result(stages.key(stage, job)) is not None

    def _minutes(self, stage: str) -> float:
        """Building and booting have limits of their own for each command: the stage is as long as they add up to."""
        return _LAB_MINUTES if stage in ('build', 'boot') else self.settings.engine.stage_minutes

    def finish(self, step: Step) -> Any:
        """Wait for a step, keep what is new, and return the result; raise what the job raised, or `JobLost`."""
        document = step.document.result()
        if not step.held:
            self.store.put_result(step.key, step.stage, step.subject, document, self.now())
        return stages.read(step.stage, document)
