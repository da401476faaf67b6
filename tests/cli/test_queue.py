# SPDX-License-Identifier: GPL-2.0-or-later
"""The queue as people meet it: the author, a reviewer and a bystander of the demo's series, on several days."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot import cli, lab, stages
from bot.fakes import Demo
from bot.model import (
    AppliedTree,
    BootResult,
    BuildResult,
    CheckResult,
    Event,
    Verdict,
    crashed,
    failed,
    passed,
)
from bot.questions import EFFECTS, cues, state
from bot.report.sections.asked import MEANINGS
from bot.store import Store
from tests.cli.jobs import ASKER, Run, asked, runner, with_point

AUTHOR, REVIEWER = 'ines.marlow@example.org', 'tomasz.wielgor@example.org'
NEWEST_ASKER = 'nkechi.adeyra@example.org'


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    return runner(tmp_path, monkeypatch, capfd)


@pytest.fixture
def talk(demo: Demo, tmp_path: Path) -> Path:
    """Write the demo's mails with a point that v2 leaves."""
    return with_point(demo.mbox, tmp_path / 'talk.mbox')


def placed(text: str) -> list[str]:
    """Return the rule of every series of a document."""
    return [entry['rule'] for entry in json.loads(text)['series']]


def test_the_author_is_told_what_waits_on_her(run: Run, talk: Path) -> None:
    ledger = run('questions', talk, '--format', 'json')
    lines = run('queue', '--me', AUTHOR).split('\n')
    assert lines[0] == 'Ines Marlow: 1 of 1 series need you, as of 2026-03-17 14:20'
    assert lines[1] == f'  $ lorebot questions {talk}'
    assert lines[3] == 'Points that wait on you (1)'
    nit, left = asked(ledger, REVIEWER), asked(ledger, ASKER)
    assert lines[4] == f'  1   13d v2 mm, misc: pins that stay,...  {nit} {left} +1 of Tomasz Wielgor +2'


def test_the_reviewer_is_told_what_the_new_revision_left(run: Run, talk: Path) -> None:
    left = asked(run('questions', talk, '--format', 'json'), ASKER)
    text = run('queue', '--me', ASKER, '--why', 'pins that stay')
    assert 'Your points that a new revision left (1)' in text
    assert f'1. left (placed here by it): {left} not visible in v2, since 2026-03-16' in text
    assert '93ab20c4-jarek-1@example.org' in text and 'an earlier posting, replaced by this one' in text
    assert f'$ lorebot questions {talk} --points' in text


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


def test_nobody_in_particular(run: Run, talk: Path) -> None:
    ledger = run('questions', talk, '--format', 'json')
    text = run('queue')
    assert 'Points that wait on somebody (1)' in text
    assert f'{asked(ledger, REVIEWER)} {asked(ledger, ASKER)} +1 wait on Ines Marlow' in text
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


def test_a_command_changes_the_queue(run: Run, talk: Path) -> None:
    """What is settled by command waits on nobody from then on, and not before; a new title is no word on the matter."""
    ledger = run('questions', talk, '--format', 'json')
    nit, left, new = (asked(ledger, who) for who in (REVIEWER, ASKER, NEWEST_ASKER))
    run('questions', 'resolve', nit, '--series', talk, '--me', REVIEWER)
    run('questions', 'retitle', left, '--series', talk, '--me', ASKER, ':', 'who is charged')
    assert f'  1   13d v2 mm, misc: pins that stay,...  {left} {new} of' in run('queue', '--me', AUTHOR)
    run('questions', 'resolve', left, '--series', talk, '--me', ASKER)
    assert f' {new} of Nkechi Adeyra\n' in run('queue', '--me', AUTHOR)
    assert 'left' not in [r['rule'] for r in reasons_of(run('queue', '--me', ASKER, '--format', 'json'))]
    run('questions', 'resolve', new, '--series', talk, '--me', NEWEST_ASKER)
    assert run('queue', '--me', AUTHOR).startswith('Ines Marlow: 0 of 1 series need you')
    early = reasons_of(run('queue', '--me', AUTHOR, '--as-of', '2026-03-18', '--format', 'json'))
    assert [r['questions'] for r in early if r['rule'] == 'waits'] == [[nit, left, new]]
    run('questions', 'undo', '--series', talk, '--me', NEWEST_ASKER)
    assert f' {new} of Nkechi Adeyra\n' in run('queue', '--me', AUTHOR)


def reasons_of(document: str) -> list[dict[str, Any]]:
    [entry] = json.loads(document)['series']
    return list(entry['reasons'])


NOON = datetime(2026, 3, 17, 9, tzinfo=UTC)
APPLIED = AppliedTree(passed(), 'demo', 'f' * 40, 'the newest tag', ())


def built(target: str, *outcomes: Verdict) -> stages.Builds:
    """Return builds of the base and of each patch for one target, with the verdict that the stage gives them."""
    rows = tuple(BuildResult(n, target, verdict, 1.0) for n, verdict in enumerate((passed(), *outcomes)))
    return stages.Builds(lab.stage_verdict(rows), rows)


def booted(machine: str, *outcomes: Verdict) -> stages.Boots:
    rows = tuple(BootResult(n, machine, verdict, 1.0) for n, verdict in enumerate((passed(), *outcomes)))
    return stages.Boots(lab.stage_verdict(rows), rows)


def test_builds_and_boots_count_each_target_by_its_newest_and_the_worst_of_them(
    run: Run, demo: Demo, tmp_path: Path
) -> None:
    """The day is one on which nothing is open: then only results decide between green and failing."""
    calm = demo.mbox.read_bytes().replace(
        b'nit: a word on where this number comes from would be good.', b'Fine with me.'
    )
    (tmp_path / 'calm.mbox').write_bytes(calm)
    run('queue', tmp_path / 'calm.mbox')

    def after(minutes: int, stage: str, made: Any) -> tuple[str, list[str]]:
        """Put a result into the store as made that day; return the rule that places the series, and the results."""
        with Store(tmp_path / 'store' / 'store.sqlite3') as store:
            document, at = msgspec.json.encode(made), NOON + timedelta(minutes=minutes)
            store.put_result(f'{stage} {minutes}', stage, demo.message_id, document, at)
        asked_on = ['--me', REVIEWER, '--as-of', '2026-03-17T10:00', '--format', 'json']
        [entry] = json.loads(run('queue', *asked_on))['series']
        return entry['rule'], [f'{r["stage"]} {r["outcome"]}' for r in entry['results']]

    sound, bad = passed(), failed('1 new warning')
    after(0, 'apply', APPLIED)
    green = ['apply passed', 'check passed']
    assert after(0, 'check', CheckResult(passed())) == ('ready', green)
    assert after(1, 'build', built('arm64', sound, bad)) == ('failing', [*green, 'build failed'])
    assert after(2, 'build', built('x86_64', sound, sound)) == ('failing', [*green, 'build failed'])
    assert after(3, 'build', built('arm64', sound, sound)) == ('ready', [*green, 'build passed'])
    assert after(4, 'boot', booted('q35', sound, crashed('no console'))) == (
        'failing',
        [*green, 'build passed', 'boot failed'],
    )
    assert after(5, 'boot', booted('q35', sound, sound)) == ('ready', [*green, 'build passed', 'boot passed'])
    assert after(90, 'build', built('x86_64', bad))[0] == 'ready', 'made after the day asked for'
    lost = tuple(BootResult(n, 'q35', crashed('out of disk'), 1.0) for n in (0, 1))
    assert after(6, 'boot', stages.Boots(lab.stage_verdict(lost), lost)) == (
        'nothing',
        [*green, 'build passed', 'boot crashed'],
    )


def words() -> set[str]:
    """Return every qualifier and flag that events read from mails, commands and age can bring an item to."""
    found, reached = {'stale', 'very-stale'}, dict[tuple[str, str, bool, str], list[Event]]()
    waiting: list[list[Event]] = [[]]
    while waiting:
        events = waiting.pop()
        now = state.settle(events, 'Ann', ('Bob',))
        found |= {now.qualifier, *now.flags} - {''}
        if reached.setdefault((now.state, now.qualifier, now.held, now.by), events) is events:
            waiting += [[*events, more] for more in every_event()]
    return found


def every_event() -> list[Event]:
    def event(kind: str, rule: str = '', note: str = '', command: str = '') -> Event:
        return Event(kind, 'm@host.example', (1, 1), rule, None, 'Ann', note, command)

    kinds = [kind for kind, _, _ in state.table()]
    deferrals = [event('deferred', row.name) for row in cues.DEFERRED]
    taken = [event('applied', rule) for rule in ('by-the-asker', 'as-asked')]
    revised = [event('settled-by-revision', '', f'{v}: x') for v in ('verified', 'claimed', 'changed-not-stated')]
    said = [
        event(f'command:{name}', name, text, 'c1')
        for name in EFFECTS
        for text in ('as A: v3', 'as A: after it', 'as A')
    ]
    plain = [event(kind) for kind in kinds if kind not in ('deferred', 'settled-by-revision')]
    return [*plain, *deferrals, *taken, *revised, *said, event('woken', 'version-posted', '', 'c1')]


def test_every_word_a_question_can_carry_is_explained() -> None:
    """The legend of the report is the only place where a reader learns what "carried" or "woken" is."""
    made = words()
    assert {'counter-question', 'carried', 'contradicted', 'woken', 'merged-open', 'split', 'blocked-by'} <= made
    assert made - set(MEANINGS) == set()
