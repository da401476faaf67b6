# SPDX-License-Identifier: GPL-2.0-or-later
"""`lorebot tree add`: a clone without blobs that is in the settings, and what is said of what it lacks."""

from __future__ import annotations

import shutil
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

from bot import cli, config
from bot.errors import ConfigError, UserError
from bot.model import Outcome
from bot.trees import name_of, open_tree
from tests.trees.build import Source, quiet
from tests.trees.conftest import Desk


def add(desk: Desk, tmp_path: Path, *options: str) -> tuple[int, Path]:
    desk.source.git('config', 'uploadpack.allowFilter', 'true')
    desk.source.git('config', 'uploadpack.allowAnySHA1InWant', 'true')
    settings = tmp_path / 'my.toml'
    if not settings.exists():
        settings.write_text('# mine\n[trees] # of mine\nold = "/old"\n\n[apply]\nmax_tags = 7\n')
    place = tmp_path / 'clone'
    url = f'file://{desk.source.path}'
    return cli.run(['tree', 'add', url, '--to', str(place), '--config', str(settings), *options]), settings


def test_a_clone_without_blobs_is_made_and_entered_in_the_settings(
    desk: Desk, tmp_path: Path, shop: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status, settings = add(desk, tmp_path, '--partial', '--name', 'tiny')
    assert status == 0, capfd.readouterr()
    clone = tmp_path / 'clone'
    assert config.load(settings).settings.trees == {'tiny': str(clone), 'old': '/old'}
    assert (
        settings.read_text().startswith('# mine\n[trees] # of mine\n"tiny" = ')
        and 'max_tags = 7' in settings.read_text()
    )
    with open_tree(clone, shop) as tree:
        done = tree.apply(desk.series, None, 40, quiet)
    assert done.verdict.outcome is Outcome.SKIPPED
    said, _, command = done.verdict.reason.partition('; fetch them: ')
    assert said.startswith('needed, but not in this clone: include/linux/mm.h (blob ')
    subprocess.run(command.split(), cwd=clone, check=True, capture_output=True)
    with open_tree(clone, shop) as tree:
        assert tree.apply(desk.series, None, 40, quiet).verdict.outcome is Outcome.PASSED
    assert cli.run(['tree', 'list', '--config', str(settings)]) == 0
    assert f'tiny             {clone}' in capfd.readouterr().out


def test_nothing_is_half_made(desk: Desk, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert add(desk, tmp_path)[0] == 0
    assert add(desk, tmp_path)[0] == 2 and 'already' in capfd.readouterr().err
    assert add(desk, tmp_path, '--name', 'other')[0] == 2 and 'something already' in capfd.readouterr().err
    gone = [
        'tree',
        'add',
        f'file://{tmp_path}/nowhere',
        '--to',
        str(tmp_path / 'x'),
        '--config',
        str(tmp_path / 'my.toml'),
    ]
    (tmp_path / 'x.new').mkdir()
    (tmp_path / 'x.new' / 'own').write_text('of the user')
    there = sorted(tmp_path.iterdir())
    assert cli.run(gone) == 3 and 'cannot be cloned' in capfd.readouterr().err
    assert sorted(tmp_path.iterdir()) == there and (tmp_path / 'x.new' / 'own').exists()


@pytest.mark.parametrize(
    'url', ['ext::sh -c touch% pwned', '--upload-pack=x', '/plain/path', 'https://x/ y', 'fd::3', '']
)
def test_urls_that_git_would_run_or_not_understand(url: str) -> None:
    with pytest.raises(UserError, match='no URL'):
        name_of(url)


@pytest.mark.parametrize('name', ['../x', '-x', '', 'a b', 'a"b'])
def test_names_that_could_mean_something(name: str, desk: Desk, tmp_path: Path) -> None:
    if name:
        assert add(desk, tmp_path, f'--name={name}')[0] == 2
    assert name_of('git@host.example:a/linux.git') == 'linux' and name_of('https://x.example/net-next/') == 'net-next'


def test_the_first_settings_are_made(tmp_path: Path) -> None:
    path = config.enter('trees', 'a', '/a "b"', tmp_path / 'new' / 'c.toml')
    assert config.load(path).settings.trees == {'a': '/a "b"'}
    config.enter('trees', 'c', '/c', path)
    assert config.load(path).settings.trees == {'c': '/c', 'a': '/a "b"'}


def test_settings_keep_their_mode_and_their_place(tmp_path: Path) -> None:
    """A file that others must not read, and one that is kept elsewhere, as people who keep their settings in git do."""
    (tmp_path / 'kept').mkdir()
    real, link = tmp_path / 'kept' / 'c.toml', tmp_path / 'c.toml'
    real.write_text('[send]\npassword_file = "x"\n')
    real.chmod(0o600)
    link.symlink_to(real)
    assert config.enter('trees', 'a', '/a', link) == link
    assert link.is_symlink() and stat.S_IMODE(real.stat().st_mode) == 0o600
    assert config.load(link).settings.trees == {'a': '/a'} and 'password_file' in real.read_text()
    assert [one.name for one in real.parent.iterdir()] == ['c.toml'], 'nothing is left behind'


def test_new_settings_have_the_mode_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / 'plain').touch()
    made = config.enter('trees', 'a', '/a', tmp_path / 'c.toml')
    assert made.stat().st_mode == (tmp_path / 'plain').stat().st_mode


def listed(settings: Path, capfd: pytest.CaptureFixture[str]) -> tuple[str, str]:
    capfd.readouterr()
    assert cli.run(['tree', 'list', '--config', str(settings)]) == 0
    return capfd.readouterr()


def test_what_is_no_kernel_is_not_kept(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for number, (files, said) in enumerate(
        [
            ({'README': 'a program\n'}, 'it has no Makefile'),
            ({'Makefile': 'all:\n', 'include/a.h': '', 'mm/a.c': ''}, 'its Makefile has no VERSION and PATCHLEVEL'),
            ({'Makefile': 'VERSION = 2024\nPATCHLEVEL = 1\n', 'include/a.h': ''}, 'it has no mm'),
        ]
    ):
        other, place, settings = Source(tmp_path / f'other{number}'), tmp_path / 'place', tmp_path / 'my.toml'
        other.commit(files, 'start')
        words = ['tree', 'add', f'file://{other.path}', '--to', str(place), '--config', str(settings)]
        settings.write_text('')
        assert cli.run(words) == 2
        told = capfd.readouterr().err
        assert 'this is no tree of the kernel' in told and said in told and 'give the URL of a kernel tree' in told
        assert settings.read_text() == '' and not place.exists() and not list(tmp_path.glob('.place*'))


def test_a_clone_whose_head_names_no_branch_is_looked_at_by_its_branches(desk: Desk, tmp_path: Path) -> None:
    desk.source.git('branch', '-m', 'main', 'for-next')
    (desk.source.path / '.git/HEAD').write_text('ref: refs/heads/master\n')
    assert add(desk, tmp_path)[0] == 0


def test_an_empty_list_says_how_to_begin(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / 'my.toml'
    settings.write_text('')
    out, err = listed(settings, capfd)
    assert out == '' and 'lorebot tree add URL' in err


def test_a_tree_is_removed_and_only_a_clone_of_ours_is_deleted(
    desk: Desk, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _, settings = add(desk, tmp_path, '--name', 'tiny')
    clone, own = tmp_path / 'clone', tmp_path / 'own'
    copy = shutil.copytree(clone, tmp_path / 'copy')
    own.mkdir()
    text = f'own = "{own}"\n\'copy\' = "{copy}" # mine\n'
    settings.write_text(settings.read_text().replace('old = ', f'{text}old = '))
    for name in ('own', 'copy'):
        assert cli.run(['tree', 'remove', name, '--yes', '--config', str(settings)]) == 0
    assert own.is_dir() and copy.is_dir(), 'what the user made or copied is his'
    assert capfd.readouterr().out.count('is left as it is') == 2
    assert cli.run(['tree', 'remove', 'tiny', '--config', str(settings)]) == 0
    assert clone.is_dir() and 'was cloned by lorebot and is left there' in capfd.readouterr().out
    assert config.load(settings).settings.trees == {'old': '/old'} and 'max_tags = 7' in settings.read_text()
    assert settings.read_text().startswith('# mine\n[trees] # of mine\n')
    config.enter('trees', 'tiny', str(clone), settings)
    assert cli.run(['tree', 'remove', 'tiny', '--yes', '--config', str(settings)]) == 0
    assert not clone.exists() and f'deleting {clone}' in capfd.readouterr().out
    assert cli.run(['tree', 'remove', 'tiny', '--config', str(settings)]) == 2
    assert 'there is old' in capfd.readouterr().err


def test_a_clone_that_another_name_stands_for_stays(desk: Desk, tmp_path: Path) -> None:
    _, settings = add(desk, tmp_path, '--name', 'tiny')
    config.enter('trees', 'second', str(tmp_path / 'clone'), settings)
    assert cli.run(['tree', 'remove', 'tiny', '--yes', '--config', str(settings)]) == 0
    assert (tmp_path / 'clone').is_dir() and list(config.load(settings).settings.trees) == ['second', 'old']


@pytest.mark.parametrize(
    'text',
    ['trees.tiny = "/t"\n', '[trees]\ntiny = """\n/t"""\n', 'trees = {tiny = "/t"}\n', '[ trees ]\ntiny = "/t"\n'],
)
def test_settings_in_another_shape_are_left_alone(text: str, tmp_path: Path) -> None:
    settings = tmp_path / 'my.toml'
    settings.write_text(text)
    assert tomllib.loads(text)['trees']['tiny'].strip() == '/t'
    with pytest.raises(ConfigError, match='by hand'):
        config.leave_out('trees', 'tiny', settings)
    assert settings.read_text() == text
