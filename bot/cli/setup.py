# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands about lorebot itself: doctor, config, demo."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click
import msgspec

from bot import config as settings_file
from bot import doctor as physician
from bot import fakes, lab, pipeline, resources, trees
from bot.cli.review import render, write_all
from bot.cli.session import desk
from bot.errors import InfraError
from bot.request import Request

# The mails of the demo are in no archive: a link to lore.kernel.org would lead nowhere and look true.
_DEMO_LINK = 'https://lists.example.org/r/'


@click.command()
@click.option('--install', is_flag=True, help="Install what is missing with this distribution's package manager.")
@click.option(
    '--lab', 'fetch', is_flag=True, help='Fetch what boots kernels: a static busybox, QEMU and a kernel of Debian.'
)
@click.option('--format', 'form', type=click.Choice(['text', 'json']), default='text', show_default=True)
@click.option('--config', 'config_file', type=click.Path(path_type=Path), metavar='FILE', help='More settings.')
def doctor(install: bool, fetch: bool, form: str, config_file: Path | None) -> int:
    """Say which programs are missing, what each enables and how to install it.

    --lab downloads 70 MB from this machine's Debian mirror through an apt of its own and installs nothing.
    """
    settings = settings_file.load(config_file).settings
    place = settings.store_dir / 'lab'
    if fetch:
        lab.fetch_debian(place)
    machine = physician.Machine()
    needs = physician.survey(machine)
    if form == 'json':
        click.echo(msgspec.json.format(msgspec.json.encode(needs)).decode())
    else:
        _tell(needs)
        _tell_lab(place, settings.lab)
    if install:
        needs = _install(needs, machine)
    return 0 if physician.able(needs) else 3


def _install(needs: tuple[physician.Need, ...], machine: physician.Machine) -> tuple[physician.Need, ...]:
    command = physician.install_command(needs, physician.read_release(), root=os.geteuid() == 0)
    if not command:
        return needs
    click.echo(f'running: {shlex.join(command)}', err=True)
    if physician.run_visibly(command) != 0:
        raise InfraError('could not install everything', where=shlex.join(command), todo='see what it printed above')
    return physician.survey(machine)


def _tell(needs: tuple[physician.Need, ...]) -> None:
    for need in needs:
        mark = 'ok' if need.fine else 'MISSING' if need.core else 'absent'
        found = ': '.join(part for part in (need.found, need.problem) if part)
        click.echo(f'{mark:8} {need.name:22} {found}')
        if not need.fine:
            click.echo(f'{"":8} {"":22} for {need.enables}')
            for name, line in need.install.items():
                click.echo(f'{"":8} {"":22} {name}: {line}')


def _tell_lab(place: Path, settings: settings_file.Lab) -> None:
    kit, bases = lab.kept(place), lab.bases_kept(place)
    if kit is not None:
        click.echo(f'{"ok":8} {"boot kit":22} Debian kernel {kit.release}; try: lorebot boot --image {kit.image}')
    elif settings.busybox:
        click.echo(f'{"ok":8} {"boot kit":22} busybox: {settings.busybox}')
    else:
        click.echo(f'{"absent":8} {"boot kit":22} ')
        click.echo(f'{"":8} {"":22} for booting: lorebot doctor --lab (70 MB are downloaded, nothing is installed)')
    size = sum(taken for _, taken in bases) / (1 << 30)
    click.echo(f'{"ok":8} {"built bases":22} {len(bases)}, {size:.1f} of {settings.keep_gib:g} GiB in {place}')


@click.group()
def config() -> None:
    """Look at the settings in force."""


@config.command()
@click.option('--origin', is_flag=True, help='Say which file each value came from.')
@click.option('--config', 'config_file', type=click.Path(path_type=Path), metavar='FILE', help='More settings.')
def show(origin: bool, config_file: Path | None) -> None:
    """Print every setting and its value."""
    loaded = settings_file.load(config_file)
    for section, values in msgspec.to_builtins(loaded.settings).items():
        for name, value in values.items():
            source = f'    # {loaded.origins[f"{section}.{name}"]}' if origin else ''
            click.echo(f'{section}.{name} = {msgspec.json.encode(value).decode()}{source}')


@click.command()
@click.option('--out', type=click.Path(path_type=Path), default=Path('out'), show_default=True, metavar='DIR')
def demo(out: Path) -> int:
    """Review a bundled series, written for lorebot, on a kernel-shaped tree built on the fly."""
    made = fakes.build_demo(resources.shipped('config') / 'demo', out / 'input', trees.run)
    apart = {'store.path': str(out / 'store'), 'archive.link': _DEMO_LINK}
    settings = settings_file.load(None, apart).settings
    request = Request(str(made.mbox), trees=(('demo', made.tree),))
    with desk(settings) as at:
        reviewed = pipeline.review(request, at)
        click.echo(render(reviewed.report, 'text', settings), nl=False)
        written = write_all(reviewed, settings, out)
    undone = [f'{name} ({v.reason})' for name, v in reviewed.report.verdicts if v.outcome == 'skipped']
    click.echo(
        'The series, the mails and the tree of this demo were written for lorebot; none of it is real.', err=True
    )
    click.echo(f'Stages skipped: {"; ".join(undone) or "none"}.', err=True)
    click.echo(f'Written: {", ".join(map(str, written))}', err=True)
    return 0
