# SPDX-License-Identifier: GPL-2.0-or-later
"""The queue as people meet it: the author, a reviewer and a bystander of the demo's series, on several days."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from bot.fakes import Demo
from tests.cli.jobs import Run, runner

AUTHOR, REVIEWER = 'ines.marlow@example.org', 'tomasz.wielgor@example.org'


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    return runner(tmp_path, monkeypatch, capfd)


def placed(text: str) -> list[str]:
    """Return the rule of every series of a document."""
    return [entry['rule'] for entry in json.loads(text)['series']]


def test_the_author_is_told_what_waits_on_her(run: Run, demo: Demo) -> None:
    lines = run('queue', demo.mbox, '--me', AUTHOR).split('\n')
    assert lines[0] == 'Ines Marlow: 1 of 1 series need you, as of 2026-03-17 14:20'
    assert lines[1] == f'  $ lorebot questions {demo.mbox}'
    assert lines[3] == 'Points that wait on you (1)'
    assert lines[4] == '  1   13d v2 mm, misc: pins that stay,...  R2 Q9 of Tomasz Wielgor +1'


def test_the_reviewer_is_told_what_the_new_revision_left(run: Run, demo: Demo) -> None:
    text = run('queue', demo.mbox, '--me', REVIEWER, '--why', 'pins that stay')
    assert 'Your points that a new revision left (1)' in text
    assert '1. left (placed here by it): R2 not visible in v2, since 2026-03-16' in text
    assert 'c40e88f3-tomasz-1@example.org' in text and 'an earlier posting, replaced by this one' in text
    assert f'$ lorebot questions {demo.mbox} --points' in text


def test_the_past_knows_nothing_of_what_came_later(run: Run, demo: Demo) -> None:
    early = run('queue', demo.mbox, '--me', REVIEWER, '--as-of', '2026-03-10', '--format', 'json')
    document = json.loads(early)
    assert placed(early) == ['answers'] and document['series'][0]['revision'] == 1
    assert document['series'][0]['superseded'] == [] and 'v2' not in early
    assert placed(run('queue', '--me', REVIEWER, '--as-of', '2026-03-01', '--format', 'json')) == []


def test_results_are_those_the_store_held_on_that_day(run: Run, demo: Demo) -> None:
    """A result is a fact about the day it was made: a replay of an earlier day must not know it."""
    run('check', '--series', demo.mbox, '--tree', demo.tree, status=1)
    entry = json.loads(run('queue', '--me', REVIEWER, '--format', 'json'))['series'][0]
    assert {r['stage']: r['outcome'] for r in entry['results']} == {'apply': 'passed', 'check': 'failed'}
    assert 'failing' in [r['rule'] for r in entry['reasons']]
    replay = json.loads(run('queue', '--me', REVIEWER, '--as-of', '2026-03-17T20:00', '--format', 'json'))
    assert replay['series'][0]['results'] == []


def test_the_queue_is_made_of_the_store_alone(run: Run, demo: Demo, tmp_path: Path) -> None:
    """What was reviewed is remembered, is read again when it changed, and stays known when its file is gone."""
    copy = tmp_path / 'copy.mbox'
    text = demo.mbox.read_bytes()
    start = text.index(b'From mboxrd', text.index(b'[PATCH v2 0/3]') - 900)
    copy.write_bytes(text[: text.rindex(b'From mboxrd', 0, text.index(b'Subject: [PATCH v2 0/3]'))])
    assert start
    run('questions', copy)
    first = run('queue', '--me', AUTHOR, '--format', 'json')
    assert json.loads(first)['series'][0]['revision'] == 1
    copy.write_bytes(text)
    assert json.loads(run('queue', '--me', AUTHOR, '--format', 'json'))['series'][0]['revision'] == 2
    copy.unlink()
    gone = json.loads(run('queue', '--me', AUTHOR, '--format', 'json'))
    assert gone['series'][0]['revision'] == 2 and 'cannot be read any more' in gone['coverage']['notes'][0]
    assert gone['coverage']['sources'] == 1


def test_a_series_stands_once_however_many_sources_hold_it(run: Run, demo: Demo, tmp_path: Path) -> None:
    whole = tmp_path / 'whole.mbox'
    shutil.copy(demo.mbox, whole)
    document = json.loads(run('queue', demo.mbox, whole, '--format', 'json'))
    assert len(document['series']) == 1 and document['coverage']['sources'] == 2
    assert document['me'] is None


def test_forgetting(run: Run, demo: Demo) -> None:
    run('queue', demo.mbox)
    assert 'remembers no series' in run('queue', '--forget', demo.mbox)
    run('queue', '--forget', demo.mbox, status=2)


def test_nobody_in_particular(run: Run, demo: Demo, capfd: pytest.CaptureFixture[str]) -> None:
    text = run('queue', demo.mbox)
    assert 'Points that wait on somebody (1)' in text and 'R2 Q9 wait on Ines Marlow' in text
    assert 'need you' not in text


def test_all_addresses_of_the_settings_are_one_person(run: Run, demo: Demo, tmp_path: Path) -> None:
    own = f'[user]\naddress = "ines@old.example"\naddresses = ["{AUTHOR.upper()}"]\n'
    (tmp_path / 'my.toml').write_text((tmp_path / 'my.toml').read_text() + own)
    assert 'Points that wait on you (1)' in run('queue', demo.mbox)
    assert 'Points that wait on you (1)' in run('queue', '--me', AUTHOR)
    assert 'Points that wait on you' not in run('queue', '--me', 'somebody@else.example')


def test_an_address_nobody_uses_is_said(run: Run, demo: Demo) -> None:
    text = run('queue', demo.mbox, '--me', 'nobody@else.example')
    assert 'no mail at hand is from nobody@else.example' in text and '0 of 1 series need you' in text


@pytest.mark.parametrize(
    ('arguments', 'said'),
    [
        (['--me', 'Ines'], 'no mail address'),
        (['--why', 'nothing like it'], 'no series of the queue is called so'),
        (['-'], 'cannot be kept'),
    ],
)
def test_mistakes(run: Run, arguments: list[str], said: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(['queue', *arguments, '--config', 'my.toml']) == 2
    assert said in capfd.readouterr().err


def test_a_series_of_a_file_is_found_by_its_id_when_no_archive_answers(
    run: Run, demo: Demo, capfd: pytest.CaptureFixture[str]
) -> None:
    """The next command of the queue may name a series by id: it has to work where the queue did."""
    run('queue', demo.mbox)
    asked = ['questions', demo.message_id, '--archive', 'http://127.0.0.1:1/x', '--config', 'my.toml']
    assert cli.run(asked) == 0
    printed = capfd.readouterr()
    assert 'mm, misc: pins that stay' in printed.out and f'going on with {demo.mbox}' in printed.err
    assert cli.run(['questions', 'other@x.example', *asked[2:]]) == 3


def test_the_same_store_gives_the_same_bytes(run: Run, demo: Demo) -> None:
    arguments: tuple[Any, ...] = ('--me', REVIEWER, '--why', 'all')
    run('queue', demo.mbox)
    assert run('queue', *arguments) == run('queue', *arguments)
