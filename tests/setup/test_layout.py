# SPDX-License-Identifier: GPL-2.0-or-later
"""The house rules of CONTRIBUTING.md that a machine can hold: licences, paths, contracts, CI's packages."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.setup.checkout import TOP

LICENCE = 'SPDX-License-Identifier: GPL-2.0-or-later'

# The licence itself, a list that kernel scripts read as it is, and a text that is pasted into every page.
WITHOUT_LICENCE = ('LICENSE', 'config/demo/tree/MAINTAINERS', '.gitignore', 'templates/html/style.css')
# What has no comments, or whose bytes are compared.
UNCOMMENTED = ('.json', '.mbox', '.eml', '.log', '.expect', '.html', '.txt')

OWNERS: dict[str, set[str]] = {
    'b4 and liblore only in lore': {'lore'},
    'GitPython only in trees': {'trees'},
    'tree_sitter only in checks': {'checks'},
    'jinja2 only in report': {'report'},
    'sqlite3 only in store': {'store'},
    'click and rich only in cli': {'cli', '__main__'},
    'Processes are started only by trees, lab, engine and doctor': {'trees', 'lab', 'engine', 'doctor'},
    'smtplib only in post': {'post'},
}

PROVIDERS = {
    'git': 'git',
    'make': 'make',
    'gcc': 'gcc',
    'cc': 'gcc',
    'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu',
    'bwrap': 'bubblewrap',
    'shellcheck': 'shellcheck',
    'openssl': 'openssl',
    'dash': None,
    'perl': None,
    'tar': None,
    'xz': 'xz-utils',
    'public-inbox-init': 'public-inbox',
    'public-inbox-index': 'public-inbox',
    'public-inbox-httpd': 'public-inbox',
}


def files() -> list[Path]:
    """Return every file of the project: what git tracks, and what it would."""
    listed = subprocess.run(
        ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
        cwd=TOP,
        capture_output=True,
        check=True,
    )
    return [path for name in listed.stdout.decode().split('\0') if name and (path := TOP / name).is_file()]


def contracts() -> list[dict[str, object]]:
    with (TOP / 'pyproject.toml').open('rb') as file:
        found: list[dict[str, object]] = tomllib.load(file)['tool']['importlinter']['contracts']
    return found


def rooms() -> set[str]:
    """Return the modules and packages right below bot/."""
    return {p.stem for p in (TOP / 'bot').iterdir() if p.suffix == '.py' or (p / '__init__.py').is_file()} - {
        '__init__'
    }


def test_every_file_names_its_licence_at_the_top() -> None:
    silent = []
    for path in files():
        name = path.relative_to(TOP).as_posix()
        data = name.startswith('tests/data/') or '/data/' in name
        if name in WITHOUT_LICENCE or path.suffix in UNCOMMENTED or (data and path.suffix != '.py'):
            continue
        if LICENCE not in '\n'.join(path.read_text(encoding='utf-8').splitlines()[:2]):
            silent.append(name)
    assert silent == []


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    here = f'|{re.escape(str(TOP))}' if len(TOP.parts) > 3 else ''
    machine = re.compile(rf'/(?:work)/(?:main|shared){here}')
    named = [
        f'{path.relative_to(TOP)}:{number}'
        for path in files()
        for number, line in enumerate(path.read_text(encoding='utf-8', errors='replace').splitlines(), 1)
        if machine.search(line)
    ]
    assert named == []


def test_the_import_contracts_hold() -> None:
    said = subprocess.run([Path(sys.executable).with_name('lint-imports')], cwd=TOP, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout[-3000:]


@pytest.mark.parametrize('name', OWNERS)
def test_each_contract_leaves_out_only_the_owners_of_what_it_forbids(name: str) -> None:
    [contract] = [c for c in contracts() if c['name'] == name]
    sources = contract['source_modules']
    assert isinstance(sources, list)
    assert rooms() - {str(s).removeprefix('bot.') for s in sources} <= OWNERS[name]


def test_no_contract_is_without_a_known_owner() -> None:
    assert {c['name'] for c in contracts() if c['type'] == 'forbidden'} == set(OWNERS)


def test_ci_installs_every_program_the_tests_ask_for() -> None:
    asked = {
        program
        for path in (TOP / 'tests').rglob('*.py')
        for call in re.findall(r'\b(?:need\(|PROGRAMS = \()([^)]*)\)', path.read_text(encoding='utf-8'))
        for program in re.findall(r"'([\w.-]+)'", call)
    }
    packages = set(re.findall(r'^want ([\w.+-]+) ', (TOP / '.ci/run').read_text(encoding='utf-8'), re.MULTILINE))
    assert {program for program in asked if PROVIDERS.get(program, program) not in packages | {None}} == set()
    assert asked


def test_the_lock_pins_every_package_that_pyproject_asks_for() -> None:
    with (TOP / 'pyproject.toml').open('rb') as file:
        project = tomllib.load(file)['project']
    wanted = project['dependencies'] + project['optional-dependencies']['dev']
    lines = (TOP / '.ci/lock.txt').read_text(encoding='utf-8').splitlines()
    pinned = {re.sub(r'[-_.]+', '-', line.partition('==')[0]).lower() for line in lines if not line.startswith('#')}
    assert all('==' in line for line in lines if not line.startswith('#'))
    assert {re.sub(r'[-_.]+', '-', re.split(r'[<>=~!\[; ]', name)[0]).lower() for name in wanted} <= pinned
