# SPDX-License-Identifier: GPL-2.0-or-later
"""The authored series on its tree: three small patches, the base that fits and those that do not."""

from __future__ import annotations

from pathlib import Path

from bot.model import AppliedPatch, AppliedTree, BaseAttempt, passed

BASE = '83a7eefedc9b56fe7bfeff13b6c7356688ffa670'
COMMITS = (
    '1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c',
    '2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d',
    '3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e',
)
DATA = Path(__file__).parents[1] / 'data' / 'report'
DIFFS = tuple((DATA / f'{n}.patch').read_text(encoding='utf-8') for n in (1, 2, 3))

_IDS = '20240701-borrow-v2-%d-5c1d9e0b7a24@lindqvist.example'
_SUBJECTS = (
    'mm: Give borrowed pages a flag and a bias',
    'mm/gup: Count borrows in the upper bits of _refcount',
    'misc: lend: Borrow the pages of a guest for the length of a call',
)

APPLIED = AppliedTree(
    verdict=passed(),
    tree='linux',
    base=BASE,
    base_how='the blobs its patches start from',
    attempts=(
        BaseAttempt('base-commit trailer', '0f1e2d3c4b5a', None, False, 'no such commit in this clone'),
        BaseAttempt('tag', 'v6.10-rc6', BASE, True, 'holds every pre-image', 4, 4),
        BaseAttempt(
            'tag',
            'v6.10-rc5',
            'f2661062f16b2de5d7b6a5c42a9a5c96326b8454',
            False,
            'one file differs',
            3,
            4,
            ('mm/gup.c',),
        ),
        *(
            BaseAttempt(
                'tag', f'v6.{n}', f'{n}5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6'[:40], False, 'farther off', 1, 4
            )
            for n in (9, 8, 7, 6, 5)
        ),
    ),
    patches=tuple(AppliedPatch(n, _IDS % n, _SUBJECTS[n - 1], COMMITS[n - 1], three_way=n == 2) for n in (1, 2, 3)),
)
