# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lab keeps below its directory, and how it makes room: built bases (1.9 GB each), images, logs, compiler cache.

Promises that the base used last stays, whatever the limit, and that nothing outside `bases`, `artefacts` and `logs` goes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from bot.lab import logs
from bot.lab.watch import size
from bot.model import BuildResult

_SHARE_OF_LOGS = 10
Images = dict[tuple[int, str], bytes]


def by_target(results: Sequence[BuildResult]) -> list[tuple[str, tuple[BuildResult, ...]]]:
    """Return the results of each target, in order of position."""
    ordered = sorted(results, key=lambda r: (r.target, r.position))
    return [(name, tuple(rows)) for name, rows in groupby(ordered, key=lambda r: r.target)]


def images(directory: Path, results: Iterable[BuildResult]) -> dict[str, Images] | None:
    """Return what was built, by target; None when any of it is kept no more."""
    found: dict[str, Images] = {}
    for result in results:
        for name, digest in result.artefacts:
            data = logs.read(directory / 'artefacts', digest)
            if data is None:
                return None
            found.setdefault(result.target, {})[result.position, name] = data
    return found


def read_log(directory: Path, digest: str) -> bytes | None:
    """Return what a build or a console printed, None where it is kept no more."""
    return logs.read(directory / 'logs', digest)


def bases_kept(directory: Path) -> list[tuple[Path, int]]:
    """Return the built bases and their bytes, the one used last first."""
    places = [place for place in (directory / 'bases').glob('*') if (place / 'base.json').is_file()]
    places.sort(key=lambda place: (place / 'base.json').stat().st_mtime_ns, reverse=True)
    return [(place, size(place)) for place in places]


def any_base(directory: Path) -> bool:
    """Tell whether any base is built at all: what that costs to ask is one look at a directory."""
    return next((directory / 'bases').glob('*/base.json'), None) is not None


def prune(directory: Path, room: int) -> int:
    """Remove what was used least lately until at most `room` bytes are taken; return how many bases went.

    A tenth is for images, a tenth for logs.
    """
    for name in ('artefacts', 'logs'):
        logs.prune(directory / name, room // _SHARE_OF_LOGS)
    total, gone = 0, 0
    for number, (place, taken) in enumerate(bases_kept(directory)):
        total += taken
        if number and total > room - 2 * room // _SHARE_OF_LOGS:
            shutil.rmtree(place, ignore_errors=True)
            gone += 1
    return gone
