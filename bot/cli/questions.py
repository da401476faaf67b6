# SPDX-License-Identifier: GPL-2.0-or-later
"""The questions commands: who asked what, who answered, what is open; and what a person says should become of it."""

from __future__ import annotations

from typing import Any, cast

import click

from bot import orders, pipeline, report
from bot import questions as room
from bot.cli.groups import Listing
from bot.cli.review import templates
from bot.cli.session import Common, desk, present_options, series_options
from bot.cli.verdict import status
from bot.config import Settings
from bot.errors import UserError
from bot.model import Question, Role
from bot.pipeline import Review

_SERIES = click.option('--series', 'source', required=True, metavar='SOURCE', help='The series they were asked about.')
_ME = click.option('--me', metavar='ADDRESS', help='Who gives the command [user.address].')


@click.group(cls=Listing)
def questions(**_: object) -> None:
    """List the questions asked about the series that SOURCE names, with their state.

    The commands below are about single questions: ids (Q3, Q3.1-3, R2), q:HASH or message-ids, and --series SOURCE. The
    options are those of `list`, whose name may be left out. Write a SOURCE with the name of a command as ./show.
    """


@questions.command('list')
@click.argument('source')
@series_options
@click.option('--points', is_flag=True, help='What became of earlier points in the newest posting; also as md, html.')
@click.option('--format', 'form', type=click.Choice(['text', 'md', 'html', 'json']), default='text', show_default=True)
def list_(source: str, common: Common, points: bool, form: str) -> int:
    """List the questions asked about the series that SOURCE names, with their state."""
    settings = common.settings()
    with desk(settings) as at:
        reviewed = _review(common, settings, source, at)
    found, link = reviewed.report, settings.archive.link
    if form in ('md', 'html') and not points:
        raise UserError(f'questions are not written as {form}', todo='add --points, or use `lorebot review`')
    write = report.render_points if points else report.render_questions
    text = write(found, form, link=link, columns=settings.report.columns, templates=templates(settings))
    click.echo(text, nl=False)
    return status(found, 'never')


@questions.command()
@click.argument('targets', nargs=-1, required=True, metavar='ID...')
@_SERIES
@series_options
def show(targets: tuple[str, ...], source: str, common: Common) -> int:
    """Show questions with their lines and those of the replies."""
    settings = common.settings()
    with desk(settings) as at:
        reviewed = _review(common, settings, source, at)
        found = _chosen(reviewed, targets)
    mails, link = orders.messages(reviewed), settings.archive.link
    click.echo('\n'.join(report.tell_question(q, mails, link) for q in found), nl=False)
    return 0


@questions.command()
@click.argument('targets', nargs=-1, required=True, metavar='ID...')
@_SERIES
@series_options
def why(targets: tuple[str, ...], source: str, common: Common) -> int:
    """Print every event that made the state of a question: place, rule, weight."""
    settings = common.settings()
    with desk(settings) as at:
        found = _chosen(_review(common, settings, source, at), targets)
    click.echo('\n'.join(report.tell_events(q, settings.archive.link) for q in found), nl=False)
    return 0


@questions.command('status')
@click.argument('targets', nargs=-1, metavar='[ID...]')
@_SERIES
@_ME
@series_options
def status_(targets: tuple[str, ...], source: str, me: str | None, common: Common) -> int:
    """Tell the state of questions, one line each."""
    settings = common.settings()
    with desk(settings) as at:
        found = _chosen(_review(common, settings, source, at), targets, me)
    click.echo(report.tell_status(found), nl=False)
    return 0


@questions.command('log')
@_SERIES
@series_options
def log_(source: str, common: Common) -> int:
    """List the commands given about a series, those taken back, too."""
    settings = common.settings()
    with desk(settings) as at:
        ledger = orders.ledger(_review(common, settings, source, at))
    click.echo(report.tell_log(ledger), nl=False)
    return 0


@questions.command('help')
def help_() -> None:
    """Tell which commands there are and who may give them."""
    roles = ', '.join(f'{letter} {words}' for letter, words in room.ROLES.items())
    click.echo(f'Roles: {roles}. Somebody who is several has the first effect of these.\n')
    for verb in room.VERBS.values():
        who = ', '.join(f'{role} {effect}' for role, effect in verb.roles.items())
        click.echo(f'{verb.name:9} {verb.says}\n{"":9} {who}')


def _verb(verb: room.Verb) -> click.Command:
    """Make the command of one verb; all are alike, the table says what they do."""

    @click.argument('words', nargs=-1, metavar='' if verb.about == 'series' else 'ID...')
    @_SERIES
    @_ME
    @click.option('--role', type=click.Choice(list(room.ROLES)), help='What you are here, whatever else says.')
    @click.option('-m', '--message', metavar='TEXT', help='What else would stand after a colon.')
    @present_options
    def given(
        words: tuple[str, ...], source: str, me: str | None, role: str | None, message: str | None, common: Common
    ) -> int:
        line = ' '.join([verb.name, *words]) + (f': {message}' if message else '')
        settings = common.settings()
        with desk(settings) as at:
            reviewed = _review(common, settings, source, at)
            done = orders.command(reviewed, line, me or settings.user.address, cast(Role | None, role))
        click.echo(report.tell_change(done.commands, done.new, done.before, done.after, source), nl=False)
        return 0

    return click.command(verb.name, help=verb.says)(given)


for _each in room.VERBS.values():
    if _each.about != 'read':
        questions.add_command(_verb(_each))


def _review(common: Common, settings: Settings, source: str, at: Any) -> Review:
    return pipeline.review(common.request(settings, source, ('questions',)), at)


def _chosen(reviewed: Review, targets: tuple[str, ...], me: str | None = None) -> list[Question]:
    return orders.chosen(reviewed, f'status {" ".join(targets)}', me or reviewed.desk.settings.user.address)
