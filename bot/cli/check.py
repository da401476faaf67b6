# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands about static checks: check, rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import msgspec

from bot import __version__, apart, checks, config, pipeline, plans, report
from bot.checks.listing import Wrapper
from bot.cli import colour
from bot.cli.lone import refuse_mails, stand_alone
from bot.cli.review import templates
from bot.cli.session import Common, desk, series_options
from bot.cli.verdict import FAIL_ON, findings_status, status
from bot.config import Settings
from bot.errors import UserError
from bot.model import CheckResult

_DOCUMENT = re.compile(r'Documentation/([\w/-]+)\.rst\b')
_COLUMNS = 102  # source is shown in 100 columns, and the renderer keeps two free


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
@click.option('--full/--brief', 'full', default=None, help='Show source and path of each finding [unless many].')
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
    full: bool | None,
    form: str,
    fail_on: str | None,
) -> int:
    """Check GUP flags and page reference counts in a tree, a range or a series.

    PATH limits the check of a tree to these files. Reads commits, never the files of a checkout; where there is no tree
    at all, PATHs are files checked by the newest kernel known, as with --alone.
    """
    if sum(choice is not None for choice in (rev_range, rev, series)) > 1:
        raise UserError('--range, --rev and --series exclude each other', todo='give one of them')
    if paths and (rev_range or series):
        raise UserError('PATH goes with a tree, not with a series', todo='leave PATH out, or give --rev')
    if alone and (rev_range or rev or series or common.tree or not paths):
        raise UserError('--alone is for files without a tree', todo='give PATHs and neither --tree nor a revision')
    settings = common.settings(**({'check.fail_on': fail_on} if fail_on else {}))
    refuse_mails(paths)
    alone = alone or (not (rev_range or rev or series) and stand_alone(paths, common, settings))
    if explain:
        click.echo('\n'.join(checks.explain(one) for one in _rules(settings, [explain])), nl=False)
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
            result = apart.check_rev(request, rev or 'HEAD', paths, at)
            code = findings_status(checks.without(result, known), settings.check.fail_on)
    brief = None if full is None else not full
    shown = show_findings(checks.without(result, known), form, settings, brief, bool(rev_range or series))
    click.echo(colour.painted(shown) if form == 'text' and colour.wanted() else shown, nl=False)
    return code


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


def _help(rule: checks.Rule) -> dict[str, str]:
    """Return what a code scanning page shows of a rule: its severity, certainty, text, and a kernel document."""
    found = (_DOCUMENT.match(one) for one in rule.references)
    pages = [f'https://docs.kernel.org/{one[1]}.html' for one in found if one]
    said = {'text': checks.explain(rule), 'severity': rule.severity, 'confidence': rule.confidence}
    return {**said, **({'help': pages[0]} if pages else {})}


def show_findings(
    result: CheckResult, form: str, settings: Settings, brief: bool | None = None, of_series: bool = False
) -> str:
    meta = {r.id: {'title': r.title, 'why': r.why, **_help(r)} for r in _rules(settings)} if form == 'sarif' else {}
    return report.render_findings(
        result,
        form,
        link=settings.archive.link,
        columns=max(settings.report.columns, _COLUMNS),
        brief=brief,
        of_series=of_series,
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


@rules.command('wrappers')
@series_options
@click.option('--rev', default='HEAD', show_default=True, metavar='REV', help='The commit to look at.')
@click.option('--all', 'everything', is_flag=True, help='List those too that no caller can rely on, with the reason.')
@click.option('--format', 'form', type=click.Choice(['text', 'json']), default='text', show_default=True)
def wrappers(common: Common, rev: str, everything: bool, form: str) -> None:
    """List the functions of a tree that take or give back pages for their callers.

    What is wrong or missing in it can be said in gup/wrappers.toml of a rules directory of your own.
    """
    settings = common.settings()
    with desk(settings) as at:
        found = apart.list_wrappers(common.request(settings, ''), rev, at)
    if form == 'json':
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    for one in found.wrappers:
        if everything or not one.unsure:
            click.echo(_wrapper(one))
    hidden = sum(bool(one.unsure) for one in found.wrappers) if not everything else 0
    for note in [*found.notes, *([f'{hidden} more on which no caller can rely: --all lists them'] if hidden else [])]:
        click.echo(note)


def _wrapper(one: Wrapper) -> str:
    lines = [f'{one.name}()  {one.file}:{one.line}']
    if one.takes:
        count = f', argument {one.count + 1} says how many' if one.count is not None else ''
        lines.append(f'  takes {one.kind} {one.takes}, {one.result}{count}; by {", ".join(one.inferred_from)}')
    if one.gives:
        lines.append(f'  gives back {", ".join(one.gives)}')
    lines += [f'  no caller can rely on it: {one.unsure}'] if one.unsure else []
    lines += [f'  said in wrappers.toml: {one.said}'] if one.said else []
    return '\n'.join(lines)


@rules.command('show')
@click.argument('wanted', metavar='ID')
@_CONFIG
def show_rule(wanted: str, config_file: Path | None) -> None:
    """Show one rule with its reason, its references and its examples."""
    click.echo('\n'.join(checks.explain(one) for one in _rules(config.load(config_file).settings, [wanted])), nl=False)
