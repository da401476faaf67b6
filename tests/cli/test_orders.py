# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands about questions as a maintainer gives them: one talk from the first command to the last undo."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot import cli, engine, stages
from bot.fakes import Demo

PROTEST = """\
From mboxrd@z Thu Jan  1 00:00:00 1970
From: Nkechi Adeyra <nkechi.adeyra@example.org>
Date: Thu, 19 Nov 2099 10:00:00 +0100
Subject: Re: [PATCH v2 0/3] mm, misc: pins that stay, and a driver that needs them
Message-ID: <77d1f0aa-nkechi-9@example.org>
In-Reply-To: <77d1f0aa-nkechi-2@example.org>
References: <77d1f0aa-nkechi-2@example.org>

On Tue, Mar 17, 2026 at 03:20:07PM +0100, Nkechi Adeyra wrote:
> One more thing: should folio_maybe_dma_pinned() be true for a small folio
> that has this mark but no pin?

My question is still the same, and you have not answered it.

"""
OSKAR = 'oskar.lindqvar@example.org'


@pytest.fixture
def desk(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run in a directory with the talk and settings of one's own; return what every command about it needs."""
    monkeypatch.chdir(tmp_path)
    # Jobs in this process: a story has many, and each process of its own takes a second to start.
    monkeypatch.setattr(engine, 'run_job', lambda spec, minutes, progress: stages.perform(spec, progress))
    Path('talk.mbox').write_bytes(demo.mbox.read_bytes())
    Path('my.toml').write_text(f'[store]\npath = "{tmp_path}/store"\n[user]\naddress = "{OSKAR}"\n')
    return ['--series', 'talk.mbox', '--config', 'my.toml']


@pytest.fixture
def say(desk: list[str], capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return a function that runs one questions command and gives what it printed; it must succeed."""

    def run(*words: str) -> str:
        own = desk[2:] if words[0] == 'talk.mbox' else desk
        status = cli.run(['questions', *words, *own])
        printed = capfd.readouterr()
        assert (status, printed.err) == (0, '')
        return printed.out

    return run


def read(say: Callable[..., str], *more: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(say('talk.mbox', '--format', 'json', *more))
    return document


def one(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(q for q in document['questions'] if q['id'] == name)


def test_a_talk_with_commands_from_the_first_to_the_last(
    say: Callable[..., str], desk: list[str], demo: Demo, capfd: pytest.CaptureFixture[str]
) -> None:
    own = desk[2:]
    tree = ['--tree', str(demo.tree)]
    told = say('resolve', 'Q8', *tree, ':', 'see', 'the', 'log')
    assert told.startswith('Q8: open -> resolved, accepted: "One more thing')
    assert f'given by {OSKAR} as maintainer (MEMORY MANAGEMENT - GUP, F: ' in ' '.join(told.split())
    order = told.rpartition('undo ')[2].split()[0]
    assert told.endswith(f'take it back: lorebot questions undo {order} --series talk.mbox\n')

    with Path('talk.mbox').open('a') as mbox:
        mbox.write(PROTEST)
    later = read(say)
    assert (one(later, 'Q8')['state'], one(later, 'Q8')['flags'], one(later, 'Q8')['by']) == (
        'resolved', ['contradicted'], order
    )  # fmt: skip
    listed = say('talk.mbox')
    assert f'Q8 resolved, accepted by command of {OSKAR} ({order}): see the log; contradicted' in ' '.join(
        listed.split()
    )
    for form in ('text', 'md', 'html'):
        cli.run(['review', 'talk.mbox', '--stages', 'questions', '--format', form, *own])
        assert f'by command of {OSKAR}' in ' '.join(capfd.readouterr().out.split()).replace('&#64;', '@'), form
    why = say('why', 'Q8')
    assert f'command {order}, effect resolved: as a maintainer, by command line: see the log' in ' '.join(why.split())
    assert why.index('command:resolve') < why.index('contested by Nkechi Adeyra')

    early = read(say, '--as-of', '2026-03-18')
    assert (one(early, 'Q8')['state'], early['commands'], early['coverage']['messages']) == ('open', [], 20)

    assert say('undo').startswith('Q8: resolved, accepted -> open')
    script = [sys.executable, '-m', 'bot', 'questions', 'log', '--series', 'talk.mbox', '--config', 'my.toml']
    env = {**os.environ, 'PYTHONPATH': str(Path(cli.__file__).parents[2])}
    log = subprocess.run(script, capture_output=True, text=True, check=True, env=env).stdout
    assert f'{order} ' in log and 'taken back by' in log and f'undo {order}' in log

    again = read(say)
    assert one(again, 'Q8')['by'] == '' and [c['undone'] for c in again['commands']] == [True, False]


def test_duplicates_new_questions_and_what_is_none(say: Callable[..., str]) -> None:
    before = read(say)
    assert 'perhaps questions, not counted: P1' in say('talk.mbox')
    assert 'duplicate of: none -> Q3' in say('dup', 'Q7:', 'Q3', '--role', 'M')
    [hidden] = [q for q in before['questions'] if q['id'] == 'P1']
    assert 'tier: possible -> sure' in say('track', 'P1')
    assert 'Q9: new, open' in say('track', f'{hidden["message_id"]}:1', '-m', 'what is this')
    assert 'withdrawn, untracked' in say('untrack', 'Q9')
    after = read(say)
    assert (one(after, 'Q7')['duplicate_of'], one(after, 'Q9')['flags']) == ('Q3', ['untracked'])
    listed = say('talk.mbox')
    assert 'P1' in listed and 'perhaps questions' not in listed and 'of 12 questions' in listed


def test_what_cannot_be_done_is_one_sentence_and_leaves_no_trace(
    say: Callable[..., str], desk: list[str], demo: Demo, capfd: pytest.CaptureFixture[str]
) -> None:
    mistakes = {
        ('resolve', 'Q99'): 'there is no Q99 (command line); there are Q5, Q6, Q7, Q8',
        (
            'withdraw',
            'Q8',
            '--me',
            'ines.marlow@example.org',
        ): 'ines.marlow@example.org cannot withdraw Q8, being an author',
        ('drop', 'Q8:', 'x', '--me', 'passer@by.example', '--tree', str(demo.tree)): 'being somebody else',
        ('resolve', 'Q8', 'please'): '"please" is no target (command line); name targets as Q3',
        ('show', 'Q0'): 'there is no Q0',
        ('resolve', 'Q8', '--me', 'rita:'): "'rita:' is no mail address (--me or user.address)",
        ('undo', 'c000000'): 'c000000 is no command about this series',
    }
    for words, said in mistakes.items():
        assert cli.run(['questions', *words, *desk]) == 2
        printed = capfd.readouterr()
        assert (said in printed.err, printed.out) == (True, ''), printed.err
    assert say('log') == 'no command was given about this series\n'


def test_a_muted_series_has_a_reason_against_its_draft(
    say: Callable[..., str], desk: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert say('mute').startswith('the series: muted\n')
    assert cli.run(['reply', 'talk.mbox', *desk[2:]]) == 0
    assert 'the series was muted by command c' in capfd.readouterr().err
    say('unmute')
    assert read(say)['muted'] == ''


def test_show_has_the_lines_of_the_mails(say: Callable[..., str]) -> None:
    shown = say('show', 'Q2.2')
    assert '    > 2) What happens when two steady pins hold the same folio?' in shown
    assert '  Hana Birksen, 2026-03-03, near' in shown and '    > I wondered about the same.' in shown
    assert say('status', 'Q2.1', 'R2').splitlines()[0].startswith('Q2.1   resolved, claimed')


def test_a_source_with_the_name_of_a_command_can_be_said(desk: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    Path('talk.mbox').rename('show')
    for words in (['./show'], ['list', 'show']):
        assert cli.run(['questions', *words, *desk[2:]]) == 0
        assert capfd.readouterr().out.startswith('mm, misc: pins that stay')
    assert cli.run(['questions', 'show', *desk[2:]]) == 2
    assert cli.run(['questions', '--format', 'json', './show', *desk[2:]]) == 0
    assert json.loads(capfd.readouterr().out)['schema'] == 'lorebot.questions/1'


def test_commands_outlive_the_cache(
    desk: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for kind in ('CACHE', 'DATA'):
        monkeypatch.setenv(f'XDG_{kind}_HOME', str(tmp_path / kind))
    series = desk[:2]
    assert cli.run(['questions', 'status', 'Q8', *series]) == 0
    assert not (tmp_path / 'DATA').exists()
    assert cli.run(['questions', 'resolve', 'Q8', *series]) == 0
    shutil.rmtree(tmp_path / 'CACHE')
    capfd.readouterr()
    assert cli.run(['questions', 'status', 'Q8', *series]) == 0
    assert capfd.readouterr().out.startswith('Q8     resolved, accepted')
