# SPDX-License-Identifier: GPL-2.0-or-later
"""The one way git is started: nothing of the user's settings gets in, and every process is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ToolMissing
from bot.model import GitRunner
from bot.trees import processes, run
from tests.trees.build import Source, git


def test_it_is_the_runner_of_the_model_and_counts() -> None:
    runner: GitRunner = run
    before = processes()
    done = runner('hash-object', '--stdin', stdin=b'text')
    assert done.status == 0 and done.stdout.decode().strip() == 'f3a34851d44d6b97c90fbb99dd3d18c261b9a237'
    assert runner('no-such-command').status != 0
    assert processes() == before + 2


def test_settings_of_the_user_do_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / 'config'
    config.write_text('[alias]\n\thi = !touch pwned\n[user]\n\tname = Somebody\n[core]\n\tattributesFile = x\n')
    for name in ('GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM'):
        monkeypatch.setenv(name, str(config))
    monkeypatch.setenv('HOME', str(tmp_path))
    (tmp_path / '.gitconfig').write_bytes(config.read_bytes())
    monkeypatch.setenv('GIT_DIR', str(tmp_path / 'nowhere'))
    monkeypatch.setenv('GIT_TRACE', '1')
    assert run('hi').status != 0
    told = run('config', '--list')
    assert b'Somebody' not in told.stdout and b'alias' not in told.stdout
    assert b'user.name=lorebot' in told.stdout and b'core.hookspath=/dev/null' in told.stdout
    assert 'trace' not in told.stderr


def test_it_talks_to_nobody(tmp_path: Path) -> None:
    source = Source(tmp_path / 'there')
    source.commit({'a': 'b'})
    for url in (str(source.path), f'file://{source.path}', 'ext::touch pwned', 'https://127.0.0.1:1/x'):
        done = run('ls-remote', url, cwd=tmp_path)
        assert done.status != 0 and 'not allowed' in done.stderr, url
    assert not (tmp_path / 'pwned').exists()


def test_absent_objects_are_not_fetched(tmp_path: Path) -> None:
    source = Source(tmp_path / 'there')
    source.commit({'a': 'b'})
    source.git('config', 'uploadpack.allowFilter', 'true')
    git(tmp_path, 'clone', '-q', '--filter=blob:none', '--no-checkout', f'file://{source.path}', 'partial')
    clone = tmp_path / 'partial'
    assert run('cat-file', '-e', 'HEAD:a', cwd=clone).status != 0
    git(clone, 'cat-file', '-e', 'HEAD:a')
    assert run('cat-file', '-e', 'HEAD:a', cwd=clone).status == 0


def test_no_repository_is_found_by_chance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(tmp_path / 'here')
    monkeypatch.chdir(source.path)
    assert run('rev-parse', '--git-dir').status != 0
    assert run('rev-parse', '--git-dir', cwd=source.path).status == 0


def test_no_git_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(ToolMissing) as missing:
        run('version')
    assert missing.value.todo
    with pytest.raises(FileNotFoundError):
        run('version', cwd=tmp_path / 'nowhere')
