# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds what a series adds to GUP and to gup_test, and makes guest tests of it: from the patch on that brings it.

A new FOLL_ flag that callers may pass is tried with every way of taking pages; a new option of gup_test that takes no
value is tried alone and with each such flag. Refuses flags of mm/internal.h: no caller outside mm may pass one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.lab.plans import GuestTest
from bot.model import AppliedTree, FilesAt

_HEADERS = ('include/linux/mm_types.h', 'include/linux/mm.h')
_PROGRAM = 'tools/testing/selftests/mm/gup_test.c'
_SHIFTED = re.compile(r'\b(FOLL_[A-Z0-9_]{1,40})\s{0,8}=\s{0,8}\(?1U?L{0,2}\s{0,4}<<\s{0,4}(\d{1,2})\b')
_DEFINED = re.compile(
    r'#\s{0,4}define\s{1,8}(FOLL_[A-Z0-9_]{1,40})\s{1,16}(?:(0x[0-9a-fA-F]{1,8})|\(?1U?L{0,2}\s{0,4}<<\s{0,4}(\d{1,2}))'
)
_OPTIONS = re.compile(r'getopt\(argc, argv, "([A-Za-z0-9:]{1,80})"\)')
_WAYS = (
    '-U -n 16',
    '-b -n 16',
    '-L -n 16',
    '-a -n 512',
    '-u -n 512',
    '-t -b -n 512',
    '-H -b -n 512',
    '-S -b -n 16',
    '-t -L -n 512',
    '-H -L -n 512',
    '-S -L -n 16',
)
_FAST = ('-a -n 512', '-t -a -n 512')


def added(applied: AppliedTree, files: FilesAt) -> dict[int, tuple[GuestTest, ...]]:
    """Return the tests that each patch makes possible, by its position."""
    if applied.base is None or not applied.patches:
        return {}
    flags, options = _flags(applied.base, files), _options(applied.base, files)
    fresh: dict[str, int] = {}
    found: dict[int, tuple[GuestTest, ...]] = {}
    for patch in applied.patches:
        now, letters = _flags(patch.commit, files), _options(patch.commit, files)
        new = {name: value for name, value in now.items() if name not in flags}
        fresh |= new
        tests = [*_of_flags(new, now), *(t for letter in sorted(letters - options) for t in _of_option(letter, fresh))]
        if tests:
            found[patch.position] = tuple(tests)
        flags, options = flags | now, options | letters
    return found


def _of_flags(new: dict[str, int], now: dict[str, int]) -> Iterator[GuestTest]:
    longterm = now.get('FOLL_LONGTERM', 0)
    for name, value in sorted(new.items()):
        yield GuestTest(f'{name} of the series, all ways', ('./gup', f'{value:#x}'), 60, 'gup.c', name=f'gup+{name}')
        # Fast and for long: gup_test has no option for it, and it is what drivers do.
        fast = tuple(f'gup_test -m 4 -F {value | longterm:#x} {way}' for way in _FAST) if longterm else ()
        yield _modes(f'gup_test+{name}', f'{name} of the series, as gup_test passes it', f'-F {value:#x}', fast)


def _of_option(letter: str, fresh: dict[str, int]) -> Iterator[GuestTest]:
    yield _modes(f'gup_test+{letter}', f'option -{letter} that the series adds', f'-{letter}')
    for name, value in sorted(fresh.items()):
        why = f'option -{letter} that the series adds, with its {name}'
        yield _modes(f'gup_test+{letter}+{name}', why, f'-{letter} -F {value:#x}')


def _modes(name: str, why: str, words: str, more: tuple[str, ...] = ()) -> GuestTest:
    runs = (*more, *(f'gup_test -m 4 {words} {way}' for way in _WAYS))
    return GuestTest(why, ('./selftests', *runs), 120, 'selftests.sh', ('mm/gup_test',), name=name)


def _flags(commit: str, files: FilesAt) -> dict[str, int]:
    found: dict[str, int] = {}
    for path in _HEADERS:
        text = (files.read(commit, path) or b'').decode('utf-8', 'replace')
        found |= {name: 1 << int(bit) for name, bit in _SHIFTED.findall(text) if int(bit) < 32}
        for name, value, bit in _DEFINED.findall(text):
            found[name] = int(value, 16) if value else 1 << min(int(bit), 31)
    return found


def _options(commit: str, files: FilesAt) -> set[str]:
    """Return the options of gup_test that take no value."""
    match = _OPTIONS.search((files.read(commit, _PROGRAM) or b'').decode('utf-8', 'replace'))
    return set(re.findall(r'[A-Za-z0-9](?!:)', match[1])) if match else set()
