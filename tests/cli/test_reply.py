# SPDX-License-Identifier: GPL-2.0-or-later
"""The reply commands as a person gives them: draft, why, queue, edit, approve, send, and what stands in the way."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from bot import cli, engine, stages
from bot.fakes import Demo
from tests.post.office import table
from tests.post.sink import Sink

LISTS = ('linux-mm@lists.example.org', 'linux-kernel@lists.example.org')
Say = Callable[..., str]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as running:
        yield running


@pytest.fixture
def say(
    demo: Demo, sink: Sink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Say:
    """Return a function that runs one reply command and gives what it printed; `status` is the exit code it must have."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine, 'run_job', lambda spec, minutes, progress: stages.perform(spec, progress))
    Path('talk.mbox').write_bytes(demo.mbox.read_bytes())
    Path('policy.toml').write_text(table(LISTS[0]) + f'[list."{LISTS[1]}"]\nleft_out = true\n')
    Path('my.toml').write_text(
        f'[store]\npath = "{tmp_path}/store"\n[user]\naddress = "oskar@example.org"\n'
        f'[post]\naddress = "bot@bots.example"\ncontact = "owner@bots.example"\npolicy = "{tmp_path}/policy.toml"\n'
        f'[send]\nserver = "127.0.0.1"\nport = {sink.port}\nencryption = "none"\n'
    )

    def run(*words: str, status: int = 0, errors: bool = False) -> str:
        assert cli.run(['reply', *words, '--config', 'my.toml']) == status
        printed = capfd.readouterr()
        return printed.err if errors else printed.out

    return run


def test_from_a_draft_to_a_mail(say: Say, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    why = say('talk.mbox', '--kind', 'points', '--why')
    assert 'Cc linux-mm <linux-mm@lists.example.org>: among To and Cc of the mail' in ' '.join(why.split())
    assert 'linux-kernel@lists.example.org: left_out by the policy' in ' '.join(why.split())
    assert '\nit has to wait\n  hold approval: ' in why
    assert '\n  allow ' not in why and ' rules allow it: --all names them\n' in why
    every = say('talk.mbox', '--kind', 'points', '--all')
    assert every.count('\n  allow ') > 5 and '--all' not in every
    assert every.index('\n  hold ') < every.index('\n  allow ')
    assert say('list') == ''
    name = say('talk.mbox', '--kind', 'points', '--queue').partition(':')[0]
    assert say('talk.mbox', '--kind', 'points', '--queue') == f'{name}: kept\n'
    assert say('list').startswith(f'{name}  waiting\n    points to ines.marlow@example.org, linux-mm')
    assert 'asks for approval' in say('send') and not sink.taken
    monkeypatch.setattr(click, 'edit', lambda text, **_: text.replace('lorebot is a program', 'This is a program'))
    assert say('edit', name[:6]).startswith(f'{name}: edited ')
    assert say('approve', name[:6]).startswith(f'{name}: approved ')
    assert 'allow: would be sent' in say('send', '--dry-run') and not sink.taken
    assert say('send') == f'{name}: sent: 250 2.0.0 taken\n'
    assert b'This is a program; it may be wrong' in sink.taken[0].raw
    assert sink.taken[0].raw.replace(b'\r\n', b'\n').decode() == say('show', name)
    assert say('send') == say('list') == '' and say('list', '--all').startswith(f'{name}  sent')
    happened = say('show', name, '--why').partition('what happened\n')[2]
    words = [line.split()[2] for line in happened.splitlines() if not line.startswith('    ')]
    assert words == ['queued', 'edited', 'approved', 'claimed', 'ending', 'sent']


def test_what_stands_in_the_way_is_said(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    Path('policy.toml').write_text('')
    assert 'not sent: linux-mm@lists.example.org has not opted in' in say('talk.mbox', errors=True)
    assert 'no letter has this id' in say('approve', 'x', status=2, errors=True)
    assert 'a mail of the past is not sent' in say(
        'talk.mbox', '--queue', '--as-of', '2026-03-17', status=2, errors=True
    )
    monkeypatch.setattr('sys.stdin', io.TextIOWrapper(io.BytesIO(Path('talk.mbox').read_bytes())))
    assert 'a mail about this cannot be sent' in say('-', '--queue', status=2, errors=True)
    Path('policy.toml').write_text('[list."a@b.c"]\nopt_in = true\n')
    assert 'opt_in needs the web address' in say('talk.mbox', status=2, errors=True)


def test_a_rejected_letter_stays_where_it_is(say: Say, sink: Sink) -> None:
    name = say('talk.mbox', '--queue').partition(':')[0]
    say('approve', name)
    say('reject', name, '-m', 'not on a Sunday')
    assert say('send') == '' and not sink.taken
    assert 'not on a Sunday' in ' '.join(say('show', name, '--why').split())


def test_an_edit_tells_of_the_approval_that_it_took(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    name = say('talk.mbox', '--queue').partition(':')[0]
    say('approve', name)
    monkeypatch.setattr(click, 'edit', lambda text, **_: text.replace('lorebot is a program', 'This is a program'))
    assert say('edit', name).endswith('; it was approved, and has to be anew\n')
    monkeypatch.setattr(click, 'edit', lambda text, **_: text.replace('This is a program', 'It is a program'))
    assert 'approved' not in say('edit', name), 'what was not approved loses nothing'


def test_a_letter_is_made_anew_by_the_policy_in_force(say: Say) -> None:
    name = say('talk.mbox', '--queue').partition(':')[0]
    say('approve', name)
    Path('policy.toml').write_text(table(LISTS[0], reply='"author"') + f'[list."{LISTS[1]}"]\nleft_out = true\n')
    assert 'never: ' in say('send')
    assert say('talk.mbox', '--queue') == f'{name}: renewed; it was approved, and has to be anew\n'
    assert 'Cc:' not in say('show', name).partition('\n\n')[0] and 'asks for approval' in say('send')
    say('reject', name)
    assert say('talk.mbox', '--queue') == f'{name}: kept as it is: rejected\n'


@pytest.mark.parametrize(
    ('words', 'why'),
    [
        (('--kind', 'lab'), 'no patch was built or booted'),
        (('--kind', 'inline'), 'no finding is new with a patch'),
        (('--kind', 'inline', '--patch', '2', '--queue'), 'no finding is new with a patch'),
        (('--kind', 'transcript'), 'no mail of a proven sender asks for a transcript'),
        (('--kind', 'status', '--why'), 'no mail of a proven sender asks for a status'),
    ],
)
def test_nothing_to_say_is_no_mistake(words: tuple[str, ...], why: str, say: Say) -> None:
    assert say('talk.mbox', *words, errors=True).splitlines()[-1] == f'lorebot: nothing to say: {why}'


def test_the_list_says_what_it_shows(capfd: pytest.CaptureFixture[str]) -> None:
    cli.run(['reply', 'list', '--help'])
    assert 'one line' not in capfd.readouterr().out
