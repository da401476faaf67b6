# SPDX-License-Identifier: GPL-2.0-or-later
"""The questions command: who asked what, who answered, what is open."""

from __future__ import annotations

import click

from bot import pipeline, report
from bot.cli.review import templates
from bot.cli.session import Common, desk, series_options
from bot.cli.verdict import status


@click.command()
@click.argument('source')
@series_options
@click.option('--format', 'form', type=click.Choice(['text', 'json']), default='text', show_default=True)
def questions(source: str, common: Common, form: str) -> int:
    """List the questions asked about the series that SOURCE names, with their state."""
    settings = common.settings()
    with desk(settings) as at:
        reviewed = pipeline.review(common.request(settings, source, ('questions',)), at)
    found, link = reviewed.report, settings.archive.link
    text = report.render_questions(
        found, form, link=link, columns=settings.report.columns, templates=templates(settings)
    )
    click.echo(text, nl=False)
    return status(found, 'never')
