# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs jobs on this machine: threads that only wait for the processes they started."""

from __future__ import annotations

import os
from concurrent.futures import Executor, ThreadPoolExecutor

_MOST = 4


def local(jobs: int) -> Executor:
    """Return an executor for `run_job`; `jobs` 0 means one for each core, at most four."""
    return ThreadPoolExecutor(max_workers=jobs or min(os.cpu_count() or 1, _MOST), thread_name_prefix='job')
