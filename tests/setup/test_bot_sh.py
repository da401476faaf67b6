# SPDX-License-Identifier: GPL-2.0-or-later
"""bot.sh: makes .venv once, by one of several callers, and survives being killed; runs the tool where the user is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.setup.checkout import TOP, Checkout, make_checkout

Need = Callable[..., None]


@pytest.fixture(scope='module')
def ready(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Return a checkout that has been set up; its first call's output is checked here."""
    checkout = make_checkout(tmp_path_factory.mktemp('a checkout'))
    first = checkout.run('--version', PYTHON=sys.executable)
    assert (first.status, first.out.splitlines()[-1]) == (0, "args ['--version']"), first.err
    assert 'making .venv' in first.err
    lint = checkout.top / '.venv/bin/lint-imports'
    lint.write_text('#!/bin/sh\necho ran lint-imports\n', encoding='utf-8')
    lint.chmod(0o755)
    return checkout


def test_second_call_only_starts_the_tool_where_the_user_is(ready: Checkout, tmp_path: Path) -> None:
    second = ready.run('review', 'two words', '*', cwd=tmp_path)
    assert second.err == ''
    assert second.out == f"cwd {tmp_path}\nargs ['review', 'two words', '*']\n"


def test_works_through_symlinks(ready: Checkout, tmp_path: Path) -> None:
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'near').symlink_to(ready.script)
    (tmp_path / 'bin/lorebot').symlink_to('../near')
    assert ready.run('x', cwd=tmp_path, script=tmp_path / 'bin/lorebot').out == f"cwd {tmp_path}\nargs ['x']\n"


def test_nothing_is_imported_from_the_users_directory(ready: Checkout, tmp_path: Path) -> None:
    (tmp_path / 'bot').mkdir()
    (tmp_path / 'bot/__init__.py').write_text('raise SystemExit("imported from the tree under review")\n')
    assert ready.run('x', cwd=tmp_path).status == 0


def test_a_changed_lock_is_installed_once_though_two_ask(ready: Checkout) -> None:
    with (ready.top / '.ci/lock.txt').open('a', encoding='utf-8') as lock:
        lock.write('# changed\n')
    both = [ready.start('x'), ready.start('x')]
    results = [(p.communicate(timeout=240), p.returncode) for p in both]
    assert [status for _, status in results] == [0, 0]
    assert sum('up to date' in err for (_, err), _ in results) == 1
    assert ready.run('x').err == ''
    assert not (ready.top / '.venv.lock').exists()


def test_a_failed_install_says_so_and_keeps_the_old_venv(ready: Checkout) -> None:
    lock = ready.top / '.ci/lock.txt'
    before = lock.read_text(encoding='utf-8')
    lock.write_text('./no-such-package\n', encoding='utf-8')
    failed = ready.run('x')
    assert (failed.status, failed.out) == (3, '')
    assert 'cannot install the packages of .ci/lock.txt' in failed.err
    lock.write_text(before, encoding='utf-8')
    assert ready.run('x').err == ''


def test_a_killed_set_up_is_done_again(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    killed = checkout.start('x', PYTHON=sys.executable)
    deadline = time.monotonic() + 60
    while not (tmp_path / '.venv.lock/child').exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    again = checkout.run('x', PYTHON=sys.executable)
    assert again.status == 0, again.err
    assert 'making .venv' in again.err
    assert again.out.endswith("args ['x']\n")


def test_an_unusable_python_is_refused(ready: Checkout, tmp_path: Path) -> None:
    old = tmp_path / 'python2'
    old.write_text('#!/bin/sh\nexit 1\n', encoding='utf-8')
    old.chmod(0o755)
    refused = ready.run('x', PYTHON=str(old))
    assert refused.status == 2
    assert f'PYTHON={old} is not a Python 3.11 or newer' in refused.err


def test_a_python_without_venv_gets_the_install_line(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    bare = tmp_path / 'bare-python'
    bare.write_text(
        f'#!/bin/sh\ncase $2 in *ensurepip*) exit 1 ;; esac\nexec {sys.executable} "$@"\n', encoding='utf-8'
    )
    bare.chmod(0o755)
    shim = f'#!/bin/sh\ncase $2 in *_base_executable*) echo {bare} ;; *) exit 1 ;; esac\n'
    bare_entry = tmp_path / 'entry'
    bare_entry.write_text(shim, encoding='utf-8')
    bare_entry.chmod(0o755)
    refused = checkout.run('x', PYTHON=str(bare_entry))
    assert refused.status == 3
    assert f'{bare} has no venv module; install it' in refused.err
    assert not (tmp_path / '.venv.lock').exists()


def test_no_python_at_all_is_said(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path)
    tools = tmp_path / 'tools'
    tools.mkdir()
    for name in ('cat', 'cksum', 'mkdir', 'rm', 'sh'):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    refused = checkout.run('x', PATH=str(tools))
    assert refused.status == 3
    assert 'no Python 3.11 or newer on the PATH' in refused.err


def test_check_runs_every_gate_and_names_those_that_failed(ready: Checkout) -> None:
    red = ready.run('check', '--strict', 'tests/lore', RED='mypy sizes')
    assert red.status == 1
    assert [line for line in red.out.splitlines() if line.startswith('ran')] == [
        "ran ruff ['format', '--check', '.']",
        "ran ruff ['check', '.']",
        'ran mypy []',
        'ran lint-imports',
        'ran sizes []',
        "ran pytest ['--strict-tools', 'tests/lore']",
    ]
    assert [line for line in red.out.splitlines() if line.startswith('==')][2] == '== gate 3 of 6: types'
    assert red.out.splitlines()[-1] == 'bot.sh check: failed: types, sizes'


@pytest.mark.parametrize(('args', 'minutes'), [([], '20m'), (['--long'], '80m')])
def test_no_gate_may_hang(ready: Checkout, tmp_path: Path, args: list[str], minutes: str) -> None:
    script = '#!/bin/sh\n[ "$2" = 1 ] && exit 0\necho "at most $4"\nshift 4\nexec "$@"\n'
    (tmp_path / 'timeout').write_text(script, encoding='utf-8')
    (tmp_path / 'timeout').chmod(0o755)
    said = ready.run('check', *args, PATH=f'{tmp_path}:{os.environ["PATH"]}').out
    assert [line for line in said.splitlines() if line.startswith('at most')] == [
        f'at most {m}' for m in ('5m', '5m', '10m', '5m', '2m', minutes)
    ]


def test_check_ends_with_all_passed(ready: Checkout, tmp_path: Path) -> None:
    green = ready.run('check', cwd=tmp_path)
    assert green.status == 0
    assert green.out.splitlines()[-1] == 'bot.sh check: all 6 gates passed'


def test_shellcheck_has_nothing_to_say(need: Need) -> None:
    need('shellcheck')
    said = subprocess.run(['shellcheck', 'bot.sh', '.ci/run'], cwd=TOP, capture_output=True, text=True)
    assert (said.returncode, said.stdout) == (0, '')


def test_dash_can_read_it(need: Need) -> None:
    need('dash')
    assert subprocess.run(['dash', '-n', str(TOP / 'bot.sh')], capture_output=True).returncode == 0
