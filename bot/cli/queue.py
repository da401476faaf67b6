# SPDX-License-Identifier: GPL-2.0-or-later
"""The queue command: which series need me now, why, in which order."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from bot import __version__, config, report, shelf, triage
from bot.cli.review import templates
from bot.cli.session import Moment, desk
from bot.config import Settings
from bot.errors import UserError
from bot.model import Queue


@click.command()
@click.argument('sources', nargs=-1, metavar='[SOURCE]...')
@click.option('--me', metavar='ADDRESS', help='Whom the list is for [setting user.address].')
@click.option(
    '--as-of', type=Moment(), metavar='DATE', help='Know only what was known then (UTC; a day means its end).'
)
@click.option('--why', metavar='SERIES', help='Every reason of one, by number, message-id or subject; "all" for all.')
@click.option('--all', 'whole', is_flag=True, help='Name every series, those that need nobody, too.')
@click.option('--forget', 'forgotten', multiple=True, metavar='SOURCE', help='Remember this source no more.')
@click.option('--archive', metavar='URL', help='Base URL of a public-inbox server [lore.kernel.org].')
@click.option('--refresh', is_flag=True, help='Ask the archive again for a SOURCE asked a moment ago.')
@click.option('--config', 'config_file', type=click.Path(path_type=Path), metavar='FILE', help='More settings.')
@click.option('--format', 'form', type=click.Choice(['text', 'json']), default='text', show_default=True)
def queue(
    sources: tuple[str, ...],
    me: str | None,
    as_of: datetime | None,
    why: str | None,
    whole: bool,
    forgotten: tuple[str, ...],
    archive: str | None,
    refresh: bool,
    config_file: Path | None,
    form: str,
) -> int:
    """Say which series need you now, why, and in which order.

    The series are those of all sources that were reviewed, or named here: each SOURCE is read and remembered. Nothing
    is fetched or checked anew for the others; files that changed are read again. Days count up to the newest mail at
    hand, or to --as-of; the clock is not asked.
    """
    settings = config.load(config_file, {'archive.url': archive} if archive else {}).settings
    with desk(settings) as at:
        for name in forgotten:
            if not shelf.forget(name, at):
                raise UserError('no such source is remembered', where=name, todo='give it as it was given before')
        shelf.add(sources, at, refresh)
        found = triage.queue(at, whose(me, settings), as_of)
    shown = _narrowed(found, why) if why else found
    text = report.render_queue(
        shown,
        form,
        link=settings.archive.link,
        columns=settings.report.columns,
        templates=templates(settings),
        why=why is not None,
        brief=not whole,
        tool=f'lorebot {__version__}',
    )
    click.echo(text, nl=False)
    if not found.addresses:
        click.echo("lorebot: this list is nobody's own: give --me ADDRESS, or set user.address", err=True)
    return 0


def whose(me: str | None, settings: Settings) -> tuple[str, ...]:
    """Return all addresses of the person the list is for; none when nobody was named.

    An address of the settings stands for all of them; any other one is somebody else, and stands alone.
    """
    own = tuple(a for a in (settings.user.address, *settings.user.addresses) if a)
    if me is None:
        return own
    if '@' not in me:
        raise UserError('--me is no mail address', where=me, todo='give the address your mails are from')
    return own if me.lower() in {a.lower() for a in own} else (me,)


def _narrowed(found: Queue, why: str) -> Queue:
    if why == 'all':
        return found
    chosen = triage.narrowed(found, why)
    if not chosen.entries:
        raise UserError(
            'no series of the queue is called so',
            where=why,
            todo='give its number, a message-id or words of its subject',
        )
    return chosen
