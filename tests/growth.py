# SPDX-License-Identifier: GPL-2.0-or-later
"""How much more work a larger input makes: a ratio of CPU times on one machine at one time, never seconds."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

_OFTEN, _QUICK = 20, 0.2


def growth(work: Callable[[int], object], small: int, large: int, tries: int = 3) -> float:
    """Return how many times the work for `small` the one for `large` takes, the least of a few looks at both.

    Linear work gives large / small, quadratic work the square of it. CPU time of this thread is taken, so that a loaded
    machine changes little, and what is done once is done before the first look. Quick work is looked at oftener: a
    neighbour who takes the caches spoils a few milliseconds as a whole.
    """
    work(small)
    collects = gc.isenabled()
    gc.disable()  # what others left behind is none of this work
    try:
        start, found = time.thread_time(), list[float]()
        while len(found) < tries or (len(found) < _OFTEN and time.thread_time() - start < _QUICK):
            found.append(_seconds(work, large) / max(_seconds(work, small), 1e-6))
        return min(found)
    finally:
        if collects:
            gc.enable()


def _seconds(work: Callable[[int], object], size: int) -> float:
    """Return the CPU time of one call, of as many as last two milliseconds together."""
    calls = 1
    while True:
        start = time.thread_time()
        for _ in range(calls):
            work(size)
        taken = time.thread_time() - start
        if taken > 0.002:
            return taken / calls
        calls *= 4
