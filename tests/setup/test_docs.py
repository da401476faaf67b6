# SPDX-License-Identifier: GPL-2.0-or-later
"""What README, CONTRIBUTING and docs/ say, held to the code: commands, generated pages, how a thing is added."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import checks, config, doctor, fakes, report, resources, trees
from bot.doctor import needs
from bot.lab import plans
from bot.model import CheckResult, passed
from tests import docs
from tests.setup.checkout import TOP

PROSE = (
    'README.md',
    'CONTRIBUTING.md',
    *(f'docs/{name}.md' for name in ('design', 'contracts', 'glossary', 'commands', 'questions', 'replies')),
)


@pytest.mark.parametrize('name', docs.PAGES)
def test_generated_pages_are_current(name: str, golden: Callable[[Path, str], None]) -> None:
    golden(TOP / name, docs.PAGES[name]())


def calls(name: str) -> list[list[str]]:
    """Return the calls of lorebot and bot.sh that a page shows, in code blocks and between backticks, as words."""
    text = (TOP / name).read_text(encoding='utf-8')
    shown = re.findall(r'^ {4}(?:\$ )?((?:lorebot|\./bot\.sh) .*)$', text, re.MULTILINE)
    shown += re.findall(r'`((?:lorebot|\./bot\.sh) [^`]+)`', text)
    return [re.sub(r'[\[\]()|]|\.\.\.', ' ', re.split(r'\s{2,}|\s#', call)[0]).split() for call in shown]


def script_commands() -> set[str]:
    """Return the first words that bot.sh itself understands."""
    labels = re.findall(r'^([a-z |]+)\)$', (TOP / 'bot.sh').read_text(encoding='utf-8'), re.MULTILINE)
    return {word for label in labels for word in label.split(' | ')}


@pytest.mark.parametrize('name', PROSE)
def test_every_command_in_the_prose_exists(name: str) -> None:
    known = dict(docs.walk())
    for program, *words in calls(name):
        if program == './bot.sh' and words[0] in script_commands():
            continue
        path = 'lorebot'
        while words and f'{path} {words[0]}' in known:
            path += f' {words.pop(0)}'
        options = {option for parameter in known[path].command.get_params(known[path]) for option in parameter.opts}
        assert path != 'lorebot' or words[0] in options, f'there is no {program} {" ".join(words)}'
        assert {word for word in words if word.startswith('--')} <= options, f'{path} {" ".join(words)}'


def test_the_front_page_shows_commands() -> None:
    shown = [' '.join(call) for call in calls('README.md')]
    assert {'./bot.sh demo', './bot.sh check'} <= set(shown)
    assert {'check', 'golden', 'lock', 'sizes'} <= script_commands()


def excerpt(report: str) -> str:
    """Return the head of a report, its finding on peer memory and its first open question."""
    head, _, rest = report.partition('\nRevisions\n')
    parts = rest.split('\n\n')
    finding = next(part for part in parts if part.startswith('  error GUP-F04'))
    question = next(part for part in parts if part.startswith('  Q'))
    return '\n\n[...]\n\n'.join((head.rstrip(), finding, question))


def test_the_front_page_shows_what_the_demo_really_prints(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    demo = subprocess.run(
        [sys.executable, '-P', '-m', 'bot', 'demo', '--out', 'out'], cwd=tmp_path, capture_output=True, text=True
    )
    assert demo.returncode == 0, demo.stderr
    block = ''.join(f'    {line}'.rstrip() + '\n' for line in excerpt(demo.stdout).splitlines())
    head, opening, rest = (TOP / 'README.md').read_text(encoding='utf-8').partition('was written for lorebot:\n\n')
    shown, closing, tail = rest.partition('\n`--format')
    assert opening and closing
    if request.config.getoption('--update-golden'):
        (TOP / 'README.md').write_text(f'{head}{opening}{block}{closing}{tail}', encoding='utf-8')
    else:
        assert shown == block


@pytest.mark.parametrize(
    'schema', sorted((TOP / 'bot/report/formats/schema').glob('*.json')), ids=lambda path: path.stem
)
def test_the_contract_names_every_field_of_every_document(schema: Path) -> None:
    document = json.loads(schema.read_text(encoding='utf-8'))
    name = document['properties']['schema']['const']
    section = (
        (TOP / 'docs/contracts.md').read_text(encoding='utf-8').partition(f'\n### {name}\n')[2].partition('\n##')[0]
    )
    questions = (
        document.get('$defs', {}).get('question', {}).get('properties', {})
        if name.startswith('lorebot.questions')
        else {}
    )
    assert {f for f in (*document['properties'], *questions) if f'`{f}`' not in section} == set()


@pytest.mark.parametrize('name', PROSE)
def test_every_file_the_prose_names_is_there(name: str) -> None:
    text = (TOP / name).read_text(encoding='utf-8')
    named = re.findall(r'`((?:bot|config|docs|rules|templates|tests|\.ci)/[\w./-]*)`', text)
    assert [path for path in named if not (TOP / path).exists()] == []


def rule(tmp_path: Path) -> None:
    source = next(path for path in sorted(resources.shipped('rules').glob('*/*.toml')) if path.stem != 'area')
    place = tmp_path / 'rules' / source.parent.name
    place.mkdir(parents=True)
    for path in (source, source.with_suffix('.c'), source.with_name('area.toml')):
        shutil.copy(path, place)
    [loaded] = checks.load_rules([tmp_path / 'rules'])
    assert loaded.name == source.stem


def wording(tmp_path: Path) -> None:
    (tmp_path / 'text').mkdir()
    (tmp_path / 'text/findings.txt.j2').write_text('In our own words: {{ checks.outcome }}\n', encoding='utf-8')
    told = report.render_findings(
        CheckResult(passed()), 'text', link='https://example.org/', templates=tmp_path, rules_meta={}, tool='lorebot'
    )
    assert told == 'In our own words: passed\n'


def value(tmp_path: Path) -> None:
    own = tmp_path / 'config.toml'
    own.write_text('[trees]\nlinux = "/srv/linux"\n[questions]\nstale_days = 3\n', encoding='utf-8')
    settings = config.load(own).settings
    assert settings.trees == {'linux': '/srv/linux'}
    assert settings.questions.stale_days == 3


def setting(tmp_path: Path) -> None:
    shipped = (resources.shipped('config') / 'default.toml').read_text(encoding='utf-8')
    keys = set(re.findall(r'^(\w+) = ', shipped, re.MULTILINE))
    fields = {name for section in config.Section.__subclasses__() for name in section.__struct_fields__}
    assert keys <= fields


def program(tmp_path: Path) -> None:
    extra = (
        needs.Need('b4', 'trying things by hand', debian=('b4',), fedora=('b4',)),
        lambda machine, minimum: ('', 'not installed'),
    )
    patch = pytest.MonkeyPatch()
    with patch.context() as context:
        context.setattr(needs, 'NEEDS', (extra,))
        [found] = doctor.survey(doctor.Machine())
    assert (found.name, found.problem) == ('b4', 'not installed')
    assert doctor.install_command([found], {'ID': 'debian'})[-1] == 'b4'


def mail(tmp_path: Path) -> None:
    shutil.copytree(resources.shipped('config') / 'demo', tmp_path / 'demo')
    reply = (tmp_path / 'demo/v2/replies/3-nkechi.mail').read_text(encoding='utf-8')
    own = reply.replace('77d1f0aa-nkechi-2', '77d1f0aa-nkechi-3')
    (tmp_path / 'demo/v2/replies/4-nkechi.mail').write_text(own, encoding='utf-8')
    made = fakes.build_demo(tmp_path / 'demo', tmp_path, trees.run)
    assert made.mbox.read_text(encoding='utf-8').count('\nMessage-ID: <77d1f0aa-nkechi-3@example.org>\n') == 1


def machine(tmp_path: Path) -> None:
    shipped = resources.shipped('config')
    for kind, read in (('machines', plans.machines), ('targets', plans.targets), ('tests', plans.guest_tests)):
        source = sorted((shipped / kind).glob('*.toml'))[0]
        (tmp_path / kind).mkdir()
        shutil.copy(source, tmp_path / kind / 'one-more.toml')
        [added] = read(('one-more',), tmp_path / kind)
        assert added.name == 'one-more'


def crash(tmp_path: Path) -> None:
    numbers = [int(path.name) for path in sorted((TOP / 'tests/data/console').glob('[0-9]*'))]
    assert len(numbers) > 25 and len(set(numbers)) == len(numbers)


def step(tmp_path: Path) -> None:
    numbers = [int(path.name[:4]) for path in sorted((TOP / 'bot/store/schema').glob('*.sql'))]
    assert numbers == list(range(1, len(numbers) + 1))


ADDED: dict[str, Callable[[Path], None]] = {
    'rule of a known kind': rule,
    'wording of a mail or page': wording,
    'kernel tree, archive, threshold': value,
    'setting': setting,
    'program to look for': program,
    "mail in the demo's talk": mail,
    'change of the database': step,
    'machine, build target, guest test': machine,
    'crash or KTAP shape': crash,
}


def rows() -> list[list[str]]:
    text = (TOP / 'CONTRIBUTING.md').read_text(encoding='utf-8')
    table = text.partition('| new | touch | never touch |\n')[2].partition('\n\n')[0]
    return [[cell.strip() for cell in line.strip('|').split('|')] for line in table.splitlines()[1:]]


def test_the_table_of_additions_is_the_one_tested() -> None:
    assert {row[0] for row in rows()} == set(ADDED)


@pytest.mark.parametrize('new', ADDED)
def test_a_thing_is_added_as_the_table_says(new: str, tmp_path: Path) -> None:
    ADDED[new](tmp_path)
