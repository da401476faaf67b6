# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands about kernel trees: tree add, tree list, tree remove."""

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
    """Look at the kernel trees that series are applied to, add one, remove one."""


@tree.command('list')
@_CONFIG
def list_trees(config_file: Path | None) -> None:
    """List the trees of the settings, in the order they are tried."""
    known = settings_file.load(config_file).settings.trees
    for name, path in known.items():
        click.echo(f'{name:16} {path}')
    if not known:
        click.echo(
            'no tree yet: `lorebot tree add URL` clones one; --tree DIR names one for a single command', err=True
        )


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


@tree.command()
@click.argument('name')
@click.option('--yes', is_flag=True, help='Do not ask before a clone that lorebot made is deleted.')
@click.option('--keep', is_flag=True, help='Delete nothing.')
@_CONFIG
def remove(name: str, yes: bool, keep: bool, config_file: Path | None) -> None:
    """Take the tree NAME out of the settings; a clone that `tree add` made is deleted too, after asking.

    A repository of your own is never touched, nor are results that were found on the tree.
    """
    known = settings_file.load(config_file).settings.trees
    if name not in known:
        todo = f'there is {", ".join(known)}' if known else 'there is none'
        raise UserError('there is no tree of this name', where=ascii(name[:80])[1:-1], todo=todo)
    place = Path(known[name]).expanduser()
    written = settings_file.leave_out('trees', name, config_file)
    click.echo(f'{name}: taken out of {written}')
    if name in settings_file.load(config_file).settings.trees:
        click.echo(f'  another file of settings names it too: {known[name]}; see `lorebot config show --origin`')
    elif not trees.made_here(place) or place in {Path(p).expanduser() for n, p in known.items() if n != name}:
        click.echo(f'  {place} is left as it is')
    else:
        _discard(place, yes, keep)


def _discard(place: Path, yes: bool, keep: bool) -> None:
    """Delete a clone of ours when the user says so; without a terminal to ask at, only --yes does."""
    if not keep and not yes and sys.stdin.isatty():
        yes = click.confirm(f'  delete {place}, the clone that `lorebot tree add` made?', err=True)
    if keep or not yes:
        click.echo(f'  {place} was cloned by lorebot and is left there: delete it when nothing else uses it')
        return
    click.echo(f'  deleting {place}, which lorebot cloned')
    trees.delete(place)
