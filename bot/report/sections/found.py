# SPDX-License-Identifier: GPL-2.0-or-later
"""Findings in full; those that differ in nothing but their line are told once, with all their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.model import Finding
from bot.report.check_contexts import EvidenceLine, FindingItem
from bot.report.places import Quote
from bot.report.sections import hunks
from bot.report.sections.frame import Ground
from bot.report.sections.listing import listing
from bot.report.words import anchor, grouped

# These stand in the tree before the series, not after a patch.
_BASE_CLASSES = ('pre-existing', 'fixed')
_COLUMNS = 100  # kernel lines are up to 100 columns wide: scripts/checkpatch.pl


def finding_items(ground: Ground, findings: Sequence[Finding], apart: bool = False) -> tuple[FindingItem, ...]:
    """Return the findings in the order given, like ones together unless they are to stand apart."""
    if apart:
        return tuple(_item(ground, [f]) for f in findings)
    return tuple(_item(ground, those) for those in alike(findings))


def alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Return the findings in groups that are told in one entry each."""
    return list(grouped(findings, lambda f: replace(f, line=0, end_line=0, fingerprint='', excerpt=())).values())


def _item(ground: Ground, those: list[Finding]) -> FindingItem:
    f = those[0]
    patch, place = ground.patch(f.patch), ground.patch_place(f.patch)
    code = listing(f, _COLUMNS)
    at = 0 if f.class_ in _BASE_CLASSES else f.patch
    return FindingItem(
        rule=f.rule,
        name=f.name,
        severity=f.severity,
        confidence=f.confidence,
        class_=f.class_,
        patch=ground.label(f.patch),
        place=place,
        where=ground.places.code(f.file, [one.line for one in those], at),
        function=f.function,
        message=f.message,
        evidence=tuple(EvidenceLine(ground.places.code(e.file, e.line, at), e.note) for e in f.evidence),
        quote=hunks.quote(patch, f, place) if patch and at else None,
        code=Quote(code, None) if code else None,
        column=f.mark.first if f.mark and f.mark.line == f.line else 0,
        anchor=anchor('finding', f.fingerprint),
    )
