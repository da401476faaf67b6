# SPDX-License-Identifier: GPL-2.0-or-later
"""The sandbox does what an honest build needs, and says how it did it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.errors import ToolMissing
from bot.lab import cgroups, sandbox
from bot.lab.sandbox import NO_SANDBOX, Limits, Overlay, Sandbox, probe
from bot.lab.take import take
from bot.lab.watch import Ended


@pytest.mark.usefixtures('confined')
def test_a_command_writes_where_it_may(tmp_path: Path) -> None:
    ran = Sandbox(writable=((tmp_path, '/src'),), env={'ARCH': 'arm64'}).run(
        ['sh', '-c', 'echo "$ARCH" >made; cat made'], '/src'
    )
    assert (ran.ok, ran.output, (tmp_path / 'made').read_text()) == (True, b'arm64\n', 'arm64\n')
    assert ran.sandbox.startswith('bubblewrap; processes capped by ')


@pytest.mark.usefixtures('confined')
def test_words_are_never_given_to_a_shell(tmp_path: Path) -> None:
    ran = Sandbox(writable=((tmp_path, '/src'),)).run(['printf', '%s', '$(id); `id`'], '/src')
    assert ran.output == b'$(id); `id`'


@pytest.mark.usefixtures('confined')
def test_nothing_of_the_environment_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('A_TOKEN', 'secret')
    assert b'secret' not in Sandbox().run(['env']).output


@pytest.mark.usefixtures('confined')
def test_an_overlay_keeps_its_base(tmp_path: Path) -> None:
    if not probe().overlay:
        pytest.skip('no overlay can be mounted here: build.py copies instead')
    places = [tmp_path / name for name in ('lower', 'upper', 'work', 'at')]
    for place in places:
        place.mkdir()
    (places[0] / 'file').write_text('base')
    ran = Sandbox(overlays=((Overlay(*places), '/src'),)).run(['sh', '-c', 'cat file; echo new >file'], '/src')
    assert (ran.ok, ran.output) == (True, b'base')
    assert (places[0] / 'file').read_text() == 'base'
    assert take(places[1], 'file', 100) == b'new\n'
    assert not list(places[3].iterdir())


@pytest.mark.usefixtures('confined')
def test_how_it_ended_is_told_apart() -> None:
    assert Sandbox().run(['sh', '-c', 'exit 7']).status == 7
    late = Sandbox(limits=Limits(seconds=0.3)).run(['sleep', '600'])
    assert (late.ended, late.status) == (Ended.TIMEOUT, None)


def test_without_a_namespace_it_refuses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    assert 'bwrap' in probe().why_not
    with pytest.raises(ToolMissing, match='bwrap'):
        Sandbox().run(['true'])


def test_no_sandbox_is_said_in_the_result(tmp_path: Path) -> None:
    ran = Sandbox(writable=((tmp_path, '/src'),), no_sandbox=True).run(['sh', '-c', 'pwd; echo x >made'], '/src')
    assert (ran.sandbox, ran.ok, (tmp_path / 'made').exists()) == (NO_SANDBOX, True, True)


def test_root_without_a_pids_group_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, '_parents', list)
    monkeypatch.setattr('os.geteuid', lambda: 0)
    assert 'cannot be kept from forking' in sandbox._probe.__wrapped__(os.environ['PATH']).why_not


def test_a_group_leaves_nothing_behind() -> None:
    group = cgroups.make(8, 64 << 20)
    group.remove()
    assert not [d for d in group.directories if d.exists()]
