# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks at what belongs to no series: a commit, files of no tree, a kernel image."""

from __future__ import annotations

from pathlib import Path

from bot import lab, resources, stages
from bot.checks import WrapperList
from bot.desk import Desk
from bot.errors import UserError
from bot.model import CheckResult, skipped
from bot.plans import bench, plans, rule_directories
from bot.request import Request


def check_rev(request: Request, rev: str, paths: tuple[str, ...], desk: Desk) -> CheckResult:
    """Check one commit of the first tree; raise `TreeError` when there is none or it has no such commit."""
    tree = stages.survey(request.trees[:1] or (('', Path()),), desk.workshop)[0]
    off = desk.settings.check.off
    job = stages.CheckRev(
        tree, str(desk.workshop), rev, paths, rule_directories(desk.settings), request.rules, off, str(desk.facts)
    )
    result: CheckResult = desk.finish(desk.start('check-rev', job, f'{tree.name}:{rev}'))
    return result


def list_wrappers(request: Request, rev: str, desk: Desk) -> WrapperList:
    """Return the functions of the first tree that take or give back pages for others."""
    tree = stages.survey(request.trees[:1] or (('', Path()),), desk.workshop)[0]
    job = stages.CheckRev(tree, str(desk.workshop), rev, (), rule_directories(desk.settings), (), (), str(desk.facts))
    result: WrapperList = desk.finish(desk.start('wrappers', job, f'{tree.name}:{rev}'))
    return result


def check_alone(texts: dict[str, bytes], only: tuple[str, ...], desk: Desk) -> CheckResult:
    """Check files by name without any tree, by the newest kernel known."""
    directories, off = rule_directories(desk.settings), desk.settings.check.off
    headers = str(resources.shipped('rules') / 'known-kernel')
    job = stages.CheckAlone(texts, headers, directories, only, off)
    result: CheckResult = desk.finish(desk.start('check-alone', job, ' '.join(sorted(texts))))
    return result


def boot_file(image: Path, request: Request, desk: Desk) -> stages.Boots:
    """Boot a kernel image on its own; raise `UserError` when there is none."""
    if not image.is_file():
        raise UserError(f'{image} is no file', where='--image', todo='give a kernel image')
    machines, tests = plans(request, desk)
    with image.open('rb') as file:
        head = file.read(4096)
    for arch in sorted({machine.arch for machine in machines}):
        if why_not := lab.unfit(head, arch):
            raise UserError(
                f'{image} cannot be booted', where=f'--image: {why_not}', todo='give a kernel, or another --machine'
            )
    at = bench(request, desk)
    lacking = lab.lacks_to_boot(machines, tests, at.site)
    if lacking:
        return stages.Boots(skipped(f'not run: {lacking}'))
    job = stages.Boot(stages.Builds(skipped('an image was given')), machines, tests, at, image=str(image.resolve()))
    result: stages.Boots = desk.finish(desk.start('boot', job, 'image'))
    return result
