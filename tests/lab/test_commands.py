# SPDX-License-Identifier: GPL-2.0-or-later
"""`lorebot build` and `lorebot boot` as a user meets them: a small tree that builds in a second, Debian's own kernel."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import cli
from bot.lab.debian import Fetched
from tests.lab.fake_tree import FAKE, Tree

GUP = (FAKE / 'mm/gup.c').read_text()
UNUSED = GUP.replace('\tpinned -= count;', '\tint old_refs = 0;\n\n\tpinned -= count;')
BROKEN = GUP.replace('\treturn count;', '\treturn undeclared_thing;')


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    (tmp_path / 'my.toml').write_text(f'[store]\npath = "{tmp_path}/store"\n[lab]\nboot_seconds = 250\n')
    return ['--config', str(tmp_path / 'my.toml')]


@pytest.fixture
def series(need: Callable[..., None], confined: None, tmp_path: Path) -> list[str]:
    """Return the words that name a series: sound, with a warning, broken, mended."""
    need('make', 'flex', 'bison', 'bc', 'aarch64-linux-gnu-gcc', 'git', 'bwrap')
    tree = Tree(tmp_path / 'tree')
    tree.series({'mm/gup.c': f'{GUP}\n'}, {'mm/gup.c': UNUSED}, {'mm/gup.c': BROKEN}, {'mm/gup.c': GUP})
    return [f'{tree.base}..HEAD', '--tree', str(tree.path)]


def test_a_series_is_built_and_each_fault_is_its_patchs(
    series: list[str], options: list[str], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.run(['build', *series, *options, '--logs', str(tmp_path / 'logs')]) == 1
    told = capfd.readouterr().out
    assert '                base  1/4  2/4   3/4   4/4\n    arm64-pkvm  ok    ok   FAIL  FAIL  ok\n' in told
    assert "    2/4: warning: unpin_pages: unused variable 'old_refs' (arm64-pkvm; gone" in told
    assert "    3/4: error: pin_pages: 'undeclared_thing' undeclared" in told
    assert (tmp_path / 'logs/build-3-arm64-pkvm.log').read_text().count('undeclared_thing') > 1
    assert cli.run(['-v', 'build', *series, *options, '--format', 'json', '--fail-on', 'never']) == 0
    printed = capfd.readouterr()
    assert 'build held: 1' in printed.err
    document = json.loads(printed.out)
    assert [b['outcome'] for b in document['builds']] == ['passed', 'passed', 'failed', 'failed', 'passed']
    assert {b['check'].split()[0] for b in document['first_bad']} == {'warning', 'error'}
    assert document['verdicts']['build']['outcome'] == 'failed'


def test_a_review_builds_unasked_only_where_the_base_is_built(
    series: list[str], options: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    asked = ['review', *series, *options, '--format', 'json', '--fail-on', 'never']
    cli.run(asked)
    assert 'its base is not built here' in json.loads(capfd.readouterr().out)['verdicts']['build']['reason']
    cli.run([*asked, '--stages', 'apply,build'])
    capfd.readouterr()
    cli.run(asked)
    document = json.loads(capfd.readouterr().out)
    assert document['verdicts']['build']['outcome'] == 'failed' and len(document['builds']) == 5


def test_no_sandbox_is_loud_and_recorded(
    series: list[str], options: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    cli.run(['build', *series, *options, '--no-sandbox'])
    printed = capfd.readouterr()
    assert 'NO SANDBOX' in printed.err and 'sandbox: none: --no-sandbox was asked for' in printed.out


def test_what_is_missing_is_named_and_nothing_is_passed(
    series: list[str], options: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('bot.lab.ready.shutil.which', lambda program: None if program == 'flex' else '/usr/bin/true')
    assert cli.run(['build', *series, *options]) == 3
    assert 'Build: skipped, not run: flex not installed; `lorebot doctor` says how' in capfd.readouterr().out


@pytest.mark.parametrize(
    ('words', 'said'),
    [
        (['boot'], 'boot needs a series or an image'),
        (['boot', '--image', '/nowhere'], '/nowhere is no file'),
        (['boot', '--image', '/etc/passwd', '--machine', 'vax'], 'no machine is called vax'),
        (['boot', '--image', '/etc/passwd', '--format', 'md'], 'an image is reported as text or json, not md'),
        (['boot', '--image', '/etc/passwd'], 'it is no kernel image; arm64 boots arch/arm64/boot/Image'),
    ],
)
def test_mistakes_of_the_user(
    words: list[str], said: str, options: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([*words, *options]) == 2
    assert said in capfd.readouterr().err


def test_an_image_without_what_boots_it(options: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / 'Image').write_bytes(b'MZ'.ljust(56, b'\0') + b'ARMd')
    assert cli.run(['boot', '--image', str(tmp_path / 'Image'), *options]) == 3
    assert 'lorebot doctor' in capfd.readouterr().out


def test_debians_kernel_boots_from_the_command_line(
    need: Callable[..., None],
    confined: None,
    debian: Fetched,
    options: list[str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    need('aarch64-linux-gnu-gcc', 'bwrap')
    (tmp_path / 'store/lab').mkdir(parents=True)
    (tmp_path / 'store/lab/debian').symlink_to(debian.site.directory / 'debian')
    asked = ['boot', '--image', str(debian.image), '--machine', 'arm64-pkvm-nvhe', '--test', 'pvm_smoke', *options]
    assert cli.run(asked) == 0
    told = capfd.readouterr().out
    assert '    arm64-pkvm-nvhe  ok\n      pvm_smoke      ok\n' in told and 'mode Protected nVHE' in told
    assert cli.run([*asked, '--format', 'json']) == 0
    (boot,) = json.loads(capfd.readouterr().out)['boots']
    refused = [part['name'] for part in boot['tests'][0]['parts'] if 'is refused' in part['name']]
    assert len(refused) == 6 and boot['outcome'] == 'passed'
