# SPDX-License-Identifier: GPL-2.0-or-later
"""The phrases by which people answer, accept, refuse, put off and take back, from the table in phrases.toml.

A phrase never decides alone: `react` weighs who says it, under which quotation, and what else the same text says.
"""

from __future__ import annotations

from bot.questions.tables import first_hit, table

_GROUPS = table('phrases').groups
NON_ANSWERS = _GROUPS['non-answers']
ACCEPTED = _GROUPS['accepted']
CONTESTED = _GROUPS['contested']
WITHDRAWN = _GROUPS['withdrawn']
DEFERRED = _GROUPS['deferred']
PROMISED = _GROUPS['promised']
DECIDED = _GROUPS['decided'][0]
UNCLEAR = _GROUPS['unclear'][0]
COVERS_ALL = _GROUPS['covers-all'][0]
SEE_BELOW = _GROUPS['see-below'][0]
PROPOSES = _GROUPS['proposes'][0]
CONVINCED = _GROUPS['convinced'][0]
APPLIED = _GROUPS['applied']
UNAPPLIED = _GROUPS['unapplied'][0]
TO_APPLY = _GROUPS['to-apply'][0]

__all__ = [
    'ACCEPTED',
    'APPLIED',
    'CONTESTED',
    'CONVINCED',
    'COVERS_ALL',
    'DECIDED',
    'DEFERRED',
    'NON_ANSWERS',
    'PROMISED',
    'PROPOSES',
    'SEE_BELOW',
    'TO_APPLY',
    'UNAPPLIED',
    'UNCLEAR',
    'WITHDRAWN',
    'first_hit',
]
