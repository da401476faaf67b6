# SPDX-License-Identifier: GPL-2.0-or-later
"""What the user asked for, as every command hands it on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for; `trees` are (name, path) in the order to try, `stages` empty for all that can be done."""

    source: str
    trees: tuple[tuple[str, Path], ...] = ()
    base: str | None = None
    stages: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    as_of: datetime | None = None
    refresh: bool = False
    targets: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    no_sandbox: bool = False
