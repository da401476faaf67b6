# SPDX-License-Identifier: GPL-2.0-or-later
"""What the signatures say of who sent the newest posting, in one sentence; each kind for itself."""

from __future__ import annotations

from bot.model import Attestation, Report, Signature
from bot.report.words import grouped

_KINDS = ('DKIM', 'patatt')
NOT_LOOKED_AT = 'nobody looked at the signatures'


def signatures(report: Report) -> str:
    """Return `DKIM valid for example.org; patatt absent`, with counts where mails differ."""
    newest = report.series.newest
    ids = {newest.message_id, newest.cover, *(p.message_id for p in newest.patches)}
    found = [a for a in report.attestations if a.message_id in ids]
    if not found:
        return NOT_LOOKED_AT
    return '; '.join(f'{kind} {_said([_of(a, kind) for a in found])}' for kind in _KINDS)


def _of(one: Attestation, kind: str) -> Signature:
    return one.dkim if kind == 'DKIM' else one.patatt


def _said(those: list[Signature]) -> str:
    """Tell the states with signer and reason; what names the single key is left to the JSON report."""
    groups = grouped(those, lambda s: (s.state, s.signer, s.reason.partition(':')[0]))
    parts = []
    for (state, signer, reason), some in groups.items():
        why = f' ({reason})' if reason and state not in ('valid', 'absent') else ''
        count = f' on {len(some)} of {len(those)} mails' if len(groups) > 1 else ''
        parts.append(f'{state}{f" for {signer}" if signer else ""}{count}{why}')
    return ', '.join(parts)
