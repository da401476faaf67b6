# SPDX-License-Identifier: GPL-2.0-or-later
"""Names the patch that brought a failure, from what each patch did: a pure function over a matrix of outcomes.

Promises: a failure of the base is patch 0's; one that goes away again names the patch after which it is gone; what could
not be seen is listed, never guessed. Refuses to weigh: every row of the matrix is a check of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.lab.verdict import leaves
from bot.model import BootResult, BuildResult, FirstBad, Outcome

Row = Mapping[int, Outcome]
_UNSEEN = (Outcome.SKIPPED, Outcome.CRASHED)


def first_bad(matrix: Mapping[str, Row]) -> tuple[FirstBad, ...]:
    """Return every failure of every check: a row maps position to outcome, 0 being the base.

    Positions that are skipped, crashed or absent between the first and the last cannot be seen. A failure that comes
    back after it was gone is a second one.
    """
    return tuple(bad for check in sorted(matrix) for bad in _of_row(check, matrix[check]))


def _of_row(check: str, row: Row) -> list[FirstBad]:
    found: list[FirstBad] = []
    since: int | None = None
    unseen: list[int] = []
    masked: tuple[int, ...] = ()
    for position in range(min(row, default=0), max(row, default=-1) + 1):
        outcome = row.get(position, Outcome.SKIPPED)
        if outcome in _UNSEEN:
            unseen.append(position)
        elif outcome is Outcome.FAILED:
            if since is None:
                since, masked = position, tuple(unseen)
            unseen = []
        else:
            if since is not None:
                found.append(_bad(check, since, position, (*masked, *unseen)))
            since, unseen = None, []
    if since is not None:
        found.append(_bad(check, since, None, (*masked, *unseen)))
    return found


def _bad(check: str, since: int, fixed_by: int | None, masked: tuple[int, ...]) -> FirstBad:
    who = f'patch {since}' if since else 'the base'
    words = [f'{who} is the first seen to fail']
    before = [n for n in masked if n < since]
    if before:
        words.append(f'{_listed(before)} before it could not be seen')
    if fixed_by is not None:
        words.append(f'gone with patch {fixed_by}')
    after = [n for n in masked if n > since]
    if after:
        words.append(f'{_listed(after)} could not be seen')
    return FirstBad(check, since, fixed_by, masked, '; '.join(words))


def _listed(positions: Iterable[int]) -> str:
    return ', '.join(f'patch {n}' if n else 'the base' for n in positions)


def matrix(builds: Iterable[BuildResult], boots: Iterable[BootResult]) -> dict[str, dict[int, Outcome]]:
    """Return the rows of a series: one a target, a diagnostic, a machine, a test of it and a console title on it."""
    rows: dict[str, dict[int, Outcome]] = {}
    _build_rows(sorted(builds, key=lambda r: (r.target, r.position)), rows)
    by_machine: dict[str, list[BootResult]] = {}
    for boot in sorted(boots, key=lambda r: (r.machine, r.position)):
        by_machine.setdefault(boot.machine, []).append(boot)
    for machine, results in by_machine.items():
        _boot_rows(machine, results, rows)
    return rows


def _build_rows(builds: Sequence[BuildResult], rows: dict[str, dict[int, Outcome]]) -> None:
    standing: dict[str, set[str]] = {}
    for result in builds:
        row = rows.setdefault(f'build {result.target}', {})
        row[result.position] = Outcome.FAILED if result.broken else _seen(result.verdict.outcome)
        here = standing.setdefault(result.target, set())
        for found in result.diagnostics:
            name = f'{found.severity} {result.target}: {found.function or found.file}: {found.message}'
            rows.setdefault(name, {result.position - 1: Outcome.PASSED})
            here.add(name)
        for found in result.fixed:
            here.discard(f'{found.severity} {result.target}: {found.function or found.file}: {found.message}')
        for name, row in rows.items():
            if f' {result.target}: ' in name and not name.startswith('build '):
                row[result.position] = Outcome.FAILED if name in here else Outcome.PASSED


def _seen(outcome: Outcome) -> Outcome:
    """A build that ended is a build: its new warnings have rows of their own."""
    return outcome if outcome in _UNSEEN else Outcome.PASSED


def _boot_rows(machine: str, results: Sequence[BootResult], rows: dict[str, dict[int, Outcome]]) -> None:
    titles = {event.title for r in results for event in (*r.events, *r.known)}
    for result in results:
        rows.setdefault(f'boot {machine}', {})[result.position] = result.verdict.outcome
        here = {event.title for event in (*result.events, *result.known)}
        died = result.verdict.outcome in _UNSEEN or any(e.fatal for e in (*result.events, *result.known))
        for title in titles:
            unlike = Outcome.SKIPPED if died else Outcome.PASSED
            rows.setdefault(f'{machine}: {title}', {})[result.position] = Outcome.FAILED if title in here else unlike
        for test in result.tests:
            for path, outcome in leaves(test):
                rows.setdefault(f'{machine}: {path}', {})[result.position] = outcome
