# SPDX-License-Identifier: GPL-2.0-or-later
"""A small kernel-shaped repository with a posted series, and a workshop to review it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.model import Revision
from tests.trees.build import Source, numbered, posted


@dataclass
class Desk:
    """`base` is where the three patches of `series` were made; `source` stands at `base` again."""

    source: Source
    base: str
    series: Revision


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return tmp_path / 'shop'


@pytest.fixture(scope='session')
def original(tmp_path_factory: pytest.TempPathFactory, need: Callable[..., None]) -> Desk:
    need('git')
    source = Source(tmp_path_factory.mktemp('original') / 'linux')
    start = {'mm/gup.c': numbered(60), 'include/linux/mm.h': numbered(20), 'mm/Kconfig': 'config MMU\n'}
    source.commit(start | {'drivers/net/loop.c': numbered(30), 'Makefile': 'VERSION = 6\n'}, 'start')
    base = source.commit({'Makefile': 'VERSION = 6\nPATCHLEVEL = 10\n'}, 'Linux 6.10')
    source.commit({'mm/gup.c': numbered(60, line10='long ten;')}, 'mm/gup: widen ten')
    source.commit({'mm/gup.c': numbered(60, line10='long ten;', line40='long forty;')}, 'mm/gup: widen forty')
    source.commit({'mm/pin.c': 'int pin;\n', 'include/linux/mm.h': numbered(20, line5='int pin;')}, 'mm: add pin.c')
    series = posted(source, base)
    source.git('tag', 'posted')
    source.git('reset', '-q', '--hard', base)
    return Desk(source, base, series)


@pytest.fixture
def desk(original: Desk, tmp_path: Path) -> Desk:
    """Return a copy of the original to work on, made without any git process."""
    return Desk(original.source.copied(tmp_path / 'linux'), original.base, original.series)
