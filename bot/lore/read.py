# SPDX-License-Identifier: GPL-2.0-or-later
"""A Source to raw mails: sends each kind to the module that can read it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from bot.config import Archive as ArchiveSettings
from bot.errors import Bug
from bot.lore.archive import Archive
from bot.lore.epoch import read_epoch
from bot.lore.mailbox import read_directory, read_file, read_stream
from bot.lore.parse import parse
from bot.lore.related import add_postings, of_thread
from bot.lore.source import Source
from bot.model import GitRunner, Progress, RawMail


def read(
    source: Source,
    settings: ArchiveSettings,
    git: GitRunner,
    progress: Progress,
    stdin: BinaryIO | None = None,
    since: datetime | None = None,
) -> tuple[RawMail, ...]:
    """Return the mails of a source, as they came, duplicates included.

    For an archive: the thread, then the threads of the series' other postings (`find_revisions`); `origin` says how
    each of those was found. With `since` only what archive or epoch took in since then, as far as they can tell: of
    the thread that was asked for, and new postings; files are read whole. Raise `UnknownSource`, `ArchiveDown`.
    """
    limit = settings.max_answer_mib << 20
    path = Path(source.where)
    if source.kind == 'archive' and source.message_id is not None:
        return _from_archive(source.message_id, source.where, settings, progress, since)
    if source.kind == 'epoch':
        return tuple(read_epoch(path, git, limit, progress, since))
    if source.kind in ('mbox', 'mail'):
        return tuple(read_file(path, limit, progress))
    if source.kind in ('maildir', 'folder'):
        return tuple(read_directory(path, source.kind, limit, progress))
    if source.kind == 'stdin' and stdin is not None:
        return tuple(read_stream(stdin, 'stdin', limit, progress))
    raise Bug(f'a source of kind {source.kind} is not read here', where=source.key, todo='report this')


def _from_archive(
    message_id: str, base: str, settings: ArchiveSettings, progress: Progress, since: datetime | None
) -> tuple[RawMail, ...]:
    with Archive(base, settings) as archive:
        progress('fetch', 0, 0)
        if since is None:
            known = mails = archive.thread(message_id)
        else:
            known = _beginnings(archive, message_id)
            mails = of_thread(archive.newer(message_id, since), known)
        progress('fetch', len(mails), len(mails))
        if settings.find_revisions:
            known = [*known, *mails] if since else known
            mails = mails + add_postings(archive, message_id, known, settings.prefer_lists, progress, since)
        return tuple(mails)


def _beginnings(archive: Archive, message_id: str) -> list[RawMail]:
    """Return a mail and the first one of its thread: what tells which thread and which series it is about."""
    asked = archive.message(message_id)
    if asked is None:
        raise archive.absent(message_id)
    root = next(iter(parse([asked], ())[0].references), None)
    above = archive.message(root) if root else None
    return [asked, *([above] if above else [])]
