# SPDX-License-Identifier: GPL-2.0-or-later
"""What the checks say of the authored series: a finding of every class, one new flag, one counter shared out anew."""

from __future__ import annotations

from bot.model import (
    BitBudget,
    BudgetRow,
    BudgetState,
    CheckCoverage,
    CheckResult,
    Evidence,
    Excerpt,
    Finding,
    FlagChange,
    FlagSite,
    failed,
)

FINDINGS = (
    Finding(
        rule='GUP-F03',
        name='longterm-without-pin',
        severity='error',
        confidence='high',
        file='drivers/misc/lend.c',
        line=122,
        end_line=123,
        function='lend_map',
        message='FOLL_LONGTERM is passed to get_user_pages(), which takes plain references: a long-term user has to pin',
        patch=3,
        class_='introduced',
        fingerprint='a3f1c2d4e5b60718',
        evidence=(
            Evidence(
                'drivers/misc/lend.c',
                122,
                'the flags are complete at the call',
                Excerpt(122, '\tgot = get_user_pages(addr, lend->nr,'),
            ),
            Evidence(
                'mm/gup.c', 2480, 'is_valid_gup_args() warns and returns false for FOLL_LONGTERM without FOLL_PIN'
            ),
        ),
        excerpt=(
            Excerpt(122, '\tgot = get_user_pages(addr, lend->nr,'),
            Excerpt(123, '\t\t\t     FOLL_WRITE | FOLL_LONGTERM, lend->pages);', 9, 34),
        ),
    ),
    Finding(
        rule='REF-R04',
        name='bias-arithmetic-outside-gup',
        severity='warning',
        confidence='medium',
        file='mm/gup.c',
        line=143,
        end_line=143,
        function='try_grab_folio',
        message='folio_ref_add() adds GUP_BORROW_BIAS and nothing checks that the count does not run over',
        patch=2,
        class_='introduced',
        fingerprint='b4e2d3c5f6a71829',
    ),
    Finding(
        rule='GUP-P04',
        name='pages-not-released-on-error',
        severity='error',
        confidence='medium',
        file='drivers/misc/lend.c',
        line=127,
        end_line=127,
        function='lend_map',
        message='returns with references of the pages it got when fewer came back than asked for',
        patch=None,
        class_='pre-existing',
        fingerprint='c5f3e4d6a7b8293a',
    ),
    Finding(
        rule='GUP-F09',
        name='unknown-flag-passed',
        severity='error',
        confidence='high',
        file='mm/gup.c',
        line=3306,
        end_line=3306,
        function='gup_fast_fallback',
        message='FOLL_BORROW is not in the mask that gup_fast_fallback() lets through; patch 2/3 adds it',
        patch=1,
        class_='fixed-later',
        fingerprint='d6a4f5e7b8c93a4b',
    ),
    Finding(
        rule='GUP-P04',
        name='pages-not-released-on-error',
        severity='warning',
        confidence='low',
        file='drivers/misc/lend_test.c',
        line=77,
        end_line=77,
        function='',
        message='the same as in lend_map()',
        patch=3,
        class_='fixed',
        fingerprint='e7b5a6f8c9da4b5c',
    ),
)

FLAG = FlagChange(
    flag='FOLL_BORROW',
    change='added',
    before=None,
    after=1 << 13,
    patch=1,
    sites=(
        FlagSite('include/linux/mm_types.h', 1342, '', 'defines', 'FOLL_BORROW = 1 << 13,', 1),
        FlagSite('mm/gup.c', 142, 'try_grab_folio', 'tests', 'if (flags & FOLL_BORROW)', 2),
        FlagSite('drivers/misc/lend.c', 122, 'lend_map', 'passes', 'FOLL_WRITE | FOLL_LONGTERM | FOLL_BORROW,', 3),
        FlagSite(
            'drivers/misc/lend.c',
            160,
            'lend_unmap',
            'releases-unaware',
            'put_page(lend->pages[i]);',
            None,
            'put_page() leaves the borrow in the count',
        ),
        FlagSite('mm/gup.c', 3306, 'gup_fast_fallback', 'must-learn', 'if (WARN_ON_ONCE(gup_flags & ~(...)))', None),
    ),
)

_PLAIN = BudgetRow('plain references', 'page_ref_add', 1, 0, 9, 'include/linux/page_ref.h', 109)
_SIGN = BudgetRow('sign', '', 1 << 31, 31, 31, 'include/linux/mm_types.h', 182)

BUDGET = BitBudget(
    counter='_refcount',
    before=BudgetState(
        (_PLAIN, BudgetRow('pins', 'GUP_PIN_COUNTING_BIAS', 1 << 10, 10, 30, 'include/linux/mm.h', 1582), _SIGN),
        pin_bits=21,
        max_pins=2097151,
        max_plain=1023,
    ),
    after=BudgetState(
        (
            _PLAIN,
            BudgetRow('pins', 'GUP_PIN_COUNTING_BIAS', 1 << 10, 10, 29, 'include/linux/mm.h', 1582),
            BudgetRow('borrows', 'GUP_BORROW_BIAS', 1 << 30, 30, 30, 'include/linux/mm.h', 1585),
            _SIGN,
        ),
        pin_bits=20,
        max_pins=1048575,
        max_plain=1023,
    ),
    patch=1,
    consequence='One page can be pinned 1048575 times where it was 2097151; a second borrow of a page reaches the sign '
    'bit at once.',
)

CHECK = CheckResult(
    verdict=failed('1 new error'),
    findings=FINDINGS,
    flags=(FLAG,),
    budgets=(BUDGET,),
    coverage=CheckCoverage(
        files=14,
        functions=211,
        damaged_functions=3,
        not_read=('arch/s390/mm/gmap.c: its blob is not in this clone',),
        notes=('flags of 2 call sites come from a struct and could not be told',),
    ),
)
