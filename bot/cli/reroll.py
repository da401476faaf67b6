# SPDX-License-Identifier: GPL-2.0-or-later
"""The verify-reroll command: what v(N+1) would leave open, before it is sent."""

from __future__ import annotations

from pathlib import Path

import click

from bot import config, report, reroll
from bot.cli.review import templates
from bot.cli.session import desk
from bot.request import Request


@click.command('verify-reroll')
@click.argument('v2')
@click.option('--series', metavar='SOURCE', help='The earlier thread [searched for in the store].')
@click.option('--tree', type=click.Path(path_type=Path), metavar='DIR', help='The clone that a range V2 is of.')
@click.option('--archive', metavar='URL', help='Fetch --series there; without it no network is asked.')
@click.option('--fail-on', type=click.Choice(['left', 'never']), default='never', show_default=True)
@click.option('--config', 'config_file', type=click.Path(path_type=Path), metavar='FILE', help='More settings.')
@click.option('--format', 'form', type=click.Choice(['text', 'json']), default='text', show_default=True)
def verify_reroll(
    v2: str,
    series: str | None,
    tree: Path | None,
    archive: str | None,
    fail_on: str,
    config_file: Path | None,
    form: str,
) -> int:
    """Say what patches that were not sent yet would leave open of the earlier review.

    V2 is the directory or mbox that git format-patch wrote, or a range of commits (with --tree). Nothing of it is kept
    or sent. Exit 1 with --fail-on left when a point is not visible in it.
    """
    settings = config.load(config_file, {'archive.url': archive} if archive else {}).settings
    request = Request(v2, trees=(('', tree),) if tree else ())
    link = settings.archive.link
    with desk(settings) as at:
        found = reroll.verify(request, series, archive is not None, at)
    text = report.render_reroll(
        found.report,
        form,
        link=link,
        columns=settings.report.columns,
        templates=templates(settings),
        notes=found.notes,
    )
    click.echo(text, nl=False)
    return 1 if fail_on == 'left' and report.points_left(found.report, link) else 0
