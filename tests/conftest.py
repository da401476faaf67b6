# SPDX-License-Identifier: GPL-2.0-or-later
"""What every test gets: a home of its own, no network but loopback, tools asked for by name, goldens on request."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot import fakes, resources, trees

SHARED = Path(__file__).resolve().parents[2] / 'shared'


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption('--strict-tools', action='store_true', help='a missing tool is a failure, not a skip')
    parser.addoption('--long', action='store_true', help='run what is slow, too')
    parser.addoption('--update-golden', action='store_true', help='rewrite the golden files from what is produced')


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption('--long'):
        for item in items:
            if item.get_closest_marker('long'):
                item.add_marker(pytest.mark.skip(reason='slow: ./bot.sh check --long runs it'))


@pytest.fixture(scope='session')
def need(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return a function that skips (fails under --strict-tools) unless all named programs are installed."""

    def ask(*programs: str) -> None:
        absent = [p for p in programs if shutil.which(p) is None]
        if absent:
            reason = f'{", ".join(absent)} not installed: see `lorebot doctor`'
            if request.config.getoption('--strict-tools'):
                pytest.fail(reason)
            pytest.skip(reason)

    return ask


@pytest.fixture(scope='session')
def corpus() -> Path:
    """Return the shared corpus of real mail; skip where it is not there: it is never part of the project."""
    if not (SHARED / 'corpus').is_dir():
        pytest.skip('the shared corpus of real mail is not on this machine')
    return SHARED / 'corpus'


@pytest.fixture(scope='session')
def demo(tmp_path_factory: pytest.TempPathFactory) -> fakes.Demo:
    """Return the demo's mails and tree, built once; tests read them only."""
    return fakes.build_demo(resources.shipped('config') / 'demo', tmp_path_factory.mktemp('demo'), trees.run)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Return a function that compares text with a golden file, or writes the file under --update-golden."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption('--update-golden'):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding='utf-8')
        assert path.is_file(), f'{path} is missing: run with --update-golden and read what it wrote'
        assert text == path.read_text(encoding='utf-8')

    return compare


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path_factory.mktemp('home')
    for name, value in {'HOME': home, 'XDG_CACHE_HOME': home / 'cache', 'XDG_CONFIG_HOME': home / 'config'}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv('XDG_DATA_HOME', str(home / 'data'))
    monkeypatch.setenv('GIT_CONFIG_GLOBAL', '/dev/null')
    monkeypatch.setenv('GIT_CONFIG_NOSYSTEM', '1')
    monkeypatch.setenv('NO_COLOR', '1')


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ('127.0.0.1', '::1', 'localhost'):
            raise AssertionError(f'a test tried to reach {address[0]}')
        connect(self, address)

    monkeypatch.setattr(socket.socket, 'connect', guarded)
