# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands that compile and run what others wrote: build, boot."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from bot import apart, lab, pipeline, report
from bot.cli.review import templates
from bot.cli.session import Common, desk, series_options
from bot.cli.verdict import FAIL_ON, status
from bot.desk import Desk
from bot.errors import UserError
from bot.model import BootResult, BuildResult, Outcome, Verdict

log = logging.getLogger(__name__)

_FORMATS = ('text', 'md', 'html', 'json')
_NOTHING_SEEN = 3
_LOUD = 'lorebot: NO SANDBOX: what these patches put into Makefiles, scripts and the kernel runs with all your rights'


def lab_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what both commands understand."""

    @series_options
    @click.option('--target', 'targets', multiple=True, metavar='NAME', help='Build for this target; may be repeated.')
    @click.option('--format', 'form', type=click.Choice(_FORMATS), default='text', show_default=True)
    @click.option(
        '--logs', type=click.Path(path_type=Path), metavar='DIR', help='Write what builds and consoles printed.'
    )
    @click.option('--fail-on', type=click.Choice(FAIL_ON), help='"never": exit 0 whatever fails [error].')
    @click.option('--no-sandbox', is_flag=True, help='Run the code under test unconfined, with all your rights.')
    @functools.wraps(command)
    def wrapped(*args: Any, **options: Any) -> Any:
        return command(*args, **options)

    return wrapped


@click.command()
@click.argument('source')
@lab_options
def build(source: str, targets: tuple[str, ...], **options: Any) -> int:
    """Build every patch of the series and report what each brings.

    The tree (--tree) is built once as it is at the base: minutes, and 2 GB that are kept. Each patch then takes seconds.
    Only what is new against the patch before is reported.
    """
    return _series(source, ('apply', 'build'), {'targets': targets}, **options)


@click.command()
@click.argument('source', required=False)
@lab_options
@click.option('--image', type=click.Path(path_type=Path), metavar='FILE', help='Boot this kernel instead of a series.')
@click.option('--machine', 'machines', multiple=True, metavar='NAME', help='Boot on this machine; may be repeated.')
@click.option('--test', 'tests', multiple=True, metavar='NAME', help='Run this guest test; may be repeated.')
def boot(
    source: str | None,
    image: Path | None,
    targets: tuple[str, ...],
    machines: tuple[str, ...],
    tests: tuple[str, ...],
    **options: Any,
) -> int:
    """Boot every patch of the series, or a kernel image, as a pKVM host and run the guest tests.

    What the base does as well is held against no patch.
    """
    if (source is None) == (image is None):
        raise UserError('boot needs a series or an image', todo='give SOURCE with --tree, or --image FILE')
    wanted = {'targets': targets, 'machines': machines, 'tests': tests}
    if source is not None:
        return _series(source, ('apply', 'build', 'boot'), wanted, **options)
    assert image is not None
    return _image(image, wanted, **options)


def _series(
    source: str,
    stages: tuple[str, ...],
    wanted: dict[str, tuple[str, ...]],
    *,
    common: Common,
    form: str,
    logs: Path | None,
    fail_on: str | None,
    no_sandbox: bool,
) -> int:
    settings = common.settings(**({'check.fail_on': fail_on} if fail_on else {}))
    _warn(no_sandbox)
    with desk(settings) as at:
        request = common.request(settings, source, stages, no_sandbox=no_sandbox, **wanted)
        found = pipeline.review(request, at).report
        _write_logs(logs, (*found.builds, *found.boots), at)
        _tell_seconds((*found.builds, *found.boots))
    link, columns = settings.archive.link, settings.report.columns
    shown = report.render_lab(found, form, stages[1:], link=link, columns=columns, templates=templates(settings))
    click.echo(shown, nl=False)
    return _status(status(found, settings.check.fail_on), dict(found.verdicts)[stages[-1]])


def _image(
    image: Path,
    wanted: dict[str, tuple[str, ...]],
    *,
    common: Common,
    form: str,
    logs: Path | None,
    fail_on: str | None,
    no_sandbox: bool,
) -> int:
    if form not in ('text', 'json'):
        raise UserError(f'an image is reported as text or json, not {form}', todo='leave --format out')
    settings = common.settings()
    _warn(no_sandbox)
    with desk(settings) as at:
        request = common.request(settings, '', no_sandbox=no_sandbox, **wanted)
        boots = apart.boot_file(image, request, at)
        _write_logs(logs, boots.results, at)
        _tell_seconds(boots.results)
    shown = report.render_boots(
        boots.results, boots.verdict, form, columns=settings.report.columns, templates=templates(settings)
    )
    click.echo(shown, nl=False)
    bad = boots.verdict.outcome is Outcome.FAILED and fail_on != 'never'
    return _status(_NOTHING_SEEN if boots.verdict.outcome is Outcome.CRASHED else int(bad), boots.verdict)


def _status(code: int, verdict: Verdict) -> int:
    """Nothing seen is no success for who asked to build or boot."""
    return _NOTHING_SEEN if code == 0 and verdict.outcome is Outcome.SKIPPED else code


def _warn(no_sandbox: bool) -> None:
    if no_sandbox:
        click.echo(_LOUD, err=True)


def _tell_seconds(results: Sequence[BuildResult | BootResult]) -> None:
    """Say with -v how long each took: no report does, as it would differ every time."""
    for result in results:
        name = result.target if isinstance(result, BuildResult) else result.machine
        log.info('%s, patch %s: %.1f s', name, result.position or 'base', result.seconds)


def _write_logs(logs: Path | None, results: Sequence[BuildResult | BootResult], at: Desk) -> None:
    """Write each log under a name that says what it is of; one that is kept no more is left out."""
    if logs is None:
        return
    logs.mkdir(parents=True, exist_ok=True)
    for result in results:
        if isinstance(result, BuildResult):
            named = [(f'build-{result.position}-{result.target}', result.log)]
        else:
            named = [(f'boot-{result.position}-{result.machine}-{what}', digest) for what, digest in result.logs]
        for name, digest in named:
            text = lab.read_log(at.lab, digest)
            if text is not None:
                (logs / f'{name}.log').write_bytes(text)
