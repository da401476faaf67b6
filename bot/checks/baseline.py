# SPDX-License-Identifier: GPL-2.0-or-later
"""Leaves out what an earlier result held already.

Promises to know a finding again by its fingerprint, which lines, renames and rebases do not change, and to say how many
were left out. Refuses a file that is no `lorebot.findings/1`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import msgspec

from bot.errors import UserError
from bot.model import CheckResult, Outcome, failed, passed

_REASON = 'the baseline has it'


class _Known(msgspec.Struct):
    fingerprint: str


class _Document(msgspec.Struct):
    schema: Literal['lorebot.findings/1']
    findings: list[_Known]
    allowed: list[_Known] = []


def known(path: Path) -> frozenset[str]:
    """Return the fingerprints of an earlier `check --format json`. Raise `UserError` for any other file."""
    try:
        document = msgspec.json.decode(path.read_bytes(), type=_Document)
    except OSError as failure:
        raise UserError(
            'cannot read the baseline', where=f'{path}: {failure.strerror}', todo='name the output of --format json'
        ) from None
    except msgspec.DecodeError as wrong:
        raise UserError(
            'the baseline is no result of a check', where=f'{path}: {wrong}', todo='name the output of --format json'
        ) from None
    return frozenset(one.fingerprint for one in (*document.findings, *document.allowed))


def without(result: CheckResult, fingerprints: frozenset[str]) -> CheckResult:
    """Return the result less the findings of those fingerprints; its verdict is about what is left."""
    left = tuple(one for one in result.findings if one.fingerprint not in fingerprints)
    known = tuple(replace(one, allowed=_REASON) for one in result.findings if one.fingerprint in fingerprints)
    count = len(known)
    if not count:
        return result
    notes = (*result.coverage.notes, f'{count} finding{"s" if count > 1 else ""} of the baseline left out')
    errors = sum(one.severity == 'error' and one.class_ in ('introduced', 'pre-existing') for one in left)
    verdict = result.verdict
    if verdict.outcome is Outcome.FAILED:
        verdict = failed(f'{errors} {"error" if errors == 1 else "errors"} left') if errors else passed()
    coverage = replace(result.coverage, notes=notes)
    return replace(result, verdict=verdict, findings=left, coverage=coverage, allowed=(*result.allowed, *known))
