# SPDX-License-Identifier: GPL-2.0-or-later
"""What one room needs of another, as Protocols; `bot/pipeline.py` hands in the room that fulfils them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.model.reply import Letter, LetterEvent
from bot.model.tree import FileChange

Progress = Callable[[str, int, int], None]
"""`progress(what, done, total)`; total 0 when unknown. Rooms report, the command line draws."""


@dataclass(frozen=True, slots=True)
class GitOutput:
    status: int
    stdout: bytes
    stderr: str


class GitRunner(Protocol):
    """Runs git with a clean environment: no user or system config, no prompts, no pager, no hooks, C locale."""

    def __call__(self, *args: str, cwd: Path | None = None, stdin: bytes = b'') -> GitOutput:
        """Run `git ARGS`, wait and return whatever the exit status; raise `ToolMissing` when there is no git."""


class FilesAt(Protocol):
    """Read-only files of a git tree at any commit; every path is relative to the top and uses `/`."""

    def read(self, commit: str, path: str) -> bytes | None:
        """Return the blob, None where the commit has no such file; raise `LookupError` when its blob is not in this clone."""

    def blob_id(self, commit: str, path: str) -> str | None:
        """Return the blob id, None where the commit has no such file."""

    def containing(
        self, commit: str, literals: Sequence[str], under: Sequence[str] = ()
    ) -> tuple[list[str], list[str]]:
        """Return the paths whose text holds any of the literals, then those that could not be read (blob not in this clone)."""

    def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        """Return the files that differ, renames followed, with the changed line ranges of both sides."""


class Checkout(Protocol):
    """Hands out the files of a commit as a directory."""

    def tree_id(self, commit: str) -> str:
        """Return the id of the commit's top directory: the same for the same files, whatever the history."""

    def at(self, commit: str) -> AbstractContextManager[Path]:
        """Return a directory with every file of the commit, gone when the context ends; the caller may move it away.

        Raise `LookupError` when a blob is not in this clone.
        """


class FactCache(Protocol):
    """Facts about one blob, kept per machine; a key is (kind, version, git blob id)."""

    def get(self, kind: str, version: str, blob: str) -> bytes | None: ...

    def put(self, kind: str, version: str, blob: str, fact: bytes) -> None: ...


class Letters(Protocol):
    """The outbox. Events have numbers in one order; a call that says `after` does nothing once something else happened."""

    def letters(self) -> tuple[Letter, ...]:
        """Return all letters, the oldest first."""

    def put_letter(self, letter: Letter, event: LetterEvent, evidence: tuple[str, bytes]) -> bool:
        """Add a letter with its first event and a document under its key, all or none; False when it is there."""

    def put_letter_text(
        self, letter: Letter, event: LetterEvent, after: int, evidence: tuple[str, bytes] | None = None
    ) -> bool:
        """Add another text of a letter, and the document it rests on if that is new; False when something happened since `after`."""

    def put_letter_event(self, letter: str, event: LetterEvent, after: int) -> bool:
        """Add an event, durably; False when something happened since `after`."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended: its exit status, negative for a signal, None when it was ended for taking too long."""

    status: int | None
    stdout: bytes
    stderr: str


class Programs(Protocol):
    """Starts a program of the user's choice."""

    def __call__(self, command: Sequence[str], stdin: bytes, seconds: float) -> Ran:
        """Run it and wait; raise `ToolMissing` when it cannot be started."""
