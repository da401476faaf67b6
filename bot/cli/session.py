# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns common options into settings and a desk; closes what it opened, ends jobs that are still running."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bot import config, engine
from bot.cli.progress import bars
from bot.desk import Desk
from bot.request import Request
from bot.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Common:
    """The options that every command about a series understands."""

    archive: str | None
    tree: Path | None
    base: str | None
    config_file: Path | None
    as_of: datetime | None
    refresh: bool

    def settings(self, **overrides: Any) -> config.Settings:
        given = dict(overrides)
        if self.archive:
            given['archive.url'] = self.archive
        return config.load(self.config_file, given).settings

    def request(self, settings: config.Settings, source: str, stages: tuple[str, ...] = (), **more: Any) -> Request:
        trees = tuple((name, Path(path).expanduser()) for name, path in settings.trees.items())
        if self.tree is not None:
            trees = (('', self.tree),)
        return Request(
            source, trees=trees, base=self.base, stages=stages, as_of=self.as_of, refresh=self.refresh, **more
        )


def series_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the common options to a command and hand them in as `common`."""

    @click.option('--archive', metavar='URL', help='Base URL of a public-inbox server [lore.kernel.org].')
    @click.option(
        '--tree', type=click.Path(path_type=Path), metavar='DIR', help='A clone of the kernel; never written to.'
    )
    @click.option('--base', metavar='REV', help='Apply there instead of searching for a base.')
    @click.option(
        '--as-of', type=Moment(), metavar='DATE', help='Know only mails up to then (UTC; a day means its end).'
    )
    @click.option('--refresh', is_flag=True, help='Ask the archive again even if it was asked a moment ago.')
    @click.option('--config', 'config_file', type=click.Path(path_type=Path), metavar='FILE', help='More settings.')
    @functools.wraps(command)
    def wrapped(
        *args: Any,
        archive: str | None,
        tree: Path | None,
        base: str | None,
        refresh: bool,
        config_file: Path | None,
        as_of: datetime | None = None,
        **options: Any,
    ) -> Any:
        return command(*args, common=Common(archive, tree, base, config_file, as_of, refresh), **options)

    return wrapped


def present_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the common options but --as-of: nothing can be done in the past."""
    made = series_options(command)
    options: list[click.Parameter] = made.__click_params__  # type: ignore[attr-defined]
    made.__click_params__ = [o for o in options if o.name != 'as_of']  # type: ignore[attr-defined]
    return made


class Moment(click.ParamType[datetime]):
    """A day (its last second) or a time in ISO 8601, UTC unless it says otherwise."""

    name = 'date'

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f'{value!r} is no date; write 2024-06-20 or 2024-06-20T13:08', param, ctx)
        if len(value) == len('2024-06-20'):
            moment += timedelta(days=1, seconds=-1)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


@contextmanager
def desk(settings: config.Settings) -> Iterator[Desk]:
    """Open store and engine for the time of one command."""
    executor = engine.local(settings.engine.jobs)
    try:
        with Store(settings.store_dir / 'store.sqlite3') as store, bars() as progress:
            at = Desk(settings, store, executor, progress, lambda: datetime.now(UTC), sys.stdin.buffer)
            yield at
            log.info('%s', ', '.join(f'{what}: {count}' for what, count in sorted(at.tally.items())))
    finally:
        engine.abandon()
        executor.shutdown(wait=True, cancel_futures=True)
