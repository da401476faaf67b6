# SPDX-License-Identifier: GPL-2.0-or-later
"""The wheel: holds its rules, templates and settings, and works from an environment that knows no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.setup.checkout import TOP

KINDS = ('rules', 'templates', 'config')

FIND_DATA = """\
import pathlib, sys
from bot import fakes, resources, trees
for kind in ('rules', 'templates', 'config'):
    print(resources.shipped(kind))
print(fakes.build_demo(resources.shipped('config') / 'demo', pathlib.Path(sys.argv[1]), trees.run).message_id)
"""


def run(*argv: str | Path, cwd: Path) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(('PYTHON', 'VIRTUAL_ENV'))}
    done = subprocess.run(argv, cwd=cwd, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope='module')
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp('dist')
    run(sys.executable, '-m', 'build', '--wheel', '--no-isolation', '--outdir', out, TOP, cwd=out)
    [built] = out.glob('*.whl')
    return built


@pytest.fixture(scope='module')
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment with the wheel; the dependencies come from the one that runs the tests."""
    place = tmp_path_factory.mktemp('installed') / 'env'
    run(sys.executable, '-m', 'venv', '--without-pip', place, cwd=wheel.parent)
    pip = (sys.executable, '-m', 'pip', '--disable-pip-version-check', '--python', place / 'bin/python')
    run(*pip, 'install', '--quiet', '--no-deps', '--no-index', wheel, cwd=wheel.parent)
    [packages] = place.glob('lib/python*/site-packages')
    (packages / 'dependencies.pth').write_text(sysconfig.get_path('purelib') + '\n', encoding='utf-8')
    return place


def test_it_holds_every_rule_template_and_setting(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.startswith('bot/_data/')}
    wanted = {
        f'bot/_data/{path.relative_to(TOP).as_posix()}'
        for kind in KINDS
        for path in (TOP / kind).rglob('*')
        if path.is_file()
    }
    assert wanted
    assert inside == wanted


def test_it_holds_no_test_and_no_path_of_this_machine(wheel: Path) -> None:
    here = f'{TOP.parent}/{TOP.name}/'.encode()
    with zipfile.ZipFile(wheel) as archive:
        assert [name for name in archive.namelist() if name.startswith(('tests/', 'docs/', '.'))] == []
        assert len(TOP.parts) < 3 or [name for name in archive.namelist() if here in archive.read(name)] == []


def test_it_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    assert run(installed / 'bin/lorebot', '--version', cwd=tmp_path).startswith('lorebot')
    assert run(installed / 'bin/python', '-m', 'bot', '--version', cwd=tmp_path).startswith('lorebot')


def test_it_finds_its_own_data(installed: Path, tmp_path: Path) -> None:
    *places, message_id = run(installed / 'bin/python', '-P', '-c', FIND_DATA, tmp_path, cwd=tmp_path).splitlines()
    [packages] = installed.glob('lib/python*/site-packages')
    assert places == [str(packages / 'bot/_data' / kind) for kind in KINDS]
    assert message_id.endswith('@example.org')
    assert (tmp_path / 'series.mbox').is_file()
