# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands about kernel trees: tree add, tree list."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot import config as settings_file
from bot import trees
from bot.errors import UserError

_CONFIG = click.option(
    '--config',
    'config_file',
    type=click.Path(path_type=Path),
    metavar='FILE',
    help='The settings to read, and to write.',
)


@click.group()
def tree() -> None:
    """Look at the kernel trees that series are applied to, and add one."""


@tree.command('list')
@_CONFIG
def list_trees(config_file: Path | None) -> None:
    """List the trees of the settings, in the order they are tried."""
    for name, path in settings_file.load(config_file).settings.trees.items():
        click.echo(f'{name:16} {path}')


@tree.command()
@click.argument('url')
@click.option(
    '--partial', is_flag=True, help='Without the contents of files: a fifth of the size; those needed are told.'
)
@click.option('--name', metavar='NAME', help='What to call it [the last part of the URL].')
@click.option(
    '--to', type=click.Path(path_type=Path), metavar='DIR', help='Where to put it [beside the log of commands].'
)
@_CONFIG
def add(url: str, partial: bool, name: str | None, to: Path | None, config_file: Path | None) -> None:
    """Clone the kernel tree at URL and enter it in the settings, under [trees].

    The clone has no checkout. Nothing is ever fetched into it unasked: git fetch in it brings it up to date.
    """
    settings = settings_file.load(config_file).settings
    called = trees.checked_name(name or trees.name_of(url))
    trees.name_of(url)
    if called in settings.trees:
        raise UserError(f'there is a tree {called} already', where=settings.trees[called], todo='give another --name')
    place = (to or settings.log_dir / 'clones' / called).expanduser().resolve()
    trees.bring(url, place, partial, loud=sys.stderr.isatty())
    written = settings_file.enter('trees', called, str(place), config_file)
    click.echo(f'{called}: {place}, entered in {written}')
