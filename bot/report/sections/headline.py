# SPDX-License-Identifier: GPL-2.0-or-later
"""The first lines: what this is, what waits for somebody, how every stage ended.

A reader who stops after fifteen lines has missed detail, not news.
"""

from __future__ import annotations

from bot.model import Outcome, Severity
from bot.report.contexts import Headline, StageLine
from bot.report.sections.found import alike
from bot.report.sections.frame import Frame, full, short, version
from bot.report.sections.needs import needs
from bot.report.trailers import open_questions
from bot.report.words import counted, day

_SEVERITIES: tuple[Severity, ...] = ('error', 'warning', 'info')


def headline(frame: Frame) -> Headline:
    newest, mail = frame.newest, frame.report.mail
    stages = tuple(_stage(frame, name) for name, _ in frame.report.verdicts if name != 'report')
    return Headline(
        subject=frame.report.series.subject,
        author=full(frame.report.series.author),
        version=version(newest) + (' RESEND' if newest.resend else ''),
        date=day(newest.date),
        patches=f'{len(newest.patches)} of {counted(newest.expected, "patch", "patches")}',
        base=_base(frame),
        made_on=_made_on(frame),
        place=frame.places.mail(newest.message_id),
        needs=tuple(needs(frame)),
        quiet=_quiet(frame),
        stages=stages,
        as_of=frame.report.as_of,
        read=f'{counted(mail.messages, "mail")} by {counted(len(mail.people), "person", "people")}',
    )


def _base(frame: Frame) -> str:
    applied = frame.report.apply
    said = next((h.value for h in frame.newest.base_hints if h.kind == 'base-commit'), '')
    if applied and applied.base:
        below = applied.ground or applied.base
        first = f' and {counted(len(applied.under), "patch", "patches")} it needs' if applied.under else ''
        as_said = not said or below.startswith(said) or said.startswith(below)
        whose = '' if as_said else f"not the author's {short(said)}"
        if applied.foreign:
            whose = f'a foreign base, {whose or "none is named"}'
        return short(below) + first + (f' ({whose})' if whose else '')
    return ''


def _made_on(frame: Frame) -> str:
    """Say what the author names where nothing was applied: a base on which nobody looked at it is not "on" it."""
    applied = frame.report.apply
    if applied and applied.base:
        return ''
    said = next((h.value for h in frame.newest.base_hints if h.kind == 'base-commit'), '')
    return f'made on {short(said)}, applied nowhere' if said else 'applied nowhere' if applied else ''


def _quiet(frame: Frame) -> str:
    """Say "nothing" only together with what was not looked at."""
    unseen = [name for name, v in frame.report.verdicts if v.outcome is not Outcome.PASSED and name != 'report']
    if not unseen:
        return 'Nothing was found that waits for somebody.'
    return f'Nothing was found that waits for somebody, but not all was looked at: no {", ".join(unseen)}.'


def _stage(frame: Frame, name: str) -> StageLine:
    verdict = frame.verdict(name)
    ran = verdict.outcome in (Outcome.PASSED, Outcome.FAILED)
    said = {'apply': _applied, 'check': _checked, 'questions': _asked}.get(name, _tried)(frame, name) if ran else ''
    away = name == 'apply' and frame.report.apply is not None and frame.report.apply.baseless
    return StageLine(name, str(verdict.outcome), said or ("the author's base is not here" if away else verdict.reason))


def _applied(frame: Frame, _: str) -> str:
    applied = frame.report.apply
    if applied is not None and applied.conflict is not None:
        return f'stops at patch {frame.label(applied.conflict.position)}'  # why is told once, under Apply
    if applied is None or applied.verdict.outcome is not Outcome.PASSED:
        return ''
    tree = f' of {applied.tree}' if applied.tree else ''
    foreign = ', a foreign base' if applied.foreign else ''
    return f'{counted(len(applied.patches), "patch", "patches")} on {short(applied.base)}{tree}{foreign}'


def _checked(frame: Frame, _: str) -> str:
    check = frame.report.check
    if check is None:
        return ''
    brought = [f for f in check.findings if f.class_ == 'introduced']
    new, entries = [f.severity for f in brought], len(alike(brought))
    told = [counted(new.count(s), s, 'infos' if s == 'info' else '') for s in _SEVERITIES if s in new]
    older = sum(f.class_ == 'pre-existing' for f in check.findings)
    joined = f', in {counted(entries, "entry", "entries")}' if entries < len(new) else ''
    return (', '.join(told) + ' new' + joined if told else 'nothing new') + (f'; {older} older' if older else '')


def _asked(frame: Frame, _: str) -> str:
    ledger = frame.report.ledger
    if ledger is None:
        return ''
    total = sum(q.tier != 'possible' for q in ledger.questions)
    return f'{len(open_questions(frame.report))} of {total} open or contested' if total else 'none found'


def _tried(frame: Frame, name: str) -> str:
    results = frame.report.builds if name == 'build' else frame.report.boots
    good = sum(r.verdict.outcome is Outcome.PASSED for r in results)
    return f'{good} of {len(results)} passed' if results else ''
