# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest

from bot import config, resources
from bot.errors import ConfigError


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_shipped_file_holds_every_setting_and_no_other() -> None:
    shipped = tomllib.loads((resources.shipped('config') / 'default.toml').read_text())
    loaded = msgspec.to_builtins(config.load().settings)
    assert {(s, k) for s, values in loaded.items() for k in values} == {(s, k) for s in shipped for k in shipped[s]}


def test_every_setting_is_explained_above_it() -> None:
    lines = (resources.shipped('config') / 'default.toml').read_text().splitlines()
    for above, line in zip(lines, lines[1:], strict=False):
        if ' = ' in line and not line.startswith('#'):
            assert above.startswith('#') or ' = ' in above, f'no comment above: {line}'


def test_later_files_win_and_the_origin_of_each_value_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('XDG_CONFIG_HOME', str(tmp_path))
    personal = write(tmp_path / 'lorebot/config.toml', '[report]\ncolumns = 72\n[trees]\nmm = "~/src/mm"\n')
    explicit = write(tmp_path / 'more.toml', '[report]\ncolumns = 100\n')
    loaded = config.load(explicit, {'archive.url': 'http://127.0.0.1:1'})
    assert loaded.settings.report.columns == 100
    assert loaded.settings.trees == {'mm': '~/src/mm'}
    assert loaded.origins['report.columns'] == str(explicit)
    assert loaded.origins['trees.mm'] == str(personal)
    assert loaded.origins['archive.url'] == 'command line'
    assert loaded.origins['report.templates'].endswith('default.toml')


@pytest.mark.parametrize(
    ('text', 'said'),
    [
        ('[report]\ncolums = 72\n', 'unknown setting report.colums.*did you mean report.columns'),
        ('[reports]\ncolumns = 72\n', 'unknown setting reports.*did you mean report'),
        ('[report]\ncolumns = "wide"\n', r'report.columns.*Expected `int`'),
        ('columns = 72\n', 'columns'),
        ('report = 3\n', 'write .report.'),
        ('[report\n', 'not a TOML file.*line 1'),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path / 'mine.toml', text)
    with pytest.raises(ConfigError, match=said) as caught:
        config.load(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_that_was_asked_for_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='cannot read'):
        config.load(tmp_path / 'nowhere.toml')
