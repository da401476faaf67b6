# SPDX-License-Identifier: GPL-2.0-or-later
"""The series commands: which postings are taken for one series and why, and what a person says instead."""

from __future__ import annotations

import re

import click

from bot import intake, lore, report, shelf
from bot.cli.session import Common, desk, series_options
from bot.config import Settings
from bot.desk import Desk
from bot.errors import UserError

_ME = click.option('--me', metavar='ADDRESS', help='Who says so [user.address].')
_WHY = click.option('-m', '--message', 'why', default='', metavar='TEXT', help='The reason, shown with it.')


@click.group()
def series() -> None:
    """Tell which postings make one series, and correct it by hand.

    What is said here goes into the log of commands; every review, ledger and queue of these mails follows it.
    """


@series.command()
@click.argument('a')
@click.argument('b')
@_WHY
@_ME
@series_options
def link(a: str, b: str, why: str, me: str | None, common: Common) -> int:
    """Say that B is a later posting of the series of A; each is the message-id or URL of one of its mails."""
    return _say('series-link', (a, b), why, me, common)


@series.command()
@click.argument('a')
@click.argument('b')
@_WHY
@_ME
@series_options
def unlink(a: str, b: str, why: str, me: str | None, common: Common) -> int:
    """Say that A and B are not postings of one series."""
    return _say('series-unlink', (a, b), why, me, common)


@series.command()
@click.argument('entry')
@click.argument('a')
@_ME
@series_options
def undo(entry: str, a: str, me: str | None, common: Common) -> int:
    """Take back what was said: the id of the ENTRY and one of the mails it was about."""
    if not re.fullmatch(r'[0-9a-f]{12}', entry):
        raise UserError(
            f'{entry[:80]!r} is no entry', where='series undo', todo='`lorebot series list` shows their ids'
        )
    return _say('series-undo', (a,), entry, me, common)


@series.command('list')
@click.argument('source')
@series_options
def list_(source: str, common: Common) -> int:
    """List every series in the mails of SOURCE with its postings, and what ties each to the one before."""
    settings = common.settings()
    with desk(settings) as at:
        asked = common.request(settings, source)
        place = lore.locate(asked.source, settings.archive.url)
        made = intake.assemble(place, asked, at, intake.read(place, asked, at))
        said = at.ties(m.message_id for t in made.threads for m in t.messages)
    click.echo(report.tell_series(made.series, said, settings.archive.link), nl=False)
    return 0


def _say(verb: str, mails: tuple[str, ...], text: str, me: str | None, common: Common) -> int:
    settings = common.settings()
    with desk(settings) as at:
        ids = [_message_id(one, settings) for one in mails]
        if verb != 'series-undo':
            _known(ids, at)
        if verb == 'series-undo' and text not in {t.id for t in at.ties(ids)}:
            raise UserError(f'{text} is not in force for this mail', where=ids[0], todo='see `lorebot series list`')
        said = lore.entry(verb, ids, _one_line(text), me or settings.user.address or 'the local user', at.now())
        at.record([said])
        _tell(said.id, verb, ids, text, at)
    return 0


def _known(ids: list[str], at: Desk) -> None:
    """Raise `UserError` for an id that no mail has which was ever read here: nothing would ever follow of it."""
    held = shelf.remembered(at)
    for one in ids:
        if one not in held:
            todo = 'check it, or read its thread first: lorebot series list SOURCE'
            raise UserError('no mail that was read here has this message-id', where=ascii(one[:120])[1:-1], todo=todo)


def _tell(name: str, verb: str, ids: list[str], text: str, at: Desk) -> None:
    what = {
        'series-link': 'the later of both follows the other',
        'series-unlink': 'neither follows the other',
        'series-undo': f'{text} holds no longer',
    }[verb]
    click.echo(f'{name}: {what}')
    click.echo(f'  to see it: lorebot series list {ids[-1]}')
    if verb != 'series-undo':
        click.echo(f'  to take it back: lorebot series undo {name} {ids[0]}')


def _message_id(given: str, settings: Settings) -> str:
    if re.match(r'https?://', given, re.I):
        return lore.locate(given, settings.archive.url).message_id or given
    return given


def _one_line(text: str) -> str:
    return re.sub(r'[\x00-\x1f\x7f]+', ' ', text).strip()[:300]
