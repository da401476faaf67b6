# SPDX-License-Identifier: GPL-2.0-or-later
"""An outbox of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Outbox


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / 'outbox.sqlite3') as held:
        yield held
