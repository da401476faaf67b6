# SPDX-License-Identifier: GPL-2.0-or-later
"""The command that ends in a whole report: review."""

from __future__ import annotations

from pathlib import Path

import click

from bot import pipeline, post, replies, report
from bot.cli.session import Common, desk, series_options
from bot.cli.verdict import FAIL_ON, status
from bot.config import Settings
from bot.model import Report

_FILES = {'text': 'report.txt', 'md': 'report.md', 'html': 'report.html', 'json': 'report.json'}


class Stages(click.ParamType[tuple[str, ...]]):
    name = 'stages'

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        known = [*(stage.name for stage in pipeline.STAGES), 'report']
        names = tuple(known) if value == 'all' else tuple(name.strip() for name in value.split(','))
        for name in names:
            if name not in known:
                self.fail(f'{name!r} is no stage; there are {", ".join(known)}', param, ctx)
        return names


@click.command()
@click.argument('source')
@series_options
@click.option(
    '--stages',
    type=Stages(),
    metavar='A,B',
    help='Only these stages, or all [those that cost little: building and booting only on a base that is built].',
)
@click.option('--format', 'form', type=click.Choice(list(_FILES)), default='text', show_default=True)
@click.option(
    '--out', type=click.Path(path_type=Path), metavar='DIR', help='Write every format and a draft reply there.'
)
@click.option('--fail-on', type=click.Choice(FAIL_ON), help='Exit 1 for findings at or above this [error].')
def review(
    source: str, common: Common, stages: tuple[str, ...] | None, form: str, out: Path | None, fail_on: str | None
) -> int:
    """Review the series that SOURCE names.

    SOURCE is a message-id, a lore (or other public-inbox) URL, an mbox, a mail, a maildir, a directory of .eml files, a
    public-inbox git epoch, - for stdin, or a range of commits (with --tree).
    """
    settings = common.settings(**({'check.fail_on': fail_on} if fail_on else {}))
    with desk(settings) as at:
        reviewed = pipeline.review(common.request(settings, source, stages or ()), at)
        written = write_all(reviewed, settings, out) if out is not None else []
    if out is None:
        click.echo(render(reviewed.report, form, settings, own(settings)), nl=False)
    for path in written:
        click.echo(path)
    return status(reviewed.report, settings.check.fail_on)


def render(found: Report, form: str, settings: Settings, reader: tuple[str, ...] = ()) -> str:
    link, columns = settings.archive.link, settings.report.columns
    return report.render(found, form, link=link, columns=columns, templates=templates(settings), reader=reader)


def own(settings: Settings) -> tuple[str, ...]:
    """Return the addresses of who looks at the terminal; files are for anybody."""
    return tuple(a for a in (settings.user.address, *settings.user.addresses) if a)


def templates(settings: Settings) -> Path | None:
    """Return the user's own template directory, if one is set."""
    return Path(settings.report.templates).expanduser() if settings.report.templates else None


def write_all(reviewed: pipeline.Review, settings: Settings, out: Path) -> list[Path]:
    """Write the report in every format and the draft reply; return the paths in that order."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for form, name in _FILES.items():
        (out / name).write_text(render(reviewed.report, form, settings), encoding='utf-8')
        written.append(out / name)
    letter = replies.write(reviewed, 'review')
    post.write(letter.draft, out / 'reply.eml', letter.raw)
    return [*written, out / 'reply.eml']
