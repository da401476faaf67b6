# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands about static checks: check, rules."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from bot import __version__, apart, checks, config, pipeline, plans, report
from bot.cli.review import templates
from bot.cli.session import Common, desk, series_options
from bot.cli.verdict import FAIL_ON, findings_status, status
from bot.config import Settings
from bot.desk import Desk
from bot.errors import TreeError, UserError
from bot.model import CheckResult
from bot.request import Request


@click.command()
@click.argument('paths', nargs=-1)
@series_options
@click.option('--range', 'rev_range', metavar='BASE..TIP', help='Check what these commits bring in, commit by commit.')
@click.option('--rev', metavar='REV', help='Check the tree at this commit [HEAD].')
@click.option('--series', metavar='SOURCE', help='Check a posted series, patch by patch.')
@click.option('--rule', 'rules', multiple=True, metavar='ID', help='Only this rule; may be repeated.')
@click.option('--alone', is_flag=True, help='PATHs are files of no tree; take them to be of the newest kernel known.')
@click.option(
    '--baseline',
    type=click.Path(path_type=Path),
    metavar='FILE',
    help='Leave out what an earlier --format json found already.',
)
@click.option('--explain', metavar='ID', help='Say what a rule means and why, and do nothing else.')
@click.option('--format', 'form', type=click.Choice(['text', 'json', 'sarif']), default='text', show_default=True)
@click.option('--fail-on', type=click.Choice(FAIL_ON), help='Exit 1 for findings at or above this [error].')
def check(
    paths: tuple[str, ...],
    common: Common,
    rev_range: str | None,
    rev: str | None,
    series: str | None,
    rules: tuple[str, ...],
    alone: bool,
    baseline: Path | None,
    explain: str | None,
    form: str,
    fail_on: str | None,
) -> int:
    """Check GUP flags and page reference counts in a tree, a range or a series.

    PATH limits the check of a tree to these files. Reads commits, never the files of a checkout.
    """
    if sum(choice is not None for choice in (rev_range, rev, series)) > 1:
        raise UserError('--range, --rev and --series exclude each other', todo='give one of them')
    if paths and (rev_range or series):
        raise UserError('PATH goes with a tree, not with a series', todo='leave PATH out, or give --rev')
    if alone and (rev_range or rev or series or common.tree or not paths):
        raise UserError('--alone is for files without a tree', todo='give PATHs and neither --tree nor a revision')
    settings = common.settings(**({'check.fail_on': fail_on} if fail_on else {}))
    if explain:
        click.echo(checks.describe(_rules(settings, [explain])), nl=False)
        return 0
    known = checks.known(baseline) if baseline else frozenset()
    with desk(settings) as at:
        if alone:
            result = apart.check_alone(_texts(paths), rules, at)
            code = findings_status(checks.without(result, known), settings.check.fail_on)
        elif rev_range or series:
            request = common.request(settings, rev_range or series or '', ('apply', 'check'), rules=rules)
            found = pipeline.review(request, at).report
            result = found.check or CheckResult(dict(found.verdicts)['check'])
            code = status(replace(found, check=checks.without(result, known)), settings.check.fail_on)
        else:
            request = common.request(settings, '', rules=rules)
            result = _of_tree(request, rev, paths, at)
            code = findings_status(checks.without(result, known), settings.check.fail_on)
    click.echo(show_findings(checks.without(result, known), form, settings), nl=False)
    return code


def _of_tree(request: Request, rev: str | None, paths: tuple[str, ...], at: Desk) -> CheckResult:
    """Check files of a commit; where no tree was named and none is here, say what such files are checked with."""
    try:
        return apart.check_rev(request, rev or 'HEAD', paths, at)
    except TreeError as none:
        if request.trees or not paths:
            raise
        todo = f'lorebot check --alone {shlex.join(paths)} reads files of no tree; or name the tree: --tree DIR'
        raise TreeError('there is no kernel tree here', where=', '.join(paths), todo=todo) from none


def _texts(paths: Sequence[str]) -> dict[str, bytes]:
    """Read the files; what stands outside the working directory is shown by its name alone."""
    texts = {}
    for path in paths:
        if not path.endswith(('.c', '.h')):
            raise UserError('this is no C file', where=path, todo='give files that end in .c or .h')
        try:
            text = Path(path).read_bytes()
        except OSError as failure:
            raise UserError(
                'cannot read a file', where=f'{path}: {failure.strerror}', todo='give files that are there'
            ) from None
        inside = not Path(path).is_absolute() and '..' not in Path(path).parts
        texts[str(Path(path)) if inside else Path(path).name] = text
    return texts


def show_findings(result: CheckResult, form: str, settings: Settings) -> str:
    meta = {r.id: {'title': r.title, 'why': r.why} for r in _rules(settings)}
    return report.render_findings(
        result,
        form,
        link=settings.archive.link,
        columns=settings.report.columns,
        templates=templates(settings),
        rules_meta=meta,
        tool=f'lorebot {__version__}',
    )


@click.group()
def rules() -> None:
    """Look at the rules of the static checks."""


def _rules(settings: Settings, only: Sequence[str] = ()) -> tuple[checks.Rule, ...]:
    return checks.load_rules([Path(one) for one in plans.rule_directories(settings)], only)


_CONFIG = click.option(
    '--config', 'config_file', type=click.Path(path_type=Path), metavar='FILE', help='More settings.'
)


@rules.command('list')
@_CONFIG
def list_rules(config_file: Path | None) -> None:
    """List all rules: id, severity, name, title."""
    for rule in _rules(config.load(config_file).settings):
        click.echo(f'{rule.id:8} {rule.severity:8} {rule.name:32} {rule.title}')


@rules.command('show')
@click.argument('wanted', metavar='ID')
@_CONFIG
def show_rule(wanted: str, config_file: Path | None) -> None:
    """Show one rule with its reason, its references and its examples."""
    click.echo(checks.describe(_rules(config.load(config_file).settings, [wanted])), nl=False)
