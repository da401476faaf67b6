# SPDX-License-Identifier: GPL-2.0-or-later
"""What lab tests share: a sandbox that can be had, or a skip with its reason (a failure under --strict-tools)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.errors import InfraError
from bot.lab.debian import Fetched, fetch
from bot.lab.sandbox import probe


@pytest.fixture(scope='session')
def missing(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a function that skips with a reason, or fails under --strict-tools."""

    def lacks(reason: str) -> None:
        if request.config.getoption('--strict-tools'):
            pytest.fail(reason)
        pytest.skip(reason)

    return lacks


@pytest.fixture
def confined(missing: Callable[[str], None]) -> None:
    """Ask for a machine and user that bubblewrap gets its namespaces on."""
    if probe().why_not:
        missing(probe().why_not)


@pytest.fixture(scope='session')
def debian(request: pytest.FixtureRequest, missing: Callable[[str], None]) -> Fetched:
    """Return Debian's prebuilt arm64 kernel with busybox and a QEMU to boot it; kept between runs in pytest's cache."""
    try:
        return fetch(request.config.cache.mkdir('lorebot-lab'))
    except InfraError as failure:
        missing(str(failure))
        raise
