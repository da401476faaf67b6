# SPDX-License-Identifier: GPL-2.0-or-later
"""The questions command: who asked what, who answered, what is open."""

from __future__ import annotations

import click

from bot import pipeline, report
from bot.cli.review import templates
from bot.cli.session import Common, desk, series_options
from bot.cli.verdict import status
from bot.errors import UserError


@click.command()
@click.argument('source')
@series_options
@click.option('--points', is_flag=True, help='What became of earlier points in the newest posting; also as md, html.')
@click.option('--format', 'form', type=click.Choice(['text', 'md', 'html', 'json']), default='text', show_default=True)
def questions(source: str, common: Common, points: bool, form: str) -> int:
    """List the questions asked about the series that SOURCE names, with their state."""
    settings = common.settings()
    with desk(settings) as at:
        reviewed = pipeline.review(common.request(settings, source, ('questions',)), at)
    found, link = reviewed.report, settings.archive.link
    if form in ('md', 'html') and not points:
        raise UserError(f'questions are not written as {form}', todo='add --points, or use `lorebot review`')
    write = report.render_points if points else report.render_questions
    text = write(found, form, link=link, columns=settings.report.columns, templates=templates(settings))
    click.echo(text, nl=False)
    return status(found, 'never')
