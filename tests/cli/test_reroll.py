# SPDX-License-Identifier: GPL-2.0-or-later
"""verify-reroll and the review points, told of the demo's series: what is told before v2 is sent is told after, too."""

from __future__ import annotations

import json
import mailbox
import re
from pathlib import Path

import pytest

from bot import cli
from bot.fakes import Demo
from tests.cli.jobs import Run, before_v2, runner, with_point


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    return runner(tmp_path, monkeypatch, capfd)


@pytest.fixture
def talk(demo: Demo, tmp_path: Path) -> Path:
    """Write the demo's mails with a point that v2 leaves."""
    return with_point(demo.mbox, tmp_path / 'talk.mbox')


@pytest.fixture
def unsent(demo: Demo, tmp_path: Path) -> Path:
    """Write the mails of the demo's v2 as git format-patch would: no id, no thread, dates of the commits."""
    out = tmp_path / 'outgoing'
    out.mkdir()
    for mail in mailbox.mbox(demo.mbox):
        if re.match(r'\[PATCH v2 \d/3\]', mail['Subject']):
            for name in ('Message-ID', 'In-Reply-To', 'References', 'Date', 'To', 'Cc', 'List-Id'):
                del mail[name]
            mail['Date'] = 'Mon, 1 Dec 2025 10:00:00 +0100'
            number = mail['Subject'].split()[2][0]
            head = b'From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n'
            (out / f'v2-000{number}.patch').write_bytes(head + mail.as_bytes())
    return out


@pytest.fixture
def before(talk: Path, tmp_path: Path) -> Path:
    path = tmp_path / 'v1.mbox'
    path.write_bytes(before_v2(talk))
    return path


def verdicts(document: str) -> dict[str, tuple[str, str]]:
    return {p['qhash']: (p['group'], p['verdict']) for p in json.loads(document)['points']}


def test_what_is_told_before_is_told_after(run: Run, talk: Path, unsent: Path, before: Path) -> None:
    told = verdicts(run('verify-reroll', unsent, '--series', before, '--format', 'json'))
    sent = verdicts(run('questions', talk, '--points', '--as-of', '2026-03-16', '--format', 'json'))
    assert told == sent and len(told) > 5
    assert 'left' in {group for group, _ in told.values()}


def test_the_earlier_thread_is_found_in_the_store(run: Run, unsent: Path, before: Path) -> None:
    run('questions', before)
    text = run('verify-reroll', unsent)
    assert text.startswith('[v2, not sent] mm, misc: pins that stay, and a driver that needs them\n')
    assert 'found by its change-id' in text and re.search(
        r'would be left; [^$]*\n    Q\d+  Jarek Solnin on v1 \[', text
    )
    assert 'Changes in v2:' in text
    assert json.loads(run('queue', '--format', 'json'))['series'][0]['revision'] == 1, 'nothing unsent is kept'


def test_a_thread_that_has_v2_already_is_cut_before_it(run: Run, talk: Path, unsent: Path, before: Path) -> None:
    early = verdicts(run('verify-reroll', unsent, '--series', before, '--format', 'json'))
    late = run('verify-reroll', unsent, '--series', talk, '--format', 'json')
    assert verdicts(late) == early
    assert any('was posted already' in note for note in json.loads(late)['coverage']['notes'])


def test_patches_without_a_version_are_the_next_one(run: Run, unsent: Path, before: Path) -> None:
    named = verdicts(run('verify-reroll', unsent, '--series', before, '--format', 'json'))
    for patch in unsent.iterdir():
        patch.write_bytes(patch.read_bytes().replace(b'[PATCH v2 ', b'[PATCH '))
    document = run('verify-reroll', unsent, '--series', before, '--format', 'json')
    assert json.loads(document)['after']['revision'] == 2
    assert {h: v for h, v in verdicts(document).items() if v[1]}.keys() == {h for h, v in named.items() if v[1]}


def test_a_range_of_commits(run: Run, demo: Demo, before: Path) -> None:
    """A range that has nothing to do with the series is refused, not compared."""
    run('verify-reroll', 'v7.1-rc1..v7.1-rc2', '--tree', demo.tree, '--series', before, status=2)


def test_fail_on_left(run: Run, unsent: Path, before: Path) -> None:
    """A point that its asker took for settled by command is left no more."""
    run('verify-reroll', unsent, '--series', before, '--fail-on', 'left', status=1)
    points = json.loads(run('verify-reroll', unsent, '--series', before, '--format', 'json'))['points']
    for point in [p for p in points if p['group'] == 'left']:
        run('questions', 'resolve', point['id'], '--series', before, '--me', point['asker']['email'])
    run('verify-reroll', unsent, '--series', before, '--fail-on', 'left')


@pytest.mark.parametrize(
    ('arguments', 'said'),
    [
        (['{unsent}'], 'no series that the store remembers'),
        (['{unsent}', '--series', 'a@b.example'], 'the network is not asked without --archive'),
        (['a@b.example'], 'what was not sent yet'),
        (['{reply}', '--series', '{before}'], 'there is no patch in it'),
    ],
)
def test_mistakes(
    run: Run, arguments: list[str], said: str, unsent: Path, before: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    reply = before.with_name('reply.eml')
    reply.write_text('From: a@b.example\nSubject: Re: hello\n\nHello.\n')
    told = [a.format(unsent=unsent, before=before, reply=reply) for a in arguments]
    assert cli.run(['verify-reroll', *told, '--config', 'my.toml']) == 2
    assert said in capfd.readouterr().err


def test_points_fit_a_screen_and_come_in_every_format(run: Run, talk: Path) -> None:
    text = run('questions', talk, '--points')
    assert len(text.splitlines()) <= 60
    assert re.search(r'Q\d+  Jarek Solnin on v1 \[1\] line 6: no reply, no change, no mention in v2\n', text)
    assert run('questions', talk, '--points', '--format', 'md').startswith('# v2 mm, misc: pins that stay')
    assert '<h3>not visible in v2 (please check) (2)</h3>' in run('questions', talk, '--points', '--format', 'html')
    assert 'Points on RFC v1 in v2' in run('review', talk, '--stages', 'questions')


def test_points_need_two_postings(run: Run, demo: Demo, before: Path) -> None:
    run('questions', before, '--points', status=2)
    run('questions', demo.mbox, '--format', 'md', status=2)
